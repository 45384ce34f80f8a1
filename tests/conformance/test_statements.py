"""Statements and several reads at once, alike on both databases; what PostgreSQL's prepared ones promise besides."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import NotFound
from engine.store.connection import Connection
from engine.store.database import Database
from engine.store.failures import AlreadyStored, DatabaseRefused, DatabaseUnavailable
from engine.store.rows import RowChanged, change_one
from engine.store.statement import Statement
from engine.store.together import together
from engine.store.unit_of_work import UnitOfWork
from tests.conftest import MORNING
from webapp.bootstrap import Product

_MAKE = Statement("CREATE TABLE IF NOT EXISTS probe (id BIGINT PRIMARY KEY, word TEXT, number BIGINT, raw {0})")
_PUT = Statement("INSERT INTO probe (id, word, number, raw) VALUES (:id, :word, :number, :raw)")
_TAKE = Statement("SELECT word, number, raw FROM probe WHERE id = :id")
_ALL = Statement("SELECT id, word FROM probe WHERE id >= :least ORDER BY id")
_EMPTY = Statement("DELETE FROM probe")
_WRONG = Statement("SELECT nothing FROM nowhere WHERE a = :a")
_texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
_numbers = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture
def probe(either_product: Product) -> Database:
    """A database with a table of its own to write to."""
    database = either_product.database
    with database.begin() as uow:
        raw = "BLOB" if database.sqlite else "BYTEA"
        Statement(_MAKE.text.format(raw)).run(uow.connection)
    return database


@pytest.fixture
def postgresql_database(postgresql_url: Callable[[str], str]) -> Iterator[Database]:
    """A seeded database of PostgreSQL."""
    database = Database(postgresql_url("statements"))
    yield database
    database.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.none() | _texts, st.none() | _numbers, st.none() | st.binary(max_size=40)), max_size=6)
)
def test_whatever_is_written_is_read(probe: Database, rows: list[tuple[str | None, int | None, bytes | None]]) -> None:
    with probe.begin() as uow:
        _EMPTY.run(uow.connection)
        for place, (word, number, raw) in enumerate(rows):
            assert _PUT.run(uow.connection, id=place, word=word, number=number, raw=raw).rowcount == 1
        _PUT.run_rows(uow.connection, [(100 + place, *row) for place, row in enumerate(rows)])
    with probe.read() as connection:
        reads = [_of(place) for place in (*range(len(rows)), *range(100, 100 + len(rows)))]
        one_by_one = [read(connection) for read in reads]
        assert one_by_one == [*rows, *rows] == together(connection, reads)


def _of(place: int) -> Callable[[Connection], tuple[object, ...]]:
    return lambda connection: tuple(_TAKE.run(connection, id=place).fetchone())


def test_text_with_a_null_byte_is_refused_and_never_cut(probe: Database) -> None:
    if probe.sqlite:
        return  # keeps it whole
    for words in ("a\0b", "\0"):
        with pytest.raises(DatabaseRefused), probe.begin() as uow:
            _PUT.run(uow.connection, id=1, word=words, number=None, raw=None)


def test_reads_together_equal_reads_alone(either_product: Product) -> None:
    def two_steps(uow: UnitOfWork) -> list[object]:
        first = uow.organisation.units(MORNING)
        return [uow.organisation.unit(unit.code, MORNING) for unit in first]

    with either_product.database.read() as connection:
        uow = UnitOfWork(connection)
        units, lan, known, nothing = uow.together(
            two_steps,
            lambda u: u.organisation.actor("lan", MORNING),
            lambda u: u.organisation.account("lan"),
            lambda u: 7,
        )
        assert units == two_steps(uow) and units
        assert lan == uow.organisation.actor("lan", MORNING) and lan is not None
        assert known == uow.organisation.account("lan")
        assert nothing == 7


def test_refusal_of_one_read_is_told_as_if_alone(either_product: Product) -> None:
    with either_product.database.read() as connection, pytest.raises(NotFound):
        UnitOfWork(connection).together(
            lambda u: u.organisation.units(MORNING), lambda u: u.dossiers.get("H56.101-991231-0001")
        )


def test_broken_statement_among_others_undoes_all_and_the_next_works(probe: Database) -> None:
    def broken(connection: Connection) -> object:
        return _WRONG.run(connection, a=1).fetchone()

    for _ in range(4):  # the fourth time the others are prepared
        with pytest.raises(DatabaseRefused), probe.begin() as uow:
            _PUT.run(uow.connection, id=5, word="x", number=1, raw=b"")
            together(uow.connection, [_of(5), broken, _of(5)])
        with probe.begin() as uow:
            assert _ALL.run(uow.connection, least=0).fetchall() == []


def test_what_was_written_is_read_by_the_next_statement(probe: Database) -> None:
    with probe.begin() as uow:
        for turn in range(4):  # the fourth time everything is prepared
            _EMPTY.run(uow.connection)
            _PUT.run_rows(uow.connection, [(1, "one", 1, b"")])
            assert _ALL.run(uow.connection, least=0).fetchall() == [(1, "one")], turn
            _PUT.run_rows(uow.connection, [(2, "two", 2, b"")])
            assert together(uow.connection, [_of(2), _of(1)]) == [("two", 2, b""), ("one", 1, b"")]
            _PUT.run_rows(uow.connection, [(3, "three", 3, b"")])
    with probe.read() as connection:
        assert _ALL.run(connection, least=0).fetchall() == [(1, "one"), (2, "two"), (3, "three")]


def test_change_of_a_row_that_is_not_there_undoes_the_transaction(probe: Database) -> None:
    change = Statement("UPDATE probe SET word = :word WHERE id = :id")
    for _ in range(4):
        with pytest.raises(RowChanged), probe.begin() as uow:
            _PUT.run_rows(uow.connection, [(7, "seven", 7, b"")])
            change_one(uow.connection, change, "probe", "8", id=8, word="eight")
            _PUT.run_rows(uow.connection, [(9, "nine", 9, b"")])
        with probe.begin() as uow:
            assert _ALL.run(uow.connection, least=0).fetchall() == []
    with probe.begin() as uow:
        _PUT.run_rows(uow.connection, [(7, "seven", 7, b"")])
        change_one(uow.connection, change, "probe", "7", id=7, word="changed")
    with probe.read() as connection:
        assert _ALL.run(connection, least=0).fetchall() == [(7, "changed")]


def test_row_that_the_database_refuses_undoes_the_transaction(probe: Database) -> None:
    for _ in range(4):
        with pytest.raises(AlreadyStored), probe.begin() as uow:
            _PUT.run_rows(uow.connection, [(5, "five", 5, b""), (5, "again", 5, b"")])
        with probe.read() as connection:
            assert _ALL.run(connection, least=0).fetchall() == []


def test_what_a_broken_transaction_had_left_to_say_is_never_said(probe: Database) -> None:
    class Broken(Exception):
        pass

    with pytest.raises(Broken), probe.begin() as uow:
        _PUT.run_rows(uow.connection, [(5, "five", 5, b"")])
        raise Broken
    with probe.begin() as uow:
        _PUT.run_rows(uow.connection, [(6, "six", 6, b"")])
    with probe.read() as connection:
        assert _ALL.run(connection, least=0).fetchall() == [(6, "six")]


@pytest.mark.postgresql
def test_more_statements_than_are_kept_prepared(postgresql_database: Database) -> None:
    texts = [Statement(f"SELECT :a || '{number}'") for number in range(300)]
    with postgresql_database.begin() as uow:
        for _ in range(5):
            found = [str(text.run(uow.connection, a="n").scalar_one()) for text in texts]
            assert found == [f"n{number}" for number in range(300)]
        kept = Statement("SELECT count(*) FROM pg_prepared_statements").run(uow.connection).scalar_one()
    assert 200 < kept <= 260


@pytest.mark.postgresql
def test_statement_in_use_stays_prepared_however_it_is_asked(postgresql_database: Database) -> None:
    favourite = Statement("SELECT :a || 'favourite'")
    kept = Statement("SELECT name FROM pg_prepared_statements WHERE statement LIKE '%''favourite%' ORDER BY name")
    found = set()
    with postgresql_database.begin() as uow:
        for number in range(400):
            together(uow.connection, [lambda connection: favourite.run(connection, a="n").scalar()])
            for _ in range(3):
                Statement(f"SELECT :a || '{number}'").run(uow.connection, a="n")
            if number > 3:
                rows = uow.connection.driver.execute(kept.text).fetchall()
                found.add(rows[0][0] if rows else "")
    assert len(found) == 1 and "" not in found


@pytest.mark.postgresql
def test_statements_that_somebody_gave_up_are_prepared_anew(postgresql_database: Database) -> None:
    def look() -> int:
        with postgresql_database.begin() as uow:
            return int(Statement("SELECT count(*) FROM unit WHERE code <> :none").run(uow.connection, none="").scalar())

    expected = [look() for _ in range(4)][-1]
    with postgresql_database.begin() as uow:
        uow.connection.driver.execute("DEALLOCATE ALL")
    with pytest.raises(DatabaseRefused):
        look()
    assert look() == expected


@pytest.mark.postgresql
def test_connection_given_up_leaves_nothing_behind(postgresql_url: Callable[[str], str]) -> None:
    database = Database(postgresql_url("statements"))
    with database.read() as connection:
        Statement("SELECT :a").run(connection, a="x")
        gone = weakref.ref(connection.driver)
    database.close()
    del connection
    gc.collect()
    assert gone() is None


@pytest.mark.postgresql
def test_reading_sees_one_moment_and_writes_nothing(postgresql_database: Database) -> None:
    count = Statement("SELECT count(*) FROM unit WHERE code <> :none")
    change = Statement("UPDATE unit SET short_name = :name WHERE code = :code")
    with postgresql_database.read() as connection:
        before = count.run(connection, none="").scalar()
        with psycopg.connect(postgresql_database.conninfo, autocommit=True) as other:
            other.execute(
                "INSERT INTO unit SELECT 'Z99', valid_from, valid_to, name, short_name, kind, parent, schedule, bank, "
                "account, beneficiary, address, phone, certificate FROM unit LIMIT 1"
            )
        assert count.run(connection, none="").scalar() == before
    with postgresql_database.read() as connection:
        assert count.run(connection, none="").scalar() == before + 1
    with pytest.raises(DatabaseUnavailable), postgresql_database.read() as connection:  # as a read-only server says
        change.run(connection, name="x", code="Z99")


@pytest.mark.postgresql
def test_connection_that_the_server_closed_in_the_pool_is_replaced_unnoticed(postgresql_database: Database) -> None:
    with postgresql_database.read() as connection:
        place = Statement("SELECT pg_backend_pid()").run(connection).scalar()
    with psycopg.connect(postgresql_database.conninfo, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (place,))
    with postgresql_database.read() as connection:
        assert Statement("SELECT pg_backend_pid()").run(connection).scalar() != place
