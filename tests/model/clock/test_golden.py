"""Deadlines of 2024 to 2028 worked out on a paper calendar, each with its reasoning; none was taken from the clock.

Office days are 07:30–11:30 and 13:30–17:00: 240 + 210 = 450 minutes. The police also work Saturday 07:30–11:30.
"""

from __future__ import annotations

import pytest

from engine.model.calendar import Calendar
from engine.model.deadline import Extension, Limit, Pause, PauseReason, compute
from engine.model.duration import Duration
from engine.model.schedule import WorkSchedule
from tests.model.clock.conftest import at

#: reception, quantity, unit, due
OFFICE = [
    # -- 2024: Tết Thu 8 – Wed 14 February; Mon 29 April off for Sat 4 May; 2–3 September ---------------------------
    # Tue; day 1 Wed 7, then seven days off, day 2 Thu 15
    ("2024-02-06T16:30", "2", "WORKING_DAY", "2024-02-15T17:00"),
    # days 7 and 8 February; the 8th is off: the next working day is the 15th
    ("2024-02-06T10:00", "2", "DAY", "2024-02-15T17:00"),
    # the tenth day is Fri 16 February, worked: days off inside a term in days count
    ("2024-02-06T10:00", "10", "DAY", "2024-02-16T17:00"),
    # Fri 26 April; 29, 30 and 1 May off; Thu 2, Fri 3, Sat 4 May (worked for the 29th)
    ("2024-04-26T09:00", "3", "WORKING_DAY", "2024-05-04T17:00"),
    # a second too late on that Friday: the next working day is Thu 2 May
    ("2024-04-26T15:00:01", "1", "SAME_DAY", "2024-05-02T17:00"),
    # the cut-off holds on a worked Saturday too
    ("2024-05-04T15:00:00", "1", "SAME_DAY", "2024-05-04T17:00"),
    ("2024-05-04T15:00:01", "1", "SAME_DAY", "2024-05-06T17:00"),
    # Fri 30 August; weekend, 2 and 3 September off
    ("2024-08-30T10:00", "1", "WORKING_DAY", "2024-09-04T17:00"),
    # leap year: 30 January + 1 month = 29 February (Thu)
    ("2024-01-30T10:00", "1", "MONTH", "2024-02-29T17:00"),
    # New Year's Eve at the closing second: an event of Thu 2 January 07:30, day 1 is Fri 3; a second earlier, Thu 2
    ("2024-12-31T17:00:00", "1", "WORKING_DAY", "2025-01-03T17:00"),
    ("2024-12-31T16:59:59", "1", "WORKING_DAY", "2025-01-02T17:00"),
    # -- 2025: Tết Mon 27 – Fri 31 January; Fri 2 May off for Sat 26 April; 1–2 September ---------------------------
    # half of Mon 3 February, the first working day after Tết: 225 minutes from 07:30
    ("2025-01-24T10:00", "0.5", "WORKING_DAY", "2025-02-03T11:15"),
    # 60 minutes are left of Friday, 180 are taken on the Monday after Tết
    ("2025-01-24T16:00", "4", "HOUR", "2025-02-03T10:30"),
    # filed on Tết itself: an event of Mon 3 February; the same day number in March is a Monday
    ("2025-01-31T10:00", "1", "MONTH", "2025-03-03T17:00"),
    # Sat 26 April is day 1, Mon 28 day 2
    ("2025-04-25T10:00", "2", "WORKING_DAY", "2025-04-28T17:00"),
    ("2025-08-29T15:00:00", "1", "SAME_DAY", "2025-08-29T17:00"),
    # weekend, 1 and 2 September off: Wed 3
    ("2025-08-29T15:00:01", "1", "SAME_DAY", "2025-09-03T17:00"),
    # 1 January off, Fri 2 off for Sat 10; Mon 5 is day 1, Tue 6 day 2
    ("2025-12-31T10:00", "2", "WORKING_DAY", "2026-01-06T17:00"),
    # -- 2026: 2 January / Sat 10; Tết 16–20 February; 27 April; 31 August / Sat 22; 24 November ---------------------
    ("2026-01-08T10:00", "2", "WORKING_DAY", "2026-01-10T17:00"),
    # filed on Saturday: an event of Mon 2 February; a month later is Mon 2 March
    ("2026-01-31T10:00", "1", "MONTH", "2026-03-02T17:00"),
    # 23–27 February are days 1–5, Mon 2 March day 6, then a quarter of Tue 3: 112.5 minutes, up to 09:23
    ("2026-02-13T10:00", "6.25", "WORKING_DAY", "2026-03-03T09:23"),
    # Tue 28 and Wed 29 April, then 4–8, 11–15, 18–22 May are 17 days; half of Mon 25
    ("2026-04-24T10:00", "17.5", "WORKING_DAY", "2026-05-25T11:15"),
    # Fri 21 August is day 1, the worked Saturday day 2
    ("2026-08-20T10:00", "2", "WORKING_DAY", "2026-08-22T17:00"),
    # after hours on the worked Saturday: an event of Monday, day 1 is Tuesday
    ("2026-08-22T18:00", "1", "WORKING_DAY", "2026-08-25T17:00"),
    # filed on the swapped Monday 31 August: an event of Thu 3 September, day 1 is Friday
    ("2026-08-31T10:00", "1", "WORKING_DAY", "2026-09-04T17:00"),
    # filed on Vietnam Cultural Day: received Wed 25, answered Wed 25
    ("2026-11-24T10:00", "1", "SAME_DAY", "2026-11-25T17:00"),
    ("2026-11-23T15:00:01", "1", "SAME_DAY", "2026-11-25T17:00"),
    ("2026-11-23T10:00", "1", "DAY", "2026-11-25T17:00"),
    # Mon 23, Wed 25, half of Thu 26
    ("2026-11-20T10:00", "2.5", "WORKING_DAY", "2026-11-26T11:15"),
    # at noon, and at the very end of the morning, nobody works: the hour runs from 13:30
    ("2026-03-02T12:00", "1", "HOUR", "2026-03-02T14:30"),
    ("2026-03-02T11:30:00", "1", "HOUR", "2026-03-02T14:30"),
    ("2026-03-02T11:29:59", "1", "HOUR", "2026-03-02T14:30"),  # 1 second before noon, 59:59 after: up to the minute
    ("2026-03-02T07:29:59", "1", "SAME_DAY", "2026-03-02T17:00"),
    # -- 2027 and 2028, projected: 4–10 February; 16 April; 30 April, 3 May; 2–3 September; 3 January; 25–31 January ---
    ("2027-02-03T10:00", "1", "WORKING_DAY", "2027-02-11T17:00"),
    ("2027-04-15T15:00:01", "1", "SAME_DAY", "2027-04-19T17:00"),
    ("2027-04-29T10:00", "1", "WORKING_DAY", "2027-05-04T17:00"),
    ("2027-09-01T10:00", "1", "WORKING_DAY", "2027-09-06T17:00"),
    # 1 January 2028 is a Saturday, so Mon 3 is off
    ("2027-12-31T10:00", "1", "WORKING_DAY", "2028-01-04T17:00"),
    # Tue 25 – Fri 28 off, Sat 29 is Tết too and made good on Mon 31
    ("2028-01-24T10:00", "1", "WORKING_DAY", "2028-02-01T17:00"),
    # Sun 30 April is made good on Tue 2 May, after Mon 1
    ("2028-04-28T10:00", "1", "WORKING_DAY", "2028-05-03T17:00"),
    # days 1, 2, 3 September; the 3rd is a Sunday, Mon 4 is made good: Tue 5
    ("2028-08-31T10:00", "3", "DAY", "2028-09-05T17:00"),
]


