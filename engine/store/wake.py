"""Telling waiting workers of other processes that something is due, over PostgreSQL's LISTEN and NOTIFY."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from engine.store.connection import Connection
from engine.store.statement import Statement

_CHANNEL = "motcua_due"
_NOTIFY = f"SELECT pg_notify('{_CHANNEL}', '')"
_LOCK = Statement("SELECT pg_try_advisory_xact_lock(:key)")


def notify(connection: Any) -> None:
    """Wake every listener when the transaction of this driver's connection has been committed."""
    connection.execute(_NOTIFY)


def listen(engine: sa.Engine, woken: Callable[[], None], stopped: Callable[[], bool]) -> None:
    """Call ``woken`` for each notice until ``stopped``; raises what the driver raises when the connection is lost."""
    pooled = engine.raw_connection()
    driver: Any = pooled.driver_connection
    pooled.detach()  # a listening connection never goes back to the pool
    try:
        driver.autocommit = True
        driver.execute(f"LISTEN {_CHANNEL}")
        woken()  # what was told before the ear was open
        while not stopped():
            for _notice in driver.notifies(timeout=1.0, stop_after=1):
                woken()
    finally:
        driver.close()


def alone(connection: Connection, key: int) -> bool:
    """Whether this transaction is the only one that works under ``key``; always on SQLite, which has one writer."""
    if connection.sqlite:
        return True
    return bool(_LOCK.run(connection, key=key).scalar_one())
