"""What operators write about incidents."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.store.connection import Connection
from engine.store.rows import Rows
from engine.store.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentNote:
    """One remark of one operator."""

    id: str
    incident: str  #: id of the outbox row or timer
    author: str
    author_name: str
    text: str
    at: datetime


ROWS = Rows(IncidentNote, "incident_note")
_OF = ROWS.query("WHERE incident = :incident ORDER BY at, id")
_PLACE = Statement(
    "SELECT 'delivery', dossier FROM outbox WHERE id = :id UNION ALL SELECT 'timer', dossier FROM timer WHERE id = :id"
)


@dataclass(frozen=True, slots=True)
class IncidentNotes:
    """The notes on incidents in the database."""

    connection: Connection

    def place(self, incident: str) -> tuple[str, str] | None:
        """Whether an incident is a ``delivery`` or a ``timer``, and its dossier; None when there is no such row."""
        found = _PLACE.run(self.connection, id=incident).fetchone()
        return None if found is None else (found[0], found[1])

    def add(self, incident: str, *, author: str, name: str, text: str, at: datetime) -> IncidentNote:
        """Keep a remark."""
        note = IncidentNote(
            id=secrets.token_hex(8), incident=incident, author=author, author_name=name, text=text, at=at
        )
        ROWS.add(self.connection, note)
        return note

    def of(self, incidents: Sequence[str]) -> Mapping[str, tuple[IncidentNote, ...]]:
        """The remarks on each of ``incidents`` that has any, oldest first."""
        found = {incident: ROWS.all(self.connection, _OF, incident=incident) for incident in incidents}
        return {incident: notes for incident, notes in found.items() if notes}
