"""What a new version would mean for the dossiers that are open: where they stand, and whose deadline would change.

A preview only: dossiers stay on the version they were filed under.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engine.errors import DomainError
from engine.model.duration import Limit, select_limit
from engine.queries.standing import Standings
from engine.store.moments import moment
from engine.store.statement import Statement

#: So many open dossiers are looked at one by one.
MOST = 5000
_NODES = Statement(
    "SELECT t.node, MIN(t.name), COUNT(DISTINCT t.dossier) FROM task t JOIN dossier d ON d.number = t.dossier "
    "WHERE d.procedure = :procedure AND d.closed_at IS NULL AND t.state = 'open' GROUP BY t.node ORDER BY 3 DESC"
)
_WAITING = Statement(
    "SELECT COUNT(*) FROM dossier d WHERE d.procedure = :procedure AND d.closed_at IS NULL AND NOT EXISTS "
    "(SELECT 1 FROM task t WHERE t.dossier = d.number AND t.state = 'open')"
)
_OPEN = Statement(
    "SELECT number, channel, competent_unit, clock_from, due_at, deadline FROM dossier "
    "WHERE procedure = :procedure AND closed_at IS NULL ORDER BY due_at, number LIMIT :most"
)
_CHANNELS = {"online": "ONLINE", "desk": "DIRECT", "post": "POSTAL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRow:
    """Open dossiers at one step, and whether the new version has that step."""

    node: str
    name: str
    dossiers: int
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A dossier whose due moment would be another."""

    number: str
    due_at: datetime
    would_be: datetime

    @property
    def hours(self) -> float:
        """Hours of the clock on the wall, later above zero."""
        return (self.would_be - self.due_at).total_seconds() / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """The preview."""

    nodes: tuple[NodeRow, ...]
    waiting: int  #: dossiers at no open task: paying, being read, waiting for an answer
    shifts: tuple[Shift, ...]
    same: int
    unknown: int  #: their clock has not begun or stands still, or no limit fits

    @property
    def open(self) -> int:
        """Open dossiers that were looked at."""
        return len(self.shifts) + self.same + self.unknown


def impact(standings: Standings, procedure: str, nodes: frozenset[str], limits: Sequence[Mapping[str, Any]]) -> Impact:
    """What the version with these steps and limits would mean for the open dossiers of a procedure."""
    connection = standings.uow.connection
    rows = _NODES.run(connection, procedure=procedure).fetchall()
    shifts: list[Shift] = []
    same = unknown = 0
    fresh = [Limit.from_json(limit) for limit in limits]
    for number, channel, unit, clock_from, due_at, recorded in _OPEN.run(
        connection, procedure=procedure, most=MOST
    ).fetchall():
        would_be = None
        if clock_from is not None and due_at is not None:
            would_be = _would_be(standings, fresh, orjson.loads(recorded), channel, unit, moment(clock_from))
        if would_be is None:
            unknown += 1
        elif would_be == moment(due_at):
            same += 1
        else:
            shifts.append(Shift(number=number, due_at=moment(due_at), would_be=would_be))
    return Impact(
        nodes=tuple(NodeRow(node=row[0], name=row[1], dossiers=int(row[2]), kept=row[0] in nodes) for row in rows),
        waiting=int(_WAITING.run(connection, procedure=procedure).scalar_one()),
        shifts=tuple(shifts),
        same=same,
        unknown=unknown,
    )


def _would_be(
    standings: Standings, limits: Sequence[Limit], recorded: dict[str, Any], channel: str, unit: str, begun: datetime
) -> datetime | None:
    try:
        limit = select_limit(
            limits, channel=_CHANNELS[channel], case=recorded.get("case"), unit_class=recorded.get("unit_class")
        )
    except DomainError:
        return None
    deadline = standings.deadline(begun, recorded | {"limit": limit.as_json()}, unit)
    return None if deadline is None else deadline.due_at
