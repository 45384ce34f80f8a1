"""What a person was told in the application, the latest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.model.both_languages import letter
from engine.store.connection import Connection
from engine.store.moments import moment, stored
from engine.store.statement import Statement

_COLUMNS = "id, dossier, subject, body, created_at, read_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to the person."""

    id: str
    dossier: str  #: empty = of no single dossier, as a digest is
    subject: str
    body: str
    at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """One page and where the next one begins (empty at the end)."""

    rows: tuple[Notice, ...]
    next: str


_LISTED = {
    (unread, begun): Statement(
        f"SELECT {_COLUMNS} FROM message WHERE recipient = :login{' AND read_at IS NULL' if unread else ''}"  # noqa: S608
        f"{' AND (created_at, id) < (:at, :id)' if begun else ''} ORDER BY created_at DESC, id DESC LIMIT :limit"
    )
    for unread in (False, True)
    for begun in (False, True)
}


def notices(
    connection: Connection, login: str, language: str, *, unread: bool = False, after: str = "", limit: int = 50
) -> Notices:
    """The notices of a person in ``language`` (``vi`` or ``en``), a page at a time."""
    at, _sep, place = after.partition(".")
    begun = bool(place) and at.isascii() and at.isdecimal() and len(at) < 19
    values: dict[str, Any] = {"at": int(at), "id": place} if begun else {}
    rows = _LISTED[unread, begun].run(connection, login=login, limit=limit + 1, **values).fetchall()
    shown = tuple(_notice(row, language) for row in rows[:limit])
    last = rows[limit - 1] if len(rows) > limit else None
    return Notices(rows=shown, next=f"{last[4]}.{last[0]}" if last else "")


def _notice(row: Any, language: str) -> Notice:
    subject, body = letter(row[2], row[3], language)
    return Notice(
        id=row[0],
        dossier=row[1],
        subject=subject,
        body="\n".join(line for line in body.splitlines() if not line.startswith(("http://", "https://"))),
        at=moment(row[4]),
        read_at=moment(row[5]),
    )


def told_at(at: datetime) -> int:
    """A moment as a form carries it: all that was told up to it."""
    return stored(at) or 0
