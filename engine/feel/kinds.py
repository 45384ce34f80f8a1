"""What kind of value a value is, and how the kinds are compared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from types import NoneType

from engine.feel.calendar import SECOND, clock_instant, day_number, instant
from engine.feel.errors import Undefined
from engine.feel.values import (
    DayTimeDuration,
    FarDate,
    FarDateTime,
    Function,
    Range,
    Value,
    YearMonthDuration,
    ZonedTime,
)

DATE, TIME, DATE_TIME = "date", "time", "date and time"
DAYS, MONTHS = "days and time duration", "years and months duration"

_KINDS: dict[type, str] = {
    NoneType: "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    date: DATE,
    FarDate: DATE,
    time: TIME,
    ZonedTime: TIME,
    datetime: DATE_TIME,
    FarDateTime: DATE_TIME,
    DayTimeDuration: DAYS,
    YearMonthDuration: MONTHS,
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}


def is_kind(name: str) -> bool:
    """Whether ``name`` is the name of a kind."""
    return name in _KINDS.values()


def kind(value: Value) -> str:
    """The FEEL type name; ``foreign <class>`` for something that is no FEEL value."""
    found = _KINDS.get(type(value))
    return f"foreign {type(value).__name__}" if found is None else found


def zoned(value: Value) -> bool:
    """Whether a time or date and time has a zone or offset."""
    return value.tzinfo is not None


_MEASURES: dict[str, Callable[[Value], int]] = {
    DATE: day_number,
    TIME: clock_instant,
    DATE_TIME: instant,
    DAYS: lambda value: value.nanoseconds,
    MONTHS: lambda value: value.months,
}
_QUICK = frozenset((bool, Decimal, str))


def equal(left: Value, right: Value) -> bool | None:
    """FEEL's ``=``; ``None`` when the kinds differ."""
    if type(left) is type(right) and type(left) in _QUICK:
        return bool(left == right)
    if left is None or right is None:
        return left is right
    of = kind(left)
    if of != kind(right):
        return None
    measure = _MEASURES.get(of)
    if measure is not None:
        if of in (TIME, DATE_TIME) and zoned(left) != zoned(right):
            return False
        if of in (TIME, DATE_TIME):  # DMN compares whole seconds for equality (TCK 0068)
            return measure(left) // SECOND == measure(right) // SECOND
        return measure(left) == measure(right)
    return _equal_composite(of, left, right)


def _equal_composite(of: str, left: Value, right: Value) -> bool | None:
    if of == "list":
        return len(left) == len(right) and all(equal(a, b) is True for a, b in zip(left, right, strict=True))
    if of == "context":
        return left.keys() == right.keys() and all(equal(value, right[key]) is True for key, value in left.items())
    if of == "range":
        return (
            left.unary == right.unary
            and left.start_included == right.start_included
            and left.end_included == right.end_included
            and equal(left.start, right.start) is True
            and equal(left.end, right.end) is True
        )
    if of == "function":
        return left is right
    return None


def order(left: Value, right: Value) -> int:
    """Negative, 0 or positive as ``left`` is before, at or after ``right``; ``Undefined`` if that makes no sense."""
    of = kind(left)
    if of == kind(right):
        if of in ("number", "string"):
            return int(left > right) - int(left < right)
        measure = _MEASURES.get(of)
        if measure is not None and (of not in (TIME, DATE_TIME) or zoned(left) == zoned(right)):
            return measure(left) - measure(right)
    raise Undefined("not-comparable", left=of, right=kind(right))


def inside(value: Value, among: Range) -> bool | None:
    """Whether ``value`` lies in the range; ``None`` when it cannot be compared."""
    start, end = among.start, among.end
    if type(value) is Decimal and type(start) is Decimal and type(end) is Decimal:
        return (start < value or (among.start_included and start == value)) and (
            value < end or (among.end_included and value == end)
        )
    try:
        if among.start is not None:
            at = order(value, among.start)
            if at < 0 or (at == 0 and not among.start_included):
                return False
        if among.end is not None:
            at = order(value, among.end)
            if at > 0 or (at == 0 and not among.end_included):
                return False
    except Undefined:
        return None
    return None if among.start is None and among.end is None else True


def passes(value: Value, test: Value) -> bool | None:
    """``value in test``: in the range, equal, or an element (or inside an element) of the list."""
    if type(test) is Range:
        return True if type(value) is Range and equal(value, test) else inside(value, test)
    if type(test) is list:
        if type(value) is list and equal(value, test):
            return True
        return any(
            (inside(value, entry) if type(entry) is Range and type(value) is not Range else equal(value, entry)) is True
            for entry in test
        )
    return equal(value, test)
