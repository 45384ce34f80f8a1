"""Finding dossiers by number, name, procedure, unit and period: for auditors and operators, within their units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson

from engine.model.status import Business, Delivery, Finance
from engine.queries import phrase
from engine.store.connection import Connection
from engine.store.moments import moment, stored
from engine.store.statement import Statement

_COLUMNS = (
    "number, procedure, procedure_name, digest, applicant_name, business, finance, delivery, competent_unit, filed_at, "
    "clock_from, closed_at, deadline"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """One dossier in a list of results."""

    number: str
    procedure: str
    procedure_name: str
    digest: str
    applicant_name: str
    business: Business
    finance: Finance
    delivery: Delivery
    unit: str
    filed_at: datetime
    clock_from: datetime | None
    closed_at: datetime | None
    deadline: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for."""

    units: tuple[str, ...]
    words: tuple[str, ...] = ()  #: of ``phrase.words``
    procedure: str = ""
    since: datetime | None = None
    until: datetime | None = None  #: exclusive


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page and where the next one begins (empty at the end)."""

    rows: tuple[FoundRow, ...]
    next: str


def found_dossiers(connection: Connection, wanted: Wanted, *, after: str = "", limit: int = 50) -> Found:
    """The dossiers that fit, the latest first: one limited branch for each unit."""
    if not wanted.units:
        return Found(rows=(), next="")
    at, _sep, number = after.partition(".")
    begun = at.isascii() and at.isdecimal() and len(at) < 19
    rare = phrase.rare(connection, wanted.words)
    shape = (len(wanted.units), (len(wanted.words), bool(rare)), bool(wanted.procedure), begun)
    values: dict[str, Any] = (
        phrase.beginnings(wanted.words)
        | phrase.span(rare)
        | {
            "procedure": wanted.procedure,
            "since": stored(wanted.since) if wanted.since else 0,
            "until": stored(wanted.until) if wanted.until else 2**62,
            "limit": limit + 1,
        }
    )
    values |= {f"unit_{phrase.letter(place)}": unit for place, unit in enumerate(wanted.units)}
    values |= {"at": int(at), "number": number} if begun else {}
    rows = _search(*shape).run(connection, **values).fetchall()
    shown = tuple(_row(row) for row in rows[:limit])
    last = shown[-1] if len(rows) > limit else None
    return Found(rows=shown, next=f"{stored(last.filed_at)}.{last.number}" if last else "")


@cache
def _search(units: int, words: tuple[int, bool], procedure: bool, begun: bool) -> Statement:
    condition = f" AND number IN {phrase.RARE}" if words[1] else ""
    condition += phrase.beginning(words[0], "search") + (" AND procedure = :procedure" if procedure else "")
    condition += " AND (filed_at, number) < (:at, :number)" if begun else ""
    branches = " UNION ALL ".join(
        f"SELECT * FROM (SELECT {_COLUMNS} FROM dossier WHERE competent_unit = :unit_{phrase.letter(place)} "  # noqa: S608
        f"AND filed_at >= :since AND filed_at < :until{condition} "
        "ORDER BY filed_at DESC, number DESC LIMIT :limit) AS b"
        for place in range(units)
    )
    return Statement(
        f"SELECT * FROM ({branches}) AS d ORDER BY filed_at DESC, number DESC LIMIT :limit"  # noqa: S608
    )


def _row(row: Any) -> FoundRow:
    return FoundRow(
        number=row[0],
        procedure=row[1],
        procedure_name=row[2],
        digest=row[3],
        applicant_name=row[4],
        business=Business(row[5]),
        finance=Finance(row[6]),
        delivery=Delivery(row[7]),
        unit=row[8],
        filed_at=moment(row[9]),
        clock_from=moment(row[10]),
        closed_at=moment(row[11]),
        deadline=orjson.loads(row[12]),
    )
