"""What a bad fact gets: a code and a sentence, never a guess."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from engine.errors import DomainError, InvalidInput
from engine.model.calendar import Calendar, CalendarInvalid, CalendarYearMissing
from engine.model.convention import Conventions
from engine.model.deadline import Extension, Limit, Pause, PauseReason, compute, select_limit
from engine.model.duration import Channel, Duration, LimitAmbiguous, LimitInvalid, LimitMissing
from engine.model.pause import ExtensionInvalid, ExtensionLate, ExtensionLimitReached, PauseInvalid
from engine.model.schedule import ScheduleInvalid, ScheduleMissing, WorkSchedule
from engine.model.timetable import ZONE, add_working_minutes
from tests.model.clock.conftest import at

DAYS = (Duration.from_json({"qty": "1", "unit": "WORKING_DAY"}),)


def extension(granted: str, **other: object) -> Extension:
    facts: dict = {"parts": DAYS, "document": "4/XL", "reason": "r", "remedy": "m", **other}
    return Extension(granted_at=at(granted), **facts)


def test_missing_year_refuses_to_compute(calendar: Calendar, office: WorkSchedule) -> None:
    for reception in ("2023-12-29T10:00", "2029-01-02T10:00", "2028-12-28T10:00"):
        with pytest.raises(CalendarYearMissing) as refusal:
            compute(at(reception), Limit.of(5), calendar, office)
        assert refusal.value.code == "calendar-year-missing"
        assert str(refusal.value.facts["year"]) in refusal.value.message("vi")


def test_gap_between_known_years_refuses(office: WorkSchedule) -> None:
    gap = Calendar.from_json([{"year": 2024, "exceptions": []}, {"year": 2026, "exceptions": []}])
    with pytest.raises(CalendarYearMissing) as refusal:
        compute(at("2024-12-30T10:00"), Limit.of(5), gap, office)
    assert refusal.value.facts["year"] == 2025


def test_naive_moment_is_refused(calendar: Calendar, office: WorkSchedule) -> None:
    with pytest.raises(InvalidInput):
        compute(datetime(2026, 3, 2, 10), Limit.of(1), calendar, office)
    with pytest.raises(InvalidInput):
        Pause(start=datetime(2026, 3, 2, 10), document="1", reason=PauseReason.FINANCE)
    with pytest.raises(InvalidInput):
        add_working_minutes(at("2026-03-02T10:00"), -1, calendar, office)


@pytest.mark.parametrize("qty", ["0", "-1", "", "x", "NaN", "1e5", 0.5, True, None])
def test_quantity_that_is_no_term_is_refused(qty: object) -> None:
    with pytest.raises(LimitInvalid):
        Limit.from_json({"qty": qty, "unit": "WORKING_DAY"})


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"qty": "1"},
        {"qty": "1", "unit": "WEEK"},
        {"qty": "1.5", "unit": "MONTH"},
        {"parts": []},
        {"parts": [{"qty": "1", "unit": "DAY"}, {"qty": "1", "unit": "SAME_DAY"}]},
        {"rule": "SOMETIMES"},
        {"rule": "SAME_DAY", "cutoff": "25:00"},
        {"qty": "1", "unit": "DAY", "channel": "FAX"},
        {"qty": "1", "unit": "DAY", "due_at": "2026-01-01"},
        [],
    ],
)
def test_limit_that_cannot_be_read_is_refused(raw: object) -> None:
    with pytest.raises(LimitInvalid) as refusal:
        Limit.from_json(raw)
    assert refusal.value.message("vi")
    assert "<" not in refusal.value.message("vi")


def test_limit_selection_refuses_to_guess() -> None:
    seven = Limit.of(7, case="nhà ở")
    with pytest.raises(LimitMissing):
        select_limit([seven, Limit.of(10, case="công trình")])
    with pytest.raises(LimitAmbiguous):
        select_limit([Limit.of(15), Limit.of(20)])
    with pytest.raises(LimitAmbiguous):
        select_limit([seven, Limit.of(17, channel=Channel.ONLINE)], "ONLINE", "nhà ở")
    assert select_limit([seven, seven], None, "nhà ở") == seven


def test_pause_needs_document_reason_and_order() -> None:
    begin = at("2026-03-03T10:00")
    with pytest.raises(PauseInvalid):
        Pause(start=begin, document=" ", reason=PauseReason.SUPPLEMENT)
    with pytest.raises(PauseInvalid):
        Pause(start=begin, document="1/YC", reason="HOLIDAY")  # type: ignore[arg-type]
    with pytest.raises(PauseInvalid):
        Pause(start=begin, end=at("2026-03-03T09:59"), document="1/YC", reason=PauseReason.SUPPLEMENT)


def test_excluded_span_must_be_in_the_limit(calendar: Calendar, office: WorkSchedule) -> None:
    held = Pause(
        start=at("2026-03-03T10:00"),
        end=at("2026-03-04T10:00"),
        document="BB-1",
        reason=PauseReason.EXCLUDED_SPAN,
    )
    with pytest.raises(PauseInvalid):
        compute(at("2026-03-02T10:00"), Limit.of(3), calendar, office, pauses=[held])
    allowed = Limit.of(3, excluded_spans=("thời gian giám định",))
    assert compute(at("2026-03-02T10:00"), allowed, calendar, office, pauses=[held]).due_at == at("2026-03-06T17:00")


@pytest.mark.parametrize("granted", ["2026-03-05T17:00:00", "2026-03-05T17:00:01", "2026-03-07T08:00"])
def test_late_extension_is_refused(granted: str, calendar: Calendar, office: WorkSchedule) -> None:
    with pytest.raises(ExtensionLate):
        compute(at("2026-03-02T10:00"), Limit.of(3), calendar, office, extensions=[extension(granted)])


def test_second_extension_needs_the_version(calendar: Calendar, office: WorkSchedule) -> None:
    two = [extension("2026-03-05T10:00"), extension("2026-03-06T10:00")]
    with pytest.raises(ExtensionLimitReached):
        compute(at("2026-03-02T10:00"), Limit.of(3), calendar, office, extensions=two)
    twice = compute(at("2026-03-02T10:00"), Limit.of(3, max_extensions=2), calendar, office, extensions=two)
    assert twice.due_at == at("2026-03-09T17:00")
    with pytest.raises(ExtensionLimitReached):
        compute(at("2026-03-02T10:00"), Limit.of(3, max_extensions=0), calendar, office, extensions=two[:1])


def test_extension_before_reception_is_refused(calendar: Calendar, office: WorkSchedule) -> None:
    with pytest.raises(ExtensionInvalid):
        compute(at("2026-03-02T10:00"), Limit.of(3), calendar, office, extensions=[extension("2026-03-02T09:59:59")])


@pytest.mark.parametrize("missing", ["document", "reason", "remedy"])
def test_extension_without_slip_reason_or_remedy_is_refused(missing: str) -> None:
    with pytest.raises(ExtensionInvalid):
        extension("2026-03-03T10:00", **{missing: ""})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda row: row.pop("decision"),
        lambda row: row.update(kind="MAYBE"),
        lambda row: row.update(date="2025-08-31"),
        lambda row: row.update(date="31/08/2026"),
        lambda row: row.update(swapped_with="2026-08-23"),
    ],
)
def test_calendar_with_a_wrong_exception_is_refused(spoil: Callable[[dict], object]) -> None:
    row = {"date": "2026-08-31", "kind": "OFF", "decision": "QĐ 1", "name": {"vi": "n", "en": "n"}}
    spoil(row)
    with pytest.raises(CalendarInvalid):
        Calendar.from_json({"year": 2026, "exceptions": [row]})


@pytest.mark.parametrize("raw", [[], {"years": []}, {"year": "2026"}, {"year": 2026, "holidays": []}, 7])
def test_calendar_of_another_shape_is_refused(raw: object) -> None:
    with pytest.raises(CalendarInvalid):
        Calendar.from_json(raw)


@pytest.mark.parametrize(
    "hours",
    [
        {},
        {"mon": []},
        {"mon": ["17:00-08:00"]},
        {"mon": ["08:00-12:00", "11:00-17:00"]},
        {"mon": ["8h-17h"]},
        {"lun": ["08:00-12:00"]},
        {"fri-mon": ["08:00-12:00"]},
        {"mon-fri": ["08:00-12:00"], "tue": ["08:00-12:00"]},
    ],
)
def test_hours_that_make_no_sense_are_refused(hours: dict) -> None:
    with pytest.raises(ScheduleInvalid):
        WorkSchedule.from_json({"hours": hours})


def test_hours_change_at_their_date_and_end_refuses(calendar: Calendar) -> None:
    summer = {
        "valid_from": "2026-04-15",
        "valid_to": "2026-10-15",
        "hours": {"mon-fri": ["07:00-11:00", "13:00-16:30"]},
    }
    winter = {"valid_to": "2026-04-14", "hours": {"mon-fri": ["07:30-11:30", "13:30-17:00"]}}
    schedule = WorkSchedule.from_json({"name": "UBND xã", "periods": [summer, winter]})
    assert compute(at("2026-04-14T10:00"), Limit.of(1), calendar, schedule).due_at == at("2026-04-15T16:30")
    with pytest.raises(ScheduleMissing):
        compute(at("2026-10-15T10:00"), Limit.of(1), calendar, schedule)
    with pytest.raises(ScheduleMissing):
        compute(at("2027-02-15T10:00"), Limit.of(1), calendar, schedule)


def test_unknown_convention_is_refused() -> None:
    for raw in (
        {"lunch": True},
        {"count_event_day": "yes"},
        {"max_extensions": -1},
        {"long_warnings": [{"name": "x"}]},
    ):
        with pytest.raises(DomainError):
            Conventions.from_json(raw)
    assert Conventions.from_json({"max_extensions": 2, "same_day_cutoff": "14:30"}).max_extensions == 2


def test_other_zones_are_the_same_moment(calendar: Calendar, office: WorkSchedule) -> None:
    foreign = datetime.fromisoformat("2026-03-02T08:00:01+00:00")
    assert compute(foreign, Limit.of(1, "SAME_DAY"), calendar, office).due_at == at("2026-03-03T17:00")
    assert foreign.astimezone(ZONE).hour == 15
