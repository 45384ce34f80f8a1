"""What a test of the dispatchers needs: a product on each of them, and outside systems that do as they are told."""

from __future__ import annotations

import dataclasses
import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from connectors.dispatch.distributed import SWEEP, DistributedDispatcher
from engine.commands.intake import FileDossier
from engine.errors import ConnectorUnavailable
from engine.model.backoff import Backoff
from engine.model.queue import topic
from engine.ports import Dispatcher, FieldRule, Message, ReadText
from engine.store.records import OutboxRow
from engine.worker import Plan, RunningWorker, Worker
from tests.conftest import LiveClock, person
from webapp.bootstrap import Product, dispatcher_for
from webapp.demo.run import DemoRun

#: Far more than anything here takes; a test ends as soon as what it waits for has come.
_PATIENCE = 90.0


class Mailbox:
    """A mail server that fails, hangs or takes what it is given."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.calls = 0
        self.failing: Callable[[Message], bool] = lambda message: False
        self.gate: threading.Event | None = None  #: closed = a call hangs
        self.inside = self.most = 0
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Take a message, or do as told."""
        with self._lock:
            self.calls += 1
            self.inside += 1
            self.most = max(self.most, self.inside)
        try:
            if self.gate is not None:
                assert self.gate.wait(_PATIENCE)
            if self.failing(message):
                raise ConnectorUnavailable(system="mail", why="down")
            with self._lock:
                self.taken.append(message.subject)
        finally:
            with self._lock:
                self.inside -= 1


class Reader:
    """A reader of papers that finds nothing, after the gate is open."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.calls = 0

    def read(self, content: bytes, media_type: str, rules: Sequence[FieldRule] = ()) -> ReadText:
        """Nothing, late."""
        self.calls += 1
        assert self.gate.wait(_PATIENCE)
        return ReadText(text="", mean_confidence=0.0, pages=1)


class Yard:
    """A product under one dispatcher, its clock, and its outside systems.

    ``sweep`` is how many seconds a distributed worker lets pass between two looks for everything.
    """

    def __init__(self, product: Product, dispatcher: str, clock: LiveClock, *, sweep: float = SWEEP) -> None:
        self.mailbox, self.reader = Mailbox(), Reader()
        url = "" if product.database.sqlite else product.database.url.replace("postgresql+psycopg", "postgresql")
        settings = dataclasses.replace(product.settings, dispatcher=dispatcher, database_url=url)
        ports = dataclasses.replace(product.ports, notifier=self.mailbox, reader=self.reader)
        self.product = dataclasses.replace(product, settings=settings, ports=ports)
        self.clock = clock
        self._running: list[RunningWorker] = []
        self._sweep = sweep
        announcer = self._dispatcher()
        announcer.prepare()
        product.database.announcer = announcer

    def _dispatcher(self) -> Dispatcher:
        if self.product.settings.dispatcher == "distributed":
            return DistributedDispatcher(self.product.database.conninfo, sweep=self._sweep)
        return dispatcher_for(self.product.settings, self.product.database)

    def worker(self, **plan: Any) -> Worker:
        """A worker that tries five times at once after another."""
        terms = {"concurrency": 2, "backoff": Backoff(tries=5, chance=lambda: 0.5)} | plan
        return Worker(self.product.bus, self.product.ports, plan=Plan(**terms))

    def start(self, worker: Worker | None = None) -> RunningWorker:
        """Let a worker work; it is stopped at the end of the test."""
        running = self.product.start(worker or self.worker(), self._dispatcher())
        self._running.append(running)
        return running

    def stop(self) -> None:
        """Stop whatever works."""
        self.reader.gate.set()
        if self.mailbox.gate is not None:
            self.mailbox.gate.set()
        for running in self._running:
            running.stop(patience=5)

    def post(self, subject: str, *, dossier: str = "", priority: int = 0) -> str:
        """Ask for a mail; the row's id."""
        now = self.product.clock.now()
        row = OutboxRow(
            id=secrets.token_hex(8), dossier=dossier, topic="mail.send", task="",
            payload={"message": "", "to": "a@example.vn", "subject": subject, "body": ""},
            state="waiting", attempts=0, priority=priority or topic("mail.send").priority, due_at=now,
            lease_until=None, lease_owner="", error="", note="", created_at=now, done_at=None,
        )  # fmt: skip
        with self.product.database.begin() as uow:
            uow.outbox.add([row])
        return row.id

    def row(self, row_id: str) -> OutboxRow:
        """The row as stored."""
        with self.product.database.begin() as uow:
            return uow.outbox.get(row_id)

    def filed(self) -> str:
        """A dossier whose papers are to be read; its number."""
        demo, lan = DemoRun(self.product, say=lambda line: None), person(self.product, "lan")
        return str(self.product.bus.execute(FileDossier(draft=demo.prepare(lan)), lan)["number"])

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.clock.set(self.clock.now() + timedelta(**span))

    def until(self, holds: Callable[[], bool], *, step: float = 0.0) -> None:
        """Wait until something holds, letting ``step`` seconds pass with each look; fails when it never does."""
        pause = threading.Event()
        for _ in range(int(_PATIENCE / 0.05)):
            if holds():
                return
            pause.wait(0.05)
            if step:
                self.later(seconds=step)
        raise AssertionError("it never came to pass")
