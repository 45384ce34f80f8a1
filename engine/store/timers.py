"""Timers: moments that a worker watches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engine.store.moments import stored
from engine.store.records import Timer
from engine.store.rows import Rows
from engine.store.statement import Statement

ROWS = Rows(Timer, "timer")
_OF_DOSSIER = ROWS.query("WHERE dossier = :dossier AND state = 'waiting' ORDER BY due_at, id")
_DUE = ROWS.query(
    "WHERE state = 'waiting' AND due_at <= :now AND (lease_until IS NULL OR lease_until < :now) "
    "ORDER BY due_at, id LIMIT :limit"
)
_DUE_SKIPPING = ROWS.query(
    "WHERE state = 'waiting' AND due_at <= :now AND (lease_until IS NULL OR lease_until < :now) "
    "ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED"
)
_LEASE = Statement("UPDATE timer SET lease_until = :until, attempts = attempts + 1 WHERE id = :id")
_PUT = Statement(
    "INSERT INTO timer (id, dossier, kind, ref, due_at, state, attempts, error) "
    "VALUES (:id, :dossier, :kind, :ref, :due_at, 'waiting', 0, '') "
    "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, ref = excluded.ref, due_at = excluded.due_at, "
    "state = 'waiting', lease_until = NULL, "
    "attempts = 0, error = ''"
)
_CLOSE = Statement("UPDATE timer SET state = :state, lease_until = NULL WHERE id = :id AND state = 'waiting'")
_FAIL = Statement("UPDATE timer SET error = :error, lease_until = :until WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Timers:
    """The timers of the database."""

    connection: Connection

    def put(self, timers: Iterable[Timer]) -> None:
        """Set or move timers by id."""
        rows = [
            {"id": t.id, "dossier": t.dossier, "kind": t.kind, "ref": t.ref, "due_at": stored(t.due_at)} for t in timers
        ]
        _PUT.run_many(self.connection, rows)

    def of(self, dossier: str) -> tuple[Timer, ...]:
        """The waiting timers of a dossier."""
        return ROWS.all(self.connection, _OF_DOSSIER, dossier=dossier)

    def close(self, timer_id: str, state: str) -> bool:
        """Mark a waiting timer fired or cancelled; False when it was not waiting any more."""
        return _CLOSE.run(self.connection, id=timer_id, state=state).rowcount == 1

    def lease(self, now: datetime, *, limit: int, hold: timedelta) -> tuple[Timer, ...]:
        """Take due timers for a while; a killed worker's hold runs out by itself."""
        query = _DUE if self.connection.dialect.name == "sqlite" else _DUE_SKIPPING
        due = ROWS.all(self.connection, query, now=stored(now), limit=limit)
        until = stored(now + hold)
        _LEASE.run_many(self.connection, [{"id": timer.id, "until": until} for timer in due])
        return due

    def fail(self, timer_id: str, error: str, *, retry_at: datetime) -> None:
        """Keep the error in sight and try again later."""
        _FAIL.run(self.connection, id=timer_id, error=error, until=stored(retry_at))
