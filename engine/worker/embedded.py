"""The embedded dispatcher: threads of this process take what the database says is due. SQLite or PostgreSQL."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from typing import Any

import structlog

from engine.errors import MotcuaError
from engine.ports import Crew, Due
from engine.store.database import Database
from engine.store.failures import DRIVER_ERRORS
from engine.store.wake import listen, notify

_log = structlog.get_logger("motcua.dispatcher")
#: Seconds between two looks when nothing tells that something is due: timers come due in silence.
IDLE = 0.05
#: Seconds to wait after the database did not answer.
_AWAY = 1.0


class EmbeddedDispatcher:
    """Rows and leases alone. A commit wakes the threads: of this process at once, of others over LISTEN and NOTIFY."""

    name = "embedded"

    def __init__(self, database: Database, *, idle: float = IDLE) -> None:
        self._database, self._idle = database, idle
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._patience = 30.0

    def prepare(self) -> None:
        """Nothing: the rows are all it needs."""

    def announce(self, connection: Any, due: Sequence[Due]) -> None:
        """Wake the workers of other processes once this transaction has been committed."""
        if not self._database.sqlite:
            notify(connection)

    def committed(self) -> None:
        """Wake the workers of this process."""
        self._wake.set()

    def stop(self, *, patience: float = 30.0) -> None:
        """Begin nothing new; what is in hand has ``patience`` seconds."""
        self._patience = patience
        self._stopped.set()
        self._wake.set()

    def run(self, crew: Crew) -> None:
        """Hand out work until ``stop``; then wait for what is in hand, and give the rest back."""
        hands = _Hands(crew, self._wake)
        if not self._database.sqlite:
            threading.Thread(target=self._listen, name="motcua-listener", daemon=True).start()
        while not self._stopped.is_set():
            self._wake.clear()
            self._round(crew, hands)
        hands.finish(self._patience)
        try:
            crew.rest()
        except MotcuaError:  # the database is away: what was held comes free with its leases
            _log.exception("rest-failed", worker=crew.name)

    def _round(self, crew: Crew, hands: _Hands) -> None:
        """Take as much as there are free hands; wait when nothing was due or all are busy."""
        free, wait = hands.free, self._idle
        try:
            taken = crew.lease(free) if free else ()
        except Exception:  # the loop outlives the database's absence; it is logged with its place
            _log.exception("lease-failed", worker=crew.name)
            taken, wait = (), _AWAY
        for row in taken:
            hands.give(row)
        crew.keep()
        if not taken:
            self._wake.wait(wait if free else 1.0)

    def _listen(self) -> None:
        while not self._stopped.is_set():
            try:
                listen(self._database.engine, self._wake.set, self._stopped.is_set)
            except DRIVER_ERRORS:
                _log.warning("listener-lost")
                self._stopped.wait(_AWAY)


class _Hands:
    """Threads that handle rows; as many as the crew may have in hand."""

    def __init__(self, crew: Crew, wake: threading.Event) -> None:
        self._crew, self._wake = crew, wake
        self._rows: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._busy = 0
        # Daemons: a call that hangs for ever does not keep the process from ending.
        for number in range(crew.concurrency):
            threading.Thread(target=self._work, name=f"motcua-hand-{number}", daemon=True).start()

    @property
    def free(self) -> int:
        """How many more rows may be given."""
        with self._lock:
            return self._crew.concurrency - self._busy

    def give(self, row: Any) -> None:
        """Have one row handled."""
        with self._lock:
            self._busy += 1
        self._rows.put(row)

    def finish(self, patience: float) -> None:
        """Wait until all is handled, at most ``patience`` seconds, holding on to it meanwhile."""
        end = time.monotonic() + patience
        while self.free < self._crew.concurrency and time.monotonic() < end:
            self._wake.clear()
            self._crew.keep()
            self._wake.wait(min(1.0, max(0.0, end - time.monotonic())))
        for _ in range(self._crew.concurrency):
            self._rows.put(None)

    def _work(self) -> None:
        while (row := self._rows.get()) is not None:
            self._crew.handle(row)
            with self._lock:
                self._busy -= 1
            self._wake.set()
