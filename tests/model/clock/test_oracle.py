"""The engine against the naive clock that walks every minute."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.deadline import Duration, Limit, Pause, PauseReason, TimeUnit, compute
from engine.model.timetable import ZONE, add_working_minutes, next_working_moment, working_minutes_between
from tests.model.clock.conftest import load_calendar, load_hours
from tests.model.clock.oracle import Oracle

EXAMPLES = int(os.environ.get("MOTCUA_CLOCK_EXAMPLES", "30"))
CALENDAR = load_calendar()
WEEK = ["07:30-11:30", "13:30-17:00"]
FIVE = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), WEEK)
UNITS = {
    "office": (load_hours("office"), Oracle(FIVE, WEEK)),
    "police": (load_hours("police"), Oracle({**FIVE, "sat": ["07:30-11:30"]}, WEEK)),
}

units = st.sampled_from(sorted(UNITS))
receptions = st.datetimes(datetime(2024, 1, 2), datetime(2027, 10, 1)).map(lambda at: at.replace(microsecond=0))
#: Moments near what is easily got wrong: Tết, swapped Saturdays, the eve of holidays.
EVES = "2024-02-07 2024-05-03 2025-04-25 2026-01-09 2026-02-13 2026-08-21 2026-08-28 2026-11-23 2027-02-03"
near = st.sampled_from([datetime.fromisoformat(eve) for eve in EVES.split()])
moments = receptions | st.tuples(near, st.integers(0, 4 * 1440)).map(lambda pair: pair[0] + timedelta(minutes=pair[1]))
whole = st.integers(1, 12).map(str)
fraction = st.sampled_from(["0.25", "0.5", "1.5", "4.75", "6.25", "17.5", "0.0001", "2.3333"])
working_days = st.tuples(st.just("WORKING_DAY"), whole | fraction)
days = st.tuples(st.just("DAY"), st.integers(1, 20).map(str))
months = st.tuples(st.just("MONTH"), st.sampled_from(["1", "2"]))
hours = st.tuples(st.just("HOUR"), st.sampled_from(["1", "2", "3", "8", "2.5", "40"]))
later = st.lists(working_days | days | hours, max_size=2)
firsts = working_days | days | months | hours | st.just(("SAME_DAY", "1"))
terms = st.tuples(firsts, later).map(lambda pair: [pair[0], *pair[1]])
spans = st.lists(st.tuples(st.integers(-2000, 12000), st.integers(0, 9000)), max_size=4)


def limit_of(parts: list[tuple[str, str]]) -> Limit:
    return Limit(parts=tuple(Duration(qty=Decimal(qty), unit=TimeUnit(unit)) for unit, qty in parts))


def local(at: datetime) -> datetime:
    return at.replace(tzinfo=ZONE)


@settings(max_examples=EXAMPLES, deadline=None)
@given(unit=units, at=moments, parts=terms)
def test_unpaused_due_equals_oracle(unit: str, at: datetime, parts: list[tuple[str, str]]) -> None:
    if any(item[0] == "HOUR" for item in parts):
        at = at.replace(second=0)
    schedule, oracle = UNITS[unit]
    deadline = compute(local(at), limit_of(parts), CALENDAR, schedule)
    _, expected = oracle.unpaused(at, parts, None)
    assert deadline.due_at == local(expected)
    assert deadline.original_due_at == deadline.due_at == deadline.due_without_extension


@settings(max_examples=EXAMPLES, deadline=None)
@given(unit=units, at=moments, parts=terms, offsets=spans)
def test_paused_due_equals_oracle(
    unit: str, at: datetime, parts: list[tuple[str, str]], offsets: list[tuple[int, int]]
) -> None:
    at = at.replace(second=0)
    schedule, oracle = UNITS[unit]
    raw = [(at + timedelta(minutes=a), at + timedelta(minutes=a + b)) for a, b in offsets]
    pauses = [Pause(start=local(a), end=local(b), document="12/YC", reason=PauseReason.SUPPLEMENT) for a, b in raw]
    deadline = compute(local(at), limit_of(parts), CALENDAR, schedule, pauses=pauses)
    assert deadline.due_at == local(oracle.due(at, parts, pauses=raw))
    assert sum(line.minutes for line in deadline.explanation) == deadline.working_minutes_total


@settings(max_examples=EXAMPLES, deadline=None)
@given(unit=units, at=moments, cutoff=st.integers(8 * 60, 16 * 60), qty=st.integers(1, 5))
def test_cutoff_on_working_days_equals_oracle(unit: str, at: datetime, cutoff: int, qty: int) -> None:
    schedule, oracle = UNITS[unit]
    text = f"{cutoff // 60:02}:{cutoff % 60:02}"
    limit = Limit.from_json({"qty": str(qty), "unit": "WORKING_DAY", "cutoff": text})
    _, expected = oracle.unpaused(at, [("WORKING_DAY", str(qty))], cutoff)
    assert compute(local(at), limit, CALENDAR, schedule).due_at == local(expected)


@settings(max_examples=EXAMPLES, deadline=None)
@given(unit=units, at=moments, minutes=st.integers(0, 20000))
def test_working_minutes_equal_oracle(unit: str, at: datetime, minutes: int) -> None:
    schedule, oracle = UNITS[unit]
    at = at.replace(second=0)
    end = at + timedelta(minutes=minutes)
    counted = working_minutes_between(local(at), local(end), CALENDAR, schedule)
    assert counted == oracle.worked(at, end)
    start = next_working_moment(local(at), CALENDAR, schedule)
    assert oracle.works(start.replace(tzinfo=None))
    assert oracle.worked(at, start.replace(tzinfo=None)) == 0
    if counted:
        reached = add_working_minutes(local(at), counted, CALENDAR, schedule)
        assert reached <= local(end)
        assert working_minutes_between(local(at), reached, CALENDAR, schedule) == counted


@pytest.mark.skipif(
    "MOTCUA_CLOCK_DAYS" not in os.environ, reason="set MOTCUA_CLOCK_DAYS=1 to walk every day of 2024–2027"
)
def test_every_day_of_four_years_equals_oracle() -> None:
    for unit, (schedule, oracle) in UNITS.items():
        at = datetime(2024, 1, 2, 10)
        while at < datetime(2027, 11, 1):
            for parts in ([("WORKING_DAY", "5")], [("DAY", "7")], [("HOUR", "8")], [("SAME_DAY", "1")]):
                due = compute(local(at), limit_of(parts), CALENDAR, schedule).due_at
                assert due == local(oracle.unpaused(at, parts, None)[1]), (unit, at, parts)
            at += timedelta(hours=7)
