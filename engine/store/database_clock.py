"""The database server's clock: what all machines of an installation agree on, whatever their own clocks say."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from engine.store.connection import Connection
from engine.store.failures import DRIVER_ERRORS, meaning
from engine.store.moments import moment
from engine.store.statement import Statement

_NOW = Statement("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)")
#: After so many seconds the server is asked again.
_FRESH = 30.0
#: Two answers of the server may differ by what the network took; a clock that was set back differs by more.
_RIPPLE = timedelta(seconds=1)


def _running() -> float:
    """Seconds that go on while the machine sleeps and do not jump when its clock is set."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class DatabaseClock:
    """PostgreSQL's clock, asked every half minute and carried on between by this machine's uptime.

    Leases, due moments and the journal's moments are therefore the same on every machine, and setting a machine's clock
    changes none of them. It is never ahead of the server by more than the drift of half a minute.
    """

    def __init__(self, url: str, *, running: Callable[[], float] = _running) -> None:
        # A connection of its own for each question: it is asked inside transactions, also when the pool is empty.
        self._engine, self._running = sa.create_engine(url, poolclass=sa.pool.NullPool), running
        self._lock = threading.Lock()
        self._asked: tuple[float, datetime] | None = None
        self._last: datetime | None = None

    def now(self) -> datetime:
        """The present moment in the product's zone; asking anew never takes it back by less than a second."""
        with self._lock:
            beat = self._running()
            if self._asked is None or beat - self._asked[0] > _FRESH:
                self._ask()
                beat = self._running()
            assert self._asked is not None
            at, told = self._asked
            found = told + timedelta(seconds=beat - at)
            if self._last is not None and found < self._last < found + _RIPPLE:
                return self._last
            self._last = found
            return found

    def _ask(self) -> None:
        """Ask the server; one that does not answer leaves the last answer in use."""
        try:
            lent = self._engine.raw_connection()
            try:
                connection = Connection(lent.driver_connection, self._engine.dialect.name == "sqlite")
                told = moment(int(_NOW.run(connection).scalar_one()))
            finally:
                lent.close()
            # Taken after the answer, so that the moment told is never ahead of the server's.
            self._asked = (self._running(), told)
        except DRIVER_ERRORS as error:
            if self._asked is None:
                raise meaning(error) or error from error
