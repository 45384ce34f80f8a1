"""The values of one input, cut into regions that every condition of a table treats alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from engine.decisions.cells import Condition, Interval
from engine.feel import DayTimeDuration, Value, YearMonthDuration

#: Classes whose values are counted in steps: between neighbours lies nothing.
_ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Region:
    """Values between two ends that no condition tells apart, and one of them to show."""

    example: Value


@dataclass(frozen=True, slots=True)
class Axis:
    """One input of a table: its regions; a set of them is a bit mask."""

    label: str
    regions: tuple[Region, ...]
    closed: bool  #: whether the author declared all values, so that every region can occur

    @property
    def everything(self) -> int:
        """The mask of all regions."""
        return (1 << len(self.regions)) - 1

    def mask(self, condition: Condition) -> int:
        """The regions that pass ``condition``."""
        return sum(1 << at for at, region in enumerate(self.regions) if condition.holds(region.example))

    def example(self, mask: int) -> Value:
        """A value of the first region in ``mask``, one with a plain constant if there is one."""
        return self.regions[(mask & -mask).bit_length() - 1].example


def make_axis(label: str, kind: type, conditions: Iterable[Condition], domain: Condition | None) -> Axis:
    """The axis of an input of class ``kind`` whose values ``domain``, where declared, limits."""
    used = [*conditions, *([domain] if domain is not None else [])]
    if kind is bool:
        examples: list[Value] = [True, False]
    elif kind is str:
        examples = _words(used)
    else:
        examples = _line(kind, [interval for condition in used for interval in condition.intervals])
    if domain is not None:
        examples = [example for example in examples if domain.holds(example)]
    closed = kind is bool or domain is not None
    return Axis(label, tuple(Region(example) for example in examples), closed)


def _words(conditions: list[Condition]) -> list[Value]:
    """Every word the table knows, and one that it does not."""
    known = list(dict.fromkeys(interval.low for condition in conditions for interval in condition.intervals))
    other = "khác"
    while other in known:
        other += "…"
    return [*known, other]


def _line(kind: type, intervals: list[Interval]) -> list[Value]:
    """Points and the open stretches between them, each by a value inside it."""
    ends = {end for interval in intervals for end in (interval.low, interval.high) if end is not None}
    points = sorted(ends)
    if not points:
        return []
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
        middle = (low + high) / 2
        whole = middle.to_integral_value()
        return whole if low < whole < high else middle
    following = _step(low, 1)
    return following if following is not None and following < high else None


def _step(value: Value, direction: int) -> Value | None:
    """The value next to ``value``, or ``None`` at the end of the calendar."""
    try:
        if isinstance(value, Decimal):
            return value + direction
        if isinstance(value, dt.date):
            return value + direction * _ONE_DAY
        if isinstance(value, DayTimeDuration):
            return DayTimeDuration(value.nanoseconds + direction * 1_000_000_000)
        if isinstance(value, YearMonthDuration):
            return YearMonthDuration(value.months + direction)
    except OverflowError:
        return None
    return None
