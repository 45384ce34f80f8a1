"""Dates, times and durations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel.calendar import (
    SECOND,
    combine,
    date_of,
    day_number,
    make_date,
    make_offset,
    make_time,
    nanos,
    read_date,
    read_datetime,
    read_duration,
    read_time,
    read_zone,
    show_zone,
    time_of,
)
from engine.feel.errors import Undefined
from engine.feel.kinds import DATE, DATE_TIME, DAYS, MONTHS, TIME, equal, kind
from engine.feel.properties import weekday
from engine.feel.run import Run
from engine.feel.signature import Library
from engine.feel.values import DayTimeDuration, Value, YearMonthDuration

LIBRARY = Library()

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _whole(name: str, argument: str, number: Decimal) -> int:
    if number != number.to_integral_value() or abs(number) > 10**12:
        raise Undefined("argument-value", name=name, argument=argument, value=str(number)[:40])
    return int(number)


@LIBRARY.function(f"date(from: string|{DATE}|{DATE_TIME}): date", vi="Ngày.", en="The date of a text or moment.")
def date_from(run: Run, value: Value) -> Value:
    return read_date(value) if type(value) is str else date_of(value)


@LIBRARY.function("date(year: number, month: number, day: number): date", vi="Ngày.", en="The date of its parts.")
def date_parts(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Value:
    return make_date(_whole("date", "year", year), _whole("date", "month", month), _whole("date", "day", day))


@LIBRARY.function(
    f"date and time(from: string|{DATE}|{DATE_TIME}): date and time", vi="Ngày giờ.", en="The moment of a text."
)
def moment_from(run: Run, value: Value) -> Value:
    if type(value) is str:
        return read_datetime(value)
    return combine(value, read_time("00:00:00Z")) if kind(value) == DATE else value


@LIBRARY.function(
    f"date and time(date: {DATE}|{DATE_TIME}, time: time): date and time", vi="Ngày giờ.", en="A date and a time."
)
def moment_at(run: Run, date: Value, time: Value) -> Value:
    return combine(date, time)


@LIBRARY.function(
    "date and time(year: number, month: number, day: number, hour: number, minute: number, second: number, "
    f"offset?: {DAYS}|null): date and time",
    vi="Ngày giờ từ các phần.",
    en="The moment of its parts.",
)
def moment_parts(run: Run, year: Decimal, month: Decimal, day: Decimal, *clock: Any) -> Value:
    hour, minute, second, offset = clock
    return combine(date_parts(run, year, month, day), time_parts(run, hour, minute, second, offset))


@LIBRARY.function(
    "date and time(year: number, month: number, day: number, hour: number, minute: number, second: number, "
    "timezone: string): date and time",
    vi="Ngày giờ từ các phần và tên múi giờ.",
    en="The moment of its parts in a named zone.",
)
def moment_zoned(run: Run, year: Decimal, month: Decimal, day: Decimal, *clock: Any) -> Value:
    hour, minute, second, zone = clock
    seconds, nanosecond = _second(second)
    at = make_time(
        _whole("time", "hour", hour), _whole("time", "minute", minute), seconds, nanosecond, read_zone("@" + zone)
    )
    return combine(date_parts(run, year, month, day), at)


@LIBRARY.function(f"time(from: string|time|{DATE}|{DATE_TIME}): time", vi="Giờ.", en="The time of a text or moment.")
def time_from(run: Run, value: Value) -> Value:
    of = kind(value)
    if of == "string":
        return read_time(value)
    if of == DATE:
        return read_time("00:00:00Z")
    return value if of == TIME else time_of(value)


def _second(number: Decimal) -> tuple[int, int]:
    if abs(number) >= 60:
        raise Undefined("no-such-time", hour="…", minute="…", second=str(number)[:20])
    return divmod(int(number * SECOND), SECOND)


@LIBRARY.function(
    f"time(hour: number, minute: number, second: number, offset?: {DAYS}|null): time",
    vi="Giờ từ các phần.",
    en="The time of its parts.",
)
def time_parts(
    run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: DayTimeDuration | None = None
) -> Value:
    zone = None if offset is None else make_offset(offset.nanoseconds // SECOND)
    seconds, nanosecond = _second(second)
    return make_time(_whole("time", "hour", hour), _whole("time", "minute", minute), seconds, nanosecond, zone)


@LIBRARY.function(
    f"duration(from: string|{DAYS}|{MONTHS}): {DAYS}|{MONTHS}", vi="Khoảng thời gian.", en="The duration of a text."
)
def duration(run: Run, value: Value) -> Value:
    return read_duration(value) if type(value) is str else value


@LIBRARY.function(
    f"years and months duration(from: {DATE}|{DATE_TIME}, to: {DATE}|{DATE_TIME}): {MONTHS}",
    vi="Số năm và tháng trọn giữa hai ngày.",
    en="The whole years and months between two dates.",
)
def months_between(run: Run, start: Any, end: Any) -> Value:
    if day_number(start) > day_number(end):
        return YearMonthDuration(-_months(end, start))
    return YearMonthDuration(_months(start, end))


def _months(start: Any, end: Any) -> int:
    months = (end.year - start.year) * 12 + end.month - start.month
    return int(months - (end.day < start.day))


@LIBRARY.function(
    f"day of year(date: {DATE}|{DATE_TIME}): number", vi="Ngày thứ mấy của năm.", en="The day of the year."
)
def day_of_year(run: Run, day: Any) -> Value:
    return Decimal(day_number(day) - day_number(make_date(day.year, 1, 1)) + 1)


@LIBRARY.function(f"day of week(date: {DATE}|{DATE_TIME}): string", vi="Thứ, tiếng Anh.", en="The day's English name.")
def day_of_week(run: Run, day: Any) -> Value:
    return _WEEKDAYS[weekday(day) - 1]


@LIBRARY.function(
    f"month of year(date: {DATE}|{DATE_TIME}): string", vi="Tháng, tiếng Anh.", en="The month's English name."
)
def month_of_year(run: Run, day: Any) -> Value:
    return _MONTHS[day.month - 1]


@LIBRARY.function(f"week of year(date: {DATE}|{DATE_TIME}): number", vi="Tuần theo ISO 8601.", en="The ISO 8601 week.")
def week_of_year(run: Run, day: Any) -> Value:
    thursday = day_number(day) - weekday(day) + 4
    first = day_number(make_date(day.year, 1, 1))
    if thursday < first:
        return Decimal((thursday - day_number(make_date(day.year - 1, 1, 1))) // 7 + 1)
    following = day_number(make_date(day.year + 1, 1, 1)) if day.year < 999_999_999 else first + 400
    return Decimal(1 if thursday >= following else (thursday - first) // 7 + 1)


@LIBRARY.function("now(): date and time", vi="Thời điểm hiện tại.", en="The present moment.")
def now(run: Run) -> Value:
    if run.now is None:
        raise Undefined("no-clock")
    return run.now


@LIBRARY.function("today(): date", vi="Ngày hôm nay.", en="The present date.")
def today(run: Run) -> Value:
    if run.now is None:
        raise Undefined("no-clock")
    return run.now.date()


@LIBRARY.function(
    "is(value1?: Any, value2?: Any): boolean",
    vi="Cùng kiểu và cùng giá trị, kể cả múi giờ?",
    en="Whether both are the same, zone included.",
)
def same(run: Run, left: Value = None, right: Value = None) -> Value:
    of = kind(left)
    if of != kind(right):
        return False
    if of in (TIME, DATE_TIME) and show_zone(left.tzinfo) != show_zone(right.tzinfo):
        return False
    if of in (TIME, DATE_TIME) and nanos(left) != nanos(right):
        return False
    return equal(left, right) is True
