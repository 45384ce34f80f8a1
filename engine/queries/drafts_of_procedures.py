"""What is being authored, and the national catalogue that a new procedure may begin from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.queries import phrase
from engine.store.connection import Connection
from engine.store.moments import moment
from engine.store.procedure_drafts import DraftState
from engine.store.statement import Statement

_COLUMNS = "id, procedure, name, state, origin, author, decision, updated_at, updated_by"
_DRAFTS = Statement(
    f"SELECT {_COLUMNS} FROM procedure_draft WHERE state = :state "  # noqa: S608 - our own names
    "ORDER BY updated_at DESC, id LIMIT 200"
)
_OF = Statement(
    f"SELECT {_COLUMNS} FROM procedure_draft WHERE procedure = :procedure "  # noqa: S608 - our own names
    "ORDER BY updated_at DESC, id LIMIT 200"
)
_COUNT = Statement("SELECT COUNT(*) FROM national_entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """A draft in a list."""

    id: str
    procedure: str
    name: str
    state: DraftState
    origin: str
    author: str
    decision: str
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """An entry of the national catalogue in a list."""

    code: str
    name: str
    field: str


def drafts(connection: Connection, state: DraftState) -> tuple[DraftRow, ...]:
    """The drafts in a state, last changed first, at most 200."""
    return tuple(_row(row) for row in _DRAFTS.run(connection, state=state.value).fetchall())


def drafts_of(connection: Connection, procedure: str) -> tuple[DraftRow, ...]:
    """The drafts of one procedure, last changed first, at most 200."""
    return tuple(_row(row) for row in _OF.run(connection, procedure=procedure).fetchall())


def entries(connection: Connection, asked: str, *, limit: int = 30) -> tuple[EntryRow, ...]:
    """The catalogue entries that contain every word, by code."""
    found = phrase.patterns(asked)
    statement = Statement(
        "SELECT code, name, field FROM national_entry WHERE 1 = 1"  # noqa: S608 - our own names
        f"{phrase.conditions(len(found))} ORDER BY code LIMIT :most"
    )
    rows = statement.run(connection, most=limit, **phrase.values(found)).fetchall()
    return tuple(EntryRow(code=row[0], name=row[1], field=row[2]) for row in rows)


def entry_count(connection: Connection) -> int:
    """How many entries the imported catalogue has; 0 = none was imported."""
    return int(_COUNT.run(connection).scalar_one())


def _row(row: tuple[object, ...]) -> DraftRow:
    return DraftRow(
        id=str(row[0]),
        procedure=str(row[1]),
        name=str(row[2]),
        state=DraftState(str(row[3])),
        origin=str(row[4]),
        author=str(row[5]),
        decision=str(row[6]),
        updated_at=moment(int(str(row[7]))),
        updated_by=str(row[8]),
    )
