"""Searching dossiers and tasks by any known field, page by page; each person finds only what the person may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

from engine.model import permission as role
from engine.model.folding import folded
from engine.model.permission import Actor
from engine.model.status import Business, Delivery, Finance
from engine.queries import phrase
from engine.queries.dossier_page import WORKING
from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.records import Task
from engine.store.rows import Rows
from engine.store.statement import Statement
from engine.store.tasks import ROWS as TASKS

#: Counts stop here.
CAP = 1000
_LATEST = 2**62
_OPERATORS = {"$eq": "=", "$neq": "<>", "$lt": "<", "$lte": "<=", "$gt": ">", "$gte": ">="}
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field that can be searched. ``kind`` is text, words (folded, only ``$like``), moment or number."""

    kind: str
    values: tuple[str, ...] = ()  #: the only values there are; empty = any
    nullable: bool = False

    @property
    def operators(self) -> tuple[str, ...]:
        """What may be asked of the field."""
        if self.kind == "words":
            return ("$like",)
        if self.values:
            return ("$eq", "$neq", "$exists", "$in")
        if self.kind == "text":
            return ("$eq", "$neq", "$exists", "$in", "$like")
        return ("$eq", "$neq", "$exists", "$in", "$lt", "$lte", "$gt", "$gte")


_TEXT, _MOMENT, _NUMBER = Column(kind="text"), Column(kind="moment"), Column(kind="number")
_MAYBE = Column(kind="moment", nullable=True)
_LATENESS = Column(kind="text", values=("", "due_soon", "overdue"))
DOSSIER_COLUMNS: Mapping[str, Column] = {
    "number": _TEXT,
    "procedure": _TEXT,
    "business": Column(kind="text", values=tuple(Business)),
    "finance": Column(kind="text", values=tuple(Finance)),
    "delivery": Column(kind="text", values=tuple(Delivery)),
    "lateness": _LATENESS,
    "channel": Column(kind="text", values=("online", "desk", "post")),
    "applicant": _TEXT,
    "applicant_name": _TEXT,
    "holder_name": _TEXT,
    "receiving_unit": _TEXT,
    "competent_unit": _TEXT,
    "waiting_for": _TEXT,
    "filed_at": _MOMENT,
    "received_at": _MAYBE,
    "due_at": _MAYBE,
    "closed_at": _MAYBE,
    "search": Column(kind="words"),
}
TASK_COLUMNS: Mapping[str, Column] = {
    "id": _TEXT,
    "dossier": _TEXT,
    "node": _TEXT,
    "name": _TEXT,
    "role": _TEXT,
    "unit": _TEXT,
    "state": Column(kind="text", values=("open", "completed", "cancelled")),
    "assignee": _TEXT,
    "procedure": _TEXT,
    "procedure_name": _TEXT,
    "applicant_name": _TEXT,
    "lateness": _LATENESS,
    "priority": _NUMBER,
    "created_at": _MOMENT,
    "due_at": _MAYBE,
    "completed_at": _MAYBE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierRow:
    """A dossier as a search shows it."""

    number: str
    procedure: str
    procedure_name: str
    revision: int
    business: Business
    finance: Finance
    delivery: Delivery
    channel: str
    applicant: str
    applicant_name: str
    holder_name: str
    receiving_unit: str
    competent_unit: str
    filed_at: datetime
    received_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    lateness: str
    waiting_for: str


DOSSIERS = Rows(DossierRow, "dossier")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One field compared with one value (a tuple of values for ``$in``, a bool for ``$exists``)."""

    field: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One field to sort by; rows without a value come last either way."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to find. ``after`` are the sort values and the key of the last row seen, empty for the first page."""

    conditions: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    after: tuple[Any, ...] = ()
    limit: int = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[R]):
    """One page, and what the next one begins after (empty at the end)."""

    rows: tuple[R, ...]
    after: tuple[Any, ...]


def find_dossiers(connection: Connection, actor: Actor, search: Search) -> Found[DossierRow]:
    """The dossiers that the actor may see and the conditions ask for."""
    where, values = _dossiers_of(actor)
    return _find(connection, _Source(DOSSIERS, DOSSIER_COLUMNS, "number", where, values), search)


def find_tasks(connection: Connection, actor: Actor, search: Search) -> Found[Task]:
    """The tasks that the actor may see and the conditions ask for."""
    where, values = _tasks_of(actor)
    return _find(connection, _Source(TASKS, TASK_COLUMNS, "id", where, values), search)


def count_tasks(connection: Connection, actor: Actor, conditions: Sequence[Condition]) -> int:
    """How many tasks ``find_tasks`` would find, at most ``CAP`` + 1."""
    where, values = _tasks_of(actor)
    clauses, given = _conditions(conditions, TASK_COLUMNS)
    text = f"SELECT count(*) FROM (SELECT 1 FROM task WHERE {' AND '.join([where, *clauses])} LIMIT :cap) AS t"  # noqa: S608
    return int(_statement(text).run(connection, **values, **given, cap=CAP + 1).scalar_one())


# -- who may see what --------------------------------------------------------------------------------------------


def _dossiers_of(actor: Actor) -> tuple[str, dict[str, Any]]:
    """The same rule as ``dossier_page.may_read``, and one's own dossiers."""
    working = sorted({post.unit for post in actor.posts if post.role in WORKING})
    every = sorted({*working, *(post.unit for post in actor.posts if post.role == role.AUDITOR)})
    clauses, values = ["applicant = :login"], {"login": actor.login}
    if every:
        listed = _listed("every", every, values)
        clauses += [f"competent_unit IN ({listed})", f"receiving_unit IN ({listed})"]
    if working:
        listed = _listed("working", working, values)
        clauses.append(f"EXISTS (SELECT 1 FROM task t WHERE t.dossier = dossier.number AND t.unit IN ({listed}))")  # noqa: S608
    return f"({' OR '.join(clauses)})", values


