"""The values of FEEL.

``None`` · ``bool`` · ``Decimal`` (34 digits) · ``str`` · ``datetime.date`` or ``FarDate`` · ``datetime.time`` or
``ZonedTime`` · ``datetime.datetime`` or ``FarDateTime`` · ``DayTimeDuration`` · ``YearMonthDuration`` · ``list`` ·
``dict`` (a context; keys are ``str``) · ``Range`` · ``Function``. Values are never changed in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Context, DivisionByZero, InvalidOperation, Overflow
from typing import Any

#: Any of the values listed above.
Value = Any

#: decimal128 of IEEE 754: 34 digits, exponent up to 6144; an overflow is undefined, an underflow rounds to zero.
DECIMAL = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)


@dataclass(frozen=True, slots=True)
class FarDate:
    """A date outside the years 1 to 9999 (proleptic Gregorian, year 0 exists)."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class ZonedTime:
    """A time that ``datetime.time`` cannot tell: with a named zone or with nanoseconds."""

    hour: int
    minute: int
    second: int
    nanosecond: int = 0
    tzinfo: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class FarDateTime:
    """A date and time that ``datetime.datetime`` cannot tell: far years or nanoseconds."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    nanosecond: int = 0
    tzinfo: tzinfo | None = None


@dataclass(frozen=True, slots=True, order=True)
class DayTimeDuration:
    """A days and time duration, exact to the nanosecond."""

    nanoseconds: int

    @classmethod
    def of(cls, delta: timedelta) -> DayTimeDuration:
        """The same length of time as ``delta``."""
        return cls((delta.days * 86_400 + delta.seconds) * 1_000_000_000 + delta.microseconds * 1000)


@dataclass(frozen=True, slots=True, order=True)
class YearMonthDuration:
    """A years and months duration."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """A range; an end that is ``None`` is open to infinity.

    ``unary`` is true for one written as a test, ``(< 10)`` or ``(= 10)``, which DMN keeps apart from ``[10..10]``.
    """

    start: Value
    end: Value
    start_included: bool = True
    end_included: bool = True
    unary: bool = False

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: ``type`` is a FEEL type name; ``optional`` may be left out; ``variadic`` takes the rest."""

    name: str
    type: str = "Any"
    optional: bool = False
    variadic: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function as a value. ``call(arguments, environment)`` gets one value for each parameter.

    ``host`` is true for product functions that do not take the evaluation's environment.
    """

    name: str
    parameters: tuple[Parameter, ...]
    returns: str
    call: Callable[..., Value] = field(repr=False)
    host: bool = False
