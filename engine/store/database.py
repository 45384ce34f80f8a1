"""The one database of an installation: connections, transactions and what differs between the two servers."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event

from engine.ports import Announcer
from engine.store.failures import BROKEN, DRIVER_ERRORS, OutcomeUnknown, is_lost, meaning
from engine.store.unit_of_work import UnitOfWork


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
    idle: float = 60.0  #: inside a transaction


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
            options["connect_args"] = {"timeout": 30, "check_same_thread": False}
            options["poolclass"] = sa.pool.QueuePool
        else:
            options["connect_args"] = {
                "connect_timeout": limits.connect, "application_name": "motcua", "keepalives_idle": 30,
                "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000,
            }  # fmt: skip
            options["pool_pre_ping"] = True
            options["pool_recycle"] = 1800
        self.engine = sa.create_engine(url, **options)
        #: Told of what becomes due, within the transaction that makes it so; none = whoever looks finds it.
        self.announcer: Announcer | None = None
        self._write = threading.Lock()
        event.listen(self.engine, "connect", _prepare_sqlite if self.sqlite else self._prepare_postgresql)

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
        with self._connected() as connection:
            transaction = connection.begin()
            committing = False
            try:
                if self.sqlite:
                    connection.exec_driver_sql(opening)
                unit = UnitOfWork(connection, locking=not self.sqlite)
                yield unit
                if unit.due and self.announcer is not None:
                    self.announcer.announce(connection.connection.driver_connection, unit.due)
                committing = True
                transaction.commit()
            except BaseException as error:
                self._undo(connection, transaction, error)
                if committing and not self.sqlite and is_lost(error):
                    raise OutcomeUnknown(why=BROKEN) from error
                raise
            if unit.due and self.announcer is not None:
                self.announcer.committed()

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        """A connection of the pool; whatever the driver says in the block is told in our words."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except DRIVER_ERRORS as error:
            ours = meaning(error)
            assert ours is not None
            raise ours from error

    def _undo(self, connection: sa.Connection, transaction: sa.Transaction, error: BaseException) -> None:
        """Roll back; a connection on which that is impossible never returns to the pool."""
        if isinstance(error, DRIVER_ERRORS) and is_lost(error):
            connection.invalidate()
        with suppress(*DRIVER_ERRORS):  # what is told is why it had to be undone
            transaction.rollback()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for queries that sees one moment of the database throughout; nothing is committed.

        What a page shows together was true together, and a dossier that is written meanwhile never looks broken.
        """
        with self._connected() as connection:
            try:
                if self.sqlite:
                    connection.exec_driver_sql("BEGIN")
                else:
                    connection = connection.execution_options(
                        isolation_level="REPEATABLE READ", postgresql_readonly=True
                    )
                yield connection
            except DRIVER_ERRORS as error:
                if is_lost(error):
                    connection.invalidate()
                raise

    def _prepare_postgresql(self, connection: psycopg.Connection[Any], _record: object) -> None:
        limits = self.limits
        settings = {
            "statement_timeout": limits.statement,
            "lock_timeout": limits.lock,
            "idle_in_transaction_session_timeout": limits.idle,
        }
        connection.autocommit = True  # a setting made in a transaction would go with it
        for name, seconds in settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, str(round(seconds * 1000))))
        connection.autocommit = False

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


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
