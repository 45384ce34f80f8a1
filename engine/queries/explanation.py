"""Why a dossier is due when it is due."""

from __future__ import annotations

from datetime import datetime

from engine.model.calendar import Calendar
from engine.model.deadline import Deadline
from engine.model.recorded_deadline import deadline_of
from engine.model.schedule import WorkSchedule
from engine.store.unit_of_work import UnitOfWork


def explain_deadline(uow: UnitOfWork, number: str, calendar: Calendar) -> Deadline | None:
    """The deadline computed anew from what is on record; None before the filing is complete.

    It is derived from the calendar that it was last derived from; ``calendar`` is the one now in force.
    """
    dossier = uow.dossiers.get(number)
    if dossier.clock_from is None or "limit" not in dossier.deadline:
        return None
    moment: datetime = dossier.clock_from
    unit = uow.organisation.unit(dossier.competent_unit, moment)
    bound = uow.calendars.bound(dossier.deadline, calendar)
    return deadline_of(moment, dossier.deadline, bound, WorkSchedule.from_json(unit.schedule))
