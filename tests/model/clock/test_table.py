"""Deadlines computed by hand with a paper calendar, and the lines that explain them."""

from __future__ import annotations

from datetime import date, time

import pytest

from engine.model.calendar import Calendar
from engine.model.convention import Conventions
from engine.model.deadline import Deadline, Extension, Limit, Pause, PauseReason, compute, due_if_resumed, select_limit
from engine.model.duration import Channel, Duration
from engine.model.remaining import Standing, remaining
from engine.model.schedule import WorkSchedule
from engine.model.silence import CONSULTED_AGENCY, DRAFT_CONFIRMATION, silence_deadline
from engine.model.step_limit import StepLimit, StepsExceedTerm, step_limits
from tests.model.clock.conftest import at

#: reception, quantity, unit, due (office hours 07:30–11:30, 13:30–17:00)
TABLE = [
    # three plain working days
    ("2026-03-02T10:00", "3", "WORKING_DAY", "2026-03-05T17:00"),
    # Friday 21 August: Saturday 22 August is worked, so it is day 1
    ("2026-08-21T10:00", "3", "WORKING_DAY", "2026-08-25T17:00"),
    ("2026-08-21T10:00", "1", "DAY", "2026-08-22T17:00"),
    # received on the worked Saturday itself
    ("2026-08-22T16:59", "1", "WORKING_DAY", "2026-08-24T17:00"),
    # Friday 28 August: 31 August swapped off, 1–2 September off
    ("2026-08-28T10:00", "1", "WORKING_DAY", "2026-09-03T17:00"),
    ("2026-08-28T15:00:01", "1", "SAME_DAY", "2026-09-03T17:00"),
    # 2 January 2026 swapped with Saturday 10 January
    ("2025-12-31T10:00", "1", "WORKING_DAY", "2026-01-05T17:00"),
    ("2026-01-09T10:00", "1", "WORKING_DAY", "2026-01-10T17:00"),
    # Tết 2026: 16–20 February
    ("2026-02-13T10:00", "1", "WORKING_DAY", "2026-02-23T17:00"),
    ("2026-02-13T10:00", "5", "DAY", "2026-02-23T17:00"),
    # Hùng Kings on a Sunday, so Monday 27 April is off; 30 April and 1 May too
    ("2026-04-24T10:00", "2", "WORKING_DAY", "2026-04-29T17:00"),
    ("2026-04-29T10:00", "1", "WORKING_DAY", "2026-05-04T17:00"),
    # 24 November is a holiday from 2026, not before
    ("2026-11-23T10:00", "1", "WORKING_DAY", "2026-11-25T17:00"),
    ("2025-11-21T10:00", "1", "WORKING_DAY", "2025-11-24T17:00"),
    # Tết 2024 and 2025; 4 May 2024 and 26 April 2025 are worked Saturdays
    ("2024-02-07T10:00", "1", "WORKING_DAY", "2024-02-15T17:00"),
    ("2025-01-24T10:00", "1", "WORKING_DAY", "2025-02-03T17:00"),
    ("2024-05-03T10:00", "1", "WORKING_DAY", "2024-05-04T17:00"),
    ("2025-04-25T10:00", "1", "WORKING_DAY", "2025-04-26T17:00"),
    ("2025-05-01T10:00", "1", "WORKING_DAY", "2025-05-06T17:00"),
    # the 15:00 rule, to the second
    ("2026-03-02T15:00:00", "1", "SAME_DAY", "2026-03-02T17:00"),
    ("2026-03-02T15:00:01", "1", "SAME_DAY", "2026-03-03T17:00"),
    ("2026-03-06T16:00", "1", "SAME_DAY", "2026-03-09T17:00"),
    ("2026-03-02T06:00", "1", "SAME_DAY", "2026-03-02T17:00"),
    ("2026-03-07T16:00", "1", "SAME_DAY", "2026-03-09T17:00"),
    # filed outside hours: Saturday counts as Monday 07:30, day 1 is Tuesday
    ("2026-03-07T10:00", "1", "WORKING_DAY", "2026-03-10T17:00"),
    ("2026-03-02T18:00", "1", "WORKING_DAY", "2026-03-04T17:00"),
    ("2026-03-02T12:00", "1", "WORKING_DAY", "2026-03-03T17:00"),
    # decimals: 6.25 = six days and 112.5 → 113 minutes; half a day is 225 minutes
    ("2026-03-02T10:00", "6.25", "WORKING_DAY", "2026-03-11T09:23"),
    ("2026-03-02T10:00", "4.75", "WORKING_DAY", "2026-03-09T15:08"),
    ("2026-03-02T10:00", "17.5", "WORKING_DAY", "2026-03-26T11:15"),
    ("2026-03-02T10:00", "0.5", "WORKING_DAY", "2026-03-03T11:15"),
    # hours start at once and are working hours
    ("2026-03-02T10:00", "2", "HOUR", "2026-03-02T14:00"),
    ("2026-03-02T10:00", "8", "HOUR", "2026-03-03T10:30"),
    ("2026-03-02T10:00:30", "1", "HOUR", "2026-03-02T11:01"),
    ("2026-03-02T10:30", "1", "HOUR", "2026-03-02T11:30"),
    # days that end on a day off end with the next working day
    ("2026-03-02T10:00", "5", "DAY", "2026-03-09T17:00"),
    ("2026-03-02T10:00", "4", "DAY", "2026-03-06T17:00"),
    # months: the same day number, or the month's last day
    ("2026-03-02T10:00", "1", "MONTH", "2026-04-02T17:00"),
    ("2026-03-31T10:00", "1", "MONTH", "2026-05-04T17:00"),
    ("2027-11-30T10:00", "3", "MONTH", "2028-02-29T17:00"),
]


