"""What is asked of PostgreSQL reads what it is about and not whole tables, by the plan that is made for all values.

A prepared statement gets one plan for whatever it is asked with. That plan takes "due by now" for a third of a table
and any limit for a tenth of it, and does not know that a log-in is never empty: what is read by an index with the
values at hand may read the table without them. All statements of the store and the queries are planned here.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

import engine.queries
import engine.store
from engine.queries import health, inbox_others, incidents, operation
from engine.store import outbox, timers
from engine.store.connection import Connection
from engine.store.database import Database
from engine.store.statement import Statement
from engine.store.tables import metadata
from tests.conftest import GivenServer
from webapp.bench.temporary_postgresql import PostgresqlServer

pytestmark = pytest.mark.postgresql
#: Rows of each table.
_ROWS = 10_000
_FAR = 9_000_000_000_000_000
#: What the columns hold that decide which rows are asked for; ``n`` counts the rows.
_VALUES = {
    "outbox.state": "CASE WHEN n % 500 = 0 THEN 'failed' WHEN n % 20 = 0 THEN 'waiting' ELSE 'done' END",
    "outbox.topic": "(ARRAY['mail.send', 'result.sign', 'papers.read', 'letter.make'])[1 + n % 4]",
    "outbox.due_at": f"{_FAR} + n",
    "timer.state": "CASE WHEN n % 4 = 0 THEN 'fired' ELSE 'waiting' END",
    "timer.due_at": f"{_FAR} + n",
    "timer.error": "''",
    "task.state": "CASE WHEN n % 3 = 0 THEN 'completed' ELSE 'open' END",
    "task.assignee": "CASE WHEN n % 5 = 0 THEN 'person' || n % 400 ELSE '' END",
    "task.lateness": "CASE WHEN n % 50 = 0 THEN 'overdue' ELSE '' END",
    "dossier.lateness": "CASE WHEN n % 50 = 0 THEN 'overdue' ELSE '' END",
    "dossier.closed_at": "CASE WHEN n % 2 = 0 THEN n END",
    "event.kind": "(ARRAY['TaskCompleted', 'DossierFiled', 'TaskClaimed', 'TimerFired', 'ResultDelivered'])[1 + n % 5]",
    "charge.state": "CASE WHEN n % 20 = 0 THEN 'due' ELSE 'paid' END",
    "refund.state": "CASE WHEN n % 100 = 0 THEN 'open' ELSE 'done' END",
}
#: Few by nature; those of whom there are few are read whole.
_SMALL = frozenset(
    {
        "calendar", "certificate_change", "checkpoint_head", "circuit", "counter", "definition_bundle", "deployment",
        "national_entry", "procedure_draft", "procedure_draft_file", "procedure_word", "quota", "slot", "unit",
        "worker",
    }
)  # fmt: skip
#: Statements that read a large table, and why they may.
_MAY = {
    "engine.queries.health._TASKS": "a total, counted every five minutes",
    "engine.queries.health._EVENTS": "a total, counted every five minutes",
    "engine.queries.operation._TIMERS_LATER": "a count that stops at a height",
    "engine.store.dossiers._NUMBERS": "everything is verified",
    "engine.store.filters._UNCHOOSE_ALL": "somebody throws a shared filter away",
    "engine.store.organisation._STAFF": "the morning's digests",
    "engine.store.organisation._WITH": "an operator enters a certificate",
    "engine.store.rate_counts._PRUNE": "once an hour",
    "engine.store.substitutions._IN_UNIT": "leave of a unit, asked for by those who enter it",
    "engine.store.timers._DUE": "SQLite's",
}


@pytest.fixture(scope="module")
def full(postgresql: PostgresqlServer | GivenServer, postgresql_template: str) -> Iterator[Database]:
    """A database whose tables that grow are full of rows that belong to nothing."""
    name = f"plans{uuid.uuid4().hex[:8]}"
    postgresql.sql(f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
    database = Database(postgresql.url(name))
    with database.begin() as uow:
        run = uow.connection.driver.execute
        for table in metadata.tables.values():
            if table.name not in _SMALL:
                columns = ", ".join(f'"{column.name}"' for column in table.columns)
                values = ", ".join(_value(column) for column in table.columns)
                run(f"INSERT INTO {table.name} ({columns}) SELECT {values} FROM generate_series(1, {_ROWS}) AS n")
        run("ANALYZE")
    yield database
    database.close()


def _value(column: Any) -> str:
    name, kind = column.name, type(column.type).__name__
    given = _VALUES.get(f"{column.table.name}.{name}")
    if given:
        return given
    unique = {*column.table.constraints, *(index for index in column.table.indexes if index.unique)}
    many = column.primary_key or any(name in found.columns for found in unique if hasattr(found, "columns"))
    if kind == "BigInteger":
        return "n" if many or name.endswith("_at") else "n % 7"
    if kind == "Float":
        return "n"
    if kind == "LargeBinary":
        return "'x'"
    return f"'{name}' || n" if many or name in {"dossier", "charge"} else f"'{name}' || n % 900"


def _statements() -> dict[str, Statement]:
    """Every statement of a module, alone or in a table of statements, by its place."""
    found: dict[str, tuple[str, Statement]] = {}
    for package in (engine.store, engine.queries):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(module.name)).items():
                held = value.items() if isinstance(value, dict) else [("", value)]
                for key, one in held:
                    if isinstance(one, Statement) and not re.search("json_each|SQLITE|rowid", name + one.text):
                        found.setdefault(one.text, (f"{module.name}.{name}{key or ''}", one))
    built = {
        "attention": incidents._attention(""),
        "attention of a connector": incidents._attention("signing"),
        "refunds of two units": incidents._refunds(2),
        "waiting": inbox_others._waiting(2, 0, 0, False, False),
        "waiting, counted": inbox_others._count_waiting(2),
        "done": inbox_others._done(0, False, False),
    }
    return dict(found.values()) | built


def test_no_statement_reads_a_large_table_whole(full: Database) -> None:
    statements = _statements()
    assert len(statements) > 200
    found = {}
    with full.begin() as uow:
        large = _large(uow.connection)
        for name, statement in statements.items():
            if re.match("(SELECT|WITH|UPDATE|DELETE|INSERT) ", statement.text):
                whole = large & set(_read_whole(_plan(uow.connection, statement)))
                if whole:
                    found[name] = whole
    assert len(large) > 20
    assert {name: tables for name, tables in found.items() if name not in _MAY} == {}
    assert set(_MAY) <= set(found), "what needs no excuse has none"


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(timers._ANY, id="any timer due"),
        pytest.param(timers._NEXT, id="next timer"),
        pytest.param(timers._DUE_SKIPPING, id="lease timers"),
        pytest.param(timers._UNHELD, id="timers that nobody holds"),
        pytest.param(outbox._ANY, id="any row due"),
        pytest.param(outbox._DUE_POSTGRESQL, id="lease rows"),
        pytest.param(outbox._UNHELD, id="rows that nobody holds"),
        pytest.param(health._TIMERS, id="due timers of the metrics"),
        pytest.param(health._FAILING, id="failing timers of the metrics"),
        pytest.param(health._OLDEST, id="oldest row of the metrics"),
        pytest.param(incidents._TIMERS, id="failing timers of the incidents"),
        pytest.param(operation._TIMERS_DUE, id="due timers of the operator's page"),
        pytest.param(operation._TIMERS_FAILED, id="failing timers of the operator's page"),
    ],
)
def test_polled_statement_does_not_look_at_what_is_to_come(full: Database, statement: Statement) -> None:
    with full.begin() as uow:
        assert max(_looked_at(_plan(uow.connection, statement, run=True))) < _ROWS / 10


def test_statement_that_may_stop_anywhere_is_noticed(full: Database) -> None:
    """The control: the same question without an order."""
    careless = Statement("SELECT 1 FROM timer t WHERE t.state = 'waiting' AND t.due_at <= :now LIMIT 1")
    with full.begin() as uow:
        assert max(_looked_at(_plan(uow.connection, careless, run=True))) > _ROWS / 2
        assert "timer" in _read_whole(_plan(uow.connection, careless))


def _plan(connection: Connection, statement: Statement, *, run: bool = False) -> dict[str, Any]:
    """The plan for all values; ``run`` tells also how many rows each part looked at."""
    execute = connection.driver.execute
    execute("SET LOCAL plan_cache_mode = force_generic_plan")
    execute(b"PREPARE asked AS " + statement.numbered)
    try:
        kinds = execute("SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'asked'").fetchone()[0]
        values = ", ".join(_literal(name, kind) for name, kind in zip(statement.order, kinds, strict=True))
        how = "EXPLAIN (ANALYZE, FORMAT JSON)" if run else "EXPLAIN (FORMAT JSON)"
        rows = execute(f"{how} EXECUTE asked{f'({values})' if values else ''}").fetchone()[0]
    finally:
        execute("DEALLOCATE asked")
    return dict(rows[0]["Plan"])


def _literal(name: str, kind: str) -> str:
    known = {"topics": "'{mail.send}'", "limit": "10", "cap": "1000", "after": "0"}
    if kind.endswith("[]"):
        return known.get(name, "'{}'")
    if kind == "text":
        return "'x'"
    return known.get(name, "1790000000000000") if kind == "bigint" else "10" if kind == "integer" else "NULL"


def _parts(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _parts(part)


def _read_whole(plan: dict[str, Any]) -> Iterator[str]:
    return (str(part["Relation Name"]) for part in _parts(plan) if part["Node Type"] == "Seq Scan")


def _looked_at(plan: dict[str, Any]) -> Iterator[int]:
    """Rows that each part of a plan gave on or threw away."""
    for part in _parts(plan):
        yield int(part["Actual Rows"] + part.get("Rows Removed by Filter", 0)) * int(part["Actual Loops"])


def _large(connection: Connection) -> set[str]:
    """Tables and parts of tables with many rows."""
    asked = f"SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > {_ROWS / 2}"
    return {row[0] for row in connection.driver.execute(asked).fetchall()}
