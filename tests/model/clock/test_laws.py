"""Laws that hold for every deadline."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.errors import DomainError
from engine.model.deadline import Deadline, Extension, Limit, Pause, PauseReason, compute, due_if_resumed
from engine.model.duration import Duration
from engine.model.pause import ExtensionLate
from engine.model.remaining import remaining
from engine.model.timetable import ZONE
from tests.model.clock.conftest import load_calendar, load_hours

CALENDAR = load_calendar()
HOURS = {name: load_hours(name) for name in ("office", "police")}

moments = st.datetimes(datetime(2024, 1, 2), datetime(2027, 6, 1)).map(
    lambda at: at.replace(microsecond=0, tzinfo=ZONE)
)
limits = st.sampled_from(
    [Limit.of(qty, unit) for qty, unit in (("1", "SAME_DAY"), ("3", "WORKING_DAY"), ("6.25", "WORKING_DAY"))]
    + [Limit.of(qty, unit) for qty, unit in (("17.5", "WORKING_DAY"), ("5", "DAY"), ("1", "MONTH"), ("2.5", "HOUR"))]
    + [Limit.from_json({"parts": [{"qty": "3", "unit": "HOUR"}, {"qty": "4.75", "unit": "WORKING_DAY"}]})]
    + [Limit.from_json({"parts": [{"qty": "2", "unit": "WORKING_DAY"}, {"qty": "3", "unit": "DAY"}]})]
)
#: Seconds from the reception, and length in seconds.
pieces = st.tuples(st.integers(-200_000, 2_000_000), st.integers(0, 900_000))
some = st.lists(pieces, max_size=4)
units = st.sampled_from(sorted(HOURS))
added = st.sampled_from(
    [
        Duration.from_json({"qty": qty, "unit": unit})
        for qty, unit in (("2", "WORKING_DAY"), ("5", "DAY"), ("4", "HOUR"))
    ]
)
law = settings(max_examples=150, deadline=None)


def pause_of(at: datetime, piece: tuple[int, int], reason: PauseReason = PauseReason.SUPPLEMENT) -> Pause:
    start = at + timedelta(seconds=piece[0])
    return Pause(start=start, end=start + timedelta(seconds=piece[1]), document="12/YC", reason=reason)


def due_of(unit: str, at: datetime, limit: Limit, pauses: list[Pause], *extensions: Extension) -> Deadline:
    return compute(at, limit, CALENDAR, HOURS[unit], pauses=pauses, extensions=extensions)


def extended(at: datetime, seconds: int, part: Duration) -> Extension:
    granted = at + timedelta(seconds=seconds)
    return Extension(granted_at=granted, parts=(part,), document="4/XL", reason="r", remedy="m")


@law
@given(unit=units, at=moments, later=st.integers(0, 900_000), limit=limits)
def test_later_reception_is_never_due_earlier(unit: str, at: datetime, later: int, limit: Limit) -> None:
    second = due_of(unit, at + timedelta(seconds=later), limit, [])
    assert due_of(unit, at, limit, []).due_at <= second.due_at


@law
@given(unit=units, at=moments, limit=limits, pieces=some, more=pieces)
def test_added_pause_is_never_due_earlier(
    unit: str, at: datetime, limit: Limit, pieces: list[tuple[int, int]], more: tuple[int, int]
) -> None:
    pauses = [pause_of(at, piece) for piece in pieces]
    assert due_of(unit, at, limit, pauses).due_at <= due_of(unit, at, limit, [*pauses, pause_of(at, more)]).due_at


@law
@given(unit=units, at=moments, limit=limits, pieces=some, more=pieces, granted=st.integers(0, 400_000), part=added)
def test_added_pause_with_extension_is_never_due_earlier(
    unit: str,
    at: datetime,
    limit: Limit,
    pieces: list[tuple[int, int]],
    more: tuple[int, int],
    granted: int,
    part: Duration,
) -> None:
    pauses = [pause_of(at, piece) for piece in pieces]
    extension = extended(at, granted, part)
    try:
        before = due_of(unit, at, limit, pauses, extension)
    except ExtensionLate:
        assume(False)
        raise
    assert before.due_at <= due_of(unit, at, limit, [*pauses, pause_of(at, more)], extension).due_at
    assert before.due_without_extension < before.due_at
    assert sum(line.minutes for line in before.explanation) == before.working_minutes_total


@law
@given(unit=units, at=moments, limit=limits, piece=pieces, cut=st.floats(0, 1), pieces=some)
def test_split_pause_equals_the_whole(
    unit: str, at: datetime, limit: Limit, piece: tuple[int, int], cut: float, pieces: list[tuple[int, int]]
) -> None:
    others = [pause_of(at, other) for other in pieces]
    first = int(piece[1] * cut)
    parts = [(piece[0], first), (piece[0] + first, piece[1] - first)]
    whole = due_of(unit, at, limit, [*others, pause_of(at, piece)])
    split = due_of(unit, at, limit, [*others, *(pause_of(at, part, PauseReason.OPINION) for part in parts)])
    assert whole == split


@law
@given(unit=units, at=moments, limit=limits, pieces=some, data=st.data())
def test_order_of_pauses_is_irrelevant(
    unit: str, at: datetime, limit: Limit, pieces: list[tuple[int, int]], data: st.DataObject
) -> None:
    pauses = [pause_of(at, piece) for piece in pieces]
    shuffled = data.draw(st.permutations(pauses))
    assert due_of(unit, at, limit, pauses) == due_of(unit, at, limit, shuffled)


@law
@given(unit=units, at=moments, limit=limits, pieces=some)
def test_due_is_a_working_minute_after_reception(
    unit: str, at: datetime, limit: Limit, pieces: list[tuple[int, int]]
) -> None:
    deadline = due_of(unit, at, limit, [pause_of(at, piece) for piece in pieces])
    assert deadline.due_at > at
    assert deadline.due_at.second == deadline.due_at.microsecond == 0
    assert deadline.original_due_at <= deadline.due_at
    assert all(deadline.starts_at <= warning.at < deadline.due_at for warning in deadline.warnings)
    just_before = remaining(deadline, deadline.due_at, CALENDAR, HOURS[unit])
    assert just_before.working_minutes == 0
    assert just_before.state.value in ("in_time", "due_soon")


@law
@given(unit=units, at=moments, limit=limits, start=st.integers(0, 400_000))
def test_open_pause_resumed_equals_closed_pause(unit: str, at: datetime, limit: Limit, start: int) -> None:
    begin, end = at + timedelta(seconds=start), at + timedelta(seconds=start + 500_000)
    held = Pause(start=begin, document="1/YC", reason=PauseReason.SUPPLEMENT)
    closed = Pause(start=begin, end=end, document="1/YC", reason=PauseReason.SUPPLEMENT)
    waiting, resumed = due_of(unit, at, limit, [held]), due_of(unit, at, limit, [closed])
    assert due_if_resumed(waiting, end) == resumed.due_at


@law
@given(text=st.text(max_size=40) | st.sampled_from(["0", "-1", "NaN", "1e9", "Infinity", "1,5", "0.00001"]))
def test_bad_quantity_is_refused_with_a_code(text: str) -> None:
    try:
        limit = Limit.from_json({"qty": text, "unit": "WORKING_DAY"})
    except DomainError as refusal:
        assert refusal.code == "limit-invalid"
        assert refusal.message("vi")
    else:
        assert limit.parts[0].qty > 0
