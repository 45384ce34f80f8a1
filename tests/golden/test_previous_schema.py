"""Data written under an earlier schema, brought to the present one: nothing is lost and everything still holds.

``schema-NNNN.tar.zst`` holds the database and the files of an installation as the code of that migration left them.
It is written once, before the next migration is added, and never again.
"""

from __future__ import annotations

import dataclasses
import gc
import io
import os
import re
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from connectors.files.store import FileStore
from engine.bus import Bus
from engine.queries.inbox import Asked, open_tasks
from engine.store.database import Database, sqlite_url
from engine.store.migration import differences, expected_revision, migrate
from engine.store.statement import _PARAMETER, Statement, insert
from engine.store.tables import metadata
from tests.commands.desk import APPROVE, Desk
from tests.conftest import GivenServer, LiveClock, person
from webapp.app import create_app
from webapp.bench.temporary_postgresql import PostgresqlServer
from webapp.bootstrap import Product

FOLDER = Path(__file__).parent
#: The schema of the data that is brought to the present one here.
OLD = "0005"
DATA, STATEMENTS = FOLDER / f"schema-{OLD}.tar.zst", FOLDER / f"schema-{OLD}.sql"


@pytest.mark.skipif(not os.environ.get("MOTCUA_WRITE_GOLDEN"), reason="golden files are written once per version")
def test_write_golden_schema(product: Product, tmp_path: Path) -> None:
    create_app(product)  # reads every screen's module, and with them every query
    desk = Desk(product)
    desk.demo.play()
    desk.filed()
    desk.paid()
    desk.prepared()
    with product.database.engine.connect() as connection:
        connection.exec_driver_sql(f"VACUUM INTO '{tmp_path / 'whole.db'}'")
    with product.database.read() as connection:
        digests = [row[0] for row in connection.driver.execute("SELECT DISTINCT digest FROM document ORDER BY 1")]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(tmp_path / "whole.db", "motcua.db")
        for digest in digests:
            content = product.ports.files.get(digest)
            entry = tarfile.TarInfo(f"files/{digest}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    place = FOLDER / f"schema-{expected_revision()}.tar.zst"
    place.write_bytes(zstandard.ZstdCompressor(level=19).compress(packed.getvalue()))
    statements = sorted({found.text for found in gc.get_objects() if isinstance(found, Statement)})
    (FOLDER / f"schema-{expected_revision()}.sql").write_text("\n".join(statements) + "\n", encoding="utf-8")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def upgraded(request: pytest.FixtureRequest, product: Product, tmp_path: Path, clock: LiveClock) -> Iterator[Product]:
    """An installation with the earlier data, brought to the present schema."""
    unpacked = io.BytesIO(zstandard.ZstdDecompressor().decompress(DATA.read_bytes()))
    with tarfile.open(fileobj=unpacked) as archive:
        for entry in archive.getmembers():
            content, target = archive.extractfile(entry), tmp_path / "old" / entry.name
            assert content is not None
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())
    files = FileStore(tmp_path / "files")
    for path in (tmp_path / "old" / "files").iterdir():
        files.put(path.read_bytes())
    database = Database(sqlite_url(tmp_path / "old" / "motcua.db"))
    if request.param == "postgresql":
        database = _moved(database, request.getfixturevalue("postgresql"))
    migrate(database)
    _certify(product.database, database)
    bus = Bus(database, clock, product.bus.library, product.bus.rules)
    yield dataclasses.replace(
        product, database=database, bus=bus, ports=dataclasses.replace(product.ports, files=files)
    )
    database.close()


def _certify(source: Database, target: Database) -> None:
    """Let the earlier installation's people and units sign with the keys of this one: its own are not kept."""
    with source.read() as read, target.begin() as uow:
        for table, key in (("account", "login"), ("unit", "code")):
            found = Statement(f"SELECT {key} AS key, certificate FROM {table}").run(read).mappings()
            renew = Statement(f"UPDATE {table} SET certificate = :certificate WHERE {key} = :key")
            renew.run_many(uow.connection, list(found))


