"""The one database of an installation: connections, transactions and what differs between the two servers."""

from __future__ import annotations

import select
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy import event

from engine.ports import Announcer
from engine.store.connection import Connection
from engine.store.failures import BROKEN, DRIVER_ERRORS, OutcomeUnknown, is_lost, meaning
from engine.store.unit_of_work import UnitOfWork

_WRITING = b"BEGIN"
_LOOKING = b""
_READING = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long PostgreSQL may keep us waiting, in seconds, and how many connections this process keeps.

    A statement, a wait for a lock and a transaction that does nothing end by themselves, so that one stuck client
    never holds up the others; ``0`` means no limit.
    """

    pool: int = 8  #: kept open; half as many more are opened under load and closed again
    wait: float = 10.0  #: for a free connection of the pool
    connect: int = 5
    statement: float = 30.0
    lock: float = 10.0
    idle: float = 30.0  #: inside a transaction
    silent: int = 20  #: a client whose machine answers no more; the server lets go of what it held


class Database:
    """SQLite (write-ahead log, full synchronisation) or PostgreSQL, by URL.

    Connections are kept in SQLAlchemy's pool, on both servers: one that went stale while it lay there is noticed when
    it is taken out and replaced, so that work goes on by itself after the server was restarted.
    """

    def __init__(self, url: str, limits: Limits | None = None) -> None:
        self.url = url
        self.limits = limits = limits or Limits()
        options: dict[str, Any] = {
            "pool_size": limits.pool, "max_overflow": (limits.pool + 1) // 2, "pool_timeout": limits.wait,
        }  # fmt: skip
        if url.startswith("sqlite"):
            options["connect_args"] = {"timeout": 30, "check_same_thread": False, "cached_statements": 512}
            options["poolclass"] = sa.pool.QueuePool
        else:
            options["connect_args"] = {
                "connect_timeout": limits.connect, "application_name": "motcua", "keepalives_idle": 30,
                "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000,
            }  # fmt: skip
            options["pool_recycle"] = 1800
            options["pool_reset_on_return"] = None  # by ``_settle``, which looks first whether there is anything to do
        self.engine = sa.create_engine(url, **options)
        #: Told of what becomes due, within the transaction that makes it so; none = whoever looks finds it.
        self.announcer: Announcer | None = None
        self.sqlite = self.engine.dialect.name == "sqlite"
        self._write = threading.Lock()
        self._writer: sa.PoolProxiedConnection | None = None  #: writes to a SQLite file, for whoever holds ``_write``
        event.listen(self.engine, "connect", _prepare_sqlite if self.sqlite else self._prepare_postgresql)
        if not self.sqlite:
            event.listen(self.engine, "reset", _settle)
            event.listen(self.engine, "checkin", _remember)
            event.listen(self.engine, "checkout", _look)

    @property
    def conninfo(self) -> str:
        """The address of a PostgreSQL server as libpq reads it."""
        return self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """A write transaction: commits at the end of the block, rolls back on any exception.

        On SQLite writers of one process queue on a lock first, since waiting there is fair and cheap while the
        file's own lock is polled. They share one connection, which is not given back in between.
        """
        if self.sqlite:
            with self._write, self._told(), self._transaction(self._sqlite_writer()) as unit:
                yield unit
        else:
            with self._lent() as lent, self._transaction(lent) as unit:
                yield unit

    @contextmanager
    def _transaction(self, lent: sa.PoolProxiedConnection) -> Iterator[UnitOfWork]:
        driver: Any = lent.driver_connection
        committing = False
        try:
            if self.sqlite:  # the other driver begins by itself
                driver.execute("BEGIN IMMEDIATE")
            connection = Connection(driver, self.sqlite)
            if not self.sqlite:
                connection.server.begin(_WRITING)
            unit = UnitOfWork(connection, locking=not self.sqlite)
            yield unit
            if not self.sqlite:
                connection.server.flush()
            if unit.due and self.announcer is not None:
                self.announcer.announce(driver, unit.due)
            committing = True
            driver.commit()
        except BaseException as error:
            _undo(lent, error)
            if committing and not self.sqlite and is_lost(error):
                raise OutcomeUnknown(why=BROKEN) from error
            raise
        if unit.due and self.announcer is not None:
            self.announcer.committed()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for queries that sees one moment of the database throughout; nothing is committed.

        What a page shows together was true together, and a dossier that is written meanwhile never looks broken.
        """
        with self._lent() as lent:
            driver: Any = lent.driver_connection
            try:
                if self.sqlite:
                    driver.execute("BEGIN")
                connection = Connection(driver, self.sqlite)
                if not self.sqlite:
                    connection.server.begin(_READING)
                yield connection
                driver.rollback()
            except BaseException as error:
                _undo(lent, error, keep=self.sqlite)
                raise

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """A connection for one small question: no transaction around it, each statement sees its own moment."""
        with self._lent() as lent:
            connection = Connection(lent.driver_connection, self.sqlite)
            if not self.sqlite:
                connection.server.begin(_LOOKING)
            try:
                yield connection
            except BaseException as error:
                _undo(lent, error, keep=self.sqlite)
                raise

    @contextmanager
    def _lent(self) -> Iterator[sa.PoolProxiedConnection]:
        """A connection of the pool."""
        with self._told():
            lent = self.engine.raw_connection()
            try:
                yield lent
            finally:
                lent.close()

    @contextmanager
    def connected(self) -> Iterator[sa.Connection]:
        """SQLAlchemy's connection, for what concerns the schema and not its rows."""
        with self._told(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever the driver says in the block is told in our words."""
        try:
            yield
        except DRIVER_ERRORS as error:
            ours = meaning(error)
            assert ours is not None
            raise ours from error

    def _sqlite_writer(self) -> sa.PoolProxiedConnection:
        if self._writer is None or not self._writer.is_valid:
            self._writer = self.engine.raw_connection()
        return self._writer

    def _prepare_postgresql(self, connection: psycopg.Connection[Any], _record: object) -> None:
        limits = self.limits
        settings = {
            "statement_timeout": limits.statement,
            "lock_timeout": limits.lock,
            "idle_in_transaction_session_timeout": limits.idle,
            "tcp_user_timeout": limits.silent,
        }
        whole = {"tcp_keepalives_idle": limits.silent // 2, "tcp_keepalives_interval": 2, "tcp_keepalives_count": 5}
        # What the driver prepares by itself it gives up with all the others, ours too, after a rollback.
        connection.prepare_threshold = None
        connection.autocommit = True  # a setting made in a transaction would go with it
        for name, value in (
            *((name, f"{round(seconds * 1000)}") for name, seconds in settings.items()),
            *((name, f"{max(seconds, 1)}") for name, seconds in whole.items()),
        ):
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.autocommit = False

    def close(self) -> None:
        """Give all connections back."""
        with self._write:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        self.engine.dispose()


def _undo(lent: sa.PoolProxiedConnection, error: BaseException, *, keep: bool = True) -> None:
    """Roll back; a connection on which that is impossible, or that is not to be kept, never returns to the pool."""
    with suppress(*DRIVER_ERRORS):  # what is told is why it had to be undone
        lent.rollback()
        if keep and not (isinstance(error, DRIVER_ERRORS) and is_lost(error)):
            return
    lent.invalidate()


#: Seconds that a connection may have lain in the pool and still be trusted without a question.
_FRESH = 5.0


def _settle(connection: psycopg.Connection[Any], _record: object, state: Any) -> None:
    """Roll back what a connection that is given back has left open."""
    if not state.terminate_only and connection.pgconn.transaction_status != TransactionStatus.IDLE:
        connection.rollback()


def _remember(_connection: object, record: Any) -> None:
    record.info["since"] = time.monotonic()


def _look(connection: psycopg.Connection[Any], record: Any, _proxy: object) -> None:
    """Replace a connection that went stale while it lay in the pool.

    A server that stops says so on the socket, which is looked at without a round trip; one that vanished says nothing,
    so whoever lay long is asked.
    """
    since = record.info.get("since")
    if since is None:
        return  # new
    try:
        ear = select.poll()
        ear.register(connection.fileno(), select.POLLIN)
        if time.monotonic() - since > _FRESH or ear.poll(0):
            connection.execute("SELECT 1")
            connection.rollback()
    except (psycopg.Error, OSError, ValueError) as error:
        raise sa.exc.DisconnectionError(str(error)) from error


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
