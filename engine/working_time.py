"""The product's FEEL functions for one command: the calendar in force and the hours of the unit that is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from engine.clock import ZONE
from engine.feel import FunctionRegistry, Undefined, Value
from engine.feel.declared import DECLARED
from engine.model.calendar import Calendar
from engine.model.deadline import Duration, Limit, TimeUnit, compute
from engine.model.schedule import WorkSchedule
from engine.store.unit_of_work import UnitOfWork

_UNITS = {"working days after": TimeUnit.WORKING_DAY, "days after": TimeUnit.DAY}

#: The hours of a unit at a moment; ``NotFound`` when there is no such unit then.
HoursOf = Callable[[str, datetime], WorkSchedule]


def _declared() -> FunctionRegistry:
    """The declarations alone, checked once: a command only binds them to what it counts with."""

    def unbound(*_: Value) -> Value:
        raise Undefined("argument-value", name="working days after", argument="calendar", value="")

    registry = FunctionRegistry()
    for name in _UNITS:
        declared = DECLARED[name]
        registry.register(name, declared.parameters, declared.returns, declared.help, unbound)
    return registry


_DECLARED = _declared()


class WorkingTime:
    """What ``working days after`` and ``days after`` count with.

    ``used`` says whether anything was counted since it was last set to False: whatever moved may then depend on the
    calendar, and the journal names it.
    """

    def __init__(self, calendar: Calendar, office: WorkSchedule, hours_of: HoursOf | None = None) -> None:
        self.calendar, self.office, self.used = calendar, office, False
        self._hours_of = hours_of
        self.functions = _DECLARED.calling({name: _term(self, name, unit) for name, unit in _UNITS.items()})

    @classmethod
    def of(cls, uow: UnitOfWork, calendar: Calendar, office: WorkSchedule) -> WorkingTime:
        """Counting with the units of a database, each with the hours that it has at the moment counted from."""

        def hours_of(unit: str, moment: datetime) -> WorkSchedule:
            return WorkSchedule.from_json(uow.organisation.unit(unit, moment).schedule)

        return cls(calendar, office, hours_of)

    def hours(self, unit: str, moment: datetime) -> WorkSchedule:
        """The hours of ``unit``; the ordinary office hours when none is named, or where units are unknown."""
        return self._hours_of(unit, moment) if unit and self._hours_of is not None else self.office


def _term(time: WorkingTime, name: str, unit: TimeUnit) -> Callable[[Value, Value, Value], Value]:
    """The function of a name. A year that the calendar lacks makes it null, ``calendar-year-missing`` as the reason."""

    def due(start: Value, days: Value, whose: Value) -> Value:
        if not isinstance(start, datetime):
            raise Undefined("argument-value", name=name, argument="from", value=str(start)[:40])
        if not isinstance(days, Decimal) or days <= 0:
            raise Undefined("argument-value", name=name, argument="days", value=str(days)[:40])
        time.used = True
        moment = start if start.tzinfo else start.replace(tzinfo=ZONE)
        hours = time.hours(str(whose or ""), moment)
        end = compute(moment, Limit(parts=(Duration(qty=days, unit=unit),)), time.calendar, hours).due_at
        # With a plain offset the moment is ISO 8601 wherever it is written; FEEL would add the zone's name.
        return None if end is None else end.astimezone(timezone(end.utcoffset() or timedelta(0)))

    return due
