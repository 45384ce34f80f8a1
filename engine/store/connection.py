"""What a statement runs on: the driver's own connection, and which of the two servers it talks to."""

from __future__ import annotations

from typing import Any

from engine.store.prepared import prepared


class Connection:
    """A connection of ``sqlite3`` or ``psycopg`` in one transaction.

    SQLAlchemy keeps the pool, the tables and the migrations. Its connection object is left out of the way of a
    transaction: taking one, beginning and giving it back costs more than a completion's statements do.
    """

    __slots__ = ("driver", "server", "sqlite")

    def __init__(self, driver: Any, sqlite: bool, server: Any = None) -> None:
        self.driver, self.sqlite = driver, sqlite
        #: Runs statements on PostgreSQL.
        self.server: Any = prepared(driver) if server is None and not sqlite else server
