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
_UNREAD = Statement(
    "SELECT count(*) FROM (SELECT 1 AS one FROM message WHERE recipient = :login AND read_at IS NULL LIMIT 1000) AS m"
)
_READ = Statement("UPDATE message SET read_at = :at WHERE id = :id AND recipient = :login AND read_at IS NULL")
_READ_ALL = Statement(
    "UPDATE message SET read_at = :at WHERE recipient = :login AND read_at IS NULL AND created_at <= :until"
)
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

    def unread(self, login: str) -> int:
        """How many messages to ``login`` wait to be read; counting ends at 1,000."""
        return int(_UNREAD.run(self.connection, login=login).scalar_one())

    def read(self, message_id: str, login: str, at: datetime) -> bool:
        """Note that its recipient has read a message; whether it was unread and that person's."""
        return _READ.run(self.connection, id=message_id, login=login, at=stored(at)).rowcount == 1

    def read_all(self, login: str, *, until: datetime, at: datetime) -> int:
        """Note that ``login`` has read everything written up to ``until``; how many that were."""
        return _READ_ALL.run(self.connection, login=login, until=stored(until), at=stored(at)).rowcount

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