@pytest.mark.parametrize(("reception", "qty", "unit", "due"), TABLE)
def test_due_in_table_is_as_by_hand(
    reception: str, qty: str, unit: str, due: str, calendar: Calendar, office: WorkSchedule
) -> None:
    assert compute(at(reception), Limit.of(qty, unit), calendar, office).due_at == at(due)


def of(calendar: Calendar, hours: WorkSchedule, reception: str, limit: Limit, **facts: object) -> Deadline:
    return compute(at(reception), limit, calendar, hours, **facts)  # type: ignore[arg-type]


def pause(start: str, end: str | None, document: str = "12/YC", reason: str = "SUPPLEMENT") -> Pause:
    return Pause(start=at(start), end=at(end) if end else None, document=document, reason=PauseReason(reason))


def extension(granted: str, qty: str = "2", unit: str = "WORKING_DAY") -> Extension:
    part = Duration.from_json({"qty": qty, "unit": unit})
    return Extension(granted_at=at(granted), parts=(part,), document="4/XL", reason="thiếu người", remedy="tăng cường")


def test_saturday_morning_is_one_day_of_its_minutes(calendar: Calendar, police: WorkSchedule) -> None:
    assert of(calendar, police, "2026-03-06T10:00", Limit.of(1)).due_at == at("2026-03-07T11:30")
    assert of(calendar, police, "2026-03-06T10:00", Limit.of("0.5")).due_at == at("2026-03-07T09:30")
    assert of(calendar, police, "2026-03-07T10:00", Limit.of(1, "SAME_DAY")).due_at == at("2026-03-07T11:30")
    assert of(calendar, police, "2026-08-21T10:00", Limit.of(1)).due_at == at("2026-08-22T17:00")


def test_sequence_of_units_follows_without_gap(calendar: Calendar, office: WorkSchedule) -> None:
    both = Limit.from_json({"parts": [{"qty": "5", "unit": "WORKING_DAY"}, {"qty": "3", "unit": "DAY"}]})
    assert of(calendar, office, "2026-03-02T10:00", both).due_at == at("2026-03-12T17:00")
    hours = Limit.from_json({"parts": [{"qty": "2", "unit": "HOUR"}, {"qty": "2", "unit": "WORKING_DAY"}]})
    assert of(calendar, office, "2026-03-02T08:00", hours).due_at == at("2026-03-04T10:00")


