"""For benches: a province's worth of open tasks: one real dossier copied many times, in groups as uneven as real ones.

Everything is made by the database itself from a small table of groups, so that ten million tasks take minutes. The
copies differ in number, name, procedure, unit, filing and due moment; process state, form and deadline are the
original's. They are for lists and searches; pages of dossiers are measured on real ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint, DropConstraint

from engine.model.folding import folded
from engine.store import tables
from engine.store.database import Database

#: (unit, role) groups of a province, and how fast they become smaller: the biggest holds about 1.6 % of all tasks.
GROUPS = 2000
_SKEW = 0.57
_ROLES = ("desk", "specialist", "clerk")
_PROCEDURES = 60
_DAY = 24 * 3600 * 1_000_000
_FAMILY = ("Nguyễn",) * 8 + ("Trần",) * 3 + ("Lê", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Đỗ", "Ngô")
_MIDDLE = ("Thị",) * 6 + ("Văn",) * 5 + ("Quang", "Kim", "Minh", "Thu", "Đức", "Ngọc", "Hữu", "Xuân", "Bá")
_GIVEN = (
    "An", "Bảo", "Cúc", "Dung", "Đông", "Giang", "Hà", "Hạnh", "Hiền", "Hoa", "Hùng", "Hương", "Khánh", "Lan", "Liên",
    "Linh", "Long", "Mai", "Nam", "Nga", "Nhung", "Oanh", "Phúc", "Phượng", "Quân", "Quỳnh", "Sơn", "Tâm", "Thảo",
    "Thắng", "Trang", "Trung", "Tuấn", "Tuyết", "Uyên", "Việt", "Vinh", "Yến", "Ánh", "Bình",
)  # fmt: skip
_TABLES = (tables.dossier, tables.task, tables.dossier_word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The open tasks of one role in one unit."""

    unit: str
    role: str
    size: int


def groups(tasks: int, units: tuple[str, ...]) -> tuple[Group, ...]:
    """``GROUPS`` groups that hold ``tasks`` together; ``units`` come first and so have the biggest ones."""
    weights = [1 / place**_SKEW for place in range(1, GROUPS + 1)]
    found, left = [], tasks
    for place, weight in enumerate(weights):
        size = min(left, max(1, round(tasks * weight / sum(weights)))) if place < GROUPS - 1 else left
        left -= size
        number, role = divmod(place, len(_ROLES))
        unit = units[number] if number < len(units) else f"H56.{1000 + number}"
        found.append(Group(unit=unit, role=_ROLES[role], size=size))
    return tuple(group for group in found if group.size)


def load(database: Database, original: str, tasks: int, units: tuple[str, ...], *, now: int) -> None:
    """Copy the dossier ``original`` and its open task ``tasks`` times; ``now`` in microseconds."""
    with _autocommit(database) as connection:
        _parts(connection, groups(tasks, units), sqlite=database.sqlite)
        with _unindexed(connection, database):
            for statement in (_DOSSIERS, _TASKS, *_words()):
                connection.execute(sa.text(statement), {"original": original, "now": now, "day": _DAY})
        for table in ("bench_part", "bench_series", "bench_group", "bench_name", "bench_procedure"):
            connection.execute(sa.text(f"DROP TABLE {table}"))
        connection.execute(sa.text("ANALYZE"))


def settle(database: Database) -> None:
    """Let the database tidy up once, as it would in a night; without it the first readers would do it."""
    if not database.sqlite:
        with _autocommit(database) as connection:
            connection.execute(sa.text("VACUUM (ANALYZE)"))


@contextmanager
def _autocommit(database: Database) -> Iterator[sa.Connection]:
    """A connection of the load's own, on which statements may take minutes."""
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        if not database.sqlite:
            connection.execute(sa.text("SET statement_timeout = 0"))
        try:
            yield connection
        finally:
            connection.invalidate()  # with its own limits it does not go back to the pool


@contextmanager
def _unindexed(connection: sa.Connection, database: Database) -> Iterator[None]:
    """Indexes are dropped and made again, which is much faster than keeping them through a bulk load."""
    if database.sqlite:
        connection.execute(sa.text("PRAGMA synchronous=OFF"))
    constraints = [] if database.sqlite else [one for table in _TABLES for one in _keys(table)]
    indexes = [index for table in _TABLES for index in table.indexes]
    for index in indexes:
        index.drop(connection)
    for constraint in constraints:
        connection.execute(DropConstraint(constraint))
    yield
    if not database.sqlite:
        connection.execute(sa.text("SET maintenance_work_mem = '1GB'"))
    for constraint in constraints:
        connection.execute(AddConstraint(constraint))
    for index in indexes:
        index.create(connection)


def _keys(table: sa.Table) -> list[sa.Constraint]:
    kinds = (sa.PrimaryKeyConstraint, sa.UniqueConstraint)
    return [constraint for constraint in table.constraints if isinstance(constraint, kinds)]


def _parts(connection: sa.Connection, found: tuple[Group, ...], *, sqlite: bool) -> None:
    """One row for each copy with what tells it from the others."""
    _table(connection, "bench_group", [(n, one.unit, one.role, one.size) for n, one in enumerate(found)])
    names = [(place, *words) for place, words in enumerate(product(_FAMILY, _MIDDLE, _GIVEN))]
    _table(connection, "bench_name", [(*row, *(folded(word) for word in row[1:])) for row in names])
    _table(connection, "bench_procedure", [(n, f"3.{n:06d}", f"Thủ tục mẫu số {n}") for n in range(_PROCEDURES)])
    largest = max(one.size for one in found)
    connection.execute(sa.text("CREATE TABLE bench_series (i BIGINT PRIMARY KEY)"))
    connection.execute(
        sa.text(
            "INSERT INTO bench_series WITH RECURSIVE n (i) AS "
            "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :largest) SELECT i FROM n"
        ),
        {"largest": largest},
    )
    connection.execute(sa.text("ANALYZE"))
    unlogged = "" if sqlite else "UNLOGGED "
    connection.execute(sa.text(f"CREATE {unlogged}TABLE bench_part AS {_PART.format(names=len(names))}"))


