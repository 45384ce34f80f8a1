"""What a handler is given: the open transaction, who asks, the moment, and the installation's rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.calendar import Calendar
from engine.model.permission import Actor
from engine.model.schedule import WorkSchedule
from engine.procedures import Library
from engine.store.unit_of_work import UnitOfWork
from engine.working_time import WorkingTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Dated rules and facts of the installation that handlers need."""

    calendar: Calendar
    office: WorkSchedule  #: ordinary office hours, for terms that name no unit
    base_url: str  #: address that QR codes on papers open
    gateway: str = "sandbox"  #: name of the payment gateway for new intents
    max_drafts: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One command's surroundings. ``now`` is the server's time and the only time a handler knows."""

    uow: UnitOfWork
    actor: Actor
    now: datetime
    library: Library
    rules: Rules

    def working_time(self) -> WorkingTime:
        """What the FEEL functions of this command count with."""
        return WorkingTime.of(self.uow, self.rules.calendar, self.rules.office)
