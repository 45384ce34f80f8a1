"""Completions per CPU second with a database: the naive way, and ours with everything a completion has to write."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

from engine import bpmn
from engine.bpmn.bench_stock import Stock
from engine.bpmn.reference import ANSWERS, reference_bpmn, reference_data, reference_dmn
from engine.commands.context import Context, Rules
from engine.commands.work import Work
from engine.definitions.package import Package
from engine.model.chain import GENESIS, first_break
from engine.model.permission import Actor, Post
from engine.model.status import Business, Delivery, Finance, Sync
from engine.procedures import Library, Procedure
from engine.queries.replay import Replay
from engine.store.database import Database, sqlite_url
from engine.store.migration import migrate
from engine.store.records import Bundle, Dossier
from webapp.calendar_files import read_calendar, read_office

_NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
_ACTOR = Actor(login="bench", name="Bench", posts=(Post(unit="H56.12", role="desk"),))


class _Closing(Work):
    """The reference procedure ends without a result of its own, which a real one may not."""

    def write(self) -> Dossier:
        """See ``Work.write``."""
        if self.instance.completed:
            self.change(business=Business.STOPPED)
        return super().write()


def reference_procedure() -> Procedure:
    """The reference diagram with catalogued operations, so that each service task costs its outbox row."""
    diagram = reference_bpmn()
    for element in ANSWERS:
        diagram = diagram.replace(f'operation="{element}"'.encode(), b'operation="letter.render"')
    package = Package({"reference.bpmn": diagram, "fee.dmn": reference_dmn()})
    definition = bpmn.define(package.diagrams())
    return Procedure(package=package, definition=definition, forms={}, decisions=(), texts={})


class FullTransactions:
    """One dossier after the other through the reference procedure, one transaction per completion."""

    def __init__(self, database: Database) -> None:
        migrate(database)
        self.database = database
        self.procedure = reference_procedure()
        self.library = Library()
        self.library.put(self.procedure)
        self.rules = Rules(calendar=read_calendar(), office=read_office(), base_url="http://127.0.0.1")
        self._count = 0
        self.numbers: list[str] = []  #: of the dossiers so far
        digest = self.procedure.package.digest
        with database.begin() as uow:
            uow.definitions.add_bundle(
                Bundle(
                    digest=digest,
                    procedure="0.000000",
                    version="1",
                    manifest={},
                    files=self.procedure.package.pack(),
                    created_at=_NOW,
                )
            )

    def case(self) -> int:
        """One dossier from start to end; how many completions it took."""
        self._count += 1
        number = f"H56.12-260105-{self._count:05d}"
        self._start(number)
        steps = 0
        while self._step(number, steps):
            steps += 1
        self.numbers.append(number)
        return steps

    def _start(self, number: str) -> None:
        with self.database.begin() as uow:
            context = self._context(uow, 0)
            instance = bpmn.Instance.start(self.procedure.definition, reference_data(), now=context.now, seed=number)
            work = _Closing(context, _dossier(number, self.procedure), self.procedure, instance)
            work.started({"variables": reference_data(), "digest": self.procedure.package.digest, "documents": []})
            work.write()

    def _step(self, number: str, steps: int) -> bool:
        with self.database.begin() as uow:
            context = self._context(uow, steps + 1)
            work = _Closing.open(context, uow.dossiers.get(number))
            if work.instance.completed:
                return False
            task = work.instance.first_open()
            if task.kind == "service":
                uow.outbox.finish(task.id, "done", at=context.now)
                work.answer(task, ANSWERS[task.element])
            else:
                uow.tasks.get(task.id)
                work.complete(task.id, ANSWERS[task.element], node=task.element)
            work.write()
            return True

    def _context(self, uow: Any, minutes: int) -> Context:
        now = _NOW + timedelta(minutes=minutes)
        return Context(uow=uow, actor=_ACTOR, now=now, library=self.library, rules=self.rules)

    def verified_events_per_cpu_s(self, count: int) -> dict[str, float]:
        """How fast the chains of the last dossiers are checked, and how fast they are executed again and compared."""
        with self.database.begin() as uow:
            chains = [(uow.dossiers.get(number), uow.journal.of(number)) for number in self.numbers[-count:]]
        events = sum(len(chain) for _, chain in chains)
        begun = process_time()
        for dossier, chain in chains:
            assert first_break(dossier.number, chain, head=dossier.head, length=dossier.seq) is None
        checked = process_time()
        for _, chain in chains:
            replay = Replay(self.procedure.definition)
            assert not any(replay.apply(event) for event in chain)
        executed = process_time()
        return {
            "verify_events_per_cpu_s": round(events / (checked - begun), 0),
            "reexecute_events_per_cpu_s": round(events / (executed - checked), 0),
        }


def _dossier(number: str, procedure: Procedure) -> Dossier:
    return Dossier(
        number=number,
        procedure="0.000000",
        procedure_name="Thủ tục chuẩn để đo",
        digest=procedure.package.digest,
        revision=0,
        business=Business.SUBMITTED,
        finance=Finance.NONE,
        delivery=Delivery.NOT_READY,
        sync=Sync.PENDING,
        channel="online",
        applicant="bench",
        applicant_name="Bench",
        holder_name="Bench",
        applicant_email="",
        receiving_unit="H56.12",
        competent_unit="H56.12",
        filed_at=_NOW,
        clock_from=None,
        received_at=None,
        due_at=None,
        closed_at=None,
        lateness="",
        waiting_for="",
        deadline={},
        data={},
        state=b"",
        seq=0,
        head=GENESIS,
        tracking=number,
        search=number,
    )


@contextmanager
def naive_blob_sqlite() -> Iterator[Callable[[], int]]:
    """A case of the library as it comes, its state as one row of SQLite; it tells how many completions it took."""
    files = {"reference.bpmn": reference_bpmn(), "fee.dmn": reference_dmn()}
    stock = Stock(files["reference.bpmn"], bpmn.define(files), json.loads(json.dumps(reference_data())))
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "naive.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE instance (id INTEGER PRIMARY KEY, state TEXT)")

        def store(text: str) -> str:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT OR REPLACE INTO instance VALUES (1, ?)", (text,))
            connection.execute("COMMIT")
            row = connection.execute("SELECT state FROM instance WHERE id = 1").fetchone()
            return str(row[0])

        yield lambda: stock.run_storing(store)
        connection.close()


def rates(*cases: Callable[[], int], size: int, rounds: int = 5) -> list[list[float]]:
    """Completions per CPU second of each kind of case: a list of the rounds for each.

    The kinds take turns, so that a busy minute of the machine meets them all. A first round is not counted: files have
    grown and caches are filled by then.
    """
    found: list[list[float]] = [[] for _ in cases]
    for number in range(rounds + 1):
        for case, speeds in zip(cases, found, strict=True):
            begun = process_time()
            steps = sum(case() for _ in range(size))
            if number:
                speeds.append(steps / (process_time() - begun))
    return found


def sqlite_database(folder: Path) -> Database:
    """A fresh SQLite database for a bench."""
    return Database(sqlite_url(folder / "bench.db"))
