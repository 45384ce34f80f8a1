"""What is append-only stays so: by triggers for everybody, by missing rights for the application's role."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy

from engine.bus import Bus
from engine.clock import ZONE
from engine.errors import InvalidInput, MotcuaError
from engine.model.permission import SYSTEM
from engine.store.database import Database
from engine.store.failures import AlreadyStored, DatabaseRefused
from engine.store.guards import APPEND_ONLY, KEPT, NoRoles, grant, part_ahead
from engine.store.journal import Fact, Head
from engine.store.statement import Statement
from tests.conftest import LiveClock
from webapp.app import create_app
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun

FORGERIES = (
    *(f"UPDATE {table} SET {column} = {column}" for table, column in (("event", "body"), ("receipt", "amount"))),
    *(f"DELETE FROM {table}" for table in (*APPEND_ONLY, *KEPT)),
    *(f"TRUNCATE {table} CASCADE" for table in (*APPEND_ONLY, *KEPT)),
    "UPDATE event_first SET body = body",
    "DELETE FROM event_first",
    "TRUNCATE event_first",
    "TRUNCATE event_other",
)
#: What triggers cannot prevent, for they are the owner's: a role without rights is refused all the same.
BREAK_INS = (
    "DROP TABLE event",
    "DROP TABLE event_first",
    "DROP TABLE checkpoint",
    "ALTER TABLE event DETACH PARTITION event_first",
    "ALTER TABLE event DISABLE TRIGGER ALL",
    "DROP TRIGGER event_no_update ON event",
    "DROP FUNCTION motcua_refuse CASCADE",
    "CREATE OR REPLACE FUNCTION motcua_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
    "CREATE TABLE event_9999_01 (LIKE event)",
    "UPDATE alembic_version SET version_num = '0001'",
)


def _refused(database: Database, statement: str) -> str:
    with pytest.raises(DatabaseRefused) as caught, database.begin() as uow:
        uow.connection.driver.execute(statement)
    return str(caught.value)


@pytest.fixture
def owner(product: Product, postgresql_url: Callable[[str], str]) -> Iterator[Product]:
    """A product whose database's owner it is."""
    database = Database(postgresql_url("guarded"))
    bus = Bus(database, product.clock, product.bus.library, product.bus.rules)
    yield dataclasses.replace(product, database=database, bus=bus)
    database.close()


@pytest.fixture
def application(owner: Product) -> Iterator[Product]:
    """The same installation, worked with as the role of the application."""
    role = f"app{uuid.uuid4().hex[:8]}"
    with owner.database.begin() as uow:
        uow.connection.driver.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{role}'")
    grant(owner.database, role)
    url = sqlalchemy.make_url(owner.database.url).set(username=role, password=role)
    database = Database(url.render_as_string(hide_password=False))
    bus = Bus(database, owner.clock, owner.bus.library, owner.bus.rules)
    yield dataclasses.replace(owner, database=database, bus=bus)
    database.close()
    with owner.database.begin() as uow:
        uow.connection.driver.execute(f"DROP OWNED BY {role}")
        uow.connection.driver.execute(f"DROP ROLE {role}")


@pytest.mark.postgresql
def test_triggers_refuse_even_the_owner(owner: Product) -> None:
    DemoRun(owner, say=lambda line: None).play()
    for statement in FORGERIES:
        assert "append-only" in _refused(owner.database, statement), statement


@pytest.mark.postgresql
def test_application_works_but_cannot_forge(application: Product, owner: Product) -> None:
    number = DemoRun(application, say=lambda line: None).play().number  # all that work needs is granted
    assert part_ahead(application.database) == 0
    for statement in (*FORGERIES, *BREAK_INS):
        assert any(word in _refused(application.database, statement) for word in ("denied", "must be owner")), statement
    with owner.database.begin() as uow:
        uow.connection.driver.execute("ALTER TABLE event DISABLE TRIGGER ALL")
        uow.connection.driver.execute("ALTER TABLE event_first DISABLE TRIGGER ALL")
    assert "denied" in _refused(application.database, "UPDATE event SET body = body")  # rights stand without triggers
    # Negative control: with neither wall the same statement does its harm, and the auditor's check finds it.
    with owner.database.begin() as uow:
        changed = uow.connection.driver.execute("UPDATE event SET body = body || ' ' WHERE seq = 3").rowcount
    assert changed == 1
    with application.database.begin() as uow:
        assert [found.place for found in application.verification(uow).verify(number).findings] == ["event 3"]


@pytest.mark.postgresql
def test_every_table_of_the_lists_is_guarded(owner: Product) -> None:
    with owner.database.read() as connection:
        rows = Statement(
            "SELECT DISTINCT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND NOT c.relispartition"
        ).run(connection)
        tables = {row[0] for row in rows.fetchall()}
    assert tables == {*APPEND_ONLY, *KEPT}


