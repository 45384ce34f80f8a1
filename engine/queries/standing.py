"""How many dossiers stand against their due moments, in words, computed anew from what is on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from engine.errors import DomainError
from engine.model.calendar import Calendar
from engine.model.deadline import Deadline
from engine.model.recorded_deadline import deadline_of
from engine.model.remaining import Remaining, remaining
from engine.model.schedule import WorkSchedule
from engine.store.unit_of_work import UnitOfWork


@dataclass(kw_only=True)
class Standings:
    """One page's worth of answers: the working hours of each unit are read once."""

    uow: UnitOfWork
    calendar: Calendar
    now: datetime
    _schedules: dict[str, WorkSchedule] = field(default_factory=dict)

    def of(
        self,
        clock_from: datetime | None,
        recorded: Mapping[str, Any],
        unit: str,
        *,
        closed_at: datetime | None = None,
    ) -> Remaining | None:
        """Remaining time in words; None before the clock began, or where the calendar cannot say."""
        deadline = self.deadline(clock_from, recorded, unit)
        if deadline is None:
            return None
        try:
            bound = self.uow.calendars.bound(recorded, self.calendar)
            return remaining(deadline, self.now, bound, self._schedule(unit), done_at=closed_at)
        except DomainError:
            return None

    def deadline(self, clock_from: datetime | None, recorded: Mapping[str, Any], unit: str) -> Deadline | None:
        """The deadline of recorded facts; None before the clock began, or where the calendar cannot say."""
        if clock_from is None or "limit" not in recorded:
            return None
        try:
            bound = self.uow.calendars.bound(recorded, self.calendar)
            key = (clock_from, orjson.dumps(recorded), bound.digest, self._hours(unit))
            return _derived(_Facts(key, recorded, bound, self._schedule(unit)))
        except DomainError:
            return None

    def _schedule(self, unit: str) -> WorkSchedule:
        if unit not in self._schedules:
            self._schedules[unit] = _read(self._hours(unit))
        return self._schedules[unit]

    def _hours(self, unit: str) -> bytes:
        return orjson.dumps(self.uow.organisation.unit(unit, self.now).schedule)


@lru_cache(maxsize=256)
def _read(hours: bytes) -> WorkSchedule:
    return WorkSchedule.from_json(orjson.loads(hours))


class _Facts:
    """What a deadline follows from; two are the same when ``key`` tells the same facts."""

    __slots__ = ("calendar", "key", "recorded", "schedule")

    def __init__(
        self,
        key: tuple[datetime, bytes, str, bytes],
        recorded: Mapping[str, Any],
        calendar: Calendar,
        schedule: WorkSchedule,
    ) -> None:
        self.key, self.recorded, self.calendar, self.schedule = key, recorded, calendar, schedule

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Facts) and self.key == other.key


@lru_cache(maxsize=1024)
def _derived(facts: _Facts) -> Deadline:
    """The deadline of facts; the same facts give the same one for ever, so that a list seen again costs nothing.

    One takes 7 kB: so many fill 7 MB of a process.
    """
    return deadline_of(facts.key[0], facts.recorded, facts.calendar, facts.schedule)
