"""A row of an official's list: a task, or a waiting dossier, with what is shown of its dossier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engine.model.status import Business, Delivery, Finance
from engine.store.moments import moment

#: Columns of a task that ``task_row`` reads.
TASK = (
    "id, dossier, node, name, role, unit, procedure, procedure_name, applicant_name, assignee, claimed_by, revision, "
    "note, created_at, due_at, completed_at, priority, follow_up_at"
)
#: Columns of its dossier, after those.
DOSSIER = (
    "digest, clock_from, deadline, competent_unit, business, finance, delivery, waiting_for, closed_at, lateness, "
    "number"
)
_TASK_COLUMNS = len(TASK.split(","))


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """A task, or a waiting dossier, as an inbox shows it."""

    task: str  #: id of the task; empty for a waiting dossier
    number: str
    node: str
    step: str
    role: str
    unit: str
    procedure: str
    procedure_name: str
    applicant_name: str
    assignee: str
    claimed_by: str
    revision: int
    note: str
    created_at: datetime
    due_at: datetime | None
    completed_at: datetime | None
    priority: int
    follow_up_at: datetime | None
    digest: str
    clock_from: datetime | None
    deadline: dict[str, Any]
    competent_unit: str
    business: Business
    finance: Finance
    delivery: Delivery
    waiting_for: str
    closed_at: datetime | None
    lateness: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One page and where the next one begins (empty at the end); a page of a search may be short, or empty."""

    rows: tuple[InboxRow, ...]
    next: str


def joined(tasks: str, order: str) -> str:
    """The SQL that reads ``tasks`` (of ``TASK`` columns) with their dossiers."""
    columns = ", ".join(f"t.{name.strip()}" for name in TASK.split(","))
    more = ", ".join(f"d.{name.strip()}" for name in DOSSIER.split(","))
    return (
        f"SELECT {columns}, {more} FROM ({tasks}) AS t JOIN dossier d ON d.number = t.dossier "  # noqa: S608
        f"ORDER BY {order} LIMIT :limit"
    )


def pair(after: str) -> tuple[int, str]:
    """The number and the name of a cursor; ``(0, "")`` for a spoilt one."""
    number, _sep, place = after.partition(".")
    return (int(number), place) if number.isascii() and number.isdecimal() and len(number) < 19 else (0, "")


def task_row(row: Any) -> InboxRow:
    """The row of ``joined``."""
    task, dossier = tuple(row[:_TASK_COLUMNS]), tuple(row[_TASK_COLUMNS:])
    return InboxRow(
        task=task[0],
        number=task[1],
        node=task[2],
        step=task[3],
        role=task[4],
        unit=task[5],
        procedure=task[6],
        procedure_name=task[7],
        applicant_name=task[8],
        assignee=task[9],
        claimed_by=task[10],
        revision=task[11],
        note=task[12],
        created_at=moment(task[13]),
        due_at=moment(task[14]),
        completed_at=moment(task[15]),
        priority=task[16],
        follow_up_at=moment(task[17]),
        **_dossier(dossier),
    )


def waiting_row(row: Any) -> InboxRow:
    """The row of a dossier: ``DOSSIER``, then procedure, its name, applicant, filing and due moment."""
    return InboxRow(
        task="",
        number=row[10],
        node="",
        step="",
        role="",
        unit=row[3],
        procedure=row[11],
        procedure_name=row[12],
        applicant_name=row[13],
        assignee="",
        claimed_by="",
        revision=0,
        note="",
        created_at=moment(row[14]),
        due_at=moment(row[15]),
        completed_at=None,
        priority=0,
        follow_up_at=None,
        **_dossier(row),
    )


def _dossier(row: Any) -> dict[str, Any]:
    return {
        "digest": row[0],
        "clock_from": moment(row[1]),
        "deadline": orjson.loads(row[2]),
        "competent_unit": row[3],
        "business": Business(row[4]),
        "finance": Finance(row[5]),
        "delivery": Delivery(row[6]),
        "waiting_for": row[7],
        "closed_at": moment(row[8]),
        "lateness": row[9],
    }