def test_calendar_days_end_with_their_last_day(calendar: Calendar, office: WorkSchedule) -> None:
    # Four hours end on Thursday at 11:30; three days later is a Sunday, four days later a Monday at work.
    for days in ("3", "4"):
        limit = Limit.from_json({"parts": [{"qty": "4", "unit": "HOUR"}, {"qty": days, "unit": "DAY"}]})
        due = compute(at("2026-03-05T07:30"), limit, calendar, office).due_at
        assert due == at("2026-03-09T17:00")


def test_pause_keeps_remaining_minutes_over_holidays(calendar: Calendar, office: WorkSchedule) -> None:
    held = [pause("2026-08-21T16:00", "2026-09-03T08:30")]
    deadline = of(calendar, office, "2026-08-20T10:00", Limit.of(3), pauses=held)
    # 21 August is day 1; 60 of its 450 minutes are left at 16:00, so 60 + 900 minutes from 3 September 08:30
    assert deadline.due_at == at("2026-09-07T09:30")
    assert deadline.original_due_at == at("2026-08-24T17:00")


def test_overlapping_pauses_count_once(calendar: Calendar, office: WorkSchedule) -> None:
    one = [pause("2026-03-03T10:00", "2026-03-05T10:00")]
    two = [
        pause("2026-03-03T10:00", "2026-03-04T16:00"),
        pause("2026-03-04T09:00", "2026-03-05T10:00", "3/TC", "FINANCE"),
    ]
    plain, overlapping = (of(calendar, office, "2026-03-02T10:00", Limit.of(3), pauses=p) for p in (one, two))
    assert plain.due_at == overlapping.due_at == at("2026-03-09T17:00")
    assert plain.paused_minutes == overlapping.paused_minutes == 900


def test_pause_before_day_one_changes_nothing(calendar: Calendar, office: WorkSchedule) -> None:
    early = [pause("2026-03-02T10:30", "2026-03-02T16:30")]
    assert of(calendar, office, "2026-03-02T10:00", Limit.of(3), pauses=early).due_at == at("2026-03-05T17:00")


def test_pause_after_due_does_not_heal_lateness(calendar: Calendar, office: WorkSchedule) -> None:
    late = [pause("2026-03-05T17:00", None)]
    assert of(calendar, office, "2026-03-02T10:00", Limit.of(3), pauses=late).due_at == at("2026-03-05T17:00")


def test_open_pause_has_no_due_moment(calendar: Calendar, office: WorkSchedule) -> None:
    deadline = of(calendar, office, "2026-03-02T10:00", Limit.of(3), pauses=[pause("2026-03-03T10:00", None)])
    assert deadline.due_at is None
    assert deadline.warnings == ()
    assert deadline.remaining_minutes_when_paused == 300 + 900
    assert due_if_resumed(deadline, at("2026-03-09T10:00")) == at("2026-03-11T17:00")
    standing = remaining(deadline, at("2026-03-09T10:00"), calendar, office)
    assert (standing.state, standing.words.vi) == (Standing.PAUSED, "Tạm dừng, còn 2 ngày 5 giờ")


def test_extension_follows_due_and_stays_late(calendar: Calendar, office: WorkSchedule) -> None:
    deadline = of(calendar, office, "2026-03-02T10:00", Limit.of(3), extensions=[extension("2026-03-05T16:59:59")])
    assert deadline.due_at == at("2026-03-09T17:00")
    assert deadline.due_without_extension == at("2026-03-05T17:00")
    standing = remaining(deadline, at("2026-03-06T10:00"), calendar, office, done_at=at("2026-03-06T09:00"))
    assert (standing.state, standing.on_time) == (Standing.DONE, False)


def test_extension_during_pause_is_in_time(calendar: Calendar, office: WorkSchedule) -> None:
    facts = {"pauses": [pause("2026-03-03T10:00", "2026-03-11T10:00")], "extensions": [extension("2026-03-09T10:00")]}
    assert of(calendar, office, "2026-03-02T10:00", Limit.of(3), **facts).due_at == at("2026-03-17T17:00")


def test_linked_procedure_is_lengthened_by_unit_class(calendar: Calendar, office: WorkSchedule) -> None:
    raw = {
        "qty": "20",
        "unit": "WORKING_DAY",
        "surcharges": [{"unit_class": "remote", "qty": "5", "unit": "WORKING_DAY"}],
    }
    limits = [Limit.from_json(raw)]
    near, far = (select_limit(limits, "ONLINE", None, unit) for unit in (None, "remote"))
    assert (near.parts[0].qty, far.parts[0].qty) == (20, 25)