@pytest.mark.parametrize(("reception", "qty", "unit", "due"), OFFICE)
def test_office_term_is_as_on_the_paper_calendar(
    reception: str, qty: str, unit: str, due: str, calendar: Calendar, office: WorkSchedule
) -> None:
    assert compute(at(reception), Limit.of(qty, unit), calendar, office).due_at == at(due)


POLICE = [
    # Sat 4 May 2024 is a swapped day: full, though an ordinary Saturday ends at 11:30
    ("2024-05-03T10:00", "1", "WORKING_DAY", "2024-05-04T17:00"),
    # Sat 26 April (swapped, full), Mon 28, Tue 29; 30 April – 2 May off; Sat 3 May, an ordinary morning, is day 4
    ("2025-04-25T10:00", "4", "WORKING_DAY", "2025-05-03T11:30"),
    ("2025-04-25T10:00", "6", "WORKING_DAY", "2025-05-06T17:00"),
    # received on a Saturday morning in hours: day 1 is Monday
    ("2026-03-07T11:29:59", "1", "WORKING_DAY", "2026-03-09T17:00"),
    # at 11:30:00 the counter has closed: an event of Monday, day 1 is Tuesday
    ("2026-03-07T11:30:00", "1", "WORKING_DAY", "2026-03-10T17:00"),
    # a quarter of a Saturday of 240 minutes is an hour
    ("2026-03-06T10:00", "0.25", "WORKING_DAY", "2026-03-07T08:30"),
    # 12 hours from Friday 10:00: 90 + 210 = 300 that day, 240 on Saturday, 180 of Monday
    ("2026-03-06T10:00", "12", "HOUR", "2026-03-09T10:30"),
    # a term in days that ends on a Saturday ends there, at the end of its morning
    ("2026-03-02T10:00", "5", "DAY", "2026-03-07T11:30"),
    # Tết takes its Saturdays too: 14 February is an ordinary one, 21 February as well
    ("2026-02-13T10:00", "2", "WORKING_DAY", "2026-02-21T11:30"),
]


