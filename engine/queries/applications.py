"""What a citizen has: drafts, dossiers with what to do next, and the public side of a tracking address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.model.status import Business, Delivery, Finance
from engine.store.connection import Connection
from engine.store.moments import moment
from engine.store.statement import Statement

_DRAFTS = Statement(
    "SELECT id, procedure, digest, unit, created_at, updated_at FROM draft "
    "WHERE owner = :owner AND dossier = '' ORDER BY updated_at DESC, id LIMIT 50"
)
_COLUMNS = (
    "d.number, d.procedure, d.procedure_name, d.digest, d.business, d.finance, d.delivery, d.lateness, "
    "d.competent_unit, d.filed_at, d.due_at, d.closed_at, d.waiting_for, d.tracking"
)
_DOSSIERS = Statement(
    f"SELECT {_COLUMNS}, "  # noqa: S608 - names are our own
    "(SELECT MIN(t.id) FROM task t WHERE t.dossier = d.number AND t.state = 'open' AND t.assignee = d.applicant) "
    "AS task, "
    "(SELECT MIN(c.id) FROM charge c WHERE c.dossier = d.number AND c.state = 'due') AS charge, "
    "(SELECT SUM(c.amount) FROM charge c WHERE c.dossier = d.number AND c.state = 'due') AS amount "
    "FROM dossier d WHERE d.applicant = :applicant "
    "AND (d.filed_at < :before OR (d.filed_at = :before AND d.number < :number)) "
    "ORDER BY d.filed_at DESC, d.number DESC LIMIT :limit"
)
_TRACKED = Statement(
    "SELECT number, procedure, procedure_name, digest, business, finance, delivery, lateness, due_at, filed_at "
    "FROM dossier WHERE tracking = :tracking"
)
#: Later than any moment a dossier can be filed at.
_END = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """An application somebody has begun."""

    id: str
    procedure: str
    digest: str
    unit: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRow:
    """One of a citizen's own dossiers."""

    number: str
    procedure: str
    procedure_name: str
    digest: str
    business: Business
    finance: Finance
    delivery: Delivery
    lateness: str
    competent_unit: str
    filed_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    waiting_for: str
    tracking: str
    task: str  #: an open task of the applicant's, empty for none
    charge: str  #: a charge still due, empty for none
    amount: int  #: đồng still due


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedRow:
    """What anybody who holds the tracking address may know: nothing about a person."""

    number: str
    procedure: str
    procedure_name: str
    digest: str
    business: Business
    finance: Finance
    delivery: Delivery
    lateness: str
    due_at: datetime | None
    filed_at: datetime


def drafts_of(connection: Connection, owner: str) -> tuple[DraftRow, ...]:
    """The unfiled drafts of an account, newest first, at most 50."""
    rows: list[Any] = list(_DRAFTS.run(connection, owner=owner).mappings())
    return tuple(
        DraftRow(**{**row, "created_at": moment(row["created_at"]), "updated_at": moment(row["updated_at"])})
        for row in rows
    )


def applications_of(
    connection: Connection, applicant: str, *, before: tuple[int, str] | None = None, limit: int = 25
) -> tuple[ApplicationRow, ...]:
    """The dossiers of an account, newest first; ``before`` is the last row seen: stored moment and number."""
    at, number = before or (_END, "")
    rows: list[Any] = list(
        _DOSSIERS.run(connection, applicant=applicant, before=at, number=number, limit=limit).mappings()
    )
    return tuple(
        ApplicationRow(
            **(
                _typed(row)
                | {
                    "closed_at": moment(row["closed_at"]),
                    "task": row["task"] or "",
                    "charge": row["charge"] or "",
                    "amount": int(row["amount"] or 0),
                }
            )
        )
        for row in rows
    )


def tracked(connection: Connection, tracking: str) -> TrackedRow | None:
    """The dossier of a tracking address."""
    row = next(_TRACKED.run(connection, tracking=tracking).mappings(), None)
    return None if row is None else TrackedRow(**_typed(row))


def _typed(row: Any) -> dict[str, Any]:
    return dict(row) | {
        "business": Business(row["business"]),
        "finance": Finance(row["finance"]),
        "delivery": Delivery(row["delivery"]),
        "filed_at": moment(row["filed_at"]),
        "due_at": moment(row["due_at"]),
    }
