"""What a move to another version would mean, dossier by dossier, before anybody proposes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine import bpmn
from engine.bpmn import migration
from engine.errors import DomainError, MotcuaError, Problem, Text
from engine.migration_findings import Move, findings, limit_of
from engine.queries.standing import Standings
from engine.store.dossiers import ROWS
from engine.store.records import Dossier

#: Open dossiers looked at in one preview.
MOST = 500
_OPEN = ROWS.query(
    "WHERE procedure = :procedure AND digest = :digest AND closed_at IS NULL ORDER BY number LIMIT :most"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """One open dossier, and what the move would do to it."""

    number: str
    holder: str
    steps: tuple[str, ...]  #: elements that are open now
    due_at: datetime | None
    would_be: datetime | None
    timers: tuple[migration.TimerShift, ...]
    problems: tuple[Problem, ...]  #: why it cannot go; none = it can

    @property
    def hours(self) -> float | None:
        """Hours of the clock on the wall by which the due moment moves, later above zero."""
        if self.due_at is None or self.would_be is None:
            return None
        return (self.would_be - self.due_at).total_seconds() / 3600


def prospects(standings: Standings, procedure: str, move: Move) -> tuple[Prospect, ...]:
    """Every open dossier of the old version, at most ``MOST``."""
    digest = str(move.source.package.digest)
    found = ROWS.all(standings.uow.connection, _OPEN, procedure=procedure, digest=digest, most=MOST)
    return tuple(_prospect(standings, dossier, move) for dossier in found)


def _prospect(standings: Standings, dossier: Dossier, move: Move) -> Prospect:
    steps: tuple[str, ...] = ()
    timers: tuple[migration.TimerShift, ...] = ()
    try:
        instance = bpmn.Instance.load(move.source.definition, dossier.state, now=standings.now)
        steps = tuple(dict.fromkeys(element for _kind, element in instance.open_elements().values()))
        problems = findings(dossier, instance, move, standings.now.date())
        if not problems:
            _moved, timers = migration.migrate(instance, move.target.definition, move.mapping, now=standings.now)
    except MotcuaError as error:  # a state that cannot be read, a timer that comes to nothing: it stays where it is
        problems = (_unreadable(error),)
    return Prospect(
        number=dossier.number,
        holder=dossier.holder_name,
        steps=steps,
        due_at=dossier.due_at,
        would_be=None if problems else _due(standings, dossier, move),
        timers=timers,
        problems=problems,
    )


def _due(standings: Standings, dossier: Dossier, move: Move) -> datetime | None:
    try:
        limit = limit_of(dossier, move.target)
    except DomainError:
        return None
    if limit is None or limit.as_json() == dossier.deadline["limit"]:
        return dossier.due_at
    recorded = dossier.deadline | {"limit": limit.as_json()}
    deadline = standings.deadline(dossier.clock_from, recorded, dossier.competent_unit)
    return None if deadline is None else deadline.due_at


def _unreadable(error: MotcuaError) -> Problem:
    return Problem(
        code=error.code,
        message=Text(vi=error.message("vi"), en=error.message("en")),
        remedy=Text(vi="Chạy kiểm tra hồ sơ này trước.", en="Run the check of this dossier first."),
    )


def lost(move: Move, taken: Sequence[Prospect]) -> Mapping[str, int]:
    """Steps of the old version whose id the new one lacks → how many open dossiers stand there."""
    old, new = move.source.definition.elements, move.target.definition.elements
    standing = [step for prospect in taken for step in prospect.steps]
    return {name: standing.count(name) for name in old if name not in new}
