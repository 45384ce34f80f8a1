"""The values of one input, cut into regions that every condition of a table treats alike."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from engine.decisions.cells import Condition, Interval
from engine.feel import DECIMAL, DayTimeDuration, Value, YearMonthDuration

_ONE_DAY, _ONE_SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)
#: A value to show where a table has no constant of the class.
_ANY_OF = {Decimal: Decimal(0), dt.date: dt.date(2026, 1, 1)}


@dataclass(frozen=True, slots=True)
class Axis:
    """One input of a table. A region is told by one example of it; a set of regions is a bit mask."""

    label: str
    examples: tuple[Value, ...]  #: one of each region, rising where the class has an order
    ordered: bool
    closed: bool  #: whether the author declared all values, so that every region can occur
    nullable: bool = False  #: whether null is a region of its own, the last

    @property
    def everything(self) -> int:
        """The mask of all regions."""
        return (1 << len(self.examples) + self.nullable) - 1

    def mask(self, condition: Condition) -> int:
        """The regions that pass ``condition``."""
        bits = 0
        for interval in condition.intervals:
            bits |= self._stretch(interval) if self.ordered else self._word(interval.low)
        if condition.negated:
            bits = ((1 << len(self.examples)) - 1) & ~bits
        return bits | 1 << len(self.examples) if self.nullable and condition.holds_null else bits

    def _stretch(self, interval: Interval) -> int:
        start, stop = 0, len(self.examples)
        if interval.low is not None:
            start = (bisect_left if interval.low_included else bisect_right)(self.examples, interval.low)
        if interval.high is not None:
            stop = (bisect_right if interval.high_included else bisect_left)(self.examples, interval.high)
        return (1 << stop) - (1 << start) if stop > start else 0

    def _word(self, word: Value) -> int:
        return 1 << self.examples.index(word) if word in self.examples else 0

    def example(self, mask: int) -> Value:
        """A value of the first region in ``mask``."""
        at = (mask & -mask).bit_length() - 1
        return self.examples[at] if at < len(self.examples) else None


def make_axis(label: str, kind: type, conditions: Iterable[Condition], domain: Condition | None) -> Axis:
    """The axis of an input of class ``kind`` whose values ``domain``, where declared, limits."""
    used = [*conditions, *([domain] if domain is not None else [])]
    if kind is bool:
        examples: list[Value] = [True, False]
    elif kind is str:
        examples = _words(used)
    else:
        examples = _line(kind, [interval for condition in used for interval in condition.intervals])
    if domain is not None and domain.kind is kind:
        examples = [example for example in examples if domain.holds(example)]
    closed = kind is bool or domain is not None
    nullable = any(condition.null for condition in used)
    return Axis(label, tuple(examples), kind not in (bool, str), closed, nullable)


def _words(conditions: list[Condition]) -> list[Value]:
    """Every word the table knows, and one that it does not."""
    intervals = [interval for condition in conditions for interval in condition.intervals]
    known = list(dict.fromkeys(interval.low for interval in intervals))
    other = "khác"
    while other in known:
        other += "…"
    return [*known, other]


def _line(kind: type, intervals: list[Interval]) -> list[Value]:
    """Points and the open stretches between them, each by a value inside it."""
    ends = {end for interval in intervals for end in (interval.low, interval.high) if end is not None}
    points = sorted(ends)
    if not points:
        return [_ANY_OF[kind]] if kind in _ANY_OF else []
    examples: list[Value] = []
    if (below := _step(points[0], -1)) is not None:
        examples.append(below)
    for point, following in zip(points, [*points[1:], None], strict=True):
        examples.append(point)
        between = _step(point, 1) if following is None else _between(point, following)
        if between is not None:
            examples.append(between)
    return examples


def _between(low: Value, high: Value) -> Value | None:
    """A value strictly between, or ``None`` where the class has none."""
    if isinstance(low, Decimal):
        middle = DECIMAL.divide(DECIMAL.add(low, high), Decimal(2))
        whole = middle.to_integral_value()
        if low < whole < high:
            return whole
        return middle if low < middle < high else None
    if isinstance(low, dt.datetime):
        return low + (high - low) / 2
    following = _step(low, 1)
    return following if following is not None and following < high else None


def _step(value: Value, direction: int) -> Value | None:
    """The value next to ``value``, or ``None`` at the end of the calendar."""
    try:
        if isinstance(value, Decimal):
            return DECIMAL.add(value, Decimal(direction))
        if isinstance(value, dt.datetime):
            return value + direction * _ONE_SECOND
        if isinstance(value, dt.date):
            return value + direction * _ONE_DAY
        if isinstance(value, DayTimeDuration):
            return DayTimeDuration(value.nanoseconds + direction * 1_000_000_000)
        if isinstance(value, YearMonthDuration):
            return YearMonthDuration(value.months + direction)
    except OverflowError:
        return None
    return None
