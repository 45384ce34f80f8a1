"""What the store promises on both databases."""

from __future__ import annotations

import dataclasses
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from engine.commands.fees import BeginPayment, RecordPayment
from engine.commands.intake import FileDossier
from engine.commands.tasks import ClaimTask, CompleteTask
from engine.errors import Conflict, MotcuaError
from engine.model.queue import TOPICS
from engine.store.database import Database, sqlite_url
from engine.store.failures import AlreadyStored
from engine.store.migration import differences, migrate
from engine.store.records import Result
from engine.store.rows import RowChanged
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun


def _quiet(line: str) -> None:
    """Say nothing."""


def _filed(product: Product) -> tuple[DemoRun, str]:
    demo = DemoRun(product, say=_quiet)
    number = demo.file(demo.person("lan"))
    return demo, number


def test_schema_migrated_equals_tables(either_product: Product) -> None:
    assert differences(either_product.database) == []


def test_migration_twice_changes_nothing(either_product: Product) -> None:
    migrate(either_product.database)
    assert differences(either_product.database) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'nobody'",
        "DELETE FROM event",
        "DELETE FROM dossier",
        "DELETE FROM task",
        "UPDATE definition_bundle SET version = '9'",
        "DELETE FROM document",
    ],
)
def test_append_only_rows_refuse_change(either_product: Product, statement: str) -> None:
    demo, number = _filed(either_product)
    demo.pay(demo.person("lan"), number)
    demo.worker.drain()
    with pytest.raises(MotcuaError), either_product.database.begin() as uow:
        uow.connection.driver.execute(statement)


def test_dossier_stale_revision_is_refused(either_product: Product) -> None:
    _, number = _filed(either_product)
    with either_product.database.begin() as uow:
        dossier = uow.dossiers.get(number)
    with pytest.raises(RowChanged), either_product.database.begin() as uow:
        uow.dossiers.save(dataclasses.replace(dossier, search="x"), revision=dossier.revision - 1)


def test_result_file_of_other_dossier_is_refused(either_product: Product) -> None:
    demo = DemoRun(either_product, say=_quiet)
    first = demo.play().number
    second = demo.file(demo.person("lan"))
    with either_product.database.begin() as uow:
        result = uow.results.of(first)
    assert result is not None
    stolen = dataclasses.replace(result, dossier=second, number="other", verify_code="other")
    with pytest.raises(AlreadyStored), either_product.database.begin() as uow:
        uow.results.add(stolen)
    same_number = Result(**{**_fields(result), "dossier": second, "digest": "0" * 64, "verify_code": "other"})
    with pytest.raises(AlreadyStored), either_product.database.begin() as uow:
        uow.results.add(same_number)


def _fields(result: Result) -> dict[str, object]:
    return {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}


def test_lease_held_row_is_taken_over_only_after_it_ran_out(either_product: Product) -> None:
    demo = DemoRun(either_product, say=_quiet)
    citizen = demo.person("lan")
    either_product.bus.execute(FileDossier(draft=demo.prepare(citizen)), citizen)
    now, hold = either_product.clock.now(), timedelta(seconds=60)
    with either_product.database.begin() as uow:
        ids = [row_id for row_id, _topic in uow.outbox.ready(now, tuple(TOPICS), limit=10)]
        first = uow.outbox.claim(ids, now, owner="a", hold=hold)
    with either_product.database.begin() as uow:
        during = uow.outbox.claim(ids, now + timedelta(seconds=59), owner="b", hold=hold)
        after = uow.outbox.claim(ids, now + timedelta(seconds=61), owner="b", hold=hold)
    assert len(first) == 1
    assert during == ()
    assert [row.id for row in after] == [row.id for row in first]


def test_task_fifty_clients_one_winner(either_product: Product) -> None:
    demo, number = _filed(either_product)
    demo.pay(demo.person("lan"), number)
    demo.worker.drain()
    task = demo.task(number, "desk")
    actor = demo.person("binh")
    claimed = either_product.bus.execute(ClaimTask(task=task.id), actor)
    outcomes: list[str] = []
    start = threading.Barrier(50)

    def complete() -> None:
        start.wait()
        data = {"da_doi_chieu": True, "quyet_dinh": "accept"}
        try:
            either_product.bus.execute(CompleteTask(task=task.id, data=data, revision=claimed["revision"]), actor)
            outcomes.append("won")
        except Conflict as lost:
            outcomes.append(lost.code)

    threads = [threading.Thread(target=complete) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("won") == 1
    assert outcomes.count("task-completed") == 49


def test_payment_notices_doubled_and_reordered_charge_once(either_product: Product) -> None:
    demo, number = _filed(either_product)
    citizen = demo.person("lan")
    with either_product.database.begin() as uow:
        charge = uow.money.charges(number)[0]
    orders = [either_product.bus.execute(BeginPayment(charge=charge.id), citizen) for _ in range(2)]
    now = either_product.clock.now()

    def notice(reference: str, transaction: str, amount: int = charge.amount, succeeded: bool = True) -> RecordPayment:
        return RecordPayment(
            gateway="sandbox", reference=reference, amount=amount, transaction=transaction,
            succeeded=succeeded, paid_at=now, raw={},
        )  # fmt: skip

    first, second = orders[0]["reference"], orders[1]["reference"]
    asked = [
        (notice("MCnothing", "1"), "01"),
        (notice(first, "2", amount=charge.amount - 1), "04"),
        (notice(first, "3", succeeded=False), "00"),
        (notice(first, "4"), "00"),
        (notice(first, "4"), "02"),
        (notice(first, "3", succeeded=False), "02"),
        (notice(second, "5"), "02"),
        (notice(second, "5"), "02"),
    ]
    assert [either_product.bus.execute(command, citizen)["code"] for command, _ in asked] == [code for _, code in asked]
    with either_product.database.begin() as uow:
        assert len(uow.money.receipts(number)) == 1
        assert [refund.amount for refund in uow.money.refunds(number)] == [charge.amount]
        assert uow.money.charges(number)[0].state == "paid"


def test_sqlite_writes_are_synchronised_fully(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "x.db"))
    with database.read() as connection:
        assert connection.driver.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert connection.driver.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    database.close()


def test_names_are_those_asked_for_and_staff_are_no_citizens(either_product: Product) -> None:
    with either_product.database.begin() as uow:
        organisation = uow.organisation
        assert organisation.names(["lan", "binh", "khong-co", ""]) == {
            login: account.name for login in ("lan", "binh") if (account := organisation.account(login))
        }
        assert organisation.names([]) == {}
        staff = {account.login for account in organisation.staff()}
    assert {"binh", "hoa", "toan", "tam"} <= staff
    assert not staff & {"lan", "hung"}
