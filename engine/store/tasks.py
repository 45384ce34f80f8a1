"""User tasks: the rows behind every inbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.errors import NotFound
from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.records import Task
from engine.store.rows import Rows, change_one, changed
from engine.store.statement import Statement

ROWS = Rows(Task, "task")
_BY_ID = ROWS.query("WHERE id = :id")
_OF_DOSSIER = ROWS.query("WHERE dossier = :dossier ORDER BY created_at, id")
_CLAIM = Statement(
    "UPDATE task SET assignee = :assignee, claimed_by = :claimed_by, revision = revision + 1 "
    "WHERE id = :id AND revision = :revision AND state = 'open'"
)
_CLOSE = Statement(
    "UPDATE task SET state = :state, completed_at = :at, completed_by = :by, revision = revision + 1 "
    "WHERE id = :id AND state = 'open'"
)
_NOTE = Statement("UPDATE task SET note = :note, revision = revision + 1 WHERE id = :id AND state = 'open'")
_OWN = Statement("UPDATE task SET owner = :owner WHERE id = :id AND state = 'open'")
_FOLLOW_UP = Statement("UPDATE task SET follow_up_at = :at WHERE id = :id AND state = 'open'")
_PRIORITISE = Statement("UPDATE task SET priority = :priority WHERE id = :id AND state = 'open'")
_REDUE = Statement("UPDATE task SET due_at = :due_at, lateness = :lateness WHERE dossier = :dossier AND state = 'open'")
_CARRY = Statement(
    "UPDATE task SET node = :node, name = :name, form = :form, role = :role, unit = :unit, assignee = :assignee, "
    "claimed_by = :claimed_by, owner = :owner, revision = revision + 1 WHERE id = :id AND state = 'open'"
)

_WORKLOAD = Statement(
    "SELECT count(*), sum(CASE WHEN lateness = 'overdue' THEN 1 ELSE 0 END), "
    "sum(CASE WHEN lateness = 'due_soon' THEN 1 ELSE 0 END), "
    "sum(CASE WHEN follow_up_at IS NOT NULL AND follow_up_at < :end THEN 1 ELSE 0 END) "
    # The last condition is that of the index: a plan for any log-in does not know that one is never empty.
    "FROM task WHERE assignee = :login AND state = 'open' AND assignee <> ''"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """How many open tasks a person holds, and which of them press."""

    open: int
    overdue: int
    due_soon: int
    follow_up: int


@dataclass(frozen=True, slots=True)
class Tasks:
    """The user tasks of the database."""

    connection: Connection

    def add(self, tasks: Iterable[Task]) -> None:
        """Store new tasks."""
        ROWS.add_all(self.connection, tasks)

    def get(self, task_id: str) -> Task:
        """The task, or ``NotFound``."""
        found = ROWS.one(self.connection, _BY_ID, id=task_id)
        if found is None:
            raise NotFound(what=f"task {task_id}")
        return found

    def of(self, dossier: str) -> tuple[Task, ...]:
        """All tasks of a dossier, oldest first."""
        return ROWS.all(self.connection, _OF_DOSSIER, dossier=dossier)

    def assign(self, task: Task, assignee: str, by: str) -> None:
        """Give an open task to somebody (or to nobody), if its revision is unchanged."""
        values = {"revision": task.revision, "assignee": assignee, "claimed_by": by}
        change_one(self.connection, _CLAIM, "task", task.id, id=task.id, **values)

    def close(self, task_id: str, state: str, *, at: datetime, by: str) -> None:
        """Mark an open task completed or cancelled."""
        change_one(self.connection, _CLOSE, "task", task_id, id=task_id, state=state, at=stored(at), by=by)

    def note(self, task_id: str, note: str) -> None:
        """Show the official why the task is back or still open."""
        _NOTE.run(self.connection, id=task_id, note=note)

    def own(self, task_id: str, owner: str) -> None:
        """Keep to whom a delegated task goes back."""
        _OWN.run(self.connection, id=task_id, owner=owner)

    def follow_up(self, task_id: str, at: datetime | None) -> None:
        """Keep when its holder wants to look at it again."""
        _FOLLOW_UP.run(self.connection, id=task_id, at=stored(at))

    def prioritise(self, task_id: str, priority: int) -> None:
        """Keep how urgent it is."""
        _PRIORITISE.run(self.connection, id=task_id, priority=priority)

    def workload(self, login: str, end: datetime) -> Workload:
        """What a person holds; follow-ups up to ``end``."""
        row = _WORKLOAD.run(self.connection, login=login, end=stored(end)).fetchone()
        return Workload(open=row[0], overdue=row[1] or 0, due_soon=row[2] or 0, follow_up=row[3] or 0)

    def carry(self, task_id: str, columns: Mapping[str, str]) -> None:
        """Let an open task be what another version of the procedure says of it; nothing when it says the same."""
        if columns:
            changed("task", task_id, _CARRY.run(self.connection, id=task_id, **columns).rowcount)

    def set_due(self, dossier: str, due_at: datetime | None, lateness: str) -> None:
        """Carry a newly derived due moment, or a warning, to the dossier's open tasks."""
        _REDUE.run(self.connection, dossier=dossier, due_at=stored(due_at), lateness=lateness)
