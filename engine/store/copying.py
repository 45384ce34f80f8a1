"""A whole database as one file, and back: SQLite's own copy, or pg_dump's archive, at one moment of the database."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from engine.errors import Conflict, MotcuaError, Text
from engine.store.connection import Connection
from engine.store.database import Database
from engine.store.statement import Statement

#: Files of a database that lie in a home folder of SQLite.
SQLITE_FILE, POSTGRESQL_FILE = "database.sqlite", "database.pgdump"

_NO_HURRY = Statement("SET LOCAL idle_in_transaction_session_timeout = 0")
_SNAPSHOT = Statement("SELECT pg_export_snapshot()")


class ToolFailed(MotcuaError):
    """{tool} failed: {why}"""

    code = "tool-failed"
    vi = "{tool} báo lỗi: {why}"


class NotEmpty(Conflict):
    """{what} is not empty; a backup is restored into an empty place only."""

    code = "not-empty"
    vi = "{what} không trống; chỉ khôi phục vào nơi còn trống."


@contextmanager
def copied_out(database: Database, folder: Path) -> Iterator[tuple[Connection, Path]]:
    """Write the database to ``folder``; a connection that sees exactly what was written, and the file."""
    if database.sqlite:
        place = folder / SQLITE_FILE
        with database.connected() as source, sqlite3.connect(place) as target:
            source.connection.driver_connection.backup(target, pages=4096, sleep=0.01)  # type: ignore[union-attr]
        target.close()
        copy = sqlite3.connect(place)
        try:
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, no write-ahead log beside it
            yield Connection(copy, sqlite=True), place
        finally:
            copy.close()
        return
    place = folder / POSTGRESQL_FILE
    with database.read() as connection:
        # One moment for pg_dump and for us: a dossier that moves meanwhile is in both as it was.
        _NO_HURRY.run(connection)
        snapshot = _SNAPSHOT.run(connection).scalar_one()
        _run(
            database.url, "pg_dump", "--format=custom", "--no-unlogged-table-data", f"--snapshot={snapshot}",
            f"--file={place}",
        )  # fmt: skip
        yield connection, place


def require_empty(database: Database) -> None:
    """``NotEmpty`` when the database has a table."""
    with database.connected() as connection:
        names = sa.inspect(connection).get_table_names()
    if names:
        raise NotEmpty(what=Text(vi="cơ sở dữ liệu", en="the database"))


def copy_in(database: Database, source: Path) -> None:
    """Fill an empty database from a file of ``copied_out``; all of it or nothing."""
    if (source.name == SQLITE_FILE) != database.sqlite:
        raise ToolFailed(
            tool="restore",
            why=Text(
                vi="bản sao lưu là của loại cơ sở dữ liệu khác với MOTCUA_DATABASE_URL",
                en="the backup is of the other kind of database than MOTCUA_DATABASE_URL",
            ),
        )
    require_empty(database)
    if database.sqlite:
        with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as read, database.connected() as target:
            read.backup(target.connection.driver_connection)  # type: ignore[arg-type]
        read.close()
        return
    _run(
        database.url, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
        str(source),
    )  # fmt: skip


def _run(address: str, tool: str, *arguments: str) -> None:
    url = sa.make_url(address)
    program = shutil.which(tool)
    if program is None:
        raise ToolFailed(
            tool=tool,
            why=Text(
                vi="chưa cài; hãy cài postgresql-client cùng bản với máy chủ",
                en="it is not installed; install postgresql-client of the server's version",
            ),
        )
    # The password goes by the environment: everybody can read another's arguments.
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    target = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    done = subprocess.run(
        [program, f"--dbname={target}", *arguments], env=environment, capture_output=True, check=False
    )
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise ToolFailed(tool=tool, why=lines[-1][:300] if lines else f"exit {done.returncode}")
