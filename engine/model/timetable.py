"""Working time as one long line: a calendar and a schedule laid out day by day, with cumulative seconds.

The fast path of every deadline: moments become points on that line by addition, points become moments by bisection.
All spans are whole minutes, so a point divisible by 60 is a whole minute on the wall.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.errors import InvalidInput
from engine.model.calendar import Calendar, CalendarYearMissing, DayKind
from engine.model.schedule import ScheduleMissing, Span, WorkSchedule
from engine.values import aware

#: The zone in which days and hours are counted.
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

#: A moment on the wall: proleptic ordinal of the local date, whole second of the day.
Wall = tuple[int, int]


def wall(moment: datetime, what: str = "moment") -> Wall:
    """The local date and whole second of an aware moment; parts of a second are dropped, as on every slip."""
    local = moment if moment.tzinfo is ZONE else aware(moment, what=what).astimezone(ZONE)
    return local.toordinal(), local.hour * 3600 + local.minute * 60 + local.second


def moment_of(ordinal: int, second: int) -> datetime:
    """The aware moment of a wall time."""
    return datetime.fromordinal(ordinal).replace(tzinfo=ZONE) + timedelta(seconds=second)


class Timetable:
    """One unbroken run of known days. ``points`` are cumulative working seconds since its first day."""

    __slots__ = (
        "before",
        "cumulative",
        "ends",
        "first",
        "full_day",
        "lengths",
        "schedule",
        "spans",
        "starts",
        "stop",
        "worked",
    )

    def __init__(
        self, calendar: Calendar, schedule: WorkSchedule, first: date, stop: date, *, swapped_full: bool
    ) -> None:
        self.schedule = schedule
        self.first = first.toordinal()  #: ordinal of the first known day
        self.stop = stop.toordinal()  #: ordinal after the last known day
        self.spans: list[tuple[Span, ...]] = []  #: per day
        self.cumulative: list[int] = [0]  #: per day, seconds before it
        self.before: list[int] = [0]  #: per day, working days before it
        self.worked: list[int] = []  #: per working day, its ordinal
        self.starts: list[int] = []  #: per working day, its first point
        self.ends: list[int] = []  #: per working day, its last point
        self.lengths: list[int] = []  #: per working day, its seconds
        self.full_day = schedule.full_day_minutes(first) * 60  #: seconds of a full day when the run begins
        for ordinal in range(self.first, self.stop):
            spans = hours_on(calendar, schedule, date.fromordinal(ordinal), swapped_full=swapped_full)
            seconds = sum(end - start for start, end in spans)
            total = self.cumulative[-1]
            if seconds:
                self.worked.append(ordinal)
                self.starts.append(total)
                self.ends.append(total + seconds)
                self.lengths.append(seconds)
            self.spans.append(spans)
            self.cumulative.append(total + seconds)
            self.before.append(len(self.worked))

    def index(self, ordinal: int) -> int:
        """The day's index, or the reason why the day is not known."""
        if not self.first <= ordinal < self.stop:
            raise self._unknown(ordinal)
        return ordinal - self.first

    def point(self, ordinal: int, second: int) -> int:
        """Working seconds before that wall time."""
        day = self.index(ordinal)
        total = self.cumulative[day]
        for start, end in self.spans[day]:
            if second <= start:
                break
            total += (second if second < end else end) - start
        return total

    def working_day(self, number: int) -> int:
        """The ordinal of a working day by its number; beyond the known days it refuses."""
        if not 0 <= number < len(self.worked):
            raise self._unknown(self.stop if number >= 0 else self.first - 1)
        return self.worked[number]

    def next_day(self, ordinal: int) -> int:
        """The number of the first working day on or after that day."""
        number = self.before[self.index(ordinal)]
        self.working_day(number)
        return number

    def day_of(self, point: int | Fraction) -> int:
        """The number of the working day in which the point is reached (a day's last point belongs to it)."""
        number = bisect_left(self.ends, point)
        self.working_day(number)
        return number

    def reached(self, point: int) -> Wall:
        """The earliest wall time at which that much has been worked: an end of hours, never the start after it."""
        number = self.day_of(point)
        rest = point - self.starts[number]
        ordinal = self.worked[number]
        second = 0
        for start, end in self.spans[ordinal - self.first]:
            second = start + rest
            if second <= end:
                break
            rest -= end - start
        return ordinal, second

    def running(self, point: int) -> Wall:
        """The latest such wall time: where work goes on after the point."""
        number = bisect_right(self.ends, point)
        ordinal = self.working_day(number)
        rest = point - self.starts[number]
        second = 0
        for start, end in self.spans[ordinal - self.first]:
            second = start + rest
            if second < end:
                break
            rest -= end - start
        return ordinal, second

    def open_at(self, ordinal: int, second: int) -> bool:
        """Whether the unit works at that wall second; the closing second itself is closed."""
        return any(start <= second < end for start, end in self.spans[self.index(ordinal)])

    def _unknown(self, ordinal: int) -> CalendarYearMissing | ScheduleMissing:
        on = date.fromordinal(max(1, ordinal))
        try:
            self.schedule.at(on)
        except ScheduleMissing as missing:
            return missing
        return CalendarYearMissing(year=on.year)