def _moved(source: Database, server: PostgresqlServer | GivenServer) -> Database:
    """The same rows on PostgreSQL, under the schema that they were written for."""
    name = f"old{uuid.uuid4().hex[:8]}"
    server.sql(f"CREATE DATABASE {name}")
    target = Database(server.url(name))
    migrate(target, revision=OLD)
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('alembic_version')"
    with source.read() as read, target.begin() as uow:
        for (table,) in read.driver.execute(tables).fetchall():
            rows = list(Statement(f"SELECT * FROM {table}").run(read).mappings())
            if rows:
                insert(table, tuple(rows[0])).run_many(uow.connection, rows)
    source.close()
    return target


def test_earlier_data_is_whole_under_the_present_schema(upgraded: Product) -> None:
    assert differences(upgraded.database) == []
    with upgraded.database.begin() as uow:
        numbers = uow.dossiers.numbers()
        verification = upgraded.verification(uow)
        assert {number: verification.verify(number).findings for number in numbers} == dict.fromkeys(numbers, ())
        dossiers = [uow.dossiers.get(number) for number in numbers]
        assert sorted(dossier.business.name for dossier in dossiers if dossier.closed_at) == ["RESULT_ISSUED"]
        open_tasks = {(task.node, task.state) for number in numbers for task in uow.tasks.of(number)}
    assert {("desk", "open"), ("sign", "open")} <= open_tasks


def test_earlier_dossiers_go_on_to_their_result(upgraded: Product) -> None:
    desk = Desk(upgraded)
    with upgraded.database.begin() as uow:
        number = next(
            number
            for number in uow.dossiers.numbers()
            if any(task.node == "sign" and task.state == "open" for task in uow.tasks.of(number))
        )
    actor = person(upgraded, "toan")
    asked = Asked(login=actor.login, groups=actor.posts)
    with upgraded.database.read() as connection:
        assert number in {row.number for row in open_tasks(connection, asked, now=upgraded.clock.now()).rows}
    desk.demo.complete("toan", number, "sign", APPROVE)
    desk.demo.worker.drain()
    with upgraded.database.begin() as uow:
        assert uow.results.of(number) is not None
        assert upgraded.verification(uow).verify(number).holds


def test_statements_of_earlier_code_run_under_the_present_schema(upgraded: Product) -> None:
    """While machines are brought to a new version one by one, the old code works on the expanded schema.

    Each statement that it can send is prepared here: tables and columns are there and take what it gives.
    """
    for text in STATEMENTS.read_text(encoding="utf-8").splitlines():
        if re.search(" FOR UPDATE" if upgraded.database.sqlite else r"\browid\b", text):
            continue  # sent to the other server only
        statement = Statement(text)
        names = dict.fromkeys(statement._names)
        with upgraded.database.read() as connection:
            if upgraded.database.sqlite:
                Statement(f"EXPLAIN {text}").run(connection, **names)
                continue
            places = {name: f"${place}" for place, name in enumerate(names, 1)}
            prepared = _PARAMETER.sub(lambda found, places=places: places[found[1]], statement.text)
            connection.driver.execute(f"PREPARE old AS {prepared}")
            connection.driver.execute("DEALLOCATE old")


def test_columns_that_earlier_code_does_not_know_fill_themselves() -> None:
    """An INSERT of earlier code leaves out what was added since."""
    inserts = re.findall(r"^INSERT INTO (\w+) \(([^)]*)\)", STATEMENTS.read_text(encoding="utf-8"), re.MULTILINE)
    given: dict[str, set[str]] = {}
    for table, columns in inserts:  # a part of a table's columns is given only to tables in memory
        given[table] = max(given.get(table, set()), set(columns.split(", ")), key=len)
    assert len(given) > 30
    for table, names in given.items():
        for column in metadata.tables[table].columns:
            fills_itself = column.nullable or column.server_default is not None
            assert column.name in names or fills_itself, f"{table}.{column.name}"
