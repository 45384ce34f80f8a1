"""What an official at the counter has begun and filed for the citizen who stands there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.chain import canonical
from engine.store.connection import Connection
from engine.store.moments import moment, stored
from engine.store.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterRow:
    """An application of the citizen: a draft while ``dossier`` is empty."""

    draft: str
    dossier: str
    procedure: str
    digest: str
    created_at: datetime


_ROWS = Statement(
    "SELECT id, dossier, procedure, digest, created_at FROM draft WHERE owner = :login AND updated_at >= :since "
    "AND holder LIKE :holder ORDER BY updated_at DESC, id LIMIT 50"
)


def at_counter(connection: Connection, login: str, person_id: str, *, since: datetime) -> tuple[CounterRow, ...]:
    """The applications that ``login`` has touched since ``since`` for a citizen, the latest first."""
    if not person_id.isascii() or not person_id.isalnum():
        return ()
    holder = "%" + canonical({"id": person_id})[1:-1] + "%"
    rows = _ROWS.run(connection, login=login, since=stored(since), holder=holder).fetchall()
    return tuple(
        CounterRow(draft=row[0], dossier=row[1], procedure=row[2], digest=row[3], created_at=moment(row[4]))
        for row in rows
    )