def hours_on(calendar: Calendar, schedule: WorkSchedule, on: date, *, swapped_full: bool = True) -> tuple[Span, ...]:
    """The stretches of work of that date; empty on a day off. A swapped day is a full day for every unit."""
    kind = calendar.kind(on)
    hours = schedule.at(on)
    if kind is DayKind.OFF:
        return ()
    own = hours.week[on.weekday()]
    if kind is DayKind.WORK:
        return hours.full_day if swapped_full or not own else own
    return own


@lru_cache(maxsize=256)
def _run(calendar: Calendar, schedule: WorkSchedule, year: int, swapped_full: bool) -> Timetable:
    """The longest run of known years around ``year``, cut to the days for which hours are given."""
    low = high = year
    while low - 1 in calendar.years:
        low -= 1
    while high + 1 in calendar.years:
        high += 1
    first, stop = date(low, 1, 1), date(high + 1, 1, 1)
    middle = [p for p in schedule.periods if p.valid_from <= date(year, 12, 31) and p.valid_to >= date(year, 1, 1)]
    if not middle:
        raise ScheduleMissing(unit=schedule.name or "?", date=f"{year}-01-01")
    periods = list(schedule.periods)
    at = end = periods.index(middle[-1])
    while at > 0 and periods[at - 1].valid_to + timedelta(1) == periods[at].valid_from:
        at -= 1
    while end + 1 < len(periods) and periods[end].valid_to + timedelta(1) == periods[end + 1].valid_from:
        end += 1
    first = max(first, periods[at].valid_from)
    if periods[end].valid_to < stop:
        stop = periods[end].valid_to + timedelta(1)
    return Timetable(calendar, schedule, first, stop, swapped_full=swapped_full)


def timetable(calendar: Calendar, schedule: WorkSchedule, year: int, *, swapped_full: bool = True) -> Timetable:
    """The timetable that covers ``year``; cached. ``CalendarYearMissing`` when the calendar does not know the year."""
    if year not in calendar.years:
        raise CalendarYearMissing(year=year)
    return _run(calendar, schedule, year, swapped_full)


def working_minutes_between(start: datetime, end: datetime, calendar: Calendar, schedule: WorkSchedule) -> int:
    """Whole working minutes from ``start`` to ``end``, parts of a minute rounded up; 0 when ``end`` is not later."""
    if aware(end, what="end") <= aware(start, what="start"):
        return 0
    begin, finish = wall(start), wall(end)
    table = timetable(calendar, schedule, date.fromordinal(begin[0]).year)
    return -(-(table.point(*finish) - table.point(*begin)) // 60)


def add_working_minutes(start: datetime, minutes: int, calendar: Calendar, schedule: WorkSchedule) -> datetime:
    """The earliest moment at which ``minutes`` have been worked since ``start``; 0 gives the next working moment."""
    if isinstance(minutes, bool) or not isinstance(minutes, int) or minutes < 0:
        raise InvalidInput(what="minutes", why=f"expected a whole number ≥ 0 ({minutes!r})")
    if minutes == 0:
        return next_working_moment(start, calendar, schedule)
    begin = wall(start, "start")
    table = timetable(calendar, schedule, date.fromordinal(begin[0]).year)
    return moment_of(*table.reached(table.point(*begin) + minutes * 60))


def next_working_moment(moment: datetime, calendar: Calendar, schedule: WorkSchedule) -> datetime:
    """The moment itself inside working hours, else the next start of work."""
    at = wall(moment)
    table = timetable(calendar, schedule, date.fromordinal(at[0]).year)
    if table.open_at(*at):
        return moment_of(*at)
    return moment_of(*table.running(table.point(*at)))