def _tasks_of(actor: Actor) -> tuple[str, dict[str, Any]]:
    """One's own tasks, those of the units one works in, and those of the dossiers of one's units."""
    working = sorted({post.unit for post in actor.posts if post.role in WORKING})
    every = sorted({*working, *(post.unit for post in actor.posts if post.role == role.AUDITOR)})
    clauses, values = ["assignee = :login"], {"login": actor.login}
    if working:
        clauses.append(f"unit IN ({_listed('working', working, values)})")
    if every:
        listed = _listed("every", every, values)
        clauses.append(
            "EXISTS (SELECT 1 FROM dossier d WHERE d.number = task.dossier "  # noqa: S608
            f"AND (d.competent_unit IN ({listed}) OR d.receiving_unit IN ({listed})))"
        )
    return f"({' OR '.join(clauses)})", values


# -- statements --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source(Generic[R]):
    rows: Rows[R]
    columns: Mapping[str, Column]
    key: str
    where: str
    values: dict[str, Any]


def _find(connection: Connection, source: _Source[R], search: Search) -> Found[R]:
    clauses, values = _conditions(search.conditions, source.columns)
    order = (*search.order, Order(field=source.key))
    if search.after:
        clauses.append(_beyond(order, source.columns))
        values |= {f"after_{phrase.letter(n)}": value for n, value in enumerate(search.after)}
    sorting = ", ".join(
        f"{_sortable(one, source.columns[one.field])} {'DESC' if one.descending else 'ASC'}" for one in order
    )
    where = " AND ".join([source.where, *clauses])
    text = (
        f"SELECT {', '.join(source.rows.names)} FROM {source.rows.table} WHERE {where} ORDER BY {sorting} LIMIT :limit"  # noqa: S608
    )
    raw = _statement(text).run(connection, **source.values, **values, limit=search.limit + 1).fetchall()
    rows = tuple(source.rows.from_row(row) for row in raw)
    if len(rows) <= search.limit:
        return Found(rows=rows, after=())
    shown = rows[: search.limit]
    return Found(rows=shown, after=tuple(_key(one, source.columns[one.field], shown[-1]) for one in order))


def _sortable(order: Order, column: Column) -> str:
    if not column.nullable:
        return order.field
    return f"COALESCE({order.field}, {-_LATEST if order.descending else _LATEST})"


def _key(order: Order, column: Column, row: Any) -> Any:
    value = getattr(row, order.field)
    if column.kind != "moment":
        return value if isinstance(value, int) else str(value)
    if value is None:
        return -_LATEST if order.descending else _LATEST
    return stored(value)


def _beyond(order: Sequence[Order], columns: Mapping[str, Column]) -> str:
    """Rows after the last one seen: later in the first sort field, or equal there and later in the next …"""
    choices = []
    for place, one in enumerate(order):
        equal = [
            f"{_sortable(before, columns[before.field])} = :after_{phrase.letter(n)}"
            for n, before in enumerate(order[:place])
        ]
        sign = "<" if one.descending else ">"
        later = f"{_sortable(one, columns[one.field])} {sign} :after_{phrase.letter(place)}"
        choices.append(f"({' AND '.join([*equal, later])})")
    return f"({' OR '.join(choices)})"


def _conditions(conditions: Sequence[Condition], columns: Mapping[str, Column]) -> tuple[list[str], dict[str, Any]]:
    clauses: list[str] = []
    values: dict[str, Any] = {}
    for number, condition in enumerate(conditions):
        name = f"value_{phrase.letter(number)}"
        clauses.append(_clause(condition, columns[condition.field], name, values))
    return clauses, values


def _clause(condition: Condition, column: Column, name: str, values: dict[str, Any]) -> str:
    field, operator, value = condition.field, condition.operator, condition.value
    if operator == "$exists":
        there = f"{field} IS NOT NULL" if column.kind != "text" else f"{field} <> ''"
        return there if value else f"NOT ({there})"
    if operator == "$in":
        return f"{field} IN ({_listed(name, [_stored(one) for one in value], values)})"
    if operator == "$like":
        if column.kind == "words":
            values[name] = f"%{_pattern(folded(value))}%"
            return f"{field} LIKE :{name} ESCAPE '!'"
        values[name] = _pattern(value.lower())
        return f"lower({field}) LIKE :{name} ESCAPE '!'"
    values[name] = _stored(value)
    compared = f"{field} {_OPERATORS[operator]} :{name}"
    return f"({compared} OR {field} IS NULL)" if operator == "$neq" and column.nullable else compared


def _pattern(wanted: str) -> str:
    """``*`` for any letters, ``?`` for one, a backslash before either for the letter itself."""
    found, escaped = [], False
    for letter in wanted:
        if letter == "\\" and not escaped:
            escaped = True
            continue
        if letter in "*?" and not escaped:
            found.append("%" if letter == "*" else "_")
        else:
            found.append(f"!{letter}" if letter in "!%_" else letter)
        escaped = False
    return "".join(found)


def _stored(value: Any) -> Any:
    return stored(value) if isinstance(value, datetime) else value


def _listed(name: str, found: Sequence[Any], values: dict[str, Any]) -> str:
    names = [f"{name}_{phrase.letter(number)}" for number in range(len(found))]
    values.update(zip(names, found, strict=True))
    return ", ".join(f":{one}" for one in names)


@lru_cache(maxsize=1024)
def _statement(text: str) -> Statement:
    return Statement(text)
