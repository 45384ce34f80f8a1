"""The register of dossiers (sổ theo dõi hồ sơ, form 07): received, promised, returned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.status import Business
from engine.store.connection import Connection
from engine.store.moments import moment, stored
from engine.store.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRow:
    """One line of the register."""

    number: str
    procedure: str
    procedure_name: str
    applicant_name: str
    channel: str
    received_at: datetime  #: of the filing where the desk has not received it yet
    due_at: datetime | None
    closed_at: datetime | None
    returned_at: datetime | None
    business: Business


_ROWS = Statement(
    "SELECT d.number, d.procedure, d.procedure_name, d.applicant_name, d.channel, "
    "coalesce(d.received_at, d.filed_at), d.due_at, d.closed_at, d.business, "
    "(SELECT max(e.at) FROM event e WHERE e.dossier = d.number AND e.kind = 'ResultDelivered') "
    "FROM dossier d WHERE d.competent_unit = :unit AND d.filed_at >= :since AND d.filed_at < :until "
    "AND (d.filed_at, d.number) > (:at, :number) ORDER BY d.filed_at, d.number LIMIT :limit"
)


def register_book(
    connection: Connection, unit: str, *, since: datetime, until: datetime, after: str = "", limit: int = 100
) -> tuple[tuple[BookRow, ...], str]:
    """A page of the register in order of filing, and where the next one begins (empty at the end)."""
    at, _sep, number = after.partition(".")
    begun = at.isascii() and at.isdecimal() and len(at) < 19
    rows = _ROWS.run(
        connection,
        unit=unit,
        since=stored(since),
        until=stored(until),
        at=int(at) if begun else 0,
        number=number if begun else "",
        limit=limit + 1,
    ).fetchall()
    shown = tuple(_row(row) for row in rows[:limit])
    if len(rows) <= limit:
        return shown, ""
    filed = _FILED.run(connection, number=shown[-1].number).scalar_one()
    return shown, f"{filed}.{shown[-1].number}"


_FILED = Statement("SELECT filed_at FROM dossier WHERE number = :number")


def _row(row: tuple[object, ...]) -> BookRow:
    number, procedure, name, applicant, channel, received, due, closed, business, returned = row
    return BookRow(
        number=str(number),
        procedure=str(procedure),
        procedure_name=str(name),
        applicant_name=str(applicant),
        channel=str(channel),
        received_at=moment(received),  # type: ignore[call-overload]
        due_at=moment(due),  # type: ignore[call-overload]
        closed_at=moment(closed),  # type: ignore[call-overload]
        returned_at=moment(returned),  # type: ignore[call-overload]
        business=Business(str(business)),
    )
