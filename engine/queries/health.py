"""How the installation is: whether its database answers and fits, and what waits, fails or is late. Nobody is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.store.connection import Connection
from engine.store.database import Database
from engine.store.failures import DatabaseBusy, DatabaseRefused, DatabaseUnavailable
from engine.store.migration import expected_revision
from engine.store.moments import moment, stored
from engine.store.statement import Statement

_REVISION = Statement("SELECT version_num FROM alembic_version")
_QUEUE = Statement(
    "SELECT topic, state, count(*) FROM outbox WHERE state IN ('waiting', 'failed') GROUP BY topic, state"
)
_OLDEST = Statement("SELECT min(created_at) FROM outbox WHERE state = 'waiting'")
_TIMERS = Statement("SELECT count(*) FROM timer WHERE state = 'waiting' AND due_at <= :now")
_FAILING = Statement("SELECT count(*) FROM timer WHERE state = 'waiting' AND error <> ''")
_TASKS = Statement("SELECT count(*) FROM task WHERE state = 'open'")
_LATE = Statement("SELECT count(*) FROM dossier WHERE closed_at IS NULL AND due_at < :now")
#: The journal is append-only, so SQLite's row numbers count it and end with the newest event, without reading it all.
_EVENTS_SQLITE = Statement(
    "SELECT coalesce(max(rowid), 0), (SELECT e.at FROM event e ORDER BY e.rowid DESC LIMIT 1) FROM event"
)
_EVENTS = Statement("SELECT coalesce((SELECT sum(seq) FROM dossier), 0), (SELECT max(at) FROM event)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Rows of the outbox of one topic in one state."""

    topic: str
    state: str  #: waiting or failed
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What an operator watches. Ages are in seconds, zero where there is nothing."""

    queues: tuple[Queue, ...]
    oldest_waiting: float
    timers_due: int  #: timers whose moment has come and that have not fired
    incidents: int  #: failed outbox rows, and timers that fail
    tasks_open: int
    dossiers_overdue: int
    events: int
    newest_event: float


def database_problem(database: Database) -> str:
    """Why the database cannot be worked with: ``unreachable``, ``not-migrated`` or nothing."""
    try:
        with database.read() as connection:
            found = _REVISION.run(connection).scalar()
    except (DatabaseUnavailable, DatabaseBusy):
        return "unreachable"
    except DatabaseRefused:
        return "not-migrated"
    return "" if found == expected_revision() else "not-migrated"


def measures(connection: Connection, now: datetime) -> Measures:
    """Everything that is measured, at one moment of the database."""
    queues = tuple(Queue(topic=row[0], state=row[1], rows=row[2]) for row in _QUEUE.run(connection).fetchall())
    failing = int(_FAILING.run(connection).scalar_one())
    at = stored(now)
    events = (_EVENTS_SQLITE if connection.sqlite else _EVENTS).run(connection).fetchone()
    assert events is not None
    return Measures(
        queues=queues,
        oldest_waiting=_age(_OLDEST.run(connection).scalar(), now),
        timers_due=int(_TIMERS.run(connection, now=at).scalar_one()),
        incidents=failing + sum(queue.rows for queue in queues if queue.state == "failed"),
        tasks_open=int(_TASKS.run(connection).scalar_one()),
        dossiers_overdue=int(_LATE.run(connection, now=at).scalar_one()),
        events=int(events[0]),
        newest_event=_age(events[1], now),
    )


def _age(at: int | None, now: datetime) -> float:
    return 0.0 if at is None else max(0.0, (now - moment(at)).total_seconds())
