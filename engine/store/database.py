"""The one database of an installation: connections, transactions and what differs between the two servers."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from engine.errors import Conflict, MotcuaError
from engine.store.unit_of_work import UnitOfWork


class DatabaseBusy(Conflict):
    """The database was busy; nothing was changed. Try again."""

    code = "database-busy"
    vi = "Cơ sở dữ liệu đang bận; chưa có gì thay đổi. Hãy thử lại."


class AlreadyStored(Conflict):
    """This was stored before: {what}"""

    code = "already-stored"
    vi = "Nội dung này đã được ghi trước đó: {what}"


class Database:
    """SQLite (write-ahead log, full synchronisation) or PostgreSQL, by URL."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = url
        options: dict[str, Any] = {"future": True}
        if url.startswith("sqlite"):
            options["connect_args"] = {"timeout": 30, "check_same_thread": False}
            options["poolclass"] = sa.pool.QueuePool
            options["pool_size"] = pool_size
            options["max_overflow"] = 8
        else:
            options["pool_size"] = pool_size
            options["pool_pre_ping"] = True
        self.engine = sa.create_engine(url, **options)
        self._write = threading.Lock()
        if self.sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)

    @property
    def sqlite(self) -> bool:
        """Whether the database is SQLite."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """A write transaction: commits at the end of the block, rolls back on any exception.

        On SQLite writers of one process queue on a lock first, since waiting there is fair and cheap while the
        file's own lock is polled.
        """
        if self.sqlite:
            with self._write, self._transaction("BEGIN IMMEDIATE") as unit:
                yield unit
        else:
            with self._transaction("BEGIN") as unit:
                yield unit

    @contextmanager
    def _transaction(self, opening: str) -> Iterator[UnitOfWork]:
        driver: Any = self.engine.dialect.dbapi
        with self.engine.connect() as connection:
            transaction = connection.begin()
            try:
                if self.sqlite:
                    connection.exec_driver_sql(opening)
                yield UnitOfWork(connection, locking=not self.sqlite)
                transaction.commit()
            except BaseException as error:
                transaction.rollback()
                # Statements run on the driver's cursor, DDL through SQLAlchemy: the same fact has two faces.
                cause = error.orig if isinstance(error, DBAPIError) else error
                if isinstance(cause, driver.IntegrityError):
                    if "append-only" in str(cause):
                        raise _Refused(why=_first_line(cause)) from error
                    raise AlreadyStored(what=_first_line(cause)) from error
                if isinstance(cause, driver.OperationalError):
                    raise DatabaseBusy() from error
                if isinstance(cause, driver.Error):
                    raise _Refused(why=_first_line(cause)) from error
                raise

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for queries that sees one moment of the database throughout; nothing is committed.

        What a page shows together was true together, and a dossier that is written meanwhile never looks broken.
        """
        with self.engine.connect() as connection:
            if self.sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


class _Refused(MotcuaError):
    """The database refused a statement: {why}"""

    code = "database-refused"
    vi = "Cơ sở dữ liệu từ chối: {why}"


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say so
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.execute("PRAGMA cache_size=-65536")
    cursor.close()


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"
