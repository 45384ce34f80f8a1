"""What we do where the law is silent or terse: each convention is a named setting of a dated set.

A set is bound at reception, so a later change of convention never moves a promised day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Self

from engine.errors import DomainError, InvalidInput


class ConventionsUnknown(DomainError):
    """The conventions of counting {name} are not known here; the deadline cannot be computed from them."""

    code = "conventions-unknown"
    vi = "Không có bộ quy ước tính thời hạn {name}; không tính được thời hạn."


class ThresholdKind(StrEnum):
    """How a warning threshold is measured, always back from the due moment and in working time."""

    WORKING_DAYS_BEFORE = "WORKING_DAYS_BEFORE"
    WORKING_HOURS_BEFORE = "WORKING_HOURS_BEFORE"
    SHARE_ELAPSED = "SHARE_ELAPSED"  #: of the whole term, 0 < value < 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One early warning."""

    name: str
    kind: ThresholdKind
    value: Decimal

    def __post_init__(self) -> None:
        if self.value <= 0 or (self.kind is ThresholdKind.SHARE_ELAPSED and self.value >= 1):
            raise InvalidInput(what=f"threshold {self.name}", why=f"value out of range ({self.value})")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read ``{"name", "kind", "value"}``."""
        try:
            return cls(name=str(data["name"]), kind=ThresholdKind(data["kind"]), value=Decimal(str(data["value"])))
        except (KeyError, ValueError, InvalidOperation) as problem:
            raise InvalidInput(what="threshold", why="expected name, kind and an exact value") from problem


#: Terms longer than one full working day.
LONG_WARNINGS = (
    Threshold(name="one-working-day-before", kind=ThresholdKind.WORKING_DAYS_BEFORE, value=Decimal(1)),
    Threshold(name="four-working-hours-before", kind=ThresholdKind.WORKING_HOURS_BEFORE, value=Decimal(4)),
)
#: Same-day terms and any term of at most one full working day.
SHORT_WARNINGS = (
    Threshold(name="half-elapsed", kind=ThresholdKind.SHARE_ELAPSED, value=Decimal("0.5")),
    Threshold(name="one-working-hour-before", kind=ThresholdKind.WORKING_HOURS_BEFORE, value=Decimal(1)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """A dated set of conventions. The defaults are the product's; docs/clock.md gives reason and ground of each."""

    name: str = "vn-2025-07"
    valid_from: date = date(2025, 7, 1)
    count_event_day: bool = False  #: Civil Code 2015 art. 147: the day of the event is not counted
    outside_hours_next_start: bool = True  #: a filing outside hours is an event of the next working start
    closing_second_open: bool = False  #: a filing at the very end of hours belongs to the next working start
    working_day_due_end: bool = True  #: a term in working days is due at the end of its last day
    cutoff_second_inclusive: bool = True  #: 15:00:00 is still the same day
    hours_start_at_once: bool = True  #: a term in hours runs from the event, in working hours
    month_short_last_day: bool = True  #: no such day number: the month's last day (False: the first of the next)
    pause_before_day_one_ignored: bool = True  #: the clock does not run on the day of the event, so nothing to keep
    sequence_without_gap: bool = True  #: the next part starts where the last ended (False: the day after)
    swapped_day_full: bool = True  #: a swapped Saturday is a full day for every unit
    extension_strictly_before_due: bool = True  #: granted at the due moment is too late
    max_extensions: int = 1  #: unless the version says otherwise
    same_day_cutoff: time = time(15, 0)  #: for a same-day rule that names no hour
    long_warnings: tuple[Threshold, ...] = LONG_WARNINGS
    short_warnings: tuple[Threshold, ...] = SHORT_WARNINGS

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read any of the fields by name; a name that does not exist is refused."""
        known = {item.name: item for item in fields(cls)}
        values: dict[str, Any] = {}
        for key, value in data.items():
            if key not in known:
                raise InvalidInput(what="conventions", why=f"unknown setting {key!r}")
            values[key] = _setting(key, value, known[key].default)
        return cls(**values)


def _setting(key: str, value: Any, default: Any) -> Any:
    try:
        if isinstance(default, bool):
            if not isinstance(value, bool):
                raise ValueError("expected true or false")
            return value
        if isinstance(default, date):
            return date.fromisoformat(value)
        if isinstance(default, time):
            return time.fromisoformat(value)
        if isinstance(default, tuple):
            return tuple(Threshold.from_json(item) for item in value)
        if isinstance(default, int):
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ValueError("expected a whole number ≥ 0")
            return value
        return str(value)
    except (TypeError, ValueError) as problem:
        raise InvalidInput(
            what=f"conventions.{key}", why=f"expected the kind of value it has by default ({value!r})"
        ) from problem


#: The product's conventions.
DEFAULT = Conventions()
#: Every set there has been, in order of its date. A set that has been in force is never changed: a new one is added.
SETS: tuple[Conventions, ...] = (DEFAULT,)


def in_force(on: date) -> Conventions:
    """The set that binds a reception of that day; before the first one began, the first."""
    return max((one for one in SETS if one.valid_from <= on), key=lambda one: one.valid_from, default=SETS[0])


def named(name: str) -> Conventions:
    """The set of a name, as a dossier has it on record; ``ConventionsUnknown`` when there is none."""
    for one in SETS:
        if one.name == name:
            return one
    raise ConventionsUnknown(name=name[:80])
