"""Early warnings: moments before the due moment, measured back in working time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from engine.model.convention import Conventions, Threshold, ThresholdKind
from engine.model.stoppage import Stop, active_before
from engine.model.term import Point, position
from engine.model.timetable import Timetable, moment_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Warning:  # noqa: A001  the field's word; the builtin is never used here
    """A moment at which somebody has to be told that the due moment comes near."""

    at: datetime
    name: str


def warnings_of(
    table: Timetable, start: Point, due: Point, stops: Sequence[Stop], settings: Conventions
) -> tuple[Warning, ...]:
    """The warnings that lie after the start of the term, in order of time.

    A term of at most one full working day has the short thresholds, any other the long ones.
    """
    total = due - start - sum(end - first for first, end in stops if end is not None and first < due)
    short = total <= table.full_day
    found: list[Warning] = []
    for threshold in settings.short_warnings if short else settings.long_warnings:
        left = _left(table, due, total, threshold)
        point = (active_before(due, stops, left) if stops else due - left) // 60 * 60
        if point > start:
            found.append(Warning(at=moment_of(*table.reached(int(point))), name=threshold.name))
    return tuple(sorted(found, key=lambda warning: warning.at))


def _left(table: Timetable, due: Point, total: Point, threshold: Threshold) -> Point:
    value = _exact(threshold)
    if threshold.kind is ThresholdKind.SHARE_ELAPSED:
        return total * (1 - value)
    if threshold.kind is ThresholdKind.WORKING_HOURS_BEFORE:
        return value * 3600
    number, share = position(table, due)
    if share == 1 and isinstance(value, int):
        earlier: Point = table.ends[number - value] if number >= value else 0
        return due - earlier
    place = number + share - value
    if place <= 0:
        return due
    number = -int(-place // 1) - 1
    return due - (table.starts[number] + (place - number) * table.lengths[number])


@lru_cache(maxsize=256)
def _exact(threshold: Threshold) -> Point:
    value = Fraction(threshold.value)
    return int(value) if value.denominator == 1 else value
