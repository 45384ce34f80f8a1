"""Statements on PostgreSQL, prepared once per connection and sent through libpq itself.

Most statements of the product find a few rows by an index. The driver's cursor costs several times what such a
statement costs the server, and each message a change between two processes; so those that do not depend on each other
go in one pipeline, and their parameters and rows are handed to the driver's own libpq layer (``psycopg.pq``). What has
a parameter of another kind than text, whole number, bytes or list of texts takes the driver's ordinary way.

What is written needs no answer before the transaction ends. It waits for the next question, or for the end, and travels
with it; the server gets everything in the order in which it was said.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

import psycopg
from psycopg import errors, generators
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus

#: Statements that one connection keeps prepared, and how often one runs before it is.
_MOST, _AFTER = 256, 2
_FAILED = {ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE, ExecStatus.NONFATAL_ERROR}


class Asked(Protocol):
    """A statement in the two notations that PostgreSQL gets it in."""

    numbered: bytes  #: with ``$1``
    order: tuple[str, ...]  #: the parameter of each number
    named: str  #: with ``%(name)s``


#: A statement with its parameters as libpq takes them; with what is to be told how many rows it wrote.
_Bound = tuple[Asked, tuple[list[bytes | None], list[Format]]]
_Deferred = tuple[Asked, tuple[list[bytes | None], list[Format]], Callable[[int], None] | None]


class Answer:
    """Rows of a statement, as a cursor would hand them out."""

    __slots__ = ("_names", "_place", "_rows", "rowcount")

    def __init__(self, rows: list[Any], rowcount: int, names: Callable[[], list[tuple[str]]]) -> None:
        self._rows, self.rowcount, self._names, self._place = rows, rowcount, names, 0

    @property
    def description(self) -> list[tuple[str]]:
        """The columns, each by its name alone."""
        return self._names()

    def fetchone(self) -> Any:
        """The next row as a tuple, or None."""
        if self._place >= len(self._rows):
            return None
        self._place += 1
        return self._rows[self._place - 1]

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        rows, self._rows = self._rows[self._place :] if self._place else self._rows, []
        return rows


class Prepared:
    """What one connection of the driver has prepared."""

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self._driver = driver
        self._pgconn = driver.pgconn
        self._rows = Transformer(driver)
        self._names: OrderedDict[bytes, bytes] = OrderedDict()
        self._runs: dict[bytes, int] = {}
        self._stale: list[bytes] = []
        self._count = 0
        self._opening = b"BEGIN"
        self._deferred: list[_Deferred] = []

    def begin(self, opening: bytes) -> None:
        """Open the next transaction of this connection by ``opening``, together with its first statement; by nothing
        where none is wanted. What an earlier transaction had left to say is forgotten with it.
        """
        self._opening = opening
        self._deferred.clear()

    def run(self, statement: Asked, values: Mapping[str, Any]) -> Any:
        """Execute one statement; raises the driver's errors."""
        bound = _bind(statement.order, values)
        if bound is None:
            return self._ordinary(statement, values)
        name = self._names.get(statement.numbered)
        if name is None or self._deferred or self._unopened:
            return self._pipe([(statement, bound)])[0]
        self._names.move_to_end(statement.numbered)
        self._pgconn.send_query_prepared(name, *bound)
        return self._answer(self._driver.wait(generators.execute(self._pgconn))[-1])

    def run_together(self, asked: Sequence[tuple[Asked, Mapping[str, Any]]]) -> list[Any]:
        """Execute statements that do not depend on each other in one round trip."""
        if not asked:
            return []
        bound = [(statement, _bind(statement.order, values)) for statement, values in asked]
        answers = iter(self._pipe([(statement, values) for statement, values in bound if values is not None]))
        return [
            self._ordinary(statement, values) if plain is None else next(answers)
            for (statement, values), (_, plain) in zip(asked, bound, strict=True)
        ]

    def defer(self, statement: Asked, values: Mapping[str, Any], check: Callable[[int], None] | None = None) -> None:
        """Execute a statement before the next one or at the end; ``check`` is told then how many rows it wrote.

        What is wrong with it is raised there, and undoes the transaction.
        """
        bound = _bind(statement.order, values)
        if bound is not None and self._opening:
            self._deferred.append((statement, bound, check))
            return
        answer = self.run(statement, values)
        if check is not None:
            check(answer.rowcount)

    def flush(self) -> None:
        """Execute what waits; to be called before the transaction is committed."""
        if self._deferred:
            self._pipe([])

    def _ordinary(self, statement: Asked, values: Mapping[str, Any]) -> Any:
        if self._unopened or self._deferred:
            self._pipe([])
        return self._driver.execute(statement.named, values)

    @property
    def _unopened(self) -> bool:
        return bool(self._opening) and self._pgconn.transaction_status == TransactionStatus.IDLE

    def _pipe(self, bound: Sequence[_Bound]) -> list[Answer]:
        """Answers to ``bound``; what was deferred goes before it."""
        deferred, self._deferred = self._deferred, []
        answers = self._sent([*((statement, values) for statement, values, _ in deferred), *bound])
        for (_, _, check), answer in zip(deferred, answers, strict=False):
            if check is not None:
                check(answer.rowcount)
        return answers[len(deferred) :]

    def _sent(self, bound: Sequence[_Bound]) -> list[Answer]:
        """Send everything at once: the beginning of the transaction where none is open, and what is new, prepared."""
        pgconn = self._pgconn
        commands: deque[Callable[[], None]] = deque()
        answering: list[int] = []
        preparing: list[tuple[int, bytes, bytes]] = []
        if self._unopened:
            commands.append(partial(pgconn.send_query_params, self._opening, None))
        for stale in self._stale:
            commands.append(partial(pgconn.send_query_params, b"DEALLOCATE " + stale, None))
        self._stale.clear()
        made: dict[bytes, bytes] = {}
        for statement, values in bound:
            text = statement.numbered
            name: bytes | None = self._names.get(text) or made.get(text)
            if name is None and self._is_frequent(text):
                self._count += 1
                name = made[text] = b"motcua_%d" % self._count
                preparing.append((len(commands), text, name))
                commands.append(partial(pgconn.send_prepare, name, text))
            answering.append(len(commands))
            if name is None:
                parameters, formats = values
                commands.append(partial(pgconn.send_query_params, text, parameters, param_formats=formats))
            else:
                if text in self._names:
                    self._names.move_to_end(text)
                commands.append(partial(pgconn.send_query_prepared, name, *values))
        results = self._talked(commands)
        for place, text, name in preparing:
            if results[place].status == ExecStatus.COMMAND_OK:
                self._keep(text, name)
        for result in results:
            self._check(result)
        return [self._answer(results[place]) for place in answering]

    def _check(self, result: Any) -> None:
        if result.status in _FAILED:
            error = errors.error_from_result(result, encoding="utf-8")
            if isinstance(error, psycopg.errors.InvalidSqlStatementName):
                self._names.clear()  # given up by somebody between us and the server; the next one prepares anew
            raise error

    def _talked(self, commands: deque[Callable[[], None]]) -> list[Any]:
        pgconn = self._pgconn
        pgconn.enter_pipeline_mode()
        try:
            commands.append(pgconn.pipeline_sync)
            return [results[-1] for results in self._driver.wait(self._talk(commands))]
        finally:
            if pgconn.status == ConnStatus.OK:
                # Results that an interruption left behind make the connection useless; giving it back finds out.
                with suppress(psycopg.OperationalError):
                    pgconn.exit_pipeline_mode()

    def _talk(self, commands: deque[Callable[[], None]]) -> Generator[Any, Any, list[Any]]:
        wanted = len(commands)
        found: list[Any] = yield from generators.pipeline_communicate(self._pgconn, commands)
        while len(found) < wanted:
            found.append((yield from generators.fetch_many(self._pgconn)))
        return found

    def _is_frequent(self, text: bytes) -> bool:
        runs = self._runs[text] = self._runs.get(text, 0) + 1
        if len(self._runs) > 8 * _MOST:  # texts are built from few parts, but nothing grows for ever
            self._runs.clear()
        return runs > _AFTER

    def _keep(self, text: bytes, name: bytes) -> None:
        self._names[text] = name
        self._runs.pop(text, None)
        if len(self._names) > _MOST:
            self._stale.append(self._names.popitem(last=False)[1])

    def _answer(self, result: Any) -> Answer:
        self._check(result)
        if result.status != ExecStatus.TUPLES_OK:
            return Answer([], result.command_tuples or 0, list)
        count = result.ntuples
        rows: list[Any] = []
        if count:
            self._rows.set_pgresult(result)
            rows = self._rows.load_rows(0, count, tuple)
        return Answer(rows, count, partial(_names, result))


