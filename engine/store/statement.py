"""Statements built once: a SQL text with named parameters, rendered per dialect at first use.

Building expression objects on each call costs more than the process engine does, hence plain text here. Only SQL that
SQLite and PostgreSQL both understand is used; the few differences are named in ``Database``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.store.connection import Connection

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")


class Rowset:
    """What a statement came to; a thin look at the driver's cursor."""

    __slots__ = ("_cursor",)

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    @property
    def rowcount(self) -> int:
        """How many rows were written."""
        return int(self._cursor.rowcount)

    def fetchone(self) -> Any:
        """The next row as a tuple, or None."""
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        """All rows as tuples."""
        return self._cursor.fetchall()  # type: ignore[no-any-return]

    def scalar(self) -> Any:
        """The first value of the first row, None when there is no row."""
        row = self._cursor.fetchone()
        return None if row is None else row[0]

    def scalar_one(self) -> Any:
        """The first value of the first row, which must be there."""
        return self._cursor.fetchone()[0]

    def mappings(self) -> Iterator[dict[str, Any]]:
        """All rows by column name."""
        names = [column[0] for column in self._cursor.description]
        return (dict(zip(names, row, strict=True)) for row in self._cursor.fetchall())


class Statement:
    """One SQL statement with ``:named`` parameters."""

    __slots__ = ("_names", "_sqlite", "named", "numbered", "order", "text")

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())
        self._names = tuple(_PARAMETER.findall(self.text))
        self._sqlite = _PARAMETER.sub("?", self.text)
        self.order = tuple(dict.fromkeys(self._names))
        numbers = {name: f"${number}" for number, name in enumerate(self.order, start=1)}
        self.numbered = _PARAMETER.sub(lambda found: numbers[found[1]], self.text).encode()
        self.named = _PARAMETER.sub(r"%(\1)s", self.text.replace("%", "%%"))

    def run(self, connection: Connection, **values: Any) -> Rowset:
        """Execute with ``values``; each named parameter must be given."""
        if connection.sqlite:
            return Rowset(connection.driver.execute(self._sqlite, [values[name] for name in self._names]))
        return Rowset(connection.server.run(self, values))

    def run_rows(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Execute once per row of values, which stand in the order of the parameters; nothing for no rows.

        PostgreSQL is told with the next statement or at the end of the transaction, and refuses then.
        """
        if not connection.sqlite:
            for row in rows:
                connection.server.defer(self, dict(zip(self._names, row, strict=True)))
        elif len(rows) == 1:
            connection.driver.execute(self._sqlite, rows[0])
        else:
            connection.driver.executemany(self._sqlite, rows)

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once per row; nothing for no rows."""
        self.run_rows(connection, [[row[name] for name in self._names] for row in rows])


def insert(table: str, columns: Sequence[str], tail: str = "") -> Statement:
    """``INSERT INTO table (columns) VALUES (:columns) tail``."""
    names = ", ".join(columns)
    values = ", ".join(f":{column}" for column in columns)
    return Statement(f"INSERT INTO {table} ({names}) VALUES ({values}) {tail}")  # noqa: S608 - names are our own
