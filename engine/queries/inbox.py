"""The inbox: open tasks of a person and of the groups the person belongs to.

Written for ten million open tasks: one limited branch for each group, read from its own index in the order in which it
is shown, and counts that stop at ``CAP``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from engine.model.permission import Post
from engine.queries import phrase, sought
from engine.queries.inbox_rows import TASK, InboxRow, Part, joined, pair, task_row
from engine.queries.sought import Sought
from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.statement import Statement

#: Counts stop here and are shown as "1000+".
CAP = 1000
Named = Sequence[tuple[str, str]]  #: code and name
STATES = ("overdue", "due_soon", "in_time", "paused")
#: ``lateness <> ''`` is said in the words of its partial index, which SQLite does not conclude.
#: From this many procedures on, those that fit a phrase are so many that the list is looked through instead.
_MANY = 8
_STATE_SQL = {
    "": "",
    "overdue": " AND due_at < :now",
    "due_soon": " AND lateness = 'due_soon' AND lateness <> '' AND due_at >= :now",
    "in_time": " AND lateness = '' AND due_at >= :now",
    "paused": "",
}
_MINE = "assignee = :login AND assignee <> '' AND state = 'open'"
_GROUP = "unit = :unit_{0} AND role = :role_{0} AND state = 'open' AND assignee = ''"
_HELD = "unit = :held_{0} AND state = 'open' AND assignee <> ''"
_ABSENT = (
    "assignee = :absent_{0} AND assignee <> '' AND state = 'open' AND unit = :absent_unit_{0} "
    "AND role = :absent_role_{0}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose work, and which part of it."""

    login: str = ""  #: tasks that this person holds; nobody's when empty
    groups: tuple[Post, ...] = ()  #: unclaimed tasks of these roles in these units
    absent: tuple[Post, ...] = ()  #: tasks that the absent holders of these posts hold
    held: tuple[str, ...] = ()  #: tasks that anybody holds in these units
    procedure: str = ""
    state: str = ""  #: one of ``STATES``, or all
    words: tuple[str, ...] = field(default=())  #: of ``phrase.words``

    @property
    def units(self) -> tuple[str, ...]:
        """Where the tasks are."""
        return tuple(dict.fromkeys((*(post.unit for post in (*self.groups, *self.absent)), *self.held)))

    @property
    def nothing(self) -> bool:
        """Whether nobody's tasks are asked for."""
        return not (self.login or self.groups or self.absent or self.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """One way through the tasks: what a branch adds to its source."""

    groups: int
    mine: bool
    absent: int
    held: int
    procedure: bool
    state: str
    words: int = 0
    few: tuple[int, int] = (0, 0)  #: words and units of the dossiers to look at
    matching: int = 0  #: procedures that fit the phrase
    through: bool = False


@lru_cache(maxsize=1024)  # one page of the inbox asks eight times
def posts_of(posts: tuple[Post, ...], roles: tuple[str, ...]) -> tuple[tuple[Post, ...], tuple[Post, ...]]:
    """The groups whose unclaimed tasks somebody with ``posts`` may take, each once, and the posts of absent holders."""
    working = [post for post in posts if post.role in roles]
    groups = tuple(dict.fromkeys(replace(post, on_behalf_of="") for post in working))
    return groups, tuple(dict.fromkeys(post for post in working if post.on_behalf_of))


def open_tasks(connection: Connection, asked: Asked, *, now: datetime, after: str = "", limit: int = 50) -> Part:
    """Open tasks, the soonest due first, those without a due moment at the end."""
    if asked.nothing:
        return Part(rows=(), next="")
    spread = after.startswith("~")
    if not asked.words:
        return _tasks(connection, asked, Sought(), now, after, limit)
    units = _units_of(connection, asked)
    found = sought.sought(connection, asked.words, units, spread=spread)
    part = _tasks(connection, asked, _here(connection, asked, found), now, after.removeprefix("~"), limit)
    if not after and not part.rows and not part.next:
        found, spread = sought.sought(connection, asked.words, units, spread=True), True
        part = _tasks(connection, asked, found, now, "", limit)
    return replace(part, next=f"~{part.next}") if spread and part.next else part


def _units_of(connection: Connection, asked: Asked) -> tuple[str, ...]:
    """The units whose dossiers may be among the tasks; what a person holds may lie in a unit left since."""
    own = _MY_UNITS.run(connection, login=asked.login).fetchall() if asked.login else []
    return tuple(dict.fromkeys((*asked.units, *(row[0] for row in own))))


def _here(connection: Connection, asked: Asked, found: Sought) -> Sought:
    """The same with those procedures alone that there are tasks of."""
    if not found.procedures:
        return found
    here = {code for code, _name in procedures(connection, asked.login, (*asked.groups, *asked.absent))}
    fitting = tuple(code for code in found.procedures if code in here)
    if len(fitting) > _MANY:
        return Sought(words=found.words, through=True)
    return replace(found, procedures=fitting)


def _tasks(connection: Connection, asked: Asked, found: Sought, now: datetime, after: str, limit: int) -> Part:
    if found.hopeless:
        return Part(rows=(), next="")
    units = _units_of(connection, asked) if found.ranges else ()
    way = _way(asked, found, len(units))
    begun, key, place = _cursor(after)
    rows: list[Any] = []
    for dated in {"": (True, False), "paused": (False,)}.get(asked.state, (True,)):
        room = limit + 1 - len(rows)
        if not room or (dated and begun is False):
            continue
        values = _values(asked, now) | sought.parameters(found, units) | _matching(found)
        if begun is dated:
            values |= {"due": key, "id": place}
        end = _end(connection, way, values, dated, begun is dated) if way.through else None
        if end is not None:
            values |= {"to_due": end[0], "to_id": end[1]}
        statement = _page(way, dated, begun is dated, end is not None)
        rows += statement.run(connection, **values, limit=room).fetchall()
        if end is not None and len(rows) <= limit:  # a stretch without a full page: the next one begins where it ended
            return Part(rows=tuple(task_row(row) for row in rows), next=_place(*end))
    shown = tuple(task_row(row) for row in rows[:limit])
    return Part(rows=shown, next=_key(shown[-1]) if len(rows) > limit else "")


def _end(
    connection: Connection, way: _Way, values: dict[str, Any], dated: bool, begun: bool
) -> tuple[int | None, str] | None:
    """Where the stretch of ``LOOK`` tasks of the first source to have so many ends; None when no source has."""
    rows = _stretch(way, dated, begun).run(connection, **values, look=sought.LOOK).fetchall()
    return min(((row[0], row[1]) for row in rows), default=None)


def count_open(connection: Connection, asked: Asked, *, now: datetime) -> int:
    """How many open tasks, at most ``CAP`` + 1; words are not counted."""
    if asked.nothing:
        return 0
    statement = _count(_way(asked, Sought(), 0))
    found = int(statement.run(connection, **_values(asked, now)).scalar_one())
    return min(found, CAP + 1)


def tallied(rows: Sequence[InboxRow], *, now: datetime) -> dict[str, int]:
    """What ``count_open`` counts, by state and by whose task it is, of a list that shows everything there is."""
    dated = [(row.due_at, row.lateness) for row in rows if row.due_at is not None]
    held = sum(row.assignee != "" for row in rows)
    return {
        "overdue": sum(due < now for due, _ in dated),
        "due_soon": sum(due >= now and lateness == "due_soon" for due, lateness in dated),
        "in_time": sum(due >= now and lateness == "" for due, lateness in dated),
        "mine": held,
        "group": len(rows) - held,
    }


def procedures(connection: Connection, login: str, groups: Sequence[Post]) -> tuple[tuple[str, str], ...]:
    """Code and name of the procedures that the person has open tasks of; at most 200 a group."""
    return choices([read(connection) for read in procedure_reads(login, groups)])


def procedure_reads(login: str, groups: Sequence[Post]) -> list[Callable[[Connection], Named]]:
    """Reads of code and name of procedures, for ``choices``: the person's own and one for each group."""

    def held_by(login: str) -> Callable[[Connection], Named]:
        return lambda connection: _MY_PROCEDURES.run(connection, login=login).fetchall()

    def of_group(post: Post) -> Callable[[Connection], Named]:
        return lambda connection: _GROUP_PROCEDURES.run(connection, unit=post.unit, role=post.role).fetchall()

    of_posts = (held_by(post.on_behalf_of) if post.on_behalf_of else of_group(post) for post in groups)
    return [held_by(login), *of_posts]


def choices(named: Sequence[Named]) -> tuple[tuple[str, str], ...]:
    """Each procedure once, by name."""
    found = {code: name for some in named for code, name in some}
    return tuple(sorted(found.items(), key=lambda pair: pair[1]))


# -- statements --------------------------------------------------------------------------------------------------


def _way(asked: Asked, found: Sought, units: int) -> _Way:
    return _Way(
        groups=len(asked.groups),
        mine=bool(asked.login),
        absent=len(asked.absent),
        held=len(asked.held),
        procedure=bool(asked.procedure),
        state=asked.state,
        words=len(found.words),
        few=(len(found.ranges), units) if found.ranges else (0, 0),
        matching=len(found.procedures),
        through=found.through,
    )


def _sources(way: _Way) -> list[str]:
    sources = [_MINE] if way.mine else []
    sources += [_GROUP.format(phrase.letter(number)) for number in range(way.groups)]
    sources += [_HELD.format(phrase.letter(number)) for number in range(way.held)]
    sources += [_ABSENT.format(phrase.letter(number)) for number in range(way.absent)]
    conditions = _STATE_SQL[way.state] + (" AND procedure = :procedure" if way.procedure else "")
    return [f"{source}{conditions}" for source in sources]


@cache
def _page(way: _Way, dated: bool, begun: bool, ended: bool) -> Statement:
    tail = " AND due_at IS NOT NULL" if dated else " AND due_at IS NULL"
    if begun:
        tail += " AND (due_at, id) > (:due, :id)" if dated else " AND id > :id"
    if ended:
        tail += " AND (due_at, id) <= (:to_due, :to_id)" if dated else " AND id <= :to_id"
    order = "ORDER BY due_at, id LIMIT :limit"  # also where none is due: it is the order of the index
    branches = [
        f"SELECT * FROM (SELECT {TASK} FROM {table} WHERE {source}{condition}{tail} {order}) AS b"  # noqa: S608
        for source in _sources(way)
        for table, condition in _ways(way)
    ]
    together = " UNION " if len(_ways(way)) > 1 else " UNION ALL "  # a task may be reached by two ways
    return Statement(joined(together.join(branches), "t.due_at, t.id" if dated else "t.id"))


def _ways(way: _Way) -> list[tuple[str, str]]:
    """Table and condition of each way to what is sought; one without a condition when nothing is."""
    if not way.words:
        return [("task", "")]
    like = phrase.beginning(way.words, "s.search")
    fits = f" AND EXISTS (SELECT 1 FROM dossier s WHERE s.number = {{0}}.dossier{like})"  # noqa: S608 - our own words
    found = []
    if way.few[0]:
        # The inner LIMIT keeps the server from walking the whole list in its order in search of the few.
        few = sought.numbers(*way.few)
        table = f"(SELECT * FROM task WHERE dossier IN ({few}) AND state = 'open' LIMIT 1000000) AS f"  # noqa: S608
        found.append((table, fits.format("f")))
    if way.through:
        found.append(("task", fits.format("task")))
    found += [("task", f" AND procedure = :match_{phrase.letter(number)}") for number in range(way.matching)]
    return found


@cache
def _stretch(way: _Way, dated: bool, begun: bool) -> Statement:
    tail = " AND due_at IS NOT NULL" if dated else " AND due_at IS NULL"
    if begun:
        tail += " AND (due_at, id) > (:due, :id)" if dated else " AND id > :id"
    return Statement(
        " UNION ALL ".join(
            "SELECT * FROM (SELECT due_at, id FROM task "  # noqa: S608 - our own words
            f"WHERE {source}{tail} ORDER BY due_at, id LIMIT 1 OFFSET :look) AS b"
            for source in _sources(way)
        )
    )


@cache
def _count(way: _Way) -> Statement:
    tail = " AND due_at IS NULL" if way.state == "paused" else ""
    branches = " UNION ALL ".join(
        f"SELECT * FROM (SELECT 1 AS one FROM task WHERE {source}{tail} LIMIT {CAP + 1}) AS b"  # noqa: S608
        for source in _sources(way)
    )
    # The limit stands in the text: of a parameter PostgreSQL's lasting plan knows nothing, and reads whole tables.
    return Statement(f"SELECT count(*) FROM ({branches}) AS t")  # noqa: S608 - our own words


_MY_UNITS = Statement(
    "SELECT DISTINCT unit FROM task WHERE assignee = :login AND assignee <> '' AND state = 'open' LIMIT 20"
)
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


# -- values ------------------------------------------------------------------------------------------------------


def _values(asked: Asked, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"login": asked.login, "procedure": asked.procedure, "now": stored(now)}
    for number, post in enumerate(asked.groups):
        values[f"unit_{phrase.letter(number)}"], values[f"role_{phrase.letter(number)}"] = post.unit, post.role
    values |= {f"held_{phrase.letter(number)}": unit for number, unit in enumerate(asked.held)}
    for number, post in enumerate(asked.absent):
        letter = phrase.letter(number)
        values |= {f"absent_{letter}": post.on_behalf_of, f"absent_unit_{letter}": post.unit}
        values[f"absent_role_{letter}"] = post.role
    return values


def _matching(found: Sought) -> dict[str, str]:
    return {f"match_{phrase.letter(number)}": code for number, code in enumerate(found.procedures)}


def _cursor(after: str) -> tuple[bool | None, int, str]:
    """Whether the last row had a due moment, that moment, and the task; a spoilt cursor begins anew."""
    if after.startswith("."):
        return False, 0, after[1:]
    due, place = pair(after)
    return (True, due, place) if place else (None, 0, "")


def _key(row: InboxRow) -> str:
    return _place(None if row.due_at is None else stored(row.due_at), row.task)


def _place(due: int | None, task: str) -> str:
    return f"{'' if due is None else due}.{task}"
