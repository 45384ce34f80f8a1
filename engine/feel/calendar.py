"""Dates, times and durations: reading, printing and counting, exact to the nanosecond, years ±999,999,999.

A plain ``datetime.date``, ``time`` or ``datetime`` is used wherever it can tell the value; ``FarDate``, ``ZonedTime``
and ``FarDateTime`` where it cannot. Both kinds have the same fields, which is all that this module relies on.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.feel.errors import Undefined
from engine.feel.values import DayTimeDuration, FarDate, FarDateTime, YearMonthDuration, ZonedTime

MAX_YEAR = 999_999_999
MAX_OFFSET = 18 * 3600  #: seconds
SECOND = 1_000_000_000  #: nanoseconds
DAY = 86_400 * SECOND

AnyDate = date | FarDate
AnyTime = time | ZonedTime
AnyDateTime = datetime | FarDateTime


class _Ymd(Protocol):
    @property
    def year(self) -> int: ...
    @property
    def month(self) -> int: ...
    @property
    def day(self) -> int: ...


# counting days ----------------------------------------------------------------------------------


def leap(year: int) -> bool:
    """Whether ``year`` of the proleptic Gregorian calendar has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_days(year: int, month: int) -> int:
    """Days of the month."""
    if month == 2:
        return 29 if leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def day_number(moment: _Ymd) -> int:
    """Days since 1970-01-01."""
    year = moment.year - (moment.month <= 2)
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (moment.month + (-3 if moment.month > 2 else 9)) + 2) // 5 + moment.day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def civil(number: int) -> tuple[int, int, int]:
    """Year, month and day of the day ``number`` days after 1970-01-01."""
    shifted = number + 719_468
    era, of_era = divmod(shifted, 146_097)
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_index = (5 * of_year + 2) // 153
    month = month_index + (3 if month_index < 10 else -9)
    return year_of_era + era * 400 + (month <= 2), month, of_year - (153 * month_index + 2) // 5 + 1


# making values ----------------------------------------------------------------------------------


def make_date(year: int, month: int, day: int) -> AnyDate:
    """A checked date; ``Undefined`` when there is no such day."""
    if not (1 <= month <= 12 and 1 <= day <= month_days(year, month)) or abs(year) > MAX_YEAR:
        raise Undefined("no-such-date", year=year, month=month, day=day)
    return date(year, month, day) if 1 <= year <= 9999 else FarDate(year, month, day)


def make_time(hour: int, minute: int, second: int, nanosecond: int = 0, zone: tzinfo | None = None) -> AnyTime:
    """A checked time; ``Undefined`` when there is no such time."""
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
        raise Undefined("no-such-time", hour=hour, minute=minute, second=second)
    if nanosecond % 1000 or isinstance(zone, ZoneInfo):
        return ZonedTime(hour, minute, second, nanosecond, zone)
    return time(hour, minute, second, nanosecond // 1000, tzinfo=zone)


def combine(day: _Ymd, clock: AnyTime) -> AnyDateTime:
    """The moment at ``clock`` on ``day``."""
    nanosecond, zone = nanos(clock), clock.tzinfo
    if 1 <= day.year <= 9999 and not nanosecond % 1000:
        return datetime(
            day.year, day.month, day.day, clock.hour, clock.minute, clock.second, nanosecond // 1000, tzinfo=zone
        )
    return FarDateTime(day.year, day.month, day.day, clock.hour, clock.minute, clock.second, nanosecond, zone)


def date_of(moment: _Ymd) -> AnyDate:
    """The date part."""
    return make_date(moment.year, moment.month, moment.day)


def time_of(moment: AnyDateTime) -> AnyTime:
    """The time part, with its zone."""
    return make_time(moment.hour, moment.minute, moment.second, nanos(moment), moment.tzinfo)


def nanos(clock: AnyTime | AnyDateTime) -> int:
    """Nanoseconds within the second."""
    if isinstance(clock, (ZonedTime, FarDateTime)):
        return clock.nanosecond
    return clock.microsecond * 1000


# reading ----------------------------------------------------------------------------------------

_DATE = re.compile(r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,30}))?(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+\-/]{1,60})?"
)
_DAYS = re.compile(
    r"(-?)P(?:([0-9]{1,18})D)?(?:T(?=[0-9])(?:([0-9]{1,18})H)?(?:([0-9]{1,18})M)?(?:([0-9]{1,18})(?:\.([0-9]{0,30}))?S)?)?"
)
_MONTHS = re.compile(r"(-?)P(?:([0-9]{1,18})Y)?(?:([0-9]{1,18})M)?")