@pytest.mark.parametrize(("reception", "qty", "unit", "due"), POLICE)
def test_police_term_is_as_on_the_paper_calendar(
    reception: str, qty: str, unit: str, due: str, calendar: Calendar, police: WorkSchedule
) -> None:
    assert compute(at(reception), Limit.of(qty, unit), calendar, police).due_at == at(due)


#: reception, quantity, unit, pauses, due
PAUSED = [
    # begins at lunch, ends after hours: Tue afternoon 210 + Wed 450 = 660 after Thu 5 March 17:00
    ("2026-03-02T10:00", "3", "WORKING_DAY", [("2026-03-03T12:00", "2026-03-04T18:00")], "2026-03-09T11:00"),
    # from Friday's close to Monday's opening no working minute passes
    ("2026-03-02T10:00", "5", "WORKING_DAY", [("2026-03-06T17:00", "2026-03-09T07:30")], "2026-03-09T17:00"),
    # over Tết: the last hour before and the first after it, 120 minutes
    ("2026-02-11T10:00", "3", "WORKING_DAY", [("2026-02-13T16:00", "2026-02-23T08:30")], "2026-02-24T09:30"),
    # begins an hour before the due moment and ends days after it: that hour is still owed
    ("2026-03-02T10:00", "3", "WORKING_DAY", [("2026-03-05T16:00", "2026-03-10T09:00")], "2026-03-10T10:00"),
    # one inside the other: 420 + 450 + 150 minutes, once
    (
        "2026-03-02T10:00", "3", "WORKING_DAY",
        [("2026-03-03T08:00", "2026-03-05T10:00"), ("2026-03-03T09:00", "2026-03-04T09:00")],
        "2026-03-10T09:30",
    ),
    # one after the other, touching: the same as one
    (
        "2026-03-02T10:00", "3", "WORKING_DAY",
        [("2026-03-03T10:00", "2026-03-03T11:00"), ("2026-03-03T11:00", "2026-03-03T14:30")],
        "2026-03-06T10:00",
    ),
    # a term in days: rolled from Sat 7 to Mon 9 March, one working day of pause on top
    ("2026-03-02T10:00", "5", "DAY", [("2026-03-04T10:00", "2026-03-05T10:00")], "2026-03-10T17:00"),
    # begins on the day of reception: it counts from day 1, 07:30–09:30
    ("2026-03-02T10:00", "3", "WORKING_DAY", [("2026-03-02T10:30", "2026-03-03T09:30")], "2026-03-06T09:30"),
    # half a minute is kept exactly and shown rounded up
    ("2026-03-02T10:00", "3", "WORKING_DAY", [("2026-03-03T10:00:00", "2026-03-03T10:00:30")], "2026-03-06T07:31"),
    # before the reception nothing is paused; what reaches into the term counts from day 1
    ("2026-03-02T10:00", "3", "WORKING_DAY", [("2026-02-26T10:00", "2026-03-03T08:30")], "2026-03-06T08:30"),
    # over the worked Saturday 22 August: Fri 30 + Sat 450 + Mon 30 minutes after Mon 24, 17:00
    ("2026-08-20T10:00", "3", "WORKING_DAY", [("2026-08-21T16:30", "2026-08-24T08:00")], "2026-08-26T08:30"),
]  # fmt: skip