def test_limit_per_channel_and_case_is_selected() -> None:
    limits = [
        Limit.of(17, channel=Channel("ONLINE")),
        Limit.of(27, channel=Channel("DIRECT")),
        Limit.of(7, case="nhà ở riêng lẻ"),
        Limit.of(9, channel=Channel("ONLINE"), case="nhà ở riêng lẻ"),
    ]
    assert select_limit(limits, "DIRECT").parts[0].qty == 27
    assert select_limit(limits, "POSTAL", "nhà ở riêng lẻ").parts[0].qty == 7
    assert select_limit(limits, "ONLINE", "nhà ở riêng lẻ").parts[0].qty == 9


def test_warnings_of_long_and_short_terms(calendar: Calendar, office: WorkSchedule) -> None:
    long = of(calendar, office, "2026-03-02T10:00", Limit.of(3)).warnings
    assert [(w.name, w.at) for w in long] == [
        ("one-working-day-before", at("2026-03-04T17:00")),
        ("four-working-hours-before", at("2026-03-05T11:00")),
    ]
    short = of(calendar, office, "2026-03-02T10:00", Limit.of(1, "SAME_DAY")).warnings
    assert [(w.name, w.at) for w in short] == [
        ("half-elapsed", at("2026-03-02T14:30")),
        ("one-working-hour-before", at("2026-03-02T16:00")),
    ]


@pytest.mark.parametrize(
    ("now", "state", "words"),
    [
        ("2026-03-02T10:30", "in_time", "Còn 3 ngày"),
        ("2026-03-03T09:30", "in_time", "Còn 2 ngày 5 giờ"),
        ("2026-03-05T16:00", "due_soon", "Còn 1 giờ"),
        ("2026-03-05T16:35", "due_soon", "Còn 25 phút"),
        ("2026-03-05T17:00", "due_soon", "Còn 0 phút"),
        ("2026-03-05T17:00:01", "overdue", "Vừa quá hạn"),
        ("2026-03-06T10:30", "overdue", "Quá 3 giờ"),
        ("2026-03-09T10:30", "overdue", "Quá 1 ngày 3 giờ"),
    ],
)
def test_remaining_words_are_what_people_say(
    now: str, state: str, words: str, calendar: Calendar, office: WorkSchedule
) -> None:
    deadline = of(calendar, office, "2026-03-02T10:00", Limit.of(3))
    standing = remaining(deadline, at(now), calendar, office)
    assert (standing.state.value, standing.words.vi) == (state, words)


def hours_plan(*hours: str) -> list[StepLimit]:
    return [
        StepLimit(step=f"b{n}", parts=(Duration.from_json({"qty": qty, "unit": "HOUR"}),))
        for n, qty in enumerate(hours)
    ]


def test_step_hours_never_lengthen_the_term(calendar: Calendar, office: WorkSchedule) -> None:
    deadline = of(calendar, office, "2026-03-02T08:00", Limit.of(8, "HOUR"))
    dues = step_limits(deadline, hours_plan("2", "3", "2", "1"))
    assert [item.due_at for item in dues] == [
        at("2026-03-02T10:00"),
        at("2026-03-02T15:00"),
        at("2026-03-02T17:00"),
        at("2026-03-03T08:30"),
    ]
    assert dues[-1].due_at == deadline.due_at
    longer = step_limits(deadline, hours_plan("2", "3", "2", "4"))
    assert longer[-1].due_at == deadline.due_at
    assert longer[-1].capped
    with pytest.raises(StepsExceedTerm):
        step_limits(deadline, hours_plan("2", "3", "2", "4"), strict=True)


def test_silence_rules_are_computed_moments(calendar: Calendar, office: WorkSchedule) -> None:
    asked = at("2026-03-02T10:00")
    assert silence_deadline(asked, CONSULTED_AGENCY, calendar, office).due_at == at("2026-03-16T17:00")
    assert silence_deadline(asked, DRAFT_CONFIRMATION, calendar, office).due_at == at("2026-03-03T17:00")