def read_date(text: str) -> AnyDate:
    """``2026-11-21``; ``Undefined`` otherwise."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise Undefined("not-a-date", text=text[:60])
    return make_date(int(match[1]), int(match[2]), int(match[3]))


def read_time(text: str) -> AnyTime:
    """``10:30:00`` with fraction, offset, ``Z`` or ``@Zone/Name``; ``Undefined`` otherwise."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise Undefined("not-a-time", text=text[:60])
    fraction = int((match[4] or "0")[:9].ljust(9, "0"))
    zone = read_zone(match[5]) if match[5] else None
    return make_time(int(match[1]), int(match[2]), int(match[3]), fraction, zone)


def read_datetime(text: str) -> AnyDateTime:
    """A date, ``T`` and a time; a date alone is its midnight."""
    day, mark, clock = text.partition("T")
    try:
        return combine(read_date(day), read_time(clock) if mark else time())
    except Undefined as undefined:
        if undefined.code in ("not-a-date", "not-a-time"):
            raise Undefined("not-a-date-and-time", text=text[:60]) from undefined
        raise


@lru_cache(maxsize=1000)
def read_zone(text: str) -> tzinfo:
    """``Z``, an offset such as ``+07:00`` or ``@Asia/Ho_Chi_Minh``."""
    if text == "Z":
        return UTC
    if text[0] == "@":
        try:
            return ZoneInfo(text[1:])
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise Undefined("no-such-zone", text=text[1:60]) from error
    hours, minutes, seconds = ([*(int(part) for part in text[1:].split(":")), 0])[:3]
    if minutes > 59 or seconds > 59:
        raise Undefined("no-such-zone", text=text)
    return make_offset((hours * 3600 + minutes * 60 + seconds) * (-1 if text[0] == "-" else 1))


def make_offset(seconds: int) -> tzinfo:
    """A fixed offset of at most 18 hours."""
    if abs(seconds) > MAX_OFFSET:
        raise Undefined("no-such-zone", text=str(seconds))
    return timezone(timedelta(seconds=seconds)) if seconds else UTC


