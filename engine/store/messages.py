"""Notifications to people, and the log of look-ups in national registers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.records import RegisterQueryRow, Remembered, StoredMessage
from engine.store.rows import Rows
from engine.store.statement import Statement

ROWS = Rows(StoredMessage, "message")
QUERIES = Rows(RegisterQueryRow, "register_query")
REMEMBERED = Rows(Remembered, "idempotency")
_OF = ROWS.query("WHERE dossier = :dossier ORDER BY created_at, id")
_SENT = Statement("UPDATE message SET sent_at = :at WHERE id = :id")
_REMEMBERED = REMEMBERED.query("WHERE key = :key AND actor = :actor")
_QUERIES_OF = QUERIES.query("WHERE dossier = :dossier ORDER BY at")


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages of the database."""

    connection: Connection

    def add(self, messages: Iterable[StoredMessage]) -> None:
        """Store messages."""
        ROWS.add_all(self.connection, messages)

    def of(self, dossier: str) -> tuple[StoredMessage, ...]:
        """The messages about a dossier."""
        return ROWS.all(self.connection, _OF, dossier=dossier)

    def mark_sent(self, message_id: str, at: datetime) -> None:
        """Note when the mail server took it."""
        _SENT.run(self.connection, id=message_id, at=stored(at))

    def log_query(self, query: RegisterQueryRow) -> None:
        """Log one look-up in a register with its purpose."""
        QUERIES.add(self.connection, query)

    def queries(self, dossier: str) -> tuple[RegisterQueryRow, ...]:
        """The look-ups made for a dossier."""
        return QUERIES.all(self.connection, _QUERIES_OF, dossier=dossier)

    def remembered(self, key: str, actor: str) -> Remembered | None:
        """The answer given to an idempotency key before."""
        return REMEMBERED.one(self.connection, _REMEMBERED, key=key, actor=actor)

    def remember(self, answer: Remembered) -> None:
        """Keep the answer of an idempotency key."""
        REMEMBERED.add(self.connection, answer)
