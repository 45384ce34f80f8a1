"""Drafts: applications being filled in, autosaved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.errors import NotFound
from engine.store.connection import Connection
from engine.store.records import Draft
from engine.store.rows import Rows, changed
from engine.store.statement import Statement

ROWS = Rows(Draft, "draft")
_BY_ID = ROWS.query("WHERE id = :id")
_OPEN_OF = ROWS.query("WHERE owner = :owner AND dossier = '' ORDER BY updated_at DESC LIMIT 50")
_OF_DOSSIER = ROWS.query("WHERE dossier = :dossier AND dossier <> ''")
_UPDATE = Statement(
    "UPDATE draft SET data = :data, unit = :unit, registers = :registers, updated_at = :updated_at, "
    "dossier = :dossier, revision = revision + 1 WHERE id = :id AND revision = :revision AND dossier = ''"
)
_DROP = Statement("DELETE FROM draft WHERE id = :id AND revision = :revision AND dossier = ''")


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts of the database."""

    connection: Connection

    def add(self, draft: Draft) -> None:
        """Store a new draft."""
        ROWS.add(self.connection, draft)

    def get(self, draft_id: str) -> Draft:
        """The draft, or ``NotFound``."""
        found = ROWS.one(self.connection, _BY_ID, id=draft_id)
        if found is None:
            raise NotFound(what=f"draft {draft_id}")
        return found

    def registers(self, dossier: str) -> dict[str, Any]:
        """What the registers answered while the application of a dossier was filled in."""
        found = ROWS.one(self.connection, _OF_DOSSIER, dossier=dossier)
        return {} if found is None else found.registers

    def open_of(self, owner: str) -> tuple[Draft, ...]:
        """The drafts somebody has not filed yet, newest first."""
        return ROWS.all(self.connection, _OPEN_OF, owner=owner)

    def save(self, draft: Draft) -> None:
        """Write a draft that has not been filed, if its revision is unchanged."""
        values = ROWS.values(draft)
        names = ("data", "unit", "registers", "updated_at", "dossier", "id", "revision")
        changed("draft", draft.id, _UPDATE.run(self.connection, **{name: values[name] for name in names}).rowcount)

    def drop(self, draft: Draft) -> None:
        """Delete a draft that has not been filed, if its revision is unchanged."""
        changed("draft", draft.id, _DROP.run(self.connection, id=draft.id, revision=draft.revision).rowcount)
