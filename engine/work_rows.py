"""The rows that follow from a process and its deadline: commands write them, re-execution compares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from engine import bpmn
from engine.errors import DomainError
from engine.model.calendar import Calendar
from engine.model.deadline import Deadline
from engine.model.permission import APPLICANT, DESK
from engine.model.schedule import WorkSchedule
from engine.model.timetable import add_working_minutes
from engine.store.records import Dossier, Task, Timer


def task_unit(task: bpmn.OpenTask, dossier: Dossier) -> str:
    """The unit whose officials may do the task: the one named by the diagram, else the competent unit.

    ``motcua:unit`` is the name of an input or variable that holds a unit code, or a unit code itself.
    """
    named = task.attributes.get("unit", "")
    if not named:
        return dossier.competent_unit
    value = task.inputs.get(named, task.data.get(named, named))
    return str(value)


def task_row(task: bpmn.OpenTask, dossier: Dossier, note: str, at: datetime) -> Task:
    """The inbox row of a user task that opens at ``at``."""
    role = task.attributes.get("role", "")
    applicant = role == APPLICANT and bool(dossier.applicant)
    if role == APPLICANT and not applicant:  # who filed at the desk without an account answers there
        role, unit = DESK, dossier.receiving_unit
    else:
        unit = "" if applicant else task_unit(task, dossier)
    return Task(
        id=task.id,
        dossier=dossier.number,
        node=task.element,
        name=task.name or task.element,
        form=task.attributes.get("form", ""),
        role=role,
        unit=unit,
        state="open",
        assignee=dossier.applicant if applicant else "",
        claimed_by="",
        revision=1,
        priority=50,
        procedure=dossier.procedure,
        procedure_name=dossier.procedure_name,
        applicant_name=dossier.applicant_name,
        note=note,
        created_at=at,
        due_at=dossier.due_at,
        completed_at=None,
        completed_by="",
        lateness=dossier.lateness,
    )


#: What a version of the procedure says of a task, and who holds it under that.
_DRAWN = ("node", "name", "form", "role", "unit")
_HELD = ("assignee", "claimed_by", "owner")


def carried(was: Mapping[str, Any], fresh: Task) -> dict[str, str]:
    """What changes of an open task's columns when its dossier goes to a version that says ``fresh`` of it.

    Who holds it keeps it unless another role or unit does the work there.
    """
    drawn = {name: getattr(fresh, name) for name in _DRAWN}
    if all(was[name] == value for name, value in drawn.items()):
        return {}
    same_hands = (was["role"], was["unit"]) == (fresh.role, fresh.unit)
    return drawn | {name: was.get(name, "") if same_hands else getattr(fresh, name) for name in _HELD}


def errand(definition: bpmn.Definition, task: bpmn.OpenTask) -> dict[str, Any]:
    """What a connector is given: the inputs that the diagram declares, nothing else of the dossier's data."""
    names = [name for name, _ in definition.elements[task.element].inputs]
    return {"inputs": {name: task.inputs[name] for name in names if name in task.inputs}, "element": task.element}


def row_told(record: Any, *without: str) -> dict[str, Any]:
    """The columns of a row as a fact tells them."""
    names = (field.name for field in fields(record))
    return {name: plain(getattr(record, name)) for name in names if name not in without}


def timer_row(number: str, timer: bpmn.WaitingTimer) -> Timer:
    """The row of a timer that the process waits for."""
    return Timer(
        id=timer.task_id,
        dossier=number,
        kind="process",
        ref=timer.element,
        due_at=timer.due_at,
        state="waiting",
        lease_until=None,
        lease_owner="",
        attempts=0,
        error="",
    )


def plain(value: Any) -> Any:
    """A column's value as JSON: moments in ISO 8601, members by their value."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value


def alarms(number: str, deadline: Deadline, calendar: Calendar, schedule: WorkSchedule) -> tuple[Timer, ...]:
    """The timers that a deadline asks for: due, its warnings, and the climb to the province; none while it stands."""
    if deadline.due_at is None:
        return ()
    moments = [(f"{number}:due", "due", "", deadline.due_at)]
    moments += [
        (f"{number}:warning:{place}", "warning", warning.name, warning.at)
        for place, warning in enumerate(deadline.warnings)
    ]
    moments.append((f"{number}:climb", "climb", "province", _climb(deadline.due_at, calendar, schedule)))
    return tuple(
        Timer(
            id=timer_id,
            dossier=number,
            kind=kind,
            ref=name,
            due_at=at,
            state="waiting",
            lease_until=None,
            lease_owner="",
            attempts=0,
            error="",
        )
        for timer_id, kind, name, at in moments
    )


def _climb(due_at: datetime, calendar: Calendar, schedule: WorkSchedule) -> datetime:
    """When an overdue dossier becomes the province's matter: a full working day after its due moment."""
    try:
        return add_working_minutes(due_at, schedule.full_day_minutes(due_at.date()), calendar, schedule)
    except DomainError:  # the year after the calendar's last: the alarm must still ring
        return due_at + timedelta(days=3)
