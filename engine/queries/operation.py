"""How the work goes: queues, workers, circuit breakers, and what is in force. Nobody is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.circuit import Circuit
from engine.model.queue import QUEUES, TIMERS, TOPICS
from engine.store.circuits import Circuits
from engine.store.connection import Connection
from engine.store.guards import MissingRights, missing_rights
from engine.store.migration import expected_revision
from engine.store.moments import moment, stored
from engine.store.statement import Statement
from engine.store.workers import WorkerRow, Workers

_DEPTH = Statement(
    "SELECT topic, count(*), min(due_at), sum(CASE WHEN lease_until >= :now THEN 1 ELSE 0 END) FROM outbox "
    "WHERE state = 'waiting' AND due_at <= :now GROUP BY topic"
)
_LATER = Statement("SELECT topic, count(*) FROM outbox WHERE state = 'waiting' AND due_at > :now GROUP BY topic")
_FAILED = Statement("SELECT topic, count(*) FROM outbox WHERE state IN ('failed', 'late') GROUP BY topic")
# In the order of the index, so that a plan made for any moment reads what is due and not the whole table.
_DUE = (
    "(SELECT due_at, lease_until, error FROM timer WHERE state = 'waiting' AND due_at <= :now "
    "ORDER BY due_at LIMIT :cap) AS due"
)
_TIMERS_DUE = Statement(
    f"SELECT count(*), min(due_at), sum(CASE WHEN lease_until >= :now THEN 1 ELSE 0 END) FROM {_DUE}"  # noqa: S608
)
#: Capped: counting all of a million pending timers would cost more than the figure is worth.
_TIMERS_LATER = Statement(
    "SELECT count(*) FROM (SELECT 1 FROM timer WHERE state = 'waiting' AND due_at > :now LIMIT :cap) AS pending"
)
_TIMERS_FAILED = Statement(f"SELECT count(*) FROM {_DUE} WHERE error <> ''")  # noqa: S608
_SCHEMA = Statement("SELECT version_num FROM alembic_version")
_IN_FORCE = Statement(
    "SELECT d.procedure, b.version, d.digest FROM deployment d JOIN definition_bundle b ON b.digest = d.digest "
    "WHERE d.effective_from <= :now AND (d.effective_to IS NULL OR d.effective_to > :now) "
    "ORDER BY d.procedure, d.effective_from, d.created_at"
)
_PERIODIC = Statement("SELECT name, max(claimed_at) FROM slot GROUP BY name ORDER BY name")
CAP = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """What waits in one queue."""

    name: str
    due: int  #: to be done now
    held: int  #: of those, in a worker's hands
    later: int  #: waiting for their moment; timers are counted up to ``CAP``
    failed: int
    oldest: datetime | None  #: since when the oldest has been due


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Everything of the page, at one moment of the database."""

    queues: tuple[QueueRow, ...]
    workers: tuple[WorkerRow, ...]
    circuits: tuple[Circuit, ...]
    schema: str
    expected_schema: str
    missing_rights: MissingRights | None
    in_force: tuple[tuple[str, str, str], ...]  #: procedure, version, digest
    periodic: tuple[tuple[str, datetime], ...]  #: periodic work and when it was last begun


def operation(connection: Connection, now: datetime) -> Operation:
    """How the work goes now."""
    in_force = _IN_FORCE.run(connection, now=stored(now)).fetchall()
    return Operation(
        queues=(_timers(connection, now), *_queues(connection, now)),
        workers=Workers(connection).all(),
        circuits=Circuits(connection).all(),
        schema=str(_SCHEMA.run(connection).scalar()),
        expected_schema=expected_revision(),
        missing_rights=missing_rights(connection),
        in_force=tuple({row[0]: (row[0], row[1], row[2]) for row in in_force}.values()),  # the newest of each
        periodic=tuple((row[0], moment(row[1])) for row in _PERIODIC.run(connection).fetchall()),
    )


def _timers(connection: Connection, now: datetime) -> QueueRow:
    at = stored(now)
    row = _TIMERS_DUE.run(connection, now=at, cap=CAP).fetchone()
    return QueueRow(
        name=TIMERS,
        due=int(row[0]),
        held=int(row[2] or 0),
        later=int(_TIMERS_LATER.run(connection, now=at, cap=CAP).scalar_one()),
        failed=int(_TIMERS_FAILED.run(connection, now=at, cap=CAP).scalar_one()),
        oldest=moment(row[1]),
    )


def _queues(connection: Connection, now: datetime) -> list[QueueRow]:
    at = stored(now)
    due = {row[0]: row for row in _DEPTH.run(connection, now=at).fetchall()}
    later = {row[0]: int(row[1]) for row in _LATER.run(connection, now=at).fetchall()}
    failed = {row[0]: int(row[1]) for row in _FAILED.run(connection).fetchall()}
    found = []
    for name in QUEUES:
        topics = [topic.name for topic in TOPICS.values() if topic.queue == name]
        if not topics:
            continue
        rows = [due[topic] for topic in topics if topic in due]
        oldest = min((row[2] for row in rows), default=None)
        found.append(
            QueueRow(
                name=name,
                due=sum(int(row[1]) for row in rows),
                held=sum(int(row[3] or 0) for row in rows),
                later=sum(later.get(topic, 0) for topic in topics),
                failed=sum(failed.get(topic, 0) for topic in topics),
                oldest=moment(oldest),
            )
        )
    return found
