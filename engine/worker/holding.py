"""What a worker has in hand: held longer while it works, given back when it goes."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.queue import TIMER, TOPICS
from engine.store.records import OutboxRow, Timer
from engine.store.unit_of_work import UnitOfWork

Row = OutboxRow | Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    row: Row
    since: datetime


class Holding:
    """The rows in hand of one worker; every method may be called by any thread."""

    def __init__(self, owner: str, lease: timedelta, longest: timedelta) -> None:
        self.owner, self.lease, self.longest = owner, lease, longest
        self._lock = threading.Lock()
        self._rows: dict[str, _Held] = {}

    def add(self, row: Row, now: datetime) -> None:
        """A row was taken."""
        with self._lock:
            self._rows[row.id] = _Held(row=row, since=now)

    def drop(self, row: Row) -> None:
        """A row was handled."""
        with self._lock:
            self._rows.pop(row.id, None)

    def connectors(self) -> Counter[str]:
        """How many rows each connector has in hand."""
        with self._lock:
            rows = [held.row for held in self._rows.values()]
        return Counter(TOPICS[row.topic].connector for row in rows if isinstance(row, OutboxRow))

    def names(self) -> list[str]:
        """Topic or ``timer``, and id, of each row in hand."""
        with self._lock:
            rows = [held.row for held in self._rows.values()]
        return [f"{row.topic if isinstance(row, OutboxRow) else TIMER} {row.id}" for row in rows]

    def renew(self, uow: UnitOfWork, now: datetime) -> None:
        """Hold on to everything that has not been in hand for too long: what hangs is let go to another worker."""
        outbox, timers = self._split(since=now - self.longest)
        uow.outbox.renew(outbox, owner=self.owner, until=now + self.lease)
        uow.timers.renew(timers, owner=self.owner, until=now + self.lease)

    def release(self, uow: UnitOfWork) -> int:
        """Give everything back; how much there was."""
        outbox, timers = self._split()
        for row_id in outbox:
            uow.outbox.release(row_id, owner=self.owner)
        for row_id in timers:
            uow.timers.release(row_id, owner=self.owner)
        return len(outbox) + len(timers)

    def _split(self, *, since: datetime | None = None) -> tuple[list[str], list[str]]:
        with self._lock:
            rows = [held.row for held in self._rows.values() if since is None or held.since >= since]
        outbox = [row.id for row in rows if isinstance(row, OutboxRow)]
        return outbox, [row.id for row in rows if isinstance(row, Timer)]