@pytest.mark.postgresql
def test_right_that_the_last_grant_left_out_is_named(application: Product, owner: Product) -> None:
    def told() -> tuple[int, str, str]:
        client = create_app(application).test_client()
        with client.session_transaction() as session:
            session["login"] = "tam"
        ready = client.get("/readyz")
        return ready.status_code, ready.json["checks"]["database"], client.get("/operations/status").text

    application = dataclasses.replace(application, settings=dataclasses.replace(application.settings, worker=False))
    code, why, page = told()
    assert (code, why, "thiếu quyền" in page) == (200, "ok", False)
    with application.database.read() as connection:
        [[role]] = Statement("SELECT current_user").run(connection).fetchall()
    with owner.database.begin() as uow:  # as a migration leaves a new table behind
        uow.connection.driver.execute(f"REVOKE ALL ON certificate_change FROM {role}")
        uow.connection.driver.execute(f"REVOKE INSERT ON slot FROM {role}")
    code, why, page = told()
    assert (code, why) == (503, "not-granted")
    assert f"{role} thiếu quyền trên: certificate_change, slot." in page
    assert f"motcua init --grant-to {role}" in page
    with owner.database.begin() as uow:
        uow.connection.driver.execute(f"REVOKE ALL ON alembic_version FROM {role}")
    assert create_app(application).test_client().get("/readyz").json["checks"]["database"] == "not-granted"
    grant(owner.database, role)
    code, why, page = told()
    assert (code, why, "thiếu quyền" in page) == (200, "ok", False)


def test_grant_is_refused_where_it_cannot_hold(product: Product) -> None:
    if not product.database.sqlite:
        with pytest.raises(InvalidInput):
            grant(product.database, "x; DROP TABLE event")
        return
    with pytest.raises(NoRoles):
        grant(product.database, "app")


# -- the journal by month --------------------------------------------------------------------------------------------


def _partitions(database: Database) -> dict[str, int]:
    count = Statement("SELECT tableoid::regclass::text, count(*) FROM event GROUP BY 1")
    with database.read() as connection:
        return {row[0]: row[1] for row in count.run(connection).fetchall()}


@pytest.mark.postgresql
def test_events_of_any_time_find_a_place_and_verify(owner: Product, clock: LiveClock) -> None:
    demo = DemoRun(owner, say=lambda line: None)
    first = demo.play().number
    with owner.database.read() as connection:
        ahead = Statement(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'event'::regclass AND c.relname ~ '^event_[0-9]' ORDER BY 1"
        ).run(connection)
        months = [row[0] for row in ahead.fetchall()]
    assert len(months) == 3
    next_month = datetime.strptime(months[0], "event_%Y_%m").replace(day=10, hour=9, tzinfo=ZONE)
    clock.set(next_month)
    second = demo.file(demo.person("lan"))
    clock.set(next_month + timedelta(days=365 * 3))
    third = demo.file(demo.person("lan"))
    places = _partitions(owner.database)
    assert set(places) == {"event_first", months[0], "event_other"}
    with owner.database.begin() as uow:
        verification = owner.verification(uow)
        assert [verification.verify(number).findings for number in (first, second, third)] == [(), (), ()]
        assert len(uow.journal.of(second)) == places[months[0]]


@pytest.mark.postgresql
def test_place_in_a_chain_is_taken_once(owner: Product, clock: LiveClock) -> None:
    """Within a month by the partition's key; across months by the dossier's revision, and the auditor's check."""
    demo = DemoRun(owner, say=lambda line: None)
    number = demo.file(demo.person("lan"))
    head = Head(dossier=number, seq=1, hash="0" * 64)
    with pytest.raises(AlreadyStored), owner.database.begin() as uow:
        uow.journal.append(head, [Fact(kind="X", body={})], actor=SYSTEM, at=clock.now() + timedelta(seconds=1))
    with owner.database.begin() as uow:
        late = clock.now() + timedelta(days=365 * 3)
        uow.journal.append(head, [Fact(kind="X", body={})], actor=SYSTEM, at=late)
    with owner.database.begin() as uow:
        assert owner.verification(uow).verify(number).findings[0].place == "event 3"


@pytest.mark.postgresql
def test_partitions_are_made_once_by_whoever_comes_first(owner: Product) -> None:
    with owner.database.begin() as uow:
        uow.connection.driver.execute("SELECT motcua_event_partitions(6)")
    assert part_ahead(owner.database) == 0
    assert len([name for name in _tables(owner.database) if name.startswith("event_2")]) == 6


def _tables(database: Database) -> list[str]:
    with database.read() as connection:
        rows = Statement("SELECT relname FROM pg_class WHERE relkind = 'r' ORDER BY 1").run(connection)
        return [row[0] for row in rows.fetchall()]


def test_forgeries_are_refused_on_sqlite_too(product: Product) -> None:
    if not product.database.sqlite:
        pytest.skip("the other tests are PostgreSQL's")
    DemoRun(product, say=lambda line: None).play()
    for statement in ("UPDATE event SET body = body", *(f"DELETE FROM {table}" for table in ("event", *KEPT))):
        with pytest.raises(MotcuaError, match="append-only"), product.database.begin() as uow:
            uow.connection.driver.execute(statement)
