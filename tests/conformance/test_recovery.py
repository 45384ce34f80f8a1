"""What happens when the database goes away, is slow, full or in use: a clear refusal, and the next try works."""

from __future__ import annotations

import dataclasses
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.bus import Bus
from engine.commands.organisation import AddUnit
from engine.model.permission import SYSTEM
from engine.store.database import Database, Limits, sqlite_url
from engine.store.failures import DatabaseBusy, DatabaseSlow, DatabaseUnavailable, OutcomeUnknown
from engine.store.migration import differences, migrate
from engine.store.statement import Statement
from engine.store.unit_of_work import UnitOfWork
from tests.conftest import GivenServer
from webapp.app import create_app
from webapp.bench.temporary_postgresql import PostgresqlMissing, PostgresqlServer
from webapp.bootstrap import Product
from webapp.demo.people import UNITS
from webapp.ports import free_ports

_COUNT = Statement("SELECT count(*) FROM unit")
pytestmark = pytest.mark.postgresql


@pytest.fixture
def server() -> Iterator[PostgresqlServer]:
    """A server of the test's own, which it may stop."""
    with tempfile.TemporaryDirectory(prefix="motcua-postgresql-") as folder:
        try:
            own = PostgresqlServer(Path(folder), free_ports())
            own.start()
        except PostgresqlMissing as missing:
            if os.environ.get("MOTCUA_REQUIRE_POSTGRESQL"):
                raise
            pytest.skip(str(missing))
        yield own
        own.stop()


@pytest.fixture
def database(postgresql_url: Callable[[str], str]) -> Iterator[Database]:
    """A seeded database with short limits."""
    short = Database(postgresql_url("limits"), Limits(pool=1, wait=0.2, statement=0.5, lock=0.1, idle=0.3))
    yield short
    short.close()


def test_requests_during_a_restart_are_refused_clearly_and_work_again_after(
    server: PostgresqlServer, product: Product
) -> None:
    database = Database(server.url("postgres"))
    migrate(database)
    bus = Bus(database, product.clock, product.bus.library, product.bus.rules)
    settings = dataclasses.replace(product.settings, worker=False)
    client = create_app(dataclasses.replace(product, database=database, bus=bus, settings=settings)).test_client()
    assert client.get("/readyz").status_code == 200
    bus.execute(AddUnit(unit=UNITS[0]), SYSTEM)
    server.stop()
    for path, kind in (("/procedures", "text/html"), ("/api/v1/procedure", "application/problem+json")):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (503, kind), path
        assert int(answer.headers["Retry-After"]) > 0
        assert "database-unavailable" in answer.text
        assert "Traceback" not in answer.text and str(server.port) not in answer.text
    with pytest.raises(DatabaseUnavailable):
        bus.execute(AddUnit(unit=UNITS[1]), SYSTEM)
    assert client.get("/readyz").json["checks"]["database"] == "unreachable"
    assert client.get("/healthz").status_code == 200
    server.start()
    assert client.get("/api/v1/procedure").status_code == 200
    assert client.get("/readyz").status_code == 200
    bus.execute(AddUnit(unit=UNITS[1]), SYSTEM)
    with database.read() as connection:
        assert _COUNT.run(connection).scalar_one() == 2
    database.close()


def _cut(database: Database, victim: int) -> None:
    other = Database(database.url)
    with other.begin() as uow:
        Statement("SELECT pg_terminate_backend(:pid)").run(uow.connection, pid=victim)
    other.close()


def test_connection_cut_in_mid_transaction_leaves_nothing(database: Database) -> None:
    with database.read() as connection:
        before = _COUNT.run(connection).scalar_one()
    with pytest.raises(DatabaseUnavailable) as caught, database.begin() as uow:
        uow.organisation.add_unit(dataclasses.replace(UNITS[0], code="X1"))
        _cut(database, uow.connection.driver.info.backend_pid)
        uow.organisation.add_unit(dataclasses.replace(UNITS[0], code="X2"))
    assert not isinstance(caught.value, OutcomeUnknown)
    with database.read() as connection:
        assert _COUNT.run(connection).scalar_one() == before


def test_connection_cut_at_commit_says_that_nobody_knows(database: Database) -> None:
    with pytest.raises(OutcomeUnknown), database.begin() as uow:
        uow.organisation.add_unit(dataclasses.replace(UNITS[0], code="X1"))
        assert uow.organisation.account("X1") is None  # what was written before has travelled with it
        _cut(database, uow.connection.driver.info.backend_pid)


def test_connection_cut_before_the_commit_says_that_nothing_changed(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable) as told, database.begin() as uow:
        uow.organisation.add_unit(dataclasses.replace(UNITS[0], code="X1"))
        _cut(database, uow.connection.driver.info.backend_pid)
    assert not isinstance(told.value, OutcomeUnknown)
    with database.read() as connection:
        assert UnitOfWork(connection).organisation.periods("X1") == ()


def test_slow_statement_is_stopped(database: Database) -> None:
    with pytest.raises(DatabaseSlow), database.read() as connection:
        Statement("SELECT pg_sleep(5)").run(connection)


def test_wait_for_a_lock_ends_as_busy(database: Database) -> None:
    other = Database(database.url)
    row = Statement("UPDATE unit SET name = name WHERE code = :code")
    with other.begin() as first:
        row.run(first.connection, code=UNITS[0].code)
        with pytest.raises(DatabaseBusy), database.begin() as second:
            row.run(second.connection, code=UNITS[0].code)
    other.close()


def test_full_pool_is_refused_not_waited_for_ever(database: Database) -> None:
    with database.read(), database.read(), pytest.raises(DatabaseUnavailable), database.read():
        pass
    with database.read() as connection:
        assert _COUNT.run(connection).scalar_one() > 0


def test_processes_that_start_together_migrate_once(postgresql: PostgresqlServer | GivenServer, tmp_path: Path) -> None:
    name = f"together{uuid.uuid4().hex[:8]}"
    postgresql.sql(f"CREATE DATABASE {name}")
    for url in (postgresql.url(name), sqlite_url(tmp_path / "new.db")):
        databases = [Database(url) for _ in range(3)]
        with ThreadPoolExecutor(3) as together:
            list(together.map(migrate, databases))
        assert differences(databases[0]) == []
        for database in databases:
            database.close()


def test_full_disk_is_unavailable_and_nothing_is_half_done(product: Product) -> None:
    if not product.database.sqlite:
        pytest.skip("a page limit is SQLite's")
    database = product.database
    with pytest.raises(DatabaseUnavailable, match="full"), database.begin() as uow:
        pages = uow.connection.driver.execute("PRAGMA page_count").fetchone()[0]
        uow.connection.driver.execute(f"PRAGMA max_page_count = {pages}")
        for place in range(2000):
            uow.organisation.add_unit(dataclasses.replace(UNITS[0], code=f"X{place}", name="x" * 1000))
    with database.read() as connection:
        assert _COUNT.run(connection).scalar_one() == len(UNITS)
