"""One installation for the whole run, and a fresh product on it for every test.

The sandboxes (signing, payment, registers, mail) run once on free loopback ports; units, people and procedures are
seeded once into a SQLite file that every test clones. The clock stands still on a working morning until a test moves
it.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy

from engine.bus import Bus
from engine.clock import ZONE, SteppingClock
from engine.model.permission import Actor
from engine.store.database import Database, sqlite_url
from engine.store.migration import migrate
from engine.store.unit_of_work import UnitOfWork
from webapp.bench.temporary_postgresql import PostgresqlMissing, PostgresqlServer
from webapp.bootstrap import Product, assemble
from webapp.demo.seed import seed
from webapp.logs import configure_logging
from webapp.ports import free_ports
from webapp.settings import Settings

#: The same commit draws the same cases on every machine; ``make explore`` looks for new ones.
hypothesis.settings.register_profile("steady", derandomize=True, print_blob=True)
hypothesis.settings.register_profile("explore", print_blob=True)
hypothesis.settings.load_profile(os.environ.get("MOTCUA_PROPERTIES", "steady"))

#: Tuesday, 10 November 2026, 08:30 in Vietnam: an ordinary working morning.
MORNING = datetime(2026, 11, 10, 8, 30, tzinfo=ZONE)


class LiveClock:
    """The installation's clock: stands at the moment of the test that runs."""

    def __init__(self) -> None:
        self.stepping = SteppingClock(MORNING)

    def now(self) -> datetime:
        """The moment last set."""
        return self.stepping.now()

    def set(self, moment: datetime) -> None:
        """Go forward to ``moment``."""
        self.stepping.set(moment)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The running sandboxes and the seeded template; never change its database, take ``product``."""
    configure_logging("CRITICAL")
    home, first = tmp_path_factory.mktemp("motcua"), free_ports(5)
    settings = Settings(home=home, port=first, sandbox_port=first + 1)
    with assemble(settings, clock=LiveClock()) as whole:
        seed(whole)
        with whole.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        yield whole


@pytest.fixture
def clock(installation: Product) -> LiveClock:
    """The clock of this test, standing at ``MORNING``; move it with ``set``."""
    clock = installation.clock
    assert isinstance(clock, LiveClock)
    clock.stepping = SteppingClock(MORNING)
    return clock


@pytest.fixture
def product(
    request: pytest.FixtureRequest, installation: Product, clock: LiveClock, tmp_path: Path
) -> Iterator[Product]:
    """A product with a database of its own: units, people and procedures, no dossier.

    On SQLite, or on PostgreSQL for every test when ``MOTCUA_DATABASE_URL`` names a server.
    """
    assert installation.sandboxes is not None
    for mail in installation.sandboxes.mail_folder.glob("*.eml"):
        mail.unlink()
    if os.environ.get("MOTCUA_DATABASE_URL", "").startswith("postgresql"):
        with _on_postgresql(request, installation) as whole:
            yield whole
        return
    file = tmp_path / "motcua.db"
    shutil.copyfile(installation.settings.home / "motcua.db", file)
    database = Database(sqlite_url(file))
    bus = Bus(database, clock, installation.bus.library, installation.bus.rules)
    yield dataclasses.replace(installation, database=database, bus=bus)
    database.close()


@contextmanager
def _on_postgresql(request: pytest.FixtureRequest, product: Product) -> Iterator[Product]:
    server: PostgresqlServer | GivenServer = request.getfixturevalue("postgresql")
    template: str = request.getfixturevalue("postgresql_template")
    name = f"t{uuid.uuid4().hex[:12]}"
    server.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    database = Database(server.url(name))
    bus = Bus(database, product.clock, product.bus.library, product.bus.rules)
    yield dataclasses.replace(product, database=database, bus=bus)
    database.close()
    server.sql(f"DROP DATABASE {name} WITH (FORCE)")


class GivenServer:
    """The server of ``MOTCUA_DATABASE_URL``; its role must be allowed to create databases."""

    def __init__(self, url: str) -> None:
        self._url = sqlalchemy.make_url(url)

    def url(self, database: str) -> str:
        """The address of another database there."""
        return self._url.set(database=database).render_as_string(hide_password=False)

    def sql(self, statement: str) -> None:
        """Run one statement outside a transaction."""
        engine = sqlalchemy.create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer | GivenServer]:
    """The given server, or one of the run's own; required where ``MOTCUA_REQUIRE_POSTGRESQL`` is set.

    Its folder is not pytest's: the server runs as another user, and pytest closes its folders to others at each start.
    """
    given = os.environ.get("MOTCUA_DATABASE_URL", "")
    if given.startswith("postgresql"):
        yield GivenServer(given)
        return
    with tempfile.TemporaryDirectory(prefix="motcua-postgresql-") as folder:
        try:
            server = PostgresqlServer(Path(folder), free_ports(1))
            server.start()
        except PostgresqlMissing as missing:
            if os.environ.get("MOTCUA_REQUIRE_POSTGRESQL"):
                raise
            pytest.skip(str(missing))
        yield server
        server.stop()


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgresqlServer | GivenServer, installation: Product) -> str:
    """The name of a seeded database that tests clone."""
    name = f"seeded{uuid.uuid4().hex[:8]}"
    postgresql.sql(f"CREATE DATABASE {name}")
    database = Database(postgresql.url(name))
    migrate(database)
    bus = Bus(database, installation.clock, installation.bus.library, installation.bus.rules)
    assert isinstance(installation.clock, LiveClock)
    now, installation.clock.stepping = installation.clock.stepping, SteppingClock(MORNING)
    seed(dataclasses.replace(installation, database=database, bus=bus))
    installation.clock.stepping = now
    database.close()
    return name


@pytest.fixture
def postgresql_url(postgresql: PostgresqlServer | GivenServer, postgresql_template: str) -> Callable[[str], str]:
    """Makes a seeded PostgreSQL database of a name and gives its address."""

    def make(name: str) -> str:
        name = f"{name}{uuid.uuid4().hex[:8]}"
        postgresql.sql(f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
        return postgresql.url(name)

    return make


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def either_product(request: pytest.FixtureRequest, product: Product) -> Iterator[Product]:
    """A product on SQLite, then the same on PostgreSQL: both must behave alike."""
    if request.param == "sqlite":
        yield product
        return
    with _on_postgresql(request, product) as whole:
        yield whole


def person(product: Product, login: str) -> Actor:
    """A demo person with the posts held now."""
    with product.database.read() as connection:
        actor = UnitOfWork(connection).organisation.actor(login, product.clock.now())
    assert actor is not None, login
    return actor
