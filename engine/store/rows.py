"""Rows of a table as frozen records: one class per table, conversion decided once from its field types."""

from __future__ import annotations

import dataclasses
import itertools
import operator
import types
import typing
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar

import orjson

from engine.errors import Conflict, MotcuaError
from engine.model.chain import canonical
from engine.store.connection import Connection
from engine.store.moments import moment, stored
from engine.store.statement import Statement, insert


class RowChanged(Conflict):
    """{table} {key} was changed by somebody else in the meantime; nothing was written."""

    code = "row-changed"
    vi = "{table} {key} vừa được người khác thay đổi; chưa ghi gì."


class RowUnreadable(MotcuaError):
    """Row {key} of {table} cannot be read: {why}. It was changed outside this product; run `motcua verify`."""

    code = "row-unreadable"
    vi = "Dòng {key} của {table} không đọc được: {why}. Dữ liệu đã bị sửa ngoài phần mềm; hãy chạy `motcua verify`."


_JSON = (dict, list)
_bare: Callable[[Any], Any] = object.__new__
_exhaust: Callable[[Iterable[Any]], None] = deque(maxlen=0).extend
T = TypeVar("T")


def _plain(value: Any) -> Any:
    return value


class Rows(Generic[T]):
    """A table read and written as records of one frozen dataclass.

    ``datetime`` fields are stored as microseconds, ``dict`` and ``list`` fields as canonical JSON, the rest
    as they are.
    """

    def __init__(self, record: type[T], table: str) -> None:
        self.record, self.table = record, table
        hints = typing.get_type_hints(record)
        self.names = tuple(field.name for field in dataclasses.fields(typing.cast(Any, record)))
        readers = enumerate(_reader(hints[name]) for name in self.names)
        self._read: tuple[tuple[int, Callable[[Any], Any]], ...] = tuple((i, read) for i, read in readers if read)
        self._write: dict[str, Callable[[Any], Any]] = {name: _writer(hints[name]) for name in self.names}
        self._converted = tuple(
            (place, write) for place, write in enumerate(self._write.values()) if write is not _plain
        )
        self._values = operator.attrgetter(*self.names)
        self._fields = tuple(_setter(record, name) for name in self.names)
        self._insert = insert(table, self.names)
        self._select = f"SELECT {', '.join(self.names)} FROM {table}"  # noqa: S608 - names are our own

    def query(self, tail: str) -> Statement:
        """A statement selecting whole records; keep it at module level."""
        return Statement(f"{self._select} {tail}")

    def add(self, connection: Connection, record: T) -> None:
        """Insert one record."""
        self._insert.run_rows(connection, [self._row(record)])

    def add_all(self, connection: Connection, records: Iterable[T]) -> None:
        """Insert many records in one round trip."""
        self._insert.run_rows(connection, [self._row(record) for record in records])

    def values(self, record: T) -> dict[str, Any]:
        """The stored form of a record."""
        return dict(zip(self.names, self._row(record), strict=True))

    def _row(self, record: T) -> list[Any]:
        values = list(self._values(record))
        for place, write in self._converted:
            values[place] = write(values[place])
        return values

    def some(self, record: T, names: Iterable[str]) -> dict[str, Any]:
        """The stored form of some fields of a record."""
        return {name: self._write[name](getattr(record, name)) for name in names}

    def stored(self, **values: Any) -> dict[str, Any]:
        """The stored form of some fields."""
        return {name: self._write[name](value) if name in self._write else value for name, value in values.items()}

    def one(self, connection: Connection, statement: Statement, **values: Any) -> T | None:
        """The first record, or None."""
        row = statement.run(connection, **values).fetchone()
        return None if row is None else self.from_row(row)

    def all(self, connection: Connection, statement: Statement, **values: Any) -> tuple[T, ...]:
        """All records."""
        return tuple(self.from_row(row) for row in statement.run(connection, **values).fetchall())

    def from_row(self, row: Any) -> T:
        """The record of a row selected by ``query``; ``RowUnreadable`` when a value is not of its column's kind."""
        try:
            values = list(row)
            for place, read in self._read:
                values[place] = read(values[place])
            record = _bare(self.record)
            # As the class's own __init__ would, at a quarter of its cost: pages are made of hundreds of rows.
            _exhaust(map(operator.call, self._fields, itertools.repeat(record), values))
            return record  # type: ignore[no-any-return]
        except (ValueError, TypeError, OverflowError) as error:
            raise RowUnreadable(table=self.table, key=row[0], why=str(error)[:200]) from error


def changed(table: str, key: str, count: int) -> None:
    """Refuse unless exactly one row was changed."""
    if count != 1:
        raise RowChanged(table=table, key=key)


def change_one(connection: Connection, statement: Statement, table: str, key: str, **values: Any) -> None:
    """Change exactly one row, or ``RowChanged``; on PostgreSQL as late as ``Statement.run_rows``."""
    if connection.sqlite:
        changed(table, key, statement.run(connection, **values).rowcount)
    else:
        connection.server.defer(statement, values, partial(changed, table, key))


def _setter(record: type[Any], name: str) -> Callable[[Any, Any], None]:
    """What fills a field of a frozen record; records are classes with slots and nothing to do after they are filled."""
    if hasattr(record, "__post_init__"):
        raise TypeError(f"{record.__name__} has more to do than to keep its fields")
    return record.__dict__[name].__set__  # type: ignore[no-any-return]


def _base(hint: Any) -> Any:
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    return typing.get_origin(hint) or hint


def _reader(hint: Any) -> Callable[[Any], Any] | None:
    base = _base(hint)
    if base is datetime:
        return moment
    if base in _JSON:
        return orjson.loads
    if base is bool:
        return bool
    if base is bytes:
        return bytes
    if isinstance(base, type) and base not in (str, int, float):
        return lambda value: None if value is None else base(value)
    return None


def _writer(hint: Any) -> Callable[[Any], Any]:
    base = _base(hint)
    if base is datetime:
        return stored
    if base in _JSON:
        return canonical
    if base is bool:
        return int
    if isinstance(base, type) and issubclass(base, str) and base is not str:
        return str
    return _plain