@pytest.mark.parametrize(("reception", "qty", "unit", "pauses", "due"), PAUSED)
def test_paused_term_is_as_on_the_paper_calendar(
    reception: str,
    qty: str,
    unit: str,
    pauses: list[tuple[str, str]],
    due: str,
    calendar: Calendar,
    office: WorkSchedule,
) -> None:
    stops = [
        Pause(start=at(start), end=at(end), document=f"{n}/YC", reason=PauseReason.OPINION)
        for n, (start, end) in enumerate(pauses)
    ]
    assert compute(at(reception), Limit.of(qty, unit), calendar, office, pauses=stops).due_at == at(due)


def test_sequences_follow_each_other_over_days_off(calendar: Calendar, office: WorkSchedule) -> None:
    two = Limit.from_json({"parts": [{"qty": "2", "unit": "WORKING_DAY"}, {"qty": "3", "unit": "HOUR"}]})
    # Tue 3 and Wed 4 March, then three hours of Thu 5
    assert compute(at("2026-03-02T10:00"), two, calendar, office).due_at == at("2026-03-05T10:30")
    mixed = Limit.from_json({"parts": [{"qty": "3", "unit": "DAY"}, {"qty": "1", "unit": "WORKING_DAY"}]})
    # the third day is Mon 31 August, off: ends Thu 3 September; then Fri 4
    assert compute(at("2026-08-28T10:00"), mixed, calendar, office).due_at == at("2026-09-04T17:00")


def test_pause_after_an_extension_moves_the_sum(calendar: Calendar, office: WorkSchedule) -> None:
    """Three days to Thu 5 March, two more granted that morning to Mon 9, an hour of pause on Friday: Tue 10, 08:30."""
    more = Extension(
        granted_at=at("2026-03-05T09:00"), parts=(Duration.from_json({"qty": "2", "unit": "WORKING_DAY"}),),
        document="4/XL", reason="thiếu người", remedy="tăng cường",
    )  # fmt: skip
    held = Pause(start=at("2026-03-06T10:00"), end=at("2026-03-06T11:00"), document="9/YC", reason=PauseReason.FINANCE)
    found = compute(at("2026-03-02T10:00"), Limit.of(3), calendar, office, pauses=[held], extensions=[more])
    assert found.due_at == at("2026-03-10T08:30")
    assert found.due_without_extension == at("2026-03-05T17:00")  # the pause came after the first due moment


def test_explanation_names_each_day_off_before_the_first_day(calendar: Calendar, office: WorkSchedule) -> None:
    """Filed on the Friday before Tết: nine days off stand between the reception and day 1, and each is explained."""
    deadline = compute(at("2026-02-13T15:30"), Limit.of(3, ground="QĐ 1"), calendar, office)
    off = [line for line in deadline.explanation if line.kind in {"off", "weekly-off"}]
    assert [line.start.date().isoformat() for line in off] == [
        "2026-02-14", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20", "2026-02-21",
    ]  # fmt: skip
    assert "Tết" in off[1].text.vi
    assert "Lunar New Year" in off[1].text.en
    record = off[1].as_json()
    assert record["ground_en"].startswith("Notice of the Ministry of Home Affairs")
    days = compute(at("2026-03-07T10:00"), Limit.of(3, "DAY"), calendar, office)  # filed on a Saturday, for Monday
    assert [line.kind for line in days.explanation if "off" in line.kind] == ["weekly-off"]
    inside = compute(at("2026-03-06T10:00"), Limit.of(4, "DAY"), calendar, office)  # the weekend is days 1 and 2
    assert [line.kind for line in inside.explanation if "off" in line.kind] == ["weekly-off-inside"]
