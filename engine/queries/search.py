"""Finding dossiers by number, name, procedure, unit and period: for auditors and operators, within their units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson

from engine.model.status import Business, Delivery, Finance
from engine.queries import phrase, sought
from engine.queries.inbox_rows import pair
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
    at, number = pair(after)
    way = sought.sought(connection, wanted.words, wanted.units, spread=True)
    if way.hopeless:
        return Found(rows=(), next="")
    values: dict[str, Any] = sought.parameters(way, wanted.units) | {
        "procedure": wanted.procedure,
        "since": stored(wanted.since) if wanted.since else 0,
        "until": stored(wanted.until) if wanted.until else 2**62,
    }
    values |= {f"unit_{phrase.letter(place)}": unit for place, unit in enumerate(wanted.units)}
    values |= {"at": at, "number": number} if number else {}
    shape = _Shape(
        units=len(wanted.units),
        words=len(wanted.words),
        ranges=len(way.ranges),
        procedure=bool(wanted.procedure),
        begun=bool(number),
    )
    ends = _stretch(shape).run(connection, **values, look=sought.LOOK).fetchall() if way.through else []
    end = max(((row[0], row[1]) for row in ends), default=None)
    values |= {"to_at": end[0], "to_number": end[1]} if end else {}
    rows = _search(shape, bool(end)).run(connection, **values, limit=limit + 1).fetchall()
    shown = tuple(_row(row) for row in rows[:limit])
    if len(rows) > limit:
        return Found(rows=shown, next=f"{stored(shown[-1].filed_at)}.{shown[-1].number}")
    return Found(rows=shown, next=f"{end[0]}.{end[1]}" if end else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    units: int
    words: int
    ranges: int
    procedure: bool
    begun: bool

    @property
    def condition(self) -> str:
        """What a dossier has to fulfil beside its words."""
        procedure = " AND procedure = :procedure" if self.procedure else ""
        return procedure + (" AND (filed_at, number) < (:at, :number)" if self.begun else "")


@cache
def _stretch(shape: _Shape) -> Statement:
    return Statement(
        " UNION ALL ".join(
            f"SELECT * FROM (SELECT filed_at, number FROM dossier WHERE competent_unit = :unit_{phrase.letter(place)} "  # noqa: S608
            f"AND filed_at >= :since AND filed_at < :until{shape.condition} "
            "ORDER BY filed_at DESC, number DESC LIMIT 1 OFFSET :look) AS b"
            for place in range(shape.units)
        )
    )


@cache
def _search(shape: _Shape, ended: bool) -> Statement:
    units = shape.units
    condition = f" AND number IN ({sought.numbers(shape.ranges, units)})" if shape.ranges else ""
    condition += phrase.beginning(shape.words, "search") + shape.condition
    condition += " AND (filed_at, number) >= (:to_at, :to_number)" if ended else ""
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
