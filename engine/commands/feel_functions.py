"""The product's FEEL functions, bound to the installation's calendar and office hours."""

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

_UNITS = {"working days after": TimeUnit.WORKING_DAY, "days after": TimeUnit.DAY}


def product_functions(calendar: Calendar, hours: WorkSchedule) -> FunctionRegistry:
    """A registry with every declared function. Terms are counted as the statutory clock counts them.

    A year that the calendar lacks makes the value null, with ``calendar-year-missing`` as the reason.
    """
    registry = FunctionRegistry()
    for name, unit in _UNITS.items():
        declared = DECLARED[name]
        registry.register(
            name, declared.parameters, declared.returns, declared.help, _term(name, unit, calendar, hours)
        )
    return registry


def _term(name: str, unit: TimeUnit, calendar: Calendar, hours: WorkSchedule) -> Callable[[Value, Value], Value]:
    def due(start: Value, days: Value) -> Value:
        if not isinstance(start, datetime):
            raise Undefined("argument-value", name=name, argument="from", value=str(start)[:40])
        if not isinstance(days, Decimal) or days <= 0:
            raise Undefined("argument-value", name=name, argument="days", value=str(days)[:40])
        moment = start if start.tzinfo else start.replace(tzinfo=ZONE)
        end = compute(moment, Limit(parts=(Duration(qty=days, unit=unit),)), calendar, hours).due_at
        # With a plain offset the moment is ISO 8601 wherever it is written; FEEL would add the zone's name.
        return None if end is None else end.astimezone(timezone(end.utcoffset() or timedelta(0)))

    return due
