"""What an operator has to look at: deliveries that failed or came too late, timers that fail, refunds that are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from engine.model.folding import folded
from engine.model.queue import TIMER, TOPICS
from engine.queries import phrase
from engine.store.connection import Connection
from engine.store.moments import moment, stored
from engine.store.statement import Statement

#: Rows of one list; what is older comes into sight when the newer is dealt with.
LIMIT = 200
_ROWS = (
    "SELECT o.id, o.dossier, o.topic, o.state, o.attempts, o.error, o.note, o.created_at, o.done_at, o.due_at, "
    "coalesce(d.procedure, ''), coalesce(d.procedure_name, ''), coalesce(d.competent_unit, '') "
    "FROM outbox o LEFT JOIN dossier d ON d.number = o.dossier "
)
_WAITING = Statement(
    f"{_ROWS} WHERE o.state = 'waiting' AND (o.error <> '' OR (o.attempts > 0 AND o.topic <> 'payment.await')) "
    "ORDER BY o.due_at, o.id LIMIT :limit"
)
#: What has failed was due: of the timers those are read, in the order of their index, and not the million to come.
_TIMERS = Statement(
    "SELECT t.id, t.dossier, t.ref, t.kind, t.attempts, t.error, t.due_at, d.procedure, d.procedure_name, "
    "d.competent_unit FROM (SELECT * FROM timer WHERE state = 'waiting' AND due_at <= :before "
    "ORDER BY due_at, id LIMIT 100000) t JOIN dossier d ON d.number = t.dossier WHERE t.error <> '' "
    "AND (:unit = '' OR d.competent_unit = :unit) ORDER BY t.due_at, t.id LIMIT :limit"
)
_OF_DOSSIER = Statement(
    f"{_ROWS} WHERE o.dossier = :dossier AND o.state IN ('failed', 'late') ORDER BY o.done_at, o.id LIMIT :limit"
)
_ONE = Statement(f"{_ROWS} WHERE o.id = :id AND o.state IN ('failed', 'late')")
_ONE_TIMER = Statement(
    "SELECT t.id, t.dossier, t.ref, t.kind, t.attempts, t.error, t.due_at, d.procedure, d.procedure_name, "
    "d.competent_unit "
    "FROM timer t JOIN dossier d ON d.number = t.dossier WHERE t.id = :id AND t.state = 'waiting' AND t.error <> ''"
)
_UNITS = Statement(
    "SELECT DISTINCT d.competent_unit FROM outbox o JOIN dossier d ON d.number = o.dossier "
    "WHERE o.state IN ('failed', 'late') ORDER BY 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that does not mend itself, or a timer that has not yet."""

    id: str
    kind: str  #: delivery, late or timer
    topic: str  #: of the outbox row, or ``timer``
    connector: str  #: which breaker watches it; empty for what our own database does
    dossier: str
    unit: str
    procedure: str  #: code; empty where no dossier is concerned
    procedure_name: str
    attempts: int
    error: str
    note: str  #: of the last retry
    since: datetime
    created_at: datetime
    due_at: datetime
    ref: str = ""  #: of a timer: which one


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which incidents; empty fields ask for all."""

    kind: str = ""
    connector: str = ""
    unit: str = ""
    text: str = ""  #: part of the message or the dossier's number, in any case and without tone marks
    hours: int = 0  #: at least so old


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRow:
    """Money that has to go back, of a dossier of the accountant's unit."""

    id: str
    dossier: str
    applicant_name: str
    procedure: str
    procedure_name: str
    gateway: str
    transaction_no: str
    amount: int
    reason: str
    created_at: datetime


