"""What officials write about a dossier to one another, and who watches it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.store.connection import Connection
from engine.store.desk_records import Comment
from engine.store.moments import stored
from engine.store.rows import Rows
from engine.store.statement import Statement

COMMENTS = Rows(Comment, "comment")
_OF = COMMENTS.query("WHERE dossier = :dossier ORDER BY at, id")
_WATCHERS = Statement("SELECT login FROM watch WHERE dossier = :dossier ORDER BY since, login")
_WATCHED = Statement("SELECT dossier FROM watch WHERE login = :login ORDER BY since DESC, dossier LIMIT :limit")
_WATCH = Statement(
    "INSERT INTO watch (dossier, login, since) VALUES (:dossier, :login, :since) "
    "ON CONFLICT (dossier, login) DO NOTHING"
)
_UNWATCH = Statement("DELETE FROM watch WHERE dossier = :dossier AND login = :login")


@dataclass(frozen=True, slots=True)
class Discussion:
    """The comments and watches of the database."""

    connection: Connection

    def say(self, comment: Comment) -> None:
        """Store a comment; it is never changed."""
        COMMENTS.add(self.connection, comment)

    def of(self, dossier: str) -> tuple[Comment, ...]:
        """The comments on a dossier, oldest first."""
        return COMMENTS.all(self.connection, _OF, dossier=dossier)

    def watch(self, dossier: str, login: str, at: datetime) -> bool:
        """Begin to watch; False when watching already."""
        return _WATCH.run(self.connection, dossier=dossier, login=login, since=stored(at)).rowcount == 1

    def unwatch(self, dossier: str, login: str) -> bool:
        """Watch no longer; False when not watching."""
        return _UNWATCH.run(self.connection, dossier=dossier, login=login).rowcount == 1

    def watchers(self, dossier: str) -> tuple[str, ...]:
        """Who watches a dossier."""
        return tuple(row[0] for row in _WATCHERS.run(self.connection, dossier=dossier).fetchall())

    def watched(self, login: str, *, limit: int = 200) -> tuple[str, ...]:
        """What a person watches, the latest first."""
        return tuple(row[0] for row in _WATCHED.run(self.connection, login=login, limit=limit).fetchall())
