"""How soon a job is picked up, with many timers pending: jobs at a steady rate on PostgreSQL, under each dispatcher.

A job is a mail that an instant mail server takes; its pick-up is from the commit that asks for it until the server is
called. What it costs is what the product does for every delivery: claim, deliver, record. A second figure is of timers:
from the moment that one comes due until a worker holds it.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.dispatch.distributed import DistributedDispatcher
from engine.bus import Bus
from engine.model.queue import topic
from engine.ports import Dispatcher, Message
from engine.store.database import Database
from engine.store.database_clock import DatabaseClock
from engine.store.moments import stored
from engine.store.records import OutboxRow
from engine.store.statement import Statement
from engine.worker import EmbeddedDispatcher, Plan, RunningWorker, Worker
from webapp.bootstrap import Product

#: Pending timers, all of them in the future.
_PENDING = Statement(
    "INSERT INTO timer (id, dossier, kind, ref, due_at, state, attempts, error, lease_owner) "
    "SELECT 'p' || n, 'none', 'warning', '', :due + n * 1000000, 'waiting', 0, '', '' "
    "FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n"
)
_DUE = Statement(
    "INSERT INTO timer (id, dossier, kind, ref, due_at, state, attempts, error, lease_owner) "
    "VALUES (:id, 'none', 'bench', '', :due, 'waiting', 0, '', '')"
)
_CLEAR = Statement("DELETE FROM timer WHERE kind = 'bench'")
_ANALYZE = Statement("ANALYZE timer")
_PAGE = 100_000


@dataclass
class _Server:
    """A mail server that takes everything at once, and notes when."""

    taken: dict[str, float] = field(default_factory=dict)

    def send(self, message: Message) -> None:
        """Take it."""
        self.taken[message.subject] = time.perf_counter()


class _Timed(Worker):
    """A worker that only notes when it holds a timer; the bench's timers belong to no dossier."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.held: dict[str, datetime] = {}

    def handle(self, row: Any) -> None:
        """Note the moment, close the timer."""
        if isinstance(row, OutboxRow):
            super().handle(row)
            return
        self.held[row.id] = self.bus.clock.now()
        with self.bus.database.begin() as uow:
            uow.timers.close(row.id, "fired")
        self._holding.drop(row)


def pick_up(
    product: Product, database: Database, *, timers: int, rate: int = 50, seconds: int = 20
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Figures of each dispatcher, in milliseconds; ``database`` is PostgreSQL, migrated."""
    clock = DatabaseClock(database.url)
    _fill(database, clock.now() + timedelta(days=1), timers)
    kinds: tuple[Dispatcher, ...] = (EmbeddedDispatcher(database), DistributedDispatcher(database.conninfo))
    for dispatcher in kinds:
        dispatcher.prepare()
        database.announcer = dispatcher
        server = _Server()
        ports = replace(product.ports, notifier=server)
        bus = Bus(database, clock, product.bus.library, product.bus.rules)
        worker = _Timed(bus, ports, plan=Plan(concurrency=4))
        with _at_work(worker, dispatcher):
            asked = _post(bus, rate, rate * seconds)
            _until(lambda taken=server.taken, asked=asked: len(taken) >= len(asked))
            spans = sorted((server.taken[subject] - at) * 1000 for subject, at in asked.items())
            due = _come_due(bus, rate, rate * seconds // 4)
            _until(lambda held=worker.held, due=due: len(held) >= len(due))
            late = sorted((worker.held[timer] - at).total_seconds() * 1000 for timer, at in due.items())
        with database.begin() as uow:
            _CLEAR.run(uow.connection)
        yield dispatcher.name, {"jobs": _figures(spans), "timers": _figures(late)}


@contextmanager
def _at_work(worker: Worker, dispatcher: Dispatcher) -> Iterator[None]:
    running = RunningWorker(worker, dispatcher)
    time.sleep(1.0)  # begun: connections are open, and what there was is looked at
    try:
        yield
    finally:
        running.stop(patience=5)


def _fill(database: Database, due: datetime, count: int) -> None:
    for first in range(1, count + 1, _PAGE):
        with database.begin() as uow:
            last = min(first + _PAGE - 1, count)
            _PENDING.run(uow.connection, due=stored(due), first=first, last=last)
    with database.begin() as uow:
        _ANALYZE.run(uow.connection)


def _post(bus: Bus, rate: int, count: int) -> Mapping[str, float]:
    """Ask for ``count`` mails, ``rate`` a second; when each was asked for."""
    asked: dict[str, float] = {}
    begun = time.perf_counter()
    for place in range(count):
        time.sleep(max(0.0, begun + place / rate - time.perf_counter()))
        now, subject = bus.clock.now(), secrets.token_hex(8)
        payload = {"message": "", "to": "a@example.vn", "subject": subject, "body": ""}
        row = OutboxRow(
            id=subject, dossier="", topic="mail.send", task="", payload=payload, state="waiting", attempts=0,
            priority=topic("mail.send").priority, due_at=now, lease_until=None, lease_owner="", error="", note="",
            created_at=now, done_at=None,
        )  # fmt: skip
        with bus.database.begin() as uow:
            uow.outbox.add([row])
        asked[subject] = time.perf_counter()
    return asked


def _come_due(bus: Bus, rate: int, count: int) -> Mapping[str, datetime]:
    """Set ``count`` timers that come due from a second on, ``rate`` a second; the moment of each."""
    first = bus.clock.now() + timedelta(seconds=1)
    due = {f"bench:{place}": first + timedelta(seconds=place / rate) for place in range(count)}
    with bus.database.begin() as uow:
        _DUE.run_many(uow.connection, [{"id": name, "due": stored(at)} for name, at in due.items()])
    return due


def _until(holds: Any) -> None:
    pause = threading.Event()
    for _ in range(6000):
        if holds():
            return
        pause.wait(0.05)
    raise AssertionError("not everything was picked up")


def _figures(spans: list[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile and the longest, in milliseconds."""
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    found = {name: round(spans[min(len(spans) - 1, int(len(spans) * part))], 1) for name, part in at.items()}
    return found | {"most": round(spans[-1], 1), "count": len(spans)}
