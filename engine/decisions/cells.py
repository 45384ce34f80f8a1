"""Cells that are made of constants: as sets of values for the analysis, as plain Python tests for speed.

Most cells of real tables are ``-``, constants, comparisons with constants and ranges between constants, perhaps
inside ``not(…)``. Whatever is more than that stays with FEEL.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from engine.feel import (
    DayTimeDuration,
    FeelBudgetExceeded,
    FeelSyntaxError,
    Value,
    YearMonthDuration,
    compile_expression,
)

_LITERAL = (
    r'(?:"(?:[^"\\]|\\.)*"|@\s*"[^"]*"|(?:date and time|date|time|duration)\s*\(\s*"[^"]*"\s*\)'
    r"|-?\s*(?:\d+(?:\.\d+)?|\.\d+)|true\b|false\b|null\b)"
)
_RANGE = re.compile(rf"\s*([\[\](])\s*({_LITERAL})\s*\.\.\s*({_LITERAL})\s*([\])\[])\s*")
_TEST = re.compile(rf"\s*(<=|>=|<|>|=|)\s*({_LITERAL})\s*")
_NOT = re.compile(r"\s*not\s*\((.*)\)\s*", re.DOTALL)

#: Classes of values whose order Python and FEEL agree on, always.
QUICK = (Decimal, str, dt.date, DayTimeDuration, YearMonthDuration, bool, type(None))
#: Classes of values that the analysis of tables can order; moments only among their like (with or without zone).
ORDERED = (*QUICK, dt.datetime)


@dataclass(frozen=True, slots=True)
class Interval:
    """All values between two ends; an end that is ``None`` lies at infinity."""

    low: Value
    low_included: bool
    high: Value
    high_included: bool

    def holds(self, value: Value) -> bool:
        """Whether ``value``, of the class of the ends, lies inside."""
        if self.low is not None and not (self.low < value or (self.low_included and self.low == value)):
            return False
        return self.high is None or bool(value < self.high or (self.high_included and value == self.high))

    @property
    def point(self) -> bool:
        """Whether the interval is a single value."""
        return self.low is not None and self.low_included and self.high_included and self.low == self.high

    @property
    def empty(self) -> bool:
        """Whether no value can lie inside."""
        if self.low is None or self.high is None:
            return False
        return bool(self.low > self.high) or (self.low == self.high and not self.point)


@dataclass(frozen=True, slots=True)
class Condition:
    """The values a cell lets pass: those inside (or, negated, outside) the intervals; all of one class."""

    kind: type
    intervals: tuple[Interval, ...]
    null: bool = False  #: whether the list of tests holds ``null``
    negated: bool = False

    def holds(self, value: Value) -> bool:
        """Whether ``value`` of class ``kind`` passes."""
        return any(interval.holds(value) for interval in self.intervals) is not self.negated

    @property
    def holds_null(self) -> bool:
        """Whether null passes: equality with null is decided, an order is not."""
        if self.negated:
            return not self.null and all(interval.point for interval in self.intervals)
        return self.null


def read_condition(text: str) -> Condition | None:
    """The cell as a set of values, or ``None`` if it is more than constants (or ``-``)."""
    outer = _NOT.fullmatch(text)
    inner, negated = (outer[1], True) if outer else (text, False)
    tests = _tests(inner)
    if not tests:
        return None
    intervals = tuple(test for test in tests if test is not None)
    kinds = {_kind(end) for test in intervals for end in (test.low, test.high) if end is not None}
    if len(kinds) > 1:
        return None
    kind = kinds.pop() if kinds else type(None)
    if kind not in ORDERED or (kind is bool and not all(test.point for test in intervals)):
        return None
    return Condition(kind, intervals, null=len(intervals) < len(tests), negated=negated)


def constant(text: str) -> tuple[Value] | None:
    """The value of a literal in a 1-tuple, or ``None`` if ``text`` is no single literal."""
    if not re.fullmatch(rf"\s*{_LITERAL}\s*", text):
        return None
    try:
        outcome = compile_expression(text).evaluate({})
    except (FeelSyntaxError, FeelBudgetExceeded):
        return None
    return None if outcome.reasons else (outcome.value,)


def quick_test(condition: Condition) -> Callable[[Value], bool | None] | None:
    """A test that answers for values of the condition's own class and says ``None`` (ask FEEL) for others."""
    kind, negated = condition.kind, condition.negated
    if kind not in QUICK:
        return None
    if kind is type(None):
        return lambda value: (value is None) is not negated
    if all(interval.point for interval in condition.intervals):
        members = frozenset(interval.low for interval in condition.intervals)
        if negated:
            return lambda value: value not in members if type(value) is kind else None
        return lambda value: value in members if type(value) is kind else None
    if len(condition.intervals) == 1 and not negated:
        return _single(kind, condition.intervals[0])
    holds = condition.holds
    return lambda value: holds(value) if type(value) is kind else None


def _single(kind: type, interval: Interval) -> Callable[[Value], bool | None]:
    low, high = interval.low, interval.high
    if high is None:
        if interval.low_included:
            return lambda value: value >= low if type(value) is kind else None
        return lambda value: value > low if type(value) is kind else None
    if low is None:
        if interval.high_included:
            return lambda value: value <= high if type(value) is kind else None
        return lambda value: value < high if type(value) is kind else None
    if interval.low_included and interval.high_included:
        return lambda value: low <= value <= high if type(value) is kind else None
    if interval.low_included:
        return lambda value: low <= value < high if type(value) is kind else None
    if interval.high_included:
        return lambda value: low < value <= high if type(value) is kind else None
    return lambda value: low < value < high if type(value) is kind else None


def _kind(value: Value) -> type:
    return type(value)


def _tests(text: str) -> list[Interval | None] | None:
    """The tests separated by commas; ``None`` inside the list stands for the test ``null``."""
    tests: list[Interval | None] = []
    position = 0
    while True:
        read = _one(text, position)
        if read is None:
            return None
        test, position = read
        tests.append(test)
        if position == len(text):
            return tests
        if text[position] != ",":
            return None
        position += 1


def _one(text: str, position: int) -> tuple[Interval | None, int] | None:
    if match := _RANGE.match(text, position):
        low, high = constant(match[2]), constant(match[3])
        if low is None or high is None or low[0] is None or high[0] is None:
            return None
        return Interval(low[0], match[1] == "[", high[0], match[4] == "]"), match.end()
    match = _TEST.match(text, position)
    if match is None:
        return None
    value = constant(match[2])
    if value is None:
        return None
    if value[0] is None:
        return (None, match.end()) if match[1] in ("", "=") else None
    return _comparison(match[1], value[0]), match.end()


def _comparison(operator: str, value: Value) -> Interval:
    match operator:
        case "<":
            return Interval(None, False, value, False)
        case "<=":
            return Interval(None, False, value, True)
        case ">":
            return Interval(value, False, None, False)
        case ">=":
            return Interval(value, True, None, False)
    return Interval(value, True, value, True)
