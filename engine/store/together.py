"""Several reads in one round trip to PostgreSQL.

A statement that finds a handful of rows by an index costs both sides more for its message than for its work. What a
page needs and what does not depend on each other is therefore asked together, through libpq's pipeline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from engine.store.connection import Connection


def _same(connection: Connection) -> Any:
    return connection


class _Asked(BaseException):
    """Carries a read's first statement out of it; nothing in between may take it for a failure."""

    def __init__(self, statement: Any, values: Any) -> None:
        super().__init__()
        self.statement, self.values = statement, values


class _Listener:
    """A server that answers nothing: it tells what it is asked."""

    def run(self, statement: Any, values: Any) -> Any:
        raise _Asked(statement, values)


class _Answering:
    """A server that knows the answer to the first statement of each read; any further one is asked of it."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.statement: Any = None  #: of the read that is under way
        self.answer: Any = None

    def run(self, statement: Any, values: Any) -> Any:
        answer, self.answer = self.answer, None
        if answer is None:
            return self._server.run(statement, values)
        if statement.text != self.statement.text:
            raise AssertionError("a read asked for something else at its second beginning")
        return answer


S = TypeVar("S")


def together(
    connection: Connection, reads: Sequence[Callable[[S], Any]], on: Callable[[Connection], S] = _same
) -> list[Any]:
    """What each of ``reads`` returns, in order; their first statements travel together.

    A read is begun twice on PostgreSQL, once to learn its first statement: it must have no effect besides, and must not
    depend on another one of the same call. Further statements of a read run by themselves, as without this.
    ``on`` makes of a connection what the reads take.
    """
    if connection.sqlite:
        source = on(connection)
        return [read(source) for read in reads]
    answers: list[Any] = [None] * len(reads)
    asked: list[tuple[int, _Asked]] = []
    source = on(Connection(connection.driver, False, _Listener()))
    for place, read in enumerate(reads):
        try:
            answers[place] = read(source)
        except _Asked as first:
            asked.append((place, first))
    answering = _Answering(connection.server)
    found = connection.server.run_together([(told.statement, told.values) for _, told in asked])
    source = on(Connection(connection.driver, False, answering))
    for (place, told), answer in zip(asked, found, strict=True):
        answering.statement, answering.answer = told.statement, answer
        answers[place] = reads[place](source)
    return answers