def read_duration(text: str) -> DayTimeDuration | YearMonthDuration:
    """An ISO 8601 duration of days and time, or of years and months; ``Undefined`` otherwise."""
    match = _MONTHS.fullmatch(text)
    if match is not None and (match[2] or match[3]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearMonthDuration(-months if match[1] else months)
    match = _DAYS.fullmatch(text)
    if match is None or not any(match[group] for group in (2, 3, 4, 5)):
        raise Undefined("not-a-duration", text=text[:60])
    seconds = int(match[2] or 0) * 86_400 + int(match[3] or 0) * 3600 + int(match[4] or 0) * 60 + int(match[5] or 0)
    total = seconds * SECOND + int((match[6] or "0")[:9].ljust(9, "0"))
    return DayTimeDuration(-total if match[1] else total)


# printing ---------------------------------------------------------------------------------------


def show_date(day: _Ymd) -> str:
    """ISO text."""
    sign = "-" if day.year < 0 else ""
    return f"{sign}{abs(day.year):04d}-{day.month:02d}-{day.day:02d}"


def show_time(clock: AnyTime | AnyDateTime) -> str:
    """ISO text with the zone as FEEL writes it."""
    nanosecond = nanos(clock)
    fraction = f".{nanosecond:09d}".rstrip("0") if nanosecond else ""
    return f"{clock.hour:02d}:{clock.minute:02d}:{clock.second:02d}{fraction}{show_zone(clock.tzinfo)}"


def show_datetime(moment: AnyDateTime) -> str:
    """ISO text with the zone as FEEL writes it."""
    return f"{show_date(moment)}T{show_time(moment)}"


def show_zone(zone: tzinfo | None) -> str:
    """Empty, ``Z``, an offset, or ``@Zone/Name``."""
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    seconds = fixed_offset(zone)
    if seconds == 0:
        return "Z"
    hours, rest = divmod(abs(seconds), 3600)
    tail = f":{rest % 60:02d}" if rest % 60 else ""
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{rest // 60:02d}{tail}"


def show_duration(duration: DayTimeDuration | YearMonthDuration) -> str:
    """ISO 8601 text, normalised."""
    if isinstance(duration, YearMonthDuration):
        years, months = divmod(abs(duration.months), 12)
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return f"{'-' if duration.months < 0 else ''}P{parts}"
    total, fraction = divmod(abs(duration.nanoseconds), SECOND)
    days, rest = divmod(total, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    tail = f".{fraction:09d}".rstrip("0") if fraction else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or fraction or not (days or clock):
        clock += f"{seconds}{tail}S"
    sign = "-" if duration.nanoseconds < 0 else ""
    return f"{sign}P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"


# the line of time -------------------------------------------------------------------------------


def fixed_offset(zone: tzinfo) -> int:
    """Seconds east of UTC of a zone without rules; of a named zone, its offset at the start of 1970."""
    delta = zone.utcoffset(datetime(1970, 1, 1))  # noqa: DTZ001 - a tzinfo is asked, not a moment
    return 0 if delta is None else delta.days * 86_400 + delta.seconds


def offset_at(moment: AnyDateTime) -> int | None:
    """Seconds east of UTC at ``moment``; ``None`` without zone."""
    zone = moment.tzinfo
    if zone is None:
        return None
    if not isinstance(zone, ZoneInfo):
        return fixed_offset(zone)
    year = moment.year if 1 < moment.year < 9999 else 2000 + moment.year % 400
    local = datetime(year, moment.month, moment.day, moment.hour, moment.minute, moment.second, tzinfo=zone)
    delta = local.utcoffset()
    return 0 if delta is None else delta.days * 86_400 + delta.seconds


def of_day(clock: AnyTime | AnyDateTime) -> int:
    """Nanoseconds since midnight on the wall."""
    return (clock.hour * 3600 + clock.minute * 60 + clock.second) * SECOND + nanos(clock)


def instant(moment: AnyDateTime) -> int:
    """Nanoseconds since 1970-01-01T00:00:00, of UTC if ``moment`` has a zone, else of its own wall clock."""
    return day_number(moment) * DAY + of_day(moment) - (offset_at(moment) or 0) * SECOND


def clock_instant(clock: AnyTime) -> int:
    """Nanoseconds since midnight of UTC (may be negative), or of the wall clock without zone."""
    offset = fixed_offset(clock.tzinfo) if clock.tzinfo is not None else 0
    return of_day(clock) - offset * SECOND


def at_wall(wall: int, zone: tzinfo | None) -> AnyDateTime:
    """The moment whose wall clock shows ``wall`` nanoseconds since 1970."""
    days, rest = divmod(wall, DAY)
    year, month, day = civil(days)
    if abs(year) > MAX_YEAR:
        raise Undefined("date-overflow")
    return combine(make_date(year, month, day), clock_at(rest, zone))


def clock_at(rest: int, zone: tzinfo | None) -> AnyTime:
    """The time ``rest`` nanoseconds after midnight, taken within one day."""
    seconds, fraction = divmod(rest % DAY, SECOND)
    return make_time(seconds // 3600, seconds // 60 % 60, seconds % 60, fraction, zone)


def at_instant(at: int, zone: tzinfo | None) -> AnyDateTime:
    """The moment ``at`` nanoseconds after 1970 UTC, told in ``zone``."""
    if zone is None:
        return at_wall(at, None)
    if not isinstance(zone, ZoneInfo):
        return at_wall(at + fixed_offset(zone) * SECOND, zone)
    universal = at_wall(at, UTC)
    year = universal.year if 1 < universal.year < 9999 else 2000 + universal.year % 400
    near = datetime(year, universal.month, universal.day, universal.hour, universal.minute, tzinfo=UTC)
    delta = near.astimezone(zone).utcoffset() or timedelta()
    return at_wall(at + (delta.days * 86_400 + delta.seconds) * SECOND, zone)


def add_months(day: _Ymd, months: int) -> AnyDate:
    """``months`` later; a day that the month lacks becomes its last one."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    if abs(year) > MAX_YEAR:
        raise Undefined("date-overflow")
    return make_date(year, month, min(day.day, month_days(year, month)))


def add_days(day: _Ymd, days: int) -> AnyDate:
    """``days`` later."""
    return make_date(*civil(day_number(day) + days))
