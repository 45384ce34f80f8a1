"""``+ - * / **`` over numbers, strings, dates, times and durations."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from engine.feel.calendar import (
    DAY,
    SECOND,
    add_days,
    add_months,
    at_instant,
    at_wall,
    clock_at,
    clock_instant,
    combine,
    day_number,
    instant,
    of_day,
    offset_at,
    time_of,
)
from engine.feel.errors import Undefined
from engine.feel.kinds import DATE, DATE_TIME, DAYS, MONTHS, TIME, kind, zoned
from engine.feel.values import DECIMAL, DayTimeDuration, Value, YearMonthDuration

Operation = Callable[[Any, Any], Value]


def _date_plus_days(day: Any, duration: DayTimeDuration) -> Value:
    return add_days(day, duration.nanoseconds // DAY)


def _moment_plus_days(moment: Any, duration: DayTimeDuration) -> Value:
    if moment.tzinfo is None:
        return at_wall(instant(moment) + duration.nanoseconds, None)
    return at_instant(instant(moment) + duration.nanoseconds, moment.tzinfo)


def _moment_plus_months(moment: Any, duration: YearMonthDuration) -> Value:
    return combine(add_months(moment, duration.months), time_of(moment))


def _time_plus_days(clock: Any, duration: DayTimeDuration) -> Value:
    return clock_at(of_day(clock) + duration.nanoseconds, clock.tzinfo)


def _moment_minus_moment(left: Any, right: Any) -> Value:
    if zoned(left) != zoned(right):
        raise Undefined("operands", left="date and time with zone", sign="-", right="date and time without zone")
    return DayTimeDuration(instant(left) - instant(right))


def _needs_zone(moment: Any) -> None:
    """A date beside a moment is midnight of UTC (DMN 1.5, table 56), so the moment needs a zone too."""
    if moment.tzinfo is None:
        raise Undefined("operands", left="date and time without zone", sign="-", right="date")


def _moment_minus_date(moment: Any, day: Any) -> Value:
    _needs_zone(moment)
    return DayTimeDuration(instant(moment) - day_number(day) * DAY)


def _date_minus_moment(day: Any, moment: Any) -> Value:
    _needs_zone(moment)
    return DayTimeDuration(day_number(day) * DAY - instant(moment))


def _time_minus_time(left: Any, right: Any) -> Value:
    if zoned(left) != zoned(right):
        raise Undefined("operands", left="time with zone", sign="-", right="time without zone")
    return DayTimeDuration(clock_instant(left) - clock_instant(right))


def scale_days(duration: DayTimeDuration, factor: Decimal) -> DayTimeDuration:
    """``duration`` times ``factor``, cut to the nanosecond."""
    return DayTimeDuration(_bounded(DECIMAL.multiply(Decimal(duration.nanoseconds), factor)))


def _bounded(number: Decimal) -> int:
    if abs(number) > 10**30:
        raise Undefined("number-overflow")
    return int(number)


def _scale_months(duration: YearMonthDuration, factor: Decimal) -> YearMonthDuration:
    return YearMonthDuration(_bounded(DECIMAL.multiply(Decimal(duration.months), factor)))


def _split_days(duration: DayTimeDuration, divisor: Decimal) -> DayTimeDuration:
    return DayTimeDuration(_bounded(DECIMAL.divide(Decimal(duration.nanoseconds), divisor)))


def _split_months(duration: YearMonthDuration, divisor: Decimal) -> YearMonthDuration:
    return YearMonthDuration(_bounded(DECIMAL.divide(Decimal(duration.months), divisor)))


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """``base ** exponent`` to 34 digits; ``0 ** 0`` is 1."""
    return Decimal(1) if not exponent else DECIMAL.power(base, exponent)


_PLUS: dict[tuple[str, str], Operation] = {
    ("number", "number"): DECIMAL.add,
    (DAYS, DAYS): lambda a, b: DayTimeDuration(a.nanoseconds + b.nanoseconds),
    (MONTHS, MONTHS): lambda a, b: YearMonthDuration(a.months + b.months),
    (DATE, DAYS): _date_plus_days,
    (DATE, MONTHS): lambda a, b: add_months(a, b.months),
    (DATE_TIME, DAYS): _moment_plus_days,
    (DATE_TIME, MONTHS): _moment_plus_months,
    (TIME, DAYS): _time_plus_days,
}


def _swapped(operation: Operation) -> Operation:
    return lambda a, b: operation(b, a)


_PLUS |= {(b, a): _swapped(operation) for (a, b), operation in _PLUS.items() if a != b}

_MINUS: dict[tuple[str, str], Operation] = {
    ("number", "number"): DECIMAL.subtract,
    (DAYS, DAYS): lambda a, b: DayTimeDuration(a.nanoseconds - b.nanoseconds),
    (MONTHS, MONTHS): lambda a, b: YearMonthDuration(a.months - b.months),
    (DATE, DAYS): lambda a, b: _date_plus_days(a, DayTimeDuration(-b.nanoseconds)),
    (DATE, MONTHS): lambda a, b: add_months(a, -b.months),
    (DATE_TIME, DAYS): lambda a, b: _moment_plus_days(a, DayTimeDuration(-b.nanoseconds)),
    (DATE_TIME, MONTHS): lambda a, b: _moment_plus_months(a, YearMonthDuration(-b.months)),
    (TIME, DAYS): lambda a, b: _time_plus_days(a, DayTimeDuration(-b.nanoseconds)),
    (DATE, DATE): lambda a, b: DayTimeDuration((day_number(a) - day_number(b)) * DAY),
    (DATE_TIME, DATE_TIME): _moment_minus_moment,
    (DATE_TIME, DATE): _moment_minus_date,
    (DATE, DATE_TIME): _date_minus_moment,
    (TIME, TIME): _time_minus_time,
}
_TIMES: dict[tuple[str, str], Operation] = {
    ("number", "number"): DECIMAL.multiply,
    (DAYS, "number"): scale_days,
    ("number", DAYS): lambda a, b: scale_days(b, a),
    (MONTHS, "number"): _scale_months,
    ("number", MONTHS): lambda a, b: _scale_months(b, a),
}
_BY: dict[tuple[str, str], Operation] = {
    ("number", "number"): DECIMAL.divide,
    (DAYS, "number"): _split_days,
    (MONTHS, "number"): _split_months,
    (DAYS, DAYS): lambda a, b: DECIMAL.divide(Decimal(a.nanoseconds), Decimal(b.nanoseconds)),
    (MONTHS, MONTHS): lambda a, b: DECIMAL.divide(Decimal(a.months), Decimal(b.months)),
}
_POWER: dict[tuple[str, str], Operation] = {("number", "number"): power}

_TABLES = {"+": _PLUS, "-": _MINUS, "*": _TIMES, "/": _BY, "**": _POWER}


def calculate(sign: str, left: Value, right: Value) -> Value:
    """``left sign right`` (strings are joined elsewhere); ``Undefined`` when it has no value."""
    operation = _TABLES[sign].get((kind(left), kind(right)))
    if operation is None:
        raise Undefined("operands", left=kind(left), sign=sign, right=kind(right))
    try:
        return operation(left, right)
    except DivisionByZero as error:
        raise Undefined("division-by-zero") from error
    except (InvalidOperation, Overflow) as error:
        code = "division-by-zero" if sign == "/" and not right else "number-overflow"
        raise Undefined(code) from error


def negative(value: Value) -> Value:
    """``-value`` of a number or duration."""
    of = kind(value)
    if of == "number":
        return DECIMAL.minus(value)
    if of == DAYS:
        return DayTimeDuration(-value.nanoseconds)
    if of == MONTHS:
        return YearMonthDuration(-value.months)
    raise Undefined("operands", left="", sign="-", right=of)


def offset_of(value: Value) -> DayTimeDuration | None:
    """The property ``time offset`` of a time or date and time."""
    if value.tzinfo is None:
        return None
    seconds = offset_at(value) if kind(value) == DATE_TIME else (of_day(value) - clock_instant(value)) // SECOND
    return DayTimeDuration((seconds or 0) * SECOND)