def test_explanation_names_holiday_swap_and_pause(calendar: Calendar, office: WorkSchedule) -> None:
    held = [pause("2026-08-24T10:00", "2026-08-24T15:00", "77/YC-BS")]
    deadline = of(calendar, office, "2026-08-21T10:00", Limit.of(7, ground="QĐ 1/2026"), pauses=held)
    lines = deadline.explanation
    kinds = [line.kind for line in lines]
    assert kinds[:3] == ["received", "limit", "not-counted"]
    assert kinds[-1] == "due"
    worked = next(line for line in lines if line.start == at("2026-08-22T07:30") and line.minutes)
    assert "Làm bù" in worked.text.vi
    off = {line.start.date(): line for line in lines if line.kind == "off"}
    assert date(2026, 8, 31) in off
    assert "Bộ Nội vụ" in off[date(2026, 8, 31)].ground
    paused = next(line for line in lines if line.kind == "paused")
    assert (paused.start, paused.end, paused.ground) == (at("2026-08-24T10:00"), at("2026-08-24T15:00"), "77/YC-BS")
    assert sum(line.minutes for line in lines) == deadline.working_minutes_total == 7 * 450
    assert all(line.text.vi and line.text.en and line.ground for line in lines)


def test_projected_year_is_said_to_be_provisional(calendar: Calendar, office: WorkSchedule) -> None:
    deadline = of(calendar, office, "2026-12-31T10:00", Limit.of(1))
    assert deadline.provisional
    assert deadline.explanation[-1].kind == "provisional"
    assert not of(calendar, office, "2026-12-30T10:00", Limit.of(1)).provisional


#: setting, reception, quantity, unit, due under the other convention
OTHER = [
    ({"count_event_day": True}, "2026-03-02T10:00", "1", "WORKING_DAY", "2026-03-02T17:00"),
    ({"outside_hours_next_start": False}, "2026-03-07T10:00", "1", "WORKING_DAY", "2026-03-09T17:00"),
    ({"closing_second_open": True}, "2026-03-02T17:00", "1", "WORKING_DAY", "2026-03-03T17:00"),
    ({}, "2026-03-02T17:00", "1", "WORKING_DAY", "2026-03-04T17:00"),
    ({"working_day_due_end": False}, "2026-03-02T10:00", "1", "WORKING_DAY", "2026-03-03T10:00"),
    ({"cutoff_second_inclusive": False}, "2026-03-02T15:00:00", "1", "SAME_DAY", "2026-03-03T17:00"),
    ({"same_day_cutoff": time(14, 0)}, "2026-03-02T14:00:01", "1", "SAME_DAY", "2026-03-03T17:00"),
    ({"hours_start_at_once": False}, "2026-03-02T10:00", "2", "HOUR", "2026-03-03T09:30"),
    ({"month_short_last_day": False}, "2026-03-31T10:00", "1", "MONTH", "2026-05-04T17:00"),
    ({"month_short_last_day": False}, "2024-01-31T10:00", "1", "MONTH", "2024-03-01T17:00"),
]


@pytest.mark.parametrize(("setting", "reception", "qty", "unit", "due"), OTHER)
def test_each_convention_is_a_setting(
    setting: dict, reception: str, qty: str, unit: str, due: str, calendar: Calendar, office: WorkSchedule
) -> None:
    conventions = Conventions(name="other", **setting)
    assert compute(at(reception), Limit.of(qty, unit), calendar, office, settings=conventions).due_at == at(due)


def test_limit_survives_its_json_form() -> None:
    raw = {"parts": [{"qty": "4.75", "unit": "WORKING_DAY"}, {"qty": "3", "unit": "DAY"}], "cutoff": "15:00:30"}
    surcharge = {"unit_class": "remote", "qty": "5", "unit": "WORKING_DAY"}
    limit = Limit.from_json({**raw, "channel": "ONLINE", "case": "a", "surcharges": [surcharge], "max_extensions": 2})
    same_day = Limit.from_json({"rule": "SAME_DAY", "cutoff": "15:00", "else": "NEXT_WORKING_DAY"})
    assert [Limit.from_json(item.as_json()) for item in (limit, same_day)] == [limit, same_day]
