"""A web server and workers whose settings name different dispatchers: nothing is left lying, and it is shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine.bus import Bus
from engine.store.database import Database
from engine.store.statement import Statement
from engine.store.workers import GONE, WorkerRow
from tests.conformance.dispatching import Yard
from tests.conftest import LiveClock, _on_postgresql
from webapp.app import create_app
from webapp.bootstrap import Product

_JOBS = Statement("SELECT count(*) FROM procrastinate_jobs")
_TIMER = Statement(
    "INSERT INTO timer (id, dossier, kind, ref, due_at, state, attempts, error, lease_owner) "
    "VALUES (:id, :dossier, 'warning', '', 1, 'waiting', 0, '', '')"
)
_STATE = Statement("SELECT state FROM timer WHERE id = :id")
_PAIRS = [("embedded", "distributed"), ("distributed", "embedded")]


@pytest.fixture(params=_PAIRS, ids="-web-and-".join)
def pair(request: pytest.FixtureRequest, product: Product, clock: LiveClock) -> Iterator[tuple[Yard, Yard]]:
    """Who writes rows and who works, each with its own dispatcher and connections to one database."""
    with _on_postgresql(request, product) as whole:
        database = Database(whole.database.url)
        bus = Bus(database, clock, whole.bus.library, whole.bus.rules)
        web, work = request.param
        writing, working = (
            Yard(dataclasses.replace(whole, database=database, bus=bus), web, clock, sweep=1.0),
            Yard(whole, work, clock, sweep=1.0),
        )
        yield writing, working
        working.stop()
        database.close()


def _jobs(yard: Yard) -> int:
    with yard.product.database.read() as connection:
        installed = connection.driver.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()[0]
        return int(_JOBS.run(connection).scalar_one()) if installed else 0


@pytest.mark.postgresql
def test_rows_written_under_one_dispatcher_are_delivered_under_the_other(pair: tuple[Yard, Yard]) -> None:
    web, work = pair
    early = web.post("before there was a worker")
    assert _jobs(web) == (1 if web.product.settings.dispatcher == "distributed" else 0)
    work.start()
    work.until(lambda: work.row(early).state == "done")
    work.later(minutes=1)
    web.post("while one works")
    work.until(lambda: len(work.mailbox.taken) == 2)
    # A transaction that took long: its row was due before the worker's last look, which therefore has passed it.
    with web.product.database.begin() as uow:
        late = dataclasses.replace(
            uow.outbox.get(early), id="late", state="waiting", attempts=0, lease_until=None, lease_owner="",
            due_at=web.clock.now() - timedelta(seconds=30), done_at=None,
        )  # fmt: skip
        uow.outbox.add([late])
    work.until(lambda: work.row("late").state == "done")
    assert len(work.mailbox.taken) == 3


@pytest.mark.postgresql
def test_dossier_filed_under_one_dispatcher_goes_on_under_the_other(pair: tuple[Yard, Yard]) -> None:
    web, work = pair
    work.reader.gate.set()
    work.start()
    number = web.filed()

    def charged() -> bool:
        with work.product.database.begin() as uow:
            return bool(uow.money.charges(number))

    work.until(charged)
    with web.product.database.begin() as uow:  # timers come due in silence, whoever wrote them
        _TIMER.run(uow.connection, id=f"{number}:x", dossier=number)

    def fired() -> bool:
        with work.product.database.read() as connection:
            return bool(_STATE.run(connection, id=f"{number}:x").scalar() == "fired")

    work.until(fired)
    with work.product.database.begin() as uow:
        verdict = work.product.verification(uow).verify(number)
    assert verdict.holds, verdict.findings


@pytest.mark.postgresql
@pytest.mark.parametrize("pair", [("distributed", "embedded")], ids="-web-and-".join, indirect=True)
def test_jobs_that_nobody_took_do_no_harm_and_are_cleared(pair: tuple[Yard, Yard]) -> None:
    web, work = pair
    running = work.start()
    rows = [web.post(str(place)) for place in range(3)]
    work.until(lambda: all(work.row(row).state == "done" for row in rows))
    assert _jobs(web) == 3
    running.stop()
    web.start()  # the setting has been repaired: workers are distributed too
    web.until(lambda: _jobs(web) == 0)
    assert (sorted(work.mailbox.taken), web.mailbox.taken) == (["0", "1", "2"], [])  # nothing was done twice
    web.stop()


def _row(product: Product, name: str, dispatcher: str, ago: timedelta) -> WorkerRow:
    now = product.clock.now()
    return WorkerRow(
        name=name, host="h", pid=1, dispatcher=dispatcher, queues=["mail"], concurrency=1, version="",
        started_at=now - ago, beat_at=now - ago, holding=[],
    )  # fmt: skip


def test_disagreement_is_told_to_the_operator_and_to_the_monitor(either_product: Product) -> None:
    product = either_product
    app = create_app(product)
    operator = app.test_client()
    with operator.session_transaction() as session:
        session["login"] = "tam"

    def told() -> tuple[bool, bool]:
        page, figures = operator.get("/operations/status").text, operator.get("/metrics").text.splitlines()
        [figure] = [line for line in figures if line.startswith("motcua_workers_at_odds ")]
        return "Cách chia việc không khớp" in page, float(figure.rpartition(" ")[2]) > 0

    with product.database.begin() as uow:
        uow.workers.beat(_row(product, "same", product.settings.dispatcher, timedelta(0)))
        uow.workers.beat(_row(product, "gone", "distributed", GONE + timedelta(seconds=1)))
    assert told() == (False, False)
    with product.database.begin() as uow:
        uow.workers.beat(_row(product, "machine-2:7", "distributed", timedelta(seconds=20)))
    assert told() == (True, True)
    page = operator.get("/operations/status").text
    assert "Máy chủ web này chia việc theo embedded, các tiến trình sau theo cách khác" in page
    assert '<span class="code">machine-2:7</span>: distributed' in page
    assert "MOTCUA_DISPATCHER" in page
