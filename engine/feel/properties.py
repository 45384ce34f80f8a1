"""Properties of temporal values, durations and ranges."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel.arithmetic import offset_of
from engine.feel.calendar import SECOND, day_number
from engine.feel.errors import Undefined
from engine.feel.kinds import DATE, DATE_TIME, DAYS, MONTHS, TIME, kind
from engine.feel.values import Value

_Property = Callable[[Any], Value]


def weekday(day: Any) -> int:
    """1 for Monday to 7 for Sunday."""
    return (day_number(day) + 3) % 7 + 1


def _part(nanoseconds: int, unit: int, modulus: int) -> Decimal:
    whole = abs(nanoseconds) // (unit * SECOND) % modulus
    return Decimal(-whole if nanoseconds < 0 else whole)


def _months(months: int, *, years: bool) -> Decimal:
    whole = abs(months) // 12 if years else abs(months) % 12
    return Decimal(-whole if months < 0 else whole)


def _zone(value: Any) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


_DATE: dict[str, _Property] = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(weekday(value)),
}
_TIME: dict[str, _Property] = {
    "hour": lambda value: Decimal(value.hour),
    "minute": lambda value: Decimal(value.minute),
    "second": lambda value: Decimal(value.second),
    "time offset": offset_of,
    "timezone": _zone,
}
PROPERTIES: dict[str, dict[str, _Property]] = {
    DATE: _DATE,
    TIME: _TIME,
    DATE_TIME: {**_DATE, **_TIME},
    DAYS: {
        "days": lambda value: _part(value.nanoseconds, 86_400, 10**40),
        "hours": lambda value: _part(value.nanoseconds, 3600, 24),
        "minutes": lambda value: _part(value.nanoseconds, 60, 60),
        "seconds": lambda value: _part(value.nanoseconds, 1, 60),
    },
    MONTHS: {
        "years": lambda value: _months(value.months, years=True),
        "months": lambda value: _months(value.months, years=False),
    },
    "range": {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}


def attribute(value: Value, name: str) -> Value:
    """The property ``name`` of a value that is no list; ``Undefined`` when it has none."""
    if value is None:
        raise Undefined("null-path", name=name)
    of = kind(value)
    if of == "context":
        raise Undefined("no-entry", name=name)
    found = PROPERTIES.get(of, {}).get(name)
    if found is None:
        raise Undefined("no-property", kind=of, name=name)
    return found(value)
