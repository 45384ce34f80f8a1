"""The invariants of the domain: one test each that tries to break it. I13 (the portal's state) is the pure mapping
tested in ``tests/model/test_portal_status.py``; I6's arithmetic has its own oracle in ``tests/model/clock``."""

from __future__ import annotations

import dataclasses
import inspect
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from engine.bus import Bus
from engine.commands import fees, inbound, registry
from engine.commands.cash import CashNotAllowed, PaidByOfficial, TakeCash
from engine.commands.definitions import DeployProcedure
from engine.commands.extensions import RequestExtension
from engine.commands.inbound import RecordAnswer
from engine.commands.intake import ApplicationInvalid, FileDossier, SaveDraft, StartDraft
from engine.commands.moments import FireTimer
from engine.commands.operations import HANDLERS
from engine.commands.results import HandOver
from engine.commands.tasks import ClaimTask, CompleteTask, SamePerson
from engine.commands.withdrawal import StopDossier, WithdrawDossier
from engine.definitions.package import read_folder
from engine.errors import ConnectorRefused, DomainError, Forbidden, InvalidInput, MotcuaError, NotFound
from engine.model.permission import SYSTEM
from engine.model.portal_status import portal_code
from engine.model.status import Business, Delivery, Finance
from engine.queries.board import board
from engine.store.records import OutboxRow
from tests.commands.desk import ACCEPT, APPROVE, PREPARE, Desk
from tests.conftest import MORNING, LiveClock, person
from webapp.bootstrap import PROCESSES, Product


def _signing(product: Product, number: str) -> OutboxRow:
    with product.database.begin() as uow:
        return next(row for row in uow.outbox.of(number) if row.topic == "result.sign")


def _findings(product: Product, number: str) -> tuple[Any, ...]:
    with product.database.begin() as uow:
        return product.verification(uow).verify(number).findings


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


