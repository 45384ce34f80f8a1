"""What every dispatcher has to do: embedded on both databases, distributed on PostgreSQL, one suite for all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime

import pytest

from engine.bus import Bus
from engine.commands.withdrawal import WithdrawDossier
from engine.model.circuit import CLOSED, OPEN, THRESHOLD
from engine.store.statement import Statement
from engine.worker.periodic import Periodic, Periods
from tests.conformance.dispatching import Yard
from tests.conftest import LiveClock, _on_postgresql, person
from webapp.bootstrap import Product

_VANISH = "DELETE FROM procrastinate_jobs"


@pytest.fixture(
    params=[
        "embedded-sqlite",
        pytest.param("embedded-postgresql", marks=pytest.mark.postgresql),
        pytest.param("distributed-postgresql", marks=pytest.mark.postgresql),
    ]
)
def yard(request: pytest.FixtureRequest, product: Product, clock: LiveClock) -> Iterator[Yard]:
    """A product under each dispatcher."""
    dispatcher, _, server = request.param.partition("-")
    if server == "sqlite":
        made = Yard(product, dispatcher, clock)
        yield made
        made.stop()
        return
    with _on_postgresql(request, product) as whole:
        made = Yard(whole, dispatcher, clock)
        yield made
        made.stop()


def test_due_row_is_delivered_and_the_worker_shown(yard: Yard) -> None:
    running = yard.start()
    yard.post("one")
    yard.until(lambda: yard.mailbox.taken == ["one"])

    def shown() -> list[tuple[str, int]]:
        with yard.product.database.begin() as uow:
            return [(row.name, row.concurrency) for row in uow.workers.all()]

    yard.until(lambda: shown() == [(running.worker.name, 2)])
    running.stop()
    assert shown() == []  # it said good-bye


def test_more_urgent_row_goes_first(yard: Yard) -> None:
    for subject, priority in (("low", -20), ("middle", 5), ("high", 30)):
        yard.post(subject, priority=priority)
    yard.start(yard.worker(concurrency=1))
    yard.until(lambda: len(yard.mailbox.taken) == 3)
    assert yard.mailbox.taken == ["high", "middle", "low"]


def test_unavailable_connector_is_tried_again_until_an_operator_has_to_look(yard: Yard) -> None:
    yard.mailbox.failing = lambda message: message.subject == "never" or yard.mailbox.calls < 3
    once, never = yard.post("twice"), yard.post("never")
    yard.start(yard.worker(concurrency=1))
    yard.until(lambda: yard.row(once).state == "done" and yard.row(never).state == "failed", step=20)
    assert yard.row(never).attempts == 5
    assert "mail" in yard.row(never).error


def test_connector_that_fails_is_left_alone_and_others_go_on(yard: Yard) -> None:
    yard.mailbox.failing = lambda message: True
    yard.reader.gate.set()
    for place in range(THRESHOLD + 4):
        yard.post(str(place))
    number = yard.filed()
    yard.start()

    def state() -> str:
        with yard.product.database.begin() as uow:
            return uow.circuits.get("mail").state

    yard.until(lambda: state() == OPEN)
    yard.until(lambda: yard.reader.calls > 0)  # other connectors go on meanwhile
    assert yard.mailbox.calls <= THRESHOLD + 1  # what was in hand when it opened, and not one more
    assert number
    yard.mailbox.failing = lambda message: False
    yard.until(lambda: len(yard.mailbox.taken) == THRESHOLD + 4, step=5)
    assert state() == CLOSED


def test_hanging_connector_leaves_hands_for_others(yard: Yard) -> None:
    import threading

    yard.mailbox.gate = threading.Event()
    yard.reader.gate.set()
    for place in range(6):
        yard.post(str(place))
    yard.filed()
    yard.start(yard.worker(concurrency=4))
    yard.until(lambda: yard.mailbox.inside == 2 and yard.reader.calls == 1)
    yard.mailbox.gate.set()
    yard.until(lambda: len(yard.mailbox.taken) == 6, step=1)
    assert yard.mailbox.most == 2  # half of the hands and no more


def test_row_that_a_killed_worker_held_is_rescued_when_its_lease_ran_out(yard: Yard) -> None:
    row = yard.post("orphan")
    killed = yard.worker()
    assert [held.id for held in killed.lease(10)] == [row]  # and is never heard of again
    if yard.product.settings.dispatcher == "distributed":
        with yard.product.database.engine.begin() as connection:
            connection.exec_driver_sql(_VANISH)  # nor is there a job any more
    yard.start()
    other = yard.post("other")
    yard.until(lambda: yard.row(other).state == "done")
    assert yard.mailbox.taken == ["other"]  # the control: while the lease holds nobody takes it
    yard.later(seconds=61)
    yard.until(lambda: yard.row(row).state == "done")
    assert yard.row(row).attempts == 2


def test_withdrawn_dossier_is_not_worked_for_and_a_late_answer_is_shown(yard: Yard) -> None:
    late = yard.filed()
    yard.start()
    yard.until(lambda: yard.reader.calls == 1)
    lan = person(yard.product, "lan")
    yard.product.bus.execute(WithdrawDossier(dossier=late, reason="Không cần nữa"), lan)
    yard.reader.gate.set()

    def rows() -> list[str]:
        with yard.product.database.begin() as uow:
            return [row.state for row in uow.outbox.of(late) if row.topic == "papers.read"]

    yard.until(lambda: rows() == ["late"])
    with yard.product.database.begin() as uow:
        kinds = [event.kind for event in uow.journal.of(late)]
        verdict = yard.product.verification(uow).verify(late)
    assert kinds.count("AnswerTooLate") == 1
    assert verdict.holds, verdict.findings


def test_rows_of_one_dossier_keep_their_order(yard: Yard) -> None:
    number = yard.filed()
    yard.reader.gate.set()
    yard.mailbox.failing = lambda message: message.subject == "first" and yard.mailbox.calls < 2
    yard.post("first", dossier=number)
    yard.later(seconds=1)
    yard.post("second", dossier=number)
    yard.start()
    yard.until(lambda: len(yard.mailbox.taken) == 2, step=0.5)
    assert yard.mailbox.taken == ["first", "second"]


def test_timer_that_fails_stops_no_other(yard: Yard) -> None:
    yard.reader.gate.set()
    broken, sound = yard.filed(), yard.filed()
    put = Statement(
        "INSERT INTO timer (id, dossier, kind, ref, due_at, state, attempts, error, lease_owner) "
        "VALUES (:id, :dossier, 'warning', '', 1, 'waiting', 0, '', '')"
    )
    spoil = Statement("UPDATE dossier SET state = 'spoiled' WHERE number = :number")
    worker = yard.worker()
    worker.drain()
    with yard.product.database.begin() as uow:
        spoil.run(uow.connection, number=broken)
        for number in (broken, sound):
            put.run(uow.connection, id=f"{number}:x", dossier=number)
    yard.start(worker)
    state = Statement("SELECT state, error FROM timer WHERE id = :id")

    def timer(number: str) -> tuple[str, bool]:
        with yard.product.database.begin() as uow:
            found = state.run(uow.connection, id=f"{number}:x").fetchone()
        return str(found[0]), bool(found[1])

    yard.until(lambda: timer(sound) == ("fired", False) and timer(broken) == ("waiting", True), step=1)


def test_stopped_worker_gives_back_what_it_could_not_finish(yard: Yard) -> None:
    import threading

    yard.mailbox.gate = threading.Event()
    row = yard.post("long")
    running = yard.start()
    yard.until(lambda: yard.mailbox.inside == 1)
    assert yard.row(row).lease_until is not None
    running.stop(patience=0.2)
    assert (yard.row(row).lease_until, yard.row(row).attempts) == (None, 0)


def test_periodic_slot_is_one_workers_and_never_comes_again(yard: Yard) -> None:
    first, second = yard.worker(), yard.worker()
    assert "digest" in first.daily()
    assert "digest" not in second.daily()  # though the first has long finished
    yard.later(days=1)
    assert ["digest" in worker.daily() for worker in (second, first)] == [True, False]


def test_periodic_work_that_takes_long_keeps_no_worker_from_showing_itself(yard: Yard) -> None:
    begun, over = threading.Event(), threading.Event()

    def slow(bus: Bus, slot: str, now: datetime) -> bool:
        begun.set()
        return over.wait(60)

    worker = yard.worker()
    worker.periods = Periods(worker.bus, (Periodic(name="slow", slot=lambda now: "once", run=slow),))
    worker.keep()
    assert begun.wait(30)
    with worker.bus.database.begin() as uow:
        assert worker.name in {row.name for row in uow.workers.all()}
    assert not over.is_set()
    over.set()