_KEPT = "motcua_prepared"


def prepared(driver: psycopg.Connection[Any]) -> Prepared:
    """What a connection has prepared; kept with the connection, so that it goes when that goes."""
    found: Prepared | None = vars(driver).get(_KEPT)
    if found is None:
        found = vars(driver)[_KEPT] = Prepared(driver)
    return found


def _names(result: Any) -> list[tuple[str]]:
    return [(result.fname(place).decode(),) for place in range(result.nfields)]


def _bind(order: Sequence[str], values: Mapping[str, Any]) -> tuple[list[bytes | None], list[Format]] | None:
    """Parameters as libpq takes them, and the format of each; None when there is one that the driver must adapt."""
    parameters: list[bytes | None] = []
    formats: list[Format] = []
    for name in order:
        value = values[name]
        kind = type(value)
        if kind is str:
            if "\0" in value:
                raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
            parameters.append(value.encode())
        elif kind is int:
            parameters.append(b"%d" % value)
        elif value is None or kind is bytes:
            parameters.append(value)
        elif kind is list and all(type(entry) is str and "\0" not in entry for entry in value):
            parameters.append(_array(value))
        else:
            return None
        formats.append(Format.BINARY if kind is bytes else Format.TEXT)
    return parameters, formats


def _array(texts: Sequence[str]) -> bytes:
    """A list as PostgreSQL reads an array of texts."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return ("{" + ",".join(f'"{text}"' for text in quoted) + "}").encode()