def test_i3_history_takes_no_change_and_no_back_dating(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    with product.database.engine.begin() as connection:
        for statement in ("UPDATE event SET at = at - 1", "DELETE FROM event"):
            with pytest.raises(DBAPIError):
                connection.exec_driver_sql(statement)
    taking = {"at", "when", "received_at", "completed_at", "closed_at", "filed_at"}
    for command in registry.HANDLERS:
        if command.__name__ in {
            "RecordPayment",
            "SetFollowUp",
            "RetireProcedure",
        }:  # the gateway's time; wishes for later
            continue
        assert not taking & {field.name for field in dataclasses.fields(command)}, command
    assert desk.dossier(number).received_at == MORNING


def test_i4_due_moment_cannot_be_typed(product: Product) -> None:
    for command in registry.HANDLERS:
        assert not {field.name for field in dataclasses.fields(command)} & {"due_at", "due", "promised_at"}, command
    desk = Desk(product)
    number = desk.received()
    with product.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE dossier SET due_at = due_at + 86400000000")
    assert any("due_at" in finding.what for finding in _findings(product, number))


def test_i5_clock_stops_only_on_issued_document(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    due = desk.dossier(number).due_at
    for command in registry.HANDLERS:
        assert "pause" not in command.__name__.lower()
    for operation in ("clock.pause", "dossier.wait_agency"):
        assert "_issued" in inspect.getsource(HANDLERS[operation])
    assert desk.dossier(number).due_at == due


@pytest.mark.parametrize(("second", "day"), [(0, 10), (1, 11)])
def test_i6_fifteen_hundred_is_same_day_and_a_second_later_is_not(
    product: Product, clock: LiveClock, second: int, day: int
) -> None:
    desk = Desk(product)
    number = desk.filed()
    clock.set(datetime(2026, 11, 10, 15, 0, second, tzinfo=MORNING.tzinfo))
    desk.demo.pay(person(product, "lan"), number)
    desk.worker.drain()
    due = desk.dossier(number).due_at
    assert due is not None
    assert (due.day, due.hour) == (day, 17)


def test_i7_open_dossier_stays_on_its_version(product: Product) -> None:
    desk = Desk(product)
    number = desk.paid()
    digest = desk.dossier(number).digest
    package = read_folder(PROCESSES / "2.000815")
    manifest = package.files["procedure.json"].replace(b'"version": "1.0"', b'"version": "1.1"')
    newer = dataclasses.replace(package, files={**package.files, "procedure.json": manifest})
    with pytest.raises(MotcuaError):  # a package whose digest does not fit its files is no version
        product.bus.execute(DeployProcedure(package=newer), SYSTEM)
        raise DomainError
    desk.demo.complete("binh", number, "desk", ACCEPT)
    assert desk.dossier(number).digest == digest
    assert _findings(product, number) == ()


def test_i8_one_charge_one_receipt_refund_never_more(product: Product) -> None:
    desk = Desk(product)
    number = desk.paid()
    with product.database.begin() as uow:
        (charge,) = uow.money.charges(number)
        (paid,) = uow.money.payments(charge.id)
    same = fees.RecordPayment(
        gateway=paid.gateway, reference=paid.reference, amount=paid.amount, transaction=paid.transaction_no,
        succeeded=True, paid_at=paid.paid_at, raw={},
    )  # fmt: skip
    assert desk.do("lan", same)["code"] == "02"
    assert desk.do("lan", dataclasses.replace(same, transaction="X", amount=1))["code"] == "04"
    assert desk.do("lan", dataclasses.replace(same, transaction="X"))["code"] == "02"  # paid twice: goes back
    desk.do("lan", WithdrawDossier(dossier=number, reason="Đổi ý"))
    with product.database.begin() as uow:
        refunds = uow.money.refunds(number)
        assert len(uow.money.receipts(number)) == 1
    assert sum(refund.amount for refund in refunds) == 2 * paid.amount  # both captures, each once


def test_i9_supplement_needs_reason_and_counts(product: Product) -> None:
    source = inspect.getsource(HANDLERS["dossier.request_supplement"])
    assert "_reason(" in source
    assert "SupplementAgain" in source
    desk = Desk(product)
    number = desk.paid()
    with pytest.raises(ApplicationInvalid):
        data = {"da_doi_chieu": True, "quyet_dinh": "supplement"}
        desk.do("binh", CompleteTask(task=desk.task(number, "desk").id, data=data))


def test_i10_authoritative_field_cannot_be_typed_over(product: Product) -> None:
    desk = Desk(product)
    draft = desk.demo.prepare(person(product, "lan"))
    with product.database.begin() as uow:
        data = uow.drafts.get(draft).data
    data["nyc"] = data["nyc"] | {"ho_ten": "Người Khác"}
    desk.do("lan", SaveDraft(draft=draft, data=data))
    number = desk.do("lan", FileDossier(draft=draft))["number"]
    assert desk.dossier(number).data["nyc"]["ho_ten"] == "Nguyễn Thị Lan"


def test_i11_extended_dossier_stays_late(product: Product, clock: LiveClock) -> None:
    from engine.commands.extensions import DecideExtension

    desk = Desk(product)
    number = desk.prepared()
    desk.do("hoa", RequestExtension(dossier=number, days=2, reason="Chờ", remedy="Làm thêm"))
    desk.do("toan", DecideExtension(dossier=number, approve=True))
    desk.worker.drain()
    clock.set(MORNING + timedelta(days=1))
    desk.approve(number)
    with product.database.begin() as uow:
        found = board(
            uow.connection, ("H56.12",), since=MORNING - timedelta(days=1), until=MORNING + timedelta(days=5),
            now=clock.now(),
        )  # fmt: skip
    assert (found.total.done, found.total.on_time, found.total.done_late) == (1, 0, 1)


def test_i12_task_belongs_to_competent_unit_alone(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    for login in ("thuy", "son", "cuong"):
        with pytest.raises(Forbidden):
            desk.do(login, ClaimTask(task=desk.task(number, "prepare").id))


def test_i13_sent_state_follows_dimensions(product: Product) -> None:
    desk = Desk(product)
    number = desk.prepared()
    desk.approve(number)
    dossier = desk.dossier(number)
    assert portal_code(dossier.business, dossier.finance, dossier.delivery) == 9
    desk.do("lan", HandOver(dossier=number, way="online"))
    dossier = desk.dossier(number)
    assert portal_code(dossier.business, dossier.finance, dossier.delivery) == 10
    assert portal_code(Business.WITHDRAWN, Finance.NONE, Delivery.NOT_READY) == 7


def test_i14_look_up_is_logged_with_purpose_and_officer(product: Product) -> None:
    from engine.commands.lookups import NoteLookUp

    desk = Desk(product)
    with pytest.raises(InvalidInput):
        desk.do("binh", NoteLookUp(register="population", subject="038190001234", purpose=" "))
    with pytest.raises(Forbidden):
        desk.do("lan", NoteLookUp(register="population", subject="038190001234", purpose="Xem"))
    desk.do("binh", NoteLookUp(register="population", subject="038190001234", purpose="Tiếp nhận tại quầy"))
    with product.database.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT officer, purpose FROM register_query").fetchone()
    assert tuple(row or ()) == ("binh", "Tiếp nhận tại quầy")


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


def test_i18_no_due_moment_is_never_on_time(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.prepared()
    desk.approve(number)
    with product.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE dossier SET promised_at = NULL")
    with product.database.begin() as uow:
        total = board(
            uow.connection, (), since=MORNING - timedelta(days=1), until=MORNING + timedelta(days=1), now=clock.now()
        ).total
    assert (total.done, total.on_time, total.unpromised, total.share_on_time) == (1, 0, 1, 0)


def test_i19_unit_is_read_as_of_its_date(product: Product) -> None:
    with product.database.begin() as uow, pytest.raises(NotFound):
        uow.organisation.unit("H56.12", datetime(2025, 6, 30, tzinfo=MORNING.tzinfo))


def test_i20_silence_is_an_event(product: Product) -> None:
    assert "SilenceNoted" in inspect.getsource(HANDLERS["silence.note"])


def test_i22_hidden_and_invented_fields_never_arrive(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    task = desk.task(number, "prepare").id
    with pytest.raises(ApplicationInvalid):
        desk.do("hoa", CompleteTask(task=task, data=PREPARE | {"la_khong_co": "x"}))
    with pytest.raises(ApplicationInvalid):
        desk.do("hoa", CompleteTask(task=task, data={"ket_luan": "certify"}))


def test_i23_failing_timer_stops_no_other(product: Product, clock: LiveClock, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(product)
    first, second = desk.received(), desk.received()
    real = registry.HANDLERS[FireTimer]

    def broken(context: Any, command: FireTimer) -> dict[str, Any]:
        if command.dossier == first:
            raise ConnectorRefused(system="x", why="y")
        return real(context, command)

    monkeypatch.setitem(registry.HANDLERS, FireTimer, broken)
    clock.set(datetime(2026, 11, 10, 17, 0, 1, tzinfo=MORNING.tzinfo))
    desk.worker.drain(limit=20)
    assert desk.dossier(second).lateness == "overdue"
    with product.database.begin() as uow:
        assert any(timer.error for timer in uow.timers.of(first))


def test_i24_late_result_is_still_delivered(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.prepared()
    clock.set(MORNING + timedelta(days=30))
    desk.worker.drain()
    desk.approve(number)
    assert desk.do("lan", HandOver(dossier=number, way="online"))["delivered"] is True


# -- the desk and its cash ---------------------------------------------------------------------------------------


def _registers(subject: str, name: str) -> dict[str, Any]:
    data = {"so_dinh_danh": subject, "ho_ten": name, "ngay_sinh": "1988-11-20", "noi_cu_tru": "phường Hạc Thành"}
    return {"requester": {"source": "CSDL", "at": "", "data": data, "subject": subject, "purpose": "Quầy"}}


def test_desk_files_only_for_citizen_of_register(product: Product) -> None:
    desk = Desk(product)
    hung = StartDraft(
        procedure="2.000815", unit="H56.12", registers=_registers("038088005678", "Lê Quang Hùng"),
        holder="038088005678",
    )  # fmt: skip
    with pytest.raises(Forbidden):
        desk.do("cuong", hung)
    with pytest.raises(InvalidInput):
        desk.do("binh", dataclasses.replace(hung, holder="038088000000"))
    draft = desk.do("binh", hung)["draft"]
    with product.database.begin() as uow:
        assert uow.drafts.get(draft).holder["login"] == "hung"
    own = desk.demo.prepare(person(product, "lan"))
    with pytest.raises(InvalidInput):  # nobody claims to have filed at the desk
        desk.do("lan", FileDossier(draft=own, channel="desk"))


def test_cash_only_from_citizen_and_only_exact(product: Product) -> None:
    desk = Desk(product)
    number = desk.filed()
    with product.database.begin() as uow:
        (charge,) = uow.money.charges(number)
    with pytest.raises(PaidByOfficial):
        desk.do("binh", TakeCash(charge=charge.id, amount=charge.amount, payer="Lê Văn Bình"))
    with pytest.raises(InvalidInput):
        desk.do("binh", TakeCash(charge=charge.id, amount=charge.amount - 1, payer="Nguyễn Thị Lan"))
    with pytest.raises(Forbidden):
        desk.do("hoa", TakeCash(charge=charge.id, amount=charge.amount, payer="Nguyễn Thị Lan"))
    taken = desk.do("binh", TakeCash(charge=charge.id, amount=charge.amount, payer="Nguyễn Thị Lan"))
    desk.worker.drain()
    assert taken["receipt"].startswith("BL26")
    assert desk.task(number, "desk").state == "open"  # the process went on
    with pytest.raises(DomainError):
        desk.do("binh", TakeCash(charge=charge.id, amount=charge.amount, payer="Nguyễn Thị Lan"))
    assert _findings(product, number) == ()
    assert issubclass(CashNotAllowed, DomainError)


def test_stopped_dossier_takes_no_act(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    task = desk.task(number, "prepare").id
    desk.do("toan", StopDossier(dossier=number, decision="1/QĐ", reason="Giấy tờ giả"))
    for command in (ClaimTask(task=task), CompleteTask(task=task, data=PREPARE)):
        with pytest.raises(DomainError):
            desk.do("hoa", command)
    assert inbound.RECORDERS
