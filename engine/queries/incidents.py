"""What an operator has to look at: deliveries that failed or wait, timers that fail, refunds that are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from engine.queries import phrase
from engine.store.connection import Connection
from engine.store.moments import moment
from engine.store.statement import Statement

#: Rows of one list; what is older comes into sight when the newer is dealt with.
LIMIT = 200
_ROWS = (
    "SELECT o.id, o.dossier, o.topic, o.state, o.attempts, o.error, o.note, o.created_at, o.due_at, "
    "d.procedure_name, d.competent_unit FROM outbox o JOIN dossier d ON d.number = o.dossier "
)
_FAILED = Statement(f"{_ROWS} WHERE o.state = 'failed' ORDER BY o.due_at, o.id LIMIT :limit")
_WAITING = Statement(
    f"{_ROWS} WHERE o.state = 'waiting' AND (o.error <> '' OR (o.attempts > 0 AND o.topic <> 'payment.await')) "
    "ORDER BY o.due_at, o.id LIMIT :limit"
)
_TIMERS = Statement(
    "SELECT t.id, t.dossier, t.kind, t.ref, t.attempts, t.error, t.due_at, d.competent_unit FROM timer t "
    "JOIN dossier d ON d.number = t.dossier WHERE t.state = 'waiting' AND t.error <> '' "
    "ORDER BY t.due_at, t.id LIMIT :limit"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A delivery that has failed for good, or waits to be tried again."""

    id: str
    dossier: str
    topic: str
    state: str
    attempts: int
    error: str
    note: str
    created_at: datetime
    due_at: datetime
    procedure_name: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerRow:
    """A timer that could not be fired."""

    id: str
    dossier: str
    kind: str
    ref: str
    attempts: int
    error: str
    due_at: datetime
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRow:
    """Money that has to go back, of a dossier of the accountant's unit."""

    id: str
    dossier: str
    applicant_name: str
    procedure_name: str
    gateway: str
    transaction_no: str
    amount: int
    reason: str
    created_at: datetime


def failed_deliveries(connection: Connection) -> tuple[DeliveryRow, ...]:
    """Deliveries that need an operator, the oldest first."""
    return tuple(_delivery(row) for row in _FAILED.run(connection, limit=LIMIT).fetchall())


def waiting_deliveries(connection: Connection) -> tuple[DeliveryRow, ...]:
    """Deliveries that were tried in vain and are tried again by themselves."""
    return tuple(_delivery(row) for row in _WAITING.run(connection, limit=LIMIT).fetchall())


def failing_timers(connection: Connection) -> tuple[TimerRow, ...]:
    """Timers whose last attempt ended with an error."""
    rows: Sequence[Any] = _TIMERS.run(connection, limit=LIMIT).fetchall()
    return tuple(
        TimerRow(
            id=row[0],
            dossier=row[1],
            kind=row[2],
            ref=row[3],
            attempts=row[4],
            error=row[5],
            due_at=moment(row[6]),
            unit=row[7],
        )
        for row in rows
    )


def open_refunds(connection: Connection, units: Sequence[str]) -> tuple[RefundRow, ...]:
    """Refunds of the units' dossiers that are still to be paid, the oldest first."""
    if not units:
        return ()
    values = {f"unit_{phrase.letter(number)}": unit for number, unit in enumerate(units)}
    rows: Sequence[Any] = _refunds(len(units)).run(connection, **values, limit=LIMIT).fetchall()
    return tuple(
        RefundRow(
            id=row[0],
            dossier=row[1],
            applicant_name=row[2],
            procedure_name=row[3],
            gateway=row[4],
            transaction_no=row[5],
            amount=row[6],
            reason=row[7],
            created_at=moment(row[8]),
        )
        for row in rows
    )


@cache
def _refunds(units: int) -> Statement:
    names = ", ".join(f":unit_{phrase.letter(number)}" for number in range(units))
    return Statement(
        "SELECT r.id, r.dossier, d.applicant_name, d.procedure_name, r.gateway, r.transaction_no, r.amount, "  # noqa: S608
        "r.reason, r.created_at FROM refund r JOIN dossier d ON d.number = r.dossier "
        f"WHERE r.state = 'open' AND d.competent_unit IN ({names}) ORDER BY r.created_at, r.id LIMIT :limit"
    )


def _delivery(row: Any) -> DeliveryRow:
    return DeliveryRow(
        id=row[0],
        dossier=row[1],
        topic=row[2],
        state=row[3],
        attempts=row[4],
        error=row[5],
        note=row[6],
        created_at=moment(row[7]),
        due_at=moment(row[8]),
        procedure_name=row[9],
        unit=row[10],
    )
