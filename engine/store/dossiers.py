"""Dossiers: added once, changed by compare-and-set on the revision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from engine.errors import NotFound
from engine.store.records import Dossier
from engine.store.rows import Rows, changed
from engine.store.statement import Statement

ROWS = Rows(Dossier, "dossier")
_BY_NUMBER = ROWS.query("WHERE number = :number")
_BY_NUMBER_LOCKED = ROWS.query("WHERE number = :number FOR UPDATE")
_BY_TRACKING = ROWS.query("WHERE tracking = :tracking")
_NUMBERS = Statement("SELECT number FROM dossier ORDER BY number")
_CHANGEABLE = (
    "business", "finance", "delivery", "sync", "clock_from", "received_at", "due_at", "closed_at", "lateness",
    "waiting_for", "deadline", "data", "state", "seq", "head", "search", "competent_unit",
)  # fmt: skip
_UPDATE = Statement(
    f"UPDATE dossier SET revision = revision + 1, {', '.join(f'{name} = :{name}' for name in _CHANGEABLE)} "  # noqa: S608
    "WHERE number = :number AND revision = :revision"
)


@dataclass(frozen=True, slots=True)
class Dossiers:
    """The dossiers of the database."""

    connection: Connection
    locking: bool = False  #: SQLite has locked the whole file at BEGIN IMMEDIATE and knows no row locks

    def add(self, dossier: Dossier) -> None:
        """Store a new dossier."""
        ROWS.add(self.connection, dossier)

    def get(self, number: str) -> Dossier:
        """The dossier, held for this transaction by a writer; ``NotFound`` when there is none."""
        found = ROWS.one(self.connection, _BY_NUMBER_LOCKED if self.locking else _BY_NUMBER, number=number)
        if found is None:
            raise NotFound(what=f"dossier {number}")
        return found

    def by_tracking(self, tracking: str) -> Dossier | None:
        """The dossier of a tracking address."""
        return ROWS.one(self.connection, _BY_TRACKING, tracking=tracking)

    def numbers(self) -> tuple[str, ...]:
        """All numbers, in order."""
        return tuple(row[0] for row in _NUMBERS.run(self.connection).fetchall())

    def save(self, dossier: Dossier, *, revision: int) -> Dossier:
        """Write all changeable columns if the stored revision is still ``revision``; ``RowChanged`` otherwise."""
        values: dict[str, Any] = ROWS.values(dossier)
        values["revision"] = revision
        changed("dossier", dossier.number, _UPDATE.run(self.connection, **_only(values)).rowcount)
        return replace(dossier, revision=revision + 1)


def _only(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in (*_CHANGEABLE, "number", "revision")}
