"""Several reads in one round trip to PostgreSQL.

A statement that finds a handful of rows by an index costs both sides more for its message than for its work. What a
page needs and what does not depend on each other is therefore asked together, through libpq's pipeline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.store.connection import Connection


class _Asked(BaseException):
    """Carries a read's first statement out of it; nothing in between may take it for a failure."""

    def __init__(self, statement: Any, values: Any) -> None:
        super().__init__()
        self.statement, self.values = statement, values


class _Listener:
    """A server that answers nothing: it tells what it is asked."""

    def run(self, statement: Any, values: Any) -> Any:
        raise _Asked(statement, values)


@dataclass
class _Answered:
    """A server whose answer to the first statement is known; any further one is asked of it."""

    server: Any
    statement: Any
    answer: Any

    def run(self, statement: Any, values: Any) -> Any:
        answer, self.answer = self.answer, None
        if answer is None:
            return self.server.run(statement, values)
        if statement is not self.statement:
            raise AssertionError(f"a read asked {self.statement.text!r} first and then {statement.text!r}")
        return answer


def together(connection: Connection, reads: Sequence[Callable[[Connection], Any]]) -> list[Any]:
    """What each of ``reads`` returns, in order; their first statements travel together.

    A read is begun twice on PostgreSQL, once to learn its first statement: it must have no effect besides, and must not
    depend on another one of the same call. Further statements of a read run by themselves, as without this.
    """
    if connection.sqlite:
        return [read(connection) for read in reads]
    answers: list[Any] = [None] * len(reads)
    asked: list[tuple[int, _Asked]] = []
    listening = Connection(connection.driver, False, _Listener())
    for place, read in enumerate(reads):
        try:
            answers[place] = read(listening)
        except _Asked as first:
            asked.append((place, first))
    server = connection.server
    found = server.run_together([(told.statement, told.values) for _, told in asked])
    for (place, told), answer in zip(asked, found, strict=True):
        known = _Answered(server, told.statement, answer)
        answers[place] = reads[place](Connection(connection.driver, False, known))
    return answers
