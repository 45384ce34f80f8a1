"""Statements built once: a SQL text with named parameters, rendered per dialect at first use.

Building expression objects on each call costs more than the process engine does, hence plain text here. Only SQL that
SQLite and PostgreSQL both understand is used; the few differences are named in ``Database``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")


class Statement:
    """One SQL statement with ``:named`` parameters."""

    __slots__ = ("_names", "_postgresql", "_sqlite", "text")

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())
        self._names = tuple(_PARAMETER.findall(self.text))
        self._sqlite = _PARAMETER.sub("?", self.text)
        self._postgresql = _PARAMETER.sub(r"%(\1)s", self.text.replace("%", "%%"))

    def run(self, connection: Connection, **values: Any) -> CursorResult[Any]:
        """Execute with ``values``; each named parameter must be given."""
        if connection.dialect.name == "sqlite":
            return connection.exec_driver_sql(self._sqlite, tuple(values[name] for name in self._names))
        return connection.exec_driver_sql(self._postgresql, values)

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once per row; nothing for no rows."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(self._sqlite, [tuple(row[name] for name in self._names) for row in rows])
        else:
            connection.exec_driver_sql(self._postgresql, [dict(row) for row in rows])


def insert(table: str, columns: Sequence[str], tail: str = "") -> Statement:
    """``INSERT INTO table (columns) VALUES (:columns) tail``."""
    names = ", ".join(columns)
    values = ", ".join(f":{column}" for column in columns)
    return Statement(f"INSERT INTO {table} ({names}) VALUES ({values}) {tail}")  # noqa: S608 - names are our own
