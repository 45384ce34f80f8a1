"""The inbox: open tasks of a person and of the groups the person belongs to, waiting dossiers, finished work.

Written for ten million open tasks: one limited branch for each group, read from its own index in the order in which it
is shown, and counts that stop at ``CAP``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import orjson

from engine.model.permission import Post
from engine.model.status import Business, Delivery, Finance
from engine.queries import phrase
from engine.store.connection import Connection
from engine.store.moments import moment, stored
from engine.store.statement import Statement
from engine.store.tables import WAITING

#: Counts stop here and are shown as "1000+".
CAP = 1000
STATES = ("overdue", "due_soon", "in_time", "paused")
#: ``lateness <> ''`` is said in the words of its partial index, which SQLite does not conclude.
_STATE_SQL = {
    "": "",
    "overdue": " AND due_at < :now",
    "due_soon": " AND lateness = 'due_soon' AND lateness <> '' AND due_at >= :now",
    "in_time": " AND lateness = '' AND due_at >= :now",
    "paused": "",
}
_MINE = "assignee = :login AND assignee <> '' AND state = 'open'"
_GROUP = "unit = :unit_{0} AND role = :role_{0} AND state = 'open' AND assignee = ''"
_TASK = (
    "id, dossier, node, name, role, unit, procedure, procedure_name, applicant_name, assignee, claimed_by, revision, "
    "note, created_at, due_at, completed_at"
)
_DOSSIER = (
    "digest, clock_from, deadline, competent_unit, business, finance, delivery, waiting_for, closed_at, lateness, "
    "number"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """A task, or a waiting dossier, as an inbox shows it."""

    task: str  #: id of the task; empty for a waiting dossier
    number: str
    node: str
    step: str
    role: str
    unit: str
    procedure: str
    procedure_name: str
    applicant_name: str
    assignee: str
    claimed_by: str
    revision: int
    note: str
    created_at: datetime
    due_at: datetime | None
    completed_at: datetime | None
    digest: str
    clock_from: datetime | None
    deadline: dict[str, Any]
    competent_unit: str
    business: Business
    finance: Finance
    delivery: Delivery
    waiting_for: str
    closed_at: datetime | None
    lateness: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose work, and which part of it."""

    login: str = ""  #: tasks that this person holds; nobody's when empty
    groups: tuple[Post, ...] = ()  #: unclaimed tasks of these roles in these units
    procedure: str = ""
    state: str = ""  #: one of ``STATES``, or all
    words: tuple[str, ...] = field(default=())  #: of ``phrase.words``


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One page and where the next one begins (empty at the end)."""

    rows: tuple[InboxRow, ...]
    next: str


def open_tasks(connection: Connection, asked: Asked, *, now: datetime, after: str = "", limit: int = 50) -> Part:
    """Open tasks, the soonest due first, those without a due moment at the end."""
    if not asked.login and not asked.groups:
        return Part(rows=(), next="")
    dated, key, place = _cursor(after)
    rare = phrase.rare(connection, asked.words)
    rows: list[Any] = []
    for phase in {"": (True, False), "paused": (False,)}.get(asked.state, (True,)):
        room = limit + 1 - len(rows)
        if not room or (phase and dated is False):
            continue
        values = _values(asked, now) | phrase.span(rare) | {"limit": room}
        if dated is phase:
            values |= {"due": key, "id": place}
        statement = _page(len(asked.groups), bool(asked.login), _shape(asked, rare), phase, dated is phase)
        rows += statement.run(connection, **values).fetchall()
    shown = tuple(_row(row) for row in rows[:limit])
    more = _key(shown[-1]) if len(rows) > limit else ""
    return Part(rows=shown, next=more)


def count_open(connection: Connection, asked: Asked, *, now: datetime) -> int:
    """How many open tasks, at most ``CAP`` + 1."""
    if not asked.login and not asked.groups:
        return 0
    statement = _count(len(asked.groups), bool(asked.login), _shape(asked))
    found = int(statement.run(connection, **_values(asked, now), limit=CAP + 1).scalar_one())
    return min(found, CAP + 1)


def finished_tasks(
    connection: Connection, login: str, *, words: tuple[str, ...] = (), after: str = "", limit: int = 50
) -> Part:
    """What the person has completed, the latest first."""
    at, place = _pair(after)
    rare = phrase.rare(connection, words)
    values: dict[str, Any] = {"login": login, "limit": limit + 1} | phrase.beginnings(words) | phrase.span(rare)
    values |= {"at": at, "id": place} if after else {}
    rows = _done(len(words), bool(rare), bool(after)).run(connection, **values).fetchall()
    shown = tuple(_row(row) for row in rows[:limit])
    last = shown[-1] if len(rows) > limit else None
    return Part(rows=shown, next=f"{stored(last.completed_at)}.{last.task}" if last else "")


def waiting_dossiers(
    connection: Connection, units: Sequence[str], *, words: tuple[str, ...] = (), after: str = "", limit: int = 50
) -> Part:
    """Dossiers of the units that wait for the citizen, a payment or a connector, the oldest first."""
    if not units:
        return Part(rows=(), next="")
    at, place = _pair(after)
    rare = phrase.rare(connection, words)
    statement = _waiting(len(units), len(words), bool(rare), bool(after))
    values: dict[str, Any] = _units(units) | phrase.beginnings(words) | phrase.span(rare)
    values |= {"at": at, "number": place} if after else {}
    rows = statement.run(connection, **values, limit=limit + 1).fetchall()
    shown = tuple(_waiting_row(row) for row in rows[:limit])
    last = shown[-1] if len(rows) > limit else None
    return Part(rows=shown, next=f"{stored(last.created_at)}.{last.number}" if last else "")


def count_waiting(connection: Connection, units: Sequence[str]) -> int:
    """How many dossiers wait, at most ``CAP`` + 1."""
    if not units:
        return 0
    found = _count_waiting(len(units)).run(connection, **_units(units), limit=CAP + 1).scalar_one()
    return min(int(found), CAP + 1)


def procedures(connection: Connection, login: str, groups: Sequence[Post]) -> tuple[tuple[str, str], ...]:
    """Code and name of the procedures that the person has open tasks of; at most 200 a group."""
    rows: list[Any] = list(_MY_PROCEDURES.run(connection, login=login).fetchall())
    for post in groups:
        rows += _GROUP_PROCEDURES.run(connection, unit=post.unit, role=post.role).fetchall()
    found: dict[str, str] = {row[0]: row[1] for row in rows}
    return tuple(sorted(found.items(), key=lambda pair: pair[1]))


# -- statements --------------------------------------------------------------------------------------------------


#: Whether there is a procedure, which state, how many words, whether one of them is rare.
_Shape = tuple[bool, str, int, bool]


def _shape(asked: Asked, rare: str = "") -> _Shape:
    return bool(asked.procedure), asked.state, len(asked.words), bool(rare)


def _branches(groups: int, mine: bool, shape: _Shape, tail: str) -> list[str]:
    procedure, state, words, rare = shape
    conditions = _STATE_SQL[state] + (" AND procedure = :procedure" if procedure else "")
    if words:
        conditions += _found(words, rare)
    sources = [_MINE] if mine else []
    sources += [_GROUP.format(phrase.letter(number)) for number in range(groups)]
    return [f"{source}{conditions}{tail}" for source in sources]


@cache
def _page(groups: int, mine: bool, shape: _Shape, dated: bool, begun: bool) -> Statement:
    tail = " AND due_at IS NOT NULL" if dated else " AND due_at IS NULL"
    if begun:
        tail += " AND (due_at, id) > (:due, :id)" if dated else " AND id > :id"
    order = "ORDER BY due_at, id LIMIT :limit" if dated else "ORDER BY id LIMIT :limit"
    branches = " UNION ALL ".join(
        f"SELECT * FROM (SELECT {_TASK} FROM task WHERE {where} {order}) AS b"  # noqa: S608 - our own words
        for where in _branches(groups, mine, shape, tail)
    )
    return Statement(_joined(branches, "t.due_at, t.id" if dated else "t.id"))


def _joined(tasks: str, order: str) -> str:
    columns = ", ".join(f"t.{name.strip()}" for name in _TASK.split(","))
    more = ", ".join(f"d.{name.strip()}" for name in _DOSSIER.split(","))
    return (
        f"SELECT {columns}, {more} FROM ({tasks}) AS t JOIN dossier d ON d.number = t.dossier "  # noqa: S608
        f"ORDER BY {order} LIMIT :limit"
    )


@cache
def _count(groups: int, mine: bool, shape: _Shape) -> Statement:
    tail = " AND due_at IS NULL" if shape[1] == "paused" else ""
    branches = " UNION ALL ".join(
        f"SELECT * FROM (SELECT 1 AS one FROM task WHERE {where} LIMIT :limit) AS b"  # noqa: S608 - our own words
        for where in _branches(groups, mine, shape, tail)
    )
    return Statement(f"SELECT count(*) FROM ({branches}) AS t")  # noqa: S608 - our own words


@cache
def _waiting(units: int, words: int, rare: bool, begun: bool) -> Statement:
    condition = f" AND number IN {phrase.RARE}" if rare else ""
    condition += phrase.beginning(words, "search") + (" AND (filed_at, number) > (:at, :number)" if begun else "")
    columns = f"{_DOSSIER}, procedure, procedure_name, applicant_name, filed_at, due_at"
    branches = " UNION ALL ".join(
        f"SELECT * FROM (SELECT {columns} FROM dossier WHERE competent_unit = :unit_{phrase.letter(number)} "  # noqa: S608
        f"AND {WAITING}{condition} ORDER BY filed_at, number LIMIT :limit) AS b"
        for number in range(units)
    )
    return Statement(f"SELECT * FROM ({branches}) AS d ORDER BY filed_at, number LIMIT :limit")  # noqa: S608


@cache
def _count_waiting(units: int) -> Statement:
    branches = " UNION ALL ".join(
        f"SELECT * FROM (SELECT 1 AS one FROM dossier WHERE competent_unit = :unit_{phrase.letter(number)} "  # noqa: S608
        f"AND {WAITING} ORDER BY filed_at, number LIMIT :limit) AS b"
        for number in range(units)
    )
    return Statement(f"SELECT count(*) FROM ({branches}) AS d")  # noqa: S608 - our own words


@cache
def _done(words: int, rare: bool, begun: bool) -> Statement:
    condition = " AND (completed_at, id) < (:at, :id)" if begun else ""
    if words:
        condition += _found(words, rare)
    tasks = (
        f"SELECT {_TASK} FROM task WHERE assignee = :login AND state = 'completed'{condition} "  # noqa: S608
        "ORDER BY completed_at DESC, id DESC LIMIT :limit"
    )
    return Statement(_joined(tasks, "t.completed_at DESC, t.id DESC"))


def _found(words: int, rare: bool) -> str:
    few = f" AND dossier IN {phrase.RARE}" if rare else ""
    like = phrase.beginning(words, "s.search")
    return f"{few} AND EXISTS (SELECT 1 FROM dossier s WHERE s.number = task.dossier{like})"  # noqa: S608


_MY_PROCEDURES = Statement(
    "SELECT DISTINCT procedure, procedure_name FROM task WHERE assignee = :login AND assignee <> '' "
    "AND state = 'open' LIMIT 200"
)
#: Steps from one procedure to the next by the index instead of reading every task of the group.
_GROUP_PROCEDURES = Statement(
    "WITH RECURSIVE code (procedure) AS ("
    "SELECT min(procedure) FROM task WHERE unit = :unit AND role = :role AND state = 'open' AND assignee = '' "
    "UNION ALL "
    "SELECT (SELECT min(t.procedure) FROM task t WHERE t.unit = :unit AND t.role = :role AND t.state = 'open' "
    "AND t.assignee = '' AND t.procedure > code.procedure) FROM code WHERE code.procedure IS NOT NULL) "
    "SELECT code.procedure, (SELECT t.procedure_name FROM task t WHERE t.unit = :unit AND t.role = :role "
    "AND t.state = 'open' AND t.assignee = '' AND t.procedure = code.procedure LIMIT 1) "
    "FROM code WHERE code.procedure IS NOT NULL LIMIT 200"
)


# -- values and rows ---------------------------------------------------------------------------------------------


def _values(asked: Asked, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"login": asked.login, "procedure": asked.procedure, "now": stored(now)}
    for number, post in enumerate(asked.groups):
        values[f"unit_{phrase.letter(number)}"], values[f"role_{phrase.letter(number)}"] = post.unit, post.role
    return values | phrase.beginnings(asked.words)


def _units(units: Sequence[str]) -> dict[str, str]:
    return {f"unit_{phrase.letter(number)}": unit for number, unit in enumerate(units)}


def _cursor(after: str) -> tuple[bool | None, int, str]:
    """Whether the last row had a due moment, that moment, and the task; a spoilt cursor begins anew."""
    if after.startswith("."):
        return False, 0, after[1:]
    due, place = _pair(after)
    return (True, due, place) if place else (None, 0, "")


def _pair(after: str) -> tuple[int, str]:
    number, _sep, place = after.partition(".")
    return (int(number), place) if number.isascii() and number.isdecimal() and len(number) < 19 else (0, "")


def _key(row: InboxRow) -> str:
    return f"{'' if row.due_at is None else stored(row.due_at)}.{row.task}"


def _row(row: Any) -> InboxRow:
    task, dossier = tuple(row[:16]), tuple(row[16:])
    return InboxRow(
        task=task[0],
        number=task[1],
        node=task[2],
        step=task[3],
        role=task[4],
        unit=task[5],
        procedure=task[6],
        procedure_name=task[7],
        applicant_name=task[8],
        assignee=task[9],
        claimed_by=task[10],
        revision=task[11],
        note=task[12],
        created_at=moment(task[13]),
        due_at=moment(task[14]),
        completed_at=moment(task[15]),
        **_dossier(dossier),
    )


def _waiting_row(row: Any) -> InboxRow:
    return InboxRow(
        task="",
        number=row[10],
        node="",
        step="",
        role="",
        unit=row[3],
        procedure=row[11],
        procedure_name=row[12],
        applicant_name=row[13],
        assignee="",
        claimed_by="",
        revision=0,
        note="",
        created_at=moment(row[14]),
        due_at=moment(row[15]),
        completed_at=None,
        **_dossier(row),
    )


def _dossier(row: Any) -> dict[str, Any]:
    return {
        "digest": row[0],
        "clock_from": moment(row[1]),
        "deadline": orjson.loads(row[2]),
        "competent_unit": row[3],
        "business": Business(row[4]),
        "finance": Finance(row[5]),
        "delivery": Delivery(row[6]),
        "waiting_for": row[7],
        "closed_at": moment(row[8]),
        "lateness": row[9],
    }
