"""The result and who makes it: attempts to break I1, I2, I15, I16 and I17."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from engine.bus import Bus
from engine.commands.inbound import RecordAnswer
from engine.commands.intake import FileDossier
from engine.commands.operations import HANDLERS, ResultMissing
from engine.commands.results import HandOver
from engine.commands.tasks import CompleteTask, SamePerson
from engine.commands.work import ClosedWithoutResult
from engine.errors import DomainError, Forbidden, InvalidInput
from engine.model.permission import SYSTEM
from engine.model.portal_status import portal_code
from engine.model.status import Business, Finance
from engine.store.records import OutboxRow
from tests.commands.desk import APPROVE, PREPARE, Desk
from tests.conftest import MORNING, person
from webapp.bootstrap import Product


def _signing(product: Product, number: str) -> OutboxRow:
    with product.database.begin() as uow:
        return next(row for row in uow.outbox.of(number) if row.topic == "result.sign")


def _forged(valid: bool, serial: str) -> dict[str, Any]:
    report = {
        "field": "S1", "signer": "X", "serial": serial, "level": "B-LTA", "signed_at": None, "valid": valid,
        "problem": "giả mạo",
    }  # fmt: skip
    digest = "a" * 64
    return {"digest": digest, "size": 1, "pages": 1, "name": "x.pdf", "signatures": [report, report]}


def test_i1_no_result_without_valid_competent_signature(product: Product) -> None:
    desk = Desk(product)
    number = desk.prepared()
    desk.approve(number, drain=False)
    row = _signing(product, number)
    for answer in (_forged(True, "feed"), _forged(False, "feed")):
        product.bus.execute(RecordAnswer(row=row.id, answer=answer), SYSTEM)
    dossier = desk.dossier(number)
    assert dossier.business not in {Business.RESULT_SIGNED, Business.RESULT_ISSUED}
    assert portal_code(dossier.business, dossier.finance, dossier.delivery) not in {9, 10}


def test_i1_nothing_is_issued_without_a_signed_result_of_an_allowed_type(product: Product) -> None:
    desk = Desk(product)
    number, done = desk.prepared(), desk.prepared()
    desk.approve(done)
    with desk.trial(number) as work:
        (task,) = work.instance.open_tasks()
        with pytest.raises(ResultMissing) as missing:
            HANDLERS["result.issue"](work, task)
        assert "118/2025" in missing.value.message("vi")
        result = work.context.uow.results.of(done)
        assert result is not None
        own = {"dossier": number, "digest": "b" * 64, "number": "9/CT", "verify_code": "x" * 12}
        work.context.uow.results.add(dataclasses.replace(result, **own, kind="KQ.LA"))
        with pytest.raises(InvalidInput):  # signed, its own, and of a type that the version does not know
            HANDLERS["result.issue"](work, task)


def test_i1_process_never_ends_open(product: Product) -> None:
    desk = Desk(product)
    number = desk.prepared()
    with desk.trial(number) as work:
        work.cancel("kết thúc ngang")
        with pytest.raises(ClosedWithoutResult):
            work.write()
    assert desk.dossier(number).business is Business.IN_PROGRESS


def test_i1_nothing_is_handed_over_before_it_is_issued(product: Product) -> None:
    desk = Desk(product)
    number = desk.prepared()
    with pytest.raises(DomainError):
        desk.do("binh", HandOver(dossier=number, way="desk", evidence="Nguyễn Thị Lan"))
    assert "ResultDelivered" not in desk.kinds(number)


def test_i1_no_issue_while_a_fee_is_due(product: Product) -> None:
    desk = Desk(product)
    number, done = desk.prepared(), desk.prepared()
    desk.approve(done)
    with desk.trial(number) as work:
        (task,) = work.instance.open_tasks()
        result = work.context.uow.results.of(done)
        assert result is not None
        own = {"dossier": number, "digest": "b" * 64, "number": "9/CT", "verify_code": "x" * 12}
        work.context.uow.results.add(dataclasses.replace(result, **own))
        work.change(finance=Finance.DUE)
        with pytest.raises(Forbidden):
            HANDLERS["result.issue"](work, task)
        work.change(finance=Finance.PAID)  # the control: paid, it is issued
        assert HANDLERS["result.issue"](work, task)["digest"] == "b" * 64


def test_i2_result_of_another_dossier_is_refused(product: Product) -> None:
    desk = Desk(product)
    first, second = desk.prepared(), desk.prepared()
    desk.approve(first)
    desk.approve(second, drain=False)
    with product.database.begin() as uow:
        result = uow.results.of(first)
    assert result is not None
    stolen = _forged(True, "") | {"digest": result.digest, "signatures": result.signatures}
    with pytest.raises((DBAPIError, DomainError)):
        product.bus.execute(RecordAnswer(row=_signing(product, second).id, answer=stolen), SYSTEM)
    assert desk.dossier(second).business is Business.IN_PROGRESS


def test_i15_drafter_never_signs_and_desk_never_decides(product: Product) -> None:
    desk = Desk(product)
    number = desk.prepared()
    task = desk.task(number, "sign").id
    for login in ("binh", "hoa", "hai", "dung"):
        with pytest.raises(Forbidden):
            desk.do(login, CompleteTask(task=task, data=APPROVE))
    both = person(product, "hoa")
    leader = dataclasses.replace(both, posts=(*both.posts, *person(product, "toan").posts))
    with pytest.raises(SamePerson):
        product.bus.execute(CompleteTask(task=task, data=APPROVE), leader)


def test_i16_numbers_are_unique_across_buses(product: Product) -> None:
    desk = Desk(product)
    drafts = [desk.demo.prepare(person(product, "lan")) for _ in range(4)]
    other = Bus(product.database, product.clock, product.bus.library, product.bus.rules)
    numbers = [
        (product.bus if place % 2 else other).execute(FileDossier(draft=draft), person(product, "lan"))["number"]
        for place, draft in enumerate(drafts)
    ]
    assert len(set(numbers)) == 4


def test_i17_one_book_number_per_original_and_occasion(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    with product.database.begin() as uow:
        again = [uow.numbers.book_number("b", "H56.12", MORNING, dossier=number, occasion="1") for _ in range(3)]
        following = uow.numbers.book_number("b", "H56.12", MORNING, dossier=number, occasion="2")
    assert len(set(again)) == 1
    assert following == again[0] + 1


def test_i17_numbers_of_a_book_follow_without_a_gap_across_dossiers(product: Product) -> None:
    desk = Desk(product)
    numbers = [desk.received() for _ in range(3)]
    for number in numbers:
        desk.demo.complete("hoa", number, "prepare", PREPARE)
    with product.database.begin() as uow:
        taken = sorted(entry.number for number in numbers for entry in uow.numbers.entries(number))
    assert taken == list(range(taken[0], taken[0] + len(taken)))
    with pytest.raises(DBAPIError), product.database.engine.begin() as connection:
        columns = "book, unit, year, number, occasion, dossier, at"
        connection.exec_driver_sql(f"INSERT INTO book_entry ({columns}) SELECT {columns} FROM book_entry LIMIT 1")


def test_i1_result_signed_by_another_certificate_is_refused_and_nothing_is_left_half_done(product: Product) -> None:
    desk = Desk(product)
    number = desk.prepared()
    desk.worker.drain()
    with desk.product.database.begin() as uow:
        uow.connection.driver.execute("UPDATE account SET certificate = 'another' WHERE login = 'toan'")
    desk.demo.complete("toan", number, "sign", APPROVE)
    desk.worker.drain()
    with desk.product.database.begin() as uow:
        row = next(one for one in uow.outbox.of(number) if one.topic == "result.sign")
        assert uow.results.of(number) is None
        assert desk.product.verification(uow).verify(number).findings == ()
    assert row.state == "refused"  # the diagram catches it
    assert "ServiceRefused" in desk.kinds(number)