def _table(connection: sa.Connection, name: str, rows: list[tuple[Any, ...]]) -> None:
    kinds = ["BIGINT" if isinstance(value, int) else "TEXT" for value in rows[0]]
    columns = ", ".join(f"c{place} {kind}" for place, kind in enumerate(kinds))
    connection.execute(sa.text(f"CREATE TABLE {name} ({columns})"))
    marks = ", ".join(f":c{place}" for place in range(len(kinds)))
    values = [{f"c{place}": value for place, value in enumerate(row)} for row in rows]
    connection.execute(sa.text(f"INSERT INTO {name} VALUES ({marks})"), values)  # noqa: S608


#: ``h`` scatters: neighbours in a group share neither name nor procedure nor day. Of 64 tasks 3 are late and 4 soon
#: due, 2 have no due moment because the term is paused, and 6 are claimed.
_PART = (
    "SELECT g.c1 AS unit, g.c2 AS role, g.c0 * 1000000 + s.i AS place, "
    "g.c1 || '-' || CAST(260101 + s.i % 28 AS TEXT) || '-' || "
    "substr(CAST(10000000 + g.c0 % 3 * 1000000 + s.i AS TEXT), 2) AS number, lower(g.c1) AS word_a, "
    "CAST(260101 + s.i % 28 AS TEXT) AS word_b, "
    "substr(CAST(10000000 + g.c0 % 3 * 1000000 + s.i AS TEXT), 2) AS word_c, "
    "n.c1 || ' ' || n.c2 || ' ' || n.c3 AS name, n.c4 AS word_d, n.c5 AS word_e, n.c6 AS word_f, "
    "p.c1 AS procedure, p.c2 AS procedure_name, s.i % 64 AS kind, "
    "(g.c0 * 7919 + s.i * 104729) % 100000 AS h "
    "FROM bench_group g JOIN bench_series s ON s.i <= g.c3 "
    "JOIN bench_name n ON n.c0 = (g.c0 * 7919 + s.i * 2654435761) % {names} "
    "JOIN bench_procedure p ON p.c0 = ((s.i * 31) % 60) * ((s.i * 17) % 60) / 60"
)
_DUE = (
    "CASE WHEN b.kind < 3 THEN :now - :day * (1 + b.h % 20) - b.h * 60000 "
    "WHEN b.kind < 7 THEN :now + b.h * 1500000 WHEN b.kind < 9 THEN NULL "
    "ELSE :now + :day * (3 + b.h % 27) + b.h * 600000 END"
)
_LATENESS = "CASE WHEN b.kind < 3 THEN 'overdue' WHEN b.kind < 7 THEN 'due_soon' ELSE '' END"
_FILED = ":now - :day * (3 + b.h % 57) - b.h * 600000"


def _copied(table: sa.Table, alias: str, own: dict[str, str]) -> tuple[str, str]:
    names = [column.name for column in table.columns]
    return ", ".join(names), ", ".join(own.get(name, f"{alias}.{name}") for name in names)


_INTO, _FROM = _copied(
    tables.dossier,
    "d",
    {
        "number": "b.number",
        "tracking": "'bench-' || CAST(b.place AS TEXT)",
        "procedure": "b.procedure",
        "procedure_name": "b.procedure_name",
        "applicant_name": "b.name",
        "holder_name": "b.name",
        "receiving_unit": "b.unit",
        "competent_unit": "b.unit",
        "filed_at": _FILED,
        "clock_from": _FILED,
        "due_at": _DUE,
        "promised_at": _DUE,
        "lateness": _LATENESS,
        "search": "b.word_a || '-' || b.word_b || '-' || b.word_c || ' ' || b.word_d || ' ' || b.word_e || ' ' || "
        "b.word_f || ' ' || b.procedure || ' ' || lower(b.procedure_name)",
    },
)
_DOSSIERS = f"INSERT INTO dossier ({_INTO}) SELECT {_FROM} FROM bench_part b, dossier d WHERE d.number = :original"  # noqa: S608
_INTO, _FROM = _copied(
    tables.task,
    "t",
    {
        "id": "'bench-' || CAST(b.place AS TEXT)",
        "dossier": "b.number",
        "role": "b.role",
        "unit": "b.unit",
        "assignee": "CASE WHEN b.kind >= 58 THEN 'bench-' || CAST(b.h % 7 AS TEXT) || b.unit ELSE '' END",
        "claimed_by": "CASE WHEN b.kind >= 58 THEN 'Cán bộ mẫu' ELSE '' END",
        "procedure": "b.procedure",
        "procedure_name": "b.procedure_name",
        "applicant_name": "b.name",
        "created_at": _FILED,
        "due_at": _DUE,
        "lateness": _LATENESS,
    },
)
_TASKS = (
    f"INSERT INTO task ({_INTO}) SELECT {_FROM} FROM bench_part b, task t "  # noqa: S608
    "WHERE t.id = (SELECT min(id) FROM task WHERE dossier = :original AND state = 'open')"
)


def _words() -> tuple[str, ...]:
    return tuple(
        f"INSERT INTO dossier_word (unit, word, number) SELECT b.unit, b.word_{letter}, b.number FROM bench_part b"  # noqa: S608
        for letter in "abcdef"
    )
