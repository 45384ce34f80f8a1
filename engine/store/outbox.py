"""The outbox: work for connectors, written with the state that asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engine.errors import NotFound
from engine.store.moments import stored
from engine.store.records import OutboxRow
from engine.store.rows import Rows
from engine.store.statement import Statement

ROWS = Rows(OutboxRow, "outbox")
_BY_ID = ROWS.query("WHERE id = :id")
_OF_DOSSIER = ROWS.query("WHERE dossier = :dossier ORDER BY created_at, id")
_DUE = ROWS.query(
    "WHERE state = 'waiting' AND due_at <= :now AND (lease_until IS NULL OR lease_until < :now) "
    "ORDER BY due_at, id LIMIT :limit"
)
_DUE_SKIPPING = ROWS.query(
    "WHERE state = 'waiting' AND due_at <= :now AND (lease_until IS NULL OR lease_until < :now) "
    "ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED"
)
_LEASE = Statement(
    "UPDATE outbox SET lease_until = :until, lease_owner = :owner, attempts = attempts + 1 WHERE id = :id"
)
_DONE = Statement(
    "UPDATE outbox SET state = :state, done_at = :at, lease_until = NULL, error = :error "
    "WHERE id = :id AND state = 'waiting'"
)
_RETRY = Statement(
    "UPDATE outbox SET due_at = :due_at, lease_until = NULL, error = :error WHERE id = :id AND state = 'waiting'"
)
_REVIVE = Statement(
    "UPDATE outbox SET state = 'waiting', due_at = :due_at, attempts = 0, lease_until = NULL, note = :note "
    "WHERE id = :id AND state = 'failed'"
)
_REOPEN = Statement("UPDATE outbox SET state = 'waiting', done_at = NULL WHERE id = :id AND state = 'done'")
_CANCEL = Statement(
    "UPDATE outbox SET state = 'cancelled', lease_until = NULL WHERE dossier = :dossier AND task = :task "
    "AND state IN ('waiting', 'failed')"
)


@dataclass(frozen=True, slots=True)
class Outbox:
    """The outbox of the database."""

    connection: Connection

    def add(self, rows: Iterable[OutboxRow]) -> None:
        """Store work; an id that exists already is refused by the database."""
        ROWS.add_all(self.connection, rows)

    def get(self, row_id: str) -> OutboxRow:
        """The row, or ``NotFound``."""
        found = ROWS.one(self.connection, _BY_ID, id=row_id)
        if found is None:
            raise NotFound(what=f"outbox row {row_id}")
        return found

    def of(self, dossier: str) -> tuple[OutboxRow, ...]:
        """All rows of a dossier, oldest first."""
        return ROWS.all(self.connection, _OF_DOSSIER, dossier=dossier)

    def lease(self, now: datetime, *, owner: str, limit: int, hold: timedelta) -> tuple[OutboxRow, ...]:
        """Take due rows for a while; a killed worker's hold runs out by itself."""
        query = _DUE if self.connection.dialect.name == "sqlite" else _DUE_SKIPPING
        due = ROWS.all(self.connection, query, now=stored(now), limit=limit)
        until = stored(now + hold)
        _LEASE.run_many(self.connection, [{"id": row.id, "until": until, "owner": owner} for row in due])
        return due

    def finish(self, row_id: str, state: str, *, at: datetime, error: str = "") -> bool:
        """Mark a waiting row done, failed or cancelled; False when it was finished before."""
        return _DONE.run(self.connection, id=row_id, state=state, at=stored(at), error=error).rowcount == 1

    def retry(self, row_id: str, error: str, *, at: datetime) -> None:
        """Keep the error in sight and try again at ``at``."""
        _RETRY.run(self.connection, id=row_id, error=error, due_at=stored(at))

    def revive(self, row_id: str, note: str, *, at: datetime) -> bool:
        """Try a failed row again from the start."""
        return _REVIVE.run(self.connection, id=row_id, note=note, due_at=stored(at)).rowcount == 1

    def reopen(self, row_id: str) -> None:
        """Take back that a row is done, within the transaction that said so."""
        _REOPEN.run(self.connection, id=row_id)

    def cancel(self, dossier: str, task: str) -> int:
        """Drop the waiting work of an interrupted service task."""
        return _CANCEL.run(self.connection, dossier=dossier, task=task).rowcount
