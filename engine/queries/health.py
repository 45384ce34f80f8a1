"""How the installation is: whether its database answers and fits, and what waits, fails or is late. Nobody is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.store.connection import Connection
from engine.store.database import Database
from engine.store.failures import DatabaseBusy, DatabaseRefused, DatabaseUnavailable
from engine.store.guards import missing_rights
from engine.store.migration import expected_revision
from engine.store.moments import moment, stored
from engine.store.statement import Statement

_REVISION = Statement("SELECT version_num FROM alembic_version")
#: Read by partial indexes, in their order, and counted to this height only: a monitor asks every few seconds.
CAP = 10_000
_QUEUE = Statement(
    "SELECT topic, state, count(*) FROM (SELECT topic, 'waiting' AS state FROM outbox WHERE state = 'waiting' "
    "ORDER BY due_at LIMIT :cap) w GROUP BY topic, state"
)
_OLDEST = Statement("SELECT min(due_at) FROM outbox WHERE state = 'waiting'")
_TIMERS = Statement(
    "SELECT count(*), coalesce(min(due_at), :now) FROM (SELECT due_at FROM timer WHERE state = 'waiting' "
    "AND due_at <= :now ORDER BY due_at LIMIT :cap) t"
)
_WORKERS = Statement("SELECT count(*), max(beat_at) FROM worker")
_FAILED = Statement("SELECT topic, count(*) FROM outbox WHERE state = 'failed' GROUP BY topic")
#: What has failed was due: the timers to come, a million of them, are not read.
_FAILING = Statement(
    "SELECT count(*) FROM (SELECT error FROM timer WHERE state = 'waiting' AND due_at <= :now "
    "ORDER BY due_at LIMIT :cap) t WHERE error <> ''"
)
_TASKS = Statement("SELECT count(*) FROM task WHERE state = 'open'")
_LATE = Statement("SELECT count(*) FROM dossier WHERE closed_at IS NULL AND due_at < :now")
#: The journal is append-only, so SQLite's row numbers count it and end with the newest event, without reading it all.
_EVENTS_SQLITE = Statement(
    "SELECT coalesce(max(rowid), 0), (SELECT e.at FROM event e ORDER BY e.rowid DESC LIMIT 1) FROM event"
)
#: On PostgreSQL only the blocks of the last day are looked at; an event older than that counts as a day old.
_EVENTS = Statement(
    "SELECT coalesce((SELECT sum(seq) FROM dossier), 0), (SELECT max(at) FROM event WHERE at >= :recent)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Rows of the outbox of one topic in one state."""

    topic: str
    state: str  #: waiting or failed
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What an operator's monitor watches from moment to moment. Ages are in seconds, zero where there is nothing."""

    queues: tuple[Queue, ...]
    oldest_waiting: float  #: of outbox rows, since the moment they were due
    timers_due: int  #: timers whose moment has come and that have not fired
    oldest_timer: float
    workers: int  #: that did not say good-bye
    worker_beat: float  #: since the last sign of life of any


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What can only be counted by reading much; a monitor asks for it rarely."""

    failed: tuple[Queue, ...]
    incidents: int  #: failed outbox rows, and timers that fail
    tasks_open: int
    dossiers_overdue: int
    events: int
    newest_event: float  #: age of the newest chain head


def database_problem(database: Database) -> str:
    """Why the database cannot be worked with: ``unreachable``, ``not-migrated``, ``not-granted`` or nothing."""
    try:
        with database.read() as connection:
            if missing_rights(connection) is not None:
                return "not-granted"
            found = _REVISION.run(connection).scalar()
    except (DatabaseUnavailable, DatabaseBusy):
        return "unreachable"
    except DatabaseRefused:
        return "not-migrated"
    return "" if found == expected_revision() else "not-migrated"


def measures(connection: Connection, now: datetime) -> Measures:
    """What is cheap to know, at one moment of the database."""
    at = stored(now)
    timers = _TIMERS.run(connection, now=at, cap=CAP).fetchone()
    workers = _WORKERS.run(connection).fetchone()
    return Measures(
        queues=tuple(
            Queue(topic=row[0], state=row[1], rows=row[2]) for row in _QUEUE.run(connection, cap=CAP).fetchall()
        ),
        oldest_waiting=_age(_OLDEST.run(connection).scalar(), now),
        timers_due=int(timers[0]),
        oldest_timer=_age(timers[1], now),
        workers=int(workers[0]),
        worker_beat=_age(workers[1], now),
    )


def totals(connection: Connection, now: datetime) -> Totals:
    """What takes reading whole tables; ask every few minutes."""
    failed = tuple(Queue(topic=row[0], state="failed", rows=row[1]) for row in _FAILED.run(connection).fetchall())
    recent = stored(now - timedelta(days=1))
    events = (_EVENTS_SQLITE if connection.sqlite else _EVENTS).run(connection, recent=recent).fetchone()
    assert events is not None
    return Totals(
        failed=failed,
        incidents=int(_FAILING.run(connection, now=stored(now), cap=CAP).scalar_one())
        + sum(queue.rows for queue in failed),
        tasks_open=int(_TASKS.run(connection).scalar_one()),
        dossiers_overdue=int(_LATE.run(connection, now=stored(now)).scalar_one()),
        events=int(events[0]),
        newest_event=_age(events[1] or (recent if events[0] else None), now),
    )


def _age(at: int | None, now: datetime) -> float:
    return 0.0 if at is None else max(0.0, (now - moment(at)).total_seconds())
