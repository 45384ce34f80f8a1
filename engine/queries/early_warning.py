"""Dossiers that will be late, or are, ranked by what is left of their term; who has them and what was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from engine.model.remaining import Remaining
from engine.queries.standing import Standings
from engine.store.connection import Connection
from engine.store.moments import moment, stored
from engine.store.statement import Statement

#: How far ahead a due moment may lie to be looked at.
HORIZON = timedelta(days=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threatened:
    """A dossier that is or will be late."""

    number: str
    procedure: str
    procedure_name: str
    applicant_name: str
    unit: str
    due_at: datetime
    remaining: Remaining
    step: str
    holder: str  #: empty = nobody has claimed it
    level: int | None  #: how high the warning has climbed; None before the first
    reason: str
    remedy: str
    reason_by: str


_SOON = (
    "SELECT d.number, d.procedure_name, d.applicant_name, d.competent_unit, d.due_at, d.clock_from, d.deadline, "
    "a.level, a.reason, a.remedy, a.reason_by, a.ended_at, "
    "(SELECT min(t.name) FROM task t WHERE t.dossier = d.number AND t.state = 'open'), "
    "(SELECT max(t.claimed_by) FROM task t WHERE t.dossier = d.number AND t.state = 'open'), d.procedure "
    "FROM dossier d LEFT JOIN late_alert a ON a.dossier = d.number "
    "WHERE {unit}d.closed_at IS NULL AND d.due_at IS NOT NULL AND d.due_at < :until ORDER BY d.due_at, d.number "
    "LIMIT :limit"
)
_ALL, _ONE = Statement(_SOON.format(unit="")), Statement(_SOON.format(unit="d.competent_unit = :unit AND "))


def early_warning(
    connection: Connection, standings: Standings, unit: str = "", *, limit: int = 200
) -> tuple[Threatened, ...]:
    """The most pressing first: overdue by working time, then the least left. Of all units when none is named."""
    until = stored(standings.now + HORIZON)
    rows = (_ONE if unit else _ALL).run(connection, unit=unit, until=until, limit=limit).fetchall()
    found = []
    for row in rows:
        left = standings.of(moment(row[5]), orjson.loads(row[6]), row[3])
        if left is None:
            continue
        alive = row[7] is not None and row[11] is None
        found.append(
            Threatened(
                number=row[0],
                procedure=row[14],
                procedure_name=row[1],
                applicant_name=row[2],
                unit=row[3],
                due_at=moment(row[4]),
                remaining=left,
                step=row[12] or "",
                holder=row[13] or "",
                level=row[7] if alive else None,
                reason=row[8] or "",
                remedy=row[9] or "",
                reason_by=row[10] or "",
            )
        )
    return tuple(sorted(found, key=lambda one: (one.remaining.working_minutes, one.number)))
