"""What a statement runs on: the driver's own connection, and which of the two servers it talks to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection of ``sqlite3`` or ``psycopg`` in one transaction.

    SQLAlchemy keeps the pool, the tables and the migrations. Its connection object is left out of the way of a
    transaction: taking one, beginning and giving it back costs more than a completion's statements do.
    """

    driver: Any
    sqlite: bool
