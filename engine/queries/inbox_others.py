"""The other lists of the inbox: what a person has done, and the dossiers of a unit that wait for somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from engine.queries import phrase, sought
from engine.queries.inbox import CAP
from engine.queries.inbox_rows import DOSSIER, TASK, Part, joined, pair, task_row, waiting_row
from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.statement import Statement
from engine.store.tables import WAITING


def finished_tasks(
    connection: Connection, login: str, *, words: tuple[str, ...] = (), after: str = "", limit: int = 50
) -> Part:
    """What the person has completed, the latest first."""
    at, place = pair(after)
    values: dict[str, Any] = {"login": login} | phrase.beginnings(words)
    values |= {"at": at, "id": place} if after else {}
    end = _DONE_END[bool(after)].run(connection, **values, look=sought.LOOK).fetchone() if words else None
    values |= {"to_at": end[0], "to_id": end[1]} if end else {}
    rows = _done(len(words), bool(after), bool(end)).run(connection, **values, limit=limit + 1).fetchall()
    shown = tuple(task_row(row) for row in rows[:limit])
    if len(rows) > limit:
        return Part(rows=shown, next=f"{stored(shown[-1].completed_at)}.{shown[-1].task}")
    return Part(rows=shown, next=f"{end[0]}.{end[1]}" if end else "")


def waiting_dossiers(
    connection: Connection, units: Sequence[str], *, words: tuple[str, ...] = (), after: str = "", limit: int = 50
) -> Part:
    """Dossiers of the units that wait for the citizen, a payment or a connector, the oldest first."""
    if not units:
        return Part(rows=(), next="")
    at, place = pair(after)
    found = sought.sought(connection, words, units, spread=True)
    if found.hopeless:
        return Part(rows=(), next="")
    values: dict[str, Any] = _units(units) | sought.parameters(found, units)
    values |= {"at": at, "number": place} if after else {}
    ends = (
        _waiting_end(len(units), bool(after)).run(connection, **values, look=sought.LOOK).fetchall()
        if found.through
        else []
    )
    end = min(((row[0], row[1]) for row in ends), default=None)
    values |= {"to_at": end[0], "to_number": end[1]} if end else {}
    statement = _waiting(len(units), len(words), len(found.ranges), bool(after), bool(end))
    rows = statement.run(connection, **values, limit=limit + 1).fetchall()
    shown = tuple(waiting_row(row) for row in rows[:limit])
    if len(rows) > limit:
        return Part(rows=shown, next=f"{stored(shown[-1].created_at)}.{shown[-1].number}")
    return Part(rows=shown, next=f"{end[0]}.{end[1]}" if end else "")


def count_waiting(connection: Connection, units: Sequence[str]) -> int:
    """How many dossiers wait, at most ``CAP`` + 1."""
    if not units:
        return 0
    found = _count_waiting(len(units)).run(connection, **_units(units)).scalar_one()
    return min(int(found), CAP + 1)


@cache
def _waiting(units: int, words: int, ranges: int, begun: bool, ended: bool) -> Statement:
    condition = f" AND number IN ({sought.numbers(ranges, units)})" if ranges else ""
    condition += phrase.beginning(words, "search") + (" AND (filed_at, number) > (:at, :number)" if begun else "")
    condition += " AND (filed_at, number) <= (:to_at, :to_number)" if ended else ""
    columns = f"{DOSSIER}, procedure, procedure_name, applicant_name, filed_at, due_at"
    branches = " UNION ALL ".join(
        f"SELECT * FROM (SELECT {columns} FROM dossier WHERE competent_unit = :unit_{phrase.letter(number)} "  # noqa: S608
        f"AND {WAITING}{condition} ORDER BY filed_at, number LIMIT :limit) AS b"
        for number in range(units)
    )
    return Statement(f"SELECT * FROM ({branches}) AS d ORDER BY filed_at, number LIMIT :limit")  # noqa: S608


@cache
def _waiting_end(units: int, begun: bool) -> Statement:
    condition = " AND (filed_at, number) > (:at, :number)" if begun else ""
    return Statement(
        " UNION ALL ".join(
            f"SELECT * FROM (SELECT filed_at, number FROM dossier WHERE competent_unit = :unit_{phrase.letter(number)} "  # noqa: S608
            f"AND {WAITING}{condition} ORDER BY filed_at, number LIMIT 1 OFFSET :look) AS b"
            for number in range(units)
        )
    )


@cache
def _count_waiting(units: int) -> Statement:
    branches = " UNION ALL ".join(
        f"SELECT * FROM (SELECT 1 AS one FROM dossier WHERE competent_unit = :unit_{phrase.letter(number)} "  # noqa: S608
        f"AND {WAITING} ORDER BY filed_at, number LIMIT {CAP + 1}) AS b"
        for number in range(units)
    )
    return Statement(f"SELECT count(*) FROM ({branches}) AS d")  # noqa: S608 - our own words


@cache
def _done(words: int, begun: bool, ended: bool) -> Statement:
    condition = " AND (completed_at, id) < (:at, :id)" if begun else ""
    condition += " AND (completed_at, id) >= (:to_at, :to_id)" if ended else ""
    if words:
        like = phrase.beginning(words, "s.search")
        condition += f" AND EXISTS (SELECT 1 FROM dossier s WHERE s.number = task.dossier{like})"  # noqa: S608
    tasks = (
        f"SELECT {TASK} FROM task WHERE assignee = :login AND state = 'completed'{condition} "  # noqa: S608
        "ORDER BY completed_at DESC, id DESC LIMIT :limit"
    )
    return Statement(joined(tasks, "t.completed_at DESC, t.id DESC"))


_DONE_END = tuple(
    Statement(
        f"SELECT completed_at, id FROM task WHERE assignee = :login AND state = 'completed'{begun} "  # noqa: S608
        "ORDER BY completed_at DESC, id DESC LIMIT 1 OFFSET :look"
    )
    for begun in ("", " AND (completed_at, id) < (:at, :id)")
)


def _units(units: Sequence[str]) -> dict[str, str]:
    return {f"unit_{phrase.letter(number)}": unit for number, unit in enumerate(units)}
