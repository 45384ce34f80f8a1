"""What workers and monitors ask all the time reads what is due and not the million that is to come.

PostgreSQL makes one plan for all values of a prepared statement. It takes "due by now" for a third of the table, so
that a statement that may stop anywhere looks cheap by reading the table from its beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from engine.queries import health, operation
from engine.store import outbox, timers
from engine.store.database import Database
from engine.store.migration import migrate
from engine.store.statement import Statement

pytestmark = pytest.mark.postgresql
#: Rows of each table that wait for a moment to come.
_PENDING = 30_000
_FILL = """
INSERT INTO timer (id, dossier, kind, ref, due_at, state, attempts, error, lease_owner)
SELECT 'p' || n, 'none', 'warning', '', 9000000000000000 + n, 'waiting', 0, '', ''
FROM generate_series(1, {count}) AS n;
INSERT INTO outbox (
    id, dossier, topic, task, payload, state, attempts, priority, due_at, lease_owner, error, note, created_at)
SELECT 'p' || n, '', 'mail.send', '', '{{}}', 'waiting', 0, 0, 9000000000000000 + n, '', '', '', 0
FROM generate_series(1, {count}) AS n;
ANALYZE timer;
ANALYZE outbox
"""


@pytest.fixture
def full(postgresql_url: Callable[[str], str]) -> Iterator[Database]:
    database = Database(postgresql_url("plans"))
    migrate(database)
    with database.begin() as uow:
        for statement in _FILL.format(count=_PENDING).split(";"):
            uow.connection.driver.execute(statement)
    yield database
    database.close()


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
        pytest.param(operation._TIMERS_DUE, id="due timers of the operator's page"),
        pytest.param(operation._TIMERS_FAILED, id="failing timers of the operator's page"),
    ],
)
def test_polled_statement_does_not_read_what_is_to_come(full: Database, statement: Statement) -> None:
    assert not _reads_all(full, statement)


def test_statement_that_may_stop_anywhere_is_noticed(full: Database) -> None:
    """The control: the same question without an order."""
    careless = Statement("SELECT 1 FROM timer t WHERE t.state = 'waiting' AND t.due_at <= :now LIMIT 1")
    assert _reads_all(full, careless)


def _reads_all(database: Database, statement: Statement) -> bool:
    """Whether the plan that is made for all values looks at more than half of what waits."""
    values = ", ".join(_literal(name) for name in statement.order)
    with database.begin() as uow:
        run = uow.connection.driver.execute
        run("SET LOCAL plan_cache_mode = force_generic_plan")
        run(b"PREPARE asked AS " + statement.numbered)
        rows = run(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE asked{f'({values})' if values else ''}").fetchone()[0]
        run("DEALLOCATE asked")
    return max(_looked_at(rows[0]["Plan"])) > _PENDING / 2


def _literal(name: str) -> str:
    known = {"topics": "'{mail.send}'", "limit": "10", "cap": "1000", "owner": "'me'", "last": "''", "after": "0"}
    return known.get(name, "1790000000000000")


def _looked_at(plan: dict) -> Iterator[int]:
    """Rows that each part of a plan gave on or threw away."""
    yield int(plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * int(plan["Actual Loops"])
    for part in plan.get("Plans", ()):
        yield from _looked_at(part)