def incidents(connection: Connection, wanted: Wanted, now: datetime) -> tuple[Incident, ...]:
    """Those wanted, the oldest first, at most ``LIMIT`` of each kind."""
    values = {"unit": wanted.unit, "before": stored(now - timedelta(hours=wanted.hours)), "limit": LIMIT}
    found: list[Incident] = []
    if wanted.kind != "timer":
        states = {"delivery": ("failed",), "late": ("late",)}.get(wanted.kind, ("failed", "late"))
        for state in states:
            rows = _attention(wanted.connector).run(connection, **values, state=state).fetchall()
            found += [_delivery(row) for row in rows]
    if wanted.kind in {"", "timer"} and not wanted.connector:
        found += [_timer(row) for row in _TIMERS.run(connection, **values).fetchall()]
    sought = folded(wanted.text)
    shown = [one for one in found if not sought or sought in folded(f"{one.error} {one.dossier} {one.note}")]
    return tuple(sorted(shown, key=lambda one: (one.since, one.id)))


def of_dossier(connection: Connection, number: str) -> tuple[Incident, ...]:
    """The deliveries of a dossier that need an operator."""
    return tuple(_delivery(row) for row in _OF_DOSSIER.run(connection, dossier=number, limit=LIMIT).fetchall())


def incident(connection: Connection, incident_id: str) -> Incident | None:
    """One incident by its row's id, as long as it is one."""
    row = _ONE.run(connection, id=incident_id).fetchone()
    if row is None:
        row = _ONE_TIMER.run(connection, id=incident_id).fetchone()
        return None if row is None else _timer(row)
    return _delivery(row)


def units(connection: Connection) -> tuple[str, ...]:
    """The units that have an incident now."""
    return tuple(row[0] for row in _UNITS.run(connection).fetchall())


def waiting_deliveries(connection: Connection) -> tuple[Incident, ...]:
    """Deliveries that were tried in vain and are tried again by themselves."""
    return tuple(_delivery(row) for row in _WAITING.run(connection, limit=LIMIT).fetchall())


@cache
def _attention(connector: str) -> Statement:
    """Rows in a state that needs an operator, of one connector or of all; the topics are our own words.

    The states are told twice: a plan for any state would not know the index that has these only.
    """
    names = ", ".join(f"'{topic.name}'" for topic in TOPICS.values() if topic.connector == connector)
    only = f"AND o.topic IN ({names or repr('')}) " if connector else ""
    return Statement(
        f"{_ROWS} WHERE o.state = :state AND o.state IN ('failed', 'late') {only}"
        "AND (:unit = '' OR d.competent_unit = :unit) AND o.done_at <= :before ORDER BY o.done_at, o.id LIMIT :limit"
    )


def _delivery(row: Any) -> Incident:
    created, done = moment(row[7]), moment(row[8])
    return Incident(
        id=row[0],
        kind="late" if row[3] == "late" else "delivery",
        topic=row[2],
        connector=TOPICS[row[2]].connector if row[2] in TOPICS else "",
        dossier=row[1],
        unit=row[12],
        procedure=row[10],
        procedure_name=row[11],
        attempts=row[4],
        error=row[5],
        note=row[6],
        since=done or created,
        created_at=created,
        due_at=moment(row[9]),
    )


def _timer(row: Any) -> Incident:
    due = moment(row[6])
    return Incident(
        id=row[0],
        kind="timer",
        topic=TIMER,
        connector="",
        dossier=row[1],
        unit=row[9],
        procedure=row[7],
        procedure_name=row[8],
        attempts=row[4],
        error=row[5],
        note="",
        since=due,
        created_at=due,
        due_at=due,
        ref=row[2] or row[3],
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
            procedure=row[3],
            procedure_name=row[4],
            gateway=row[5],
            transaction_no=row[6],
            amount=row[7],
            reason=row[8],
            created_at=moment(row[9]),
        )
        for row in rows
    )


@cache
def _refunds(units: int) -> Statement:
    names = ", ".join(f":unit_{phrase.letter(number)}" for number in range(units))
    return Statement(
        "SELECT r.id, r.dossier, d.applicant_name, d.procedure, d.procedure_name, r.gateway, "  # noqa: S608
        "r.transaction_no, r.amount, r.reason, r.created_at FROM refund r JOIN dossier d ON d.number = r.dossier "
        f"WHERE r.state = 'open' AND d.competent_unit IN ({names}) ORDER BY r.created_at, r.id LIMIT :limit"
    )
