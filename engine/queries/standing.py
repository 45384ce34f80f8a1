"""How many dossiers stand against their due moments, in words, computed anew from what is on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

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
            return deadline_of(clock_from, recorded, bound, self._schedule(unit))
        except DomainError:
            return None

    def _schedule(self, unit: str) -> WorkSchedule:
        if unit not in self._schedules:
            record = self.uow.organisation.unit(unit, self.now)
            self._schedules[unit] = WorkSchedule.from_json(record.schedule)
        return self._schedules[unit]
