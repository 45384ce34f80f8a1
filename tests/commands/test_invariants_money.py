"""Money, registers and the desk: attempts to break I8, I13, I14, and what an open dossier's people may not do."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import orjson
import pytest
from sqlalchemy.exc import DBAPIError

from engine.commands import fees
from engine.commands.cash import PaidByOfficial, TakeCash
from engine.commands.context import Context
from engine.commands.intake import FileDossier, StartDraft
from engine.commands.lookups import NoteLookUp
from engine.commands.operations import settle
from engine.commands.results import HandOver
from engine.commands.tasks import ClaimTask, CompleteTask
from engine.commands.withdrawal import StopDossier, WithdrawDossier
from engine.commands.work import Work
from engine.definitions.manifest import read_manifest
from engine.errors import DefinitionRefused, DomainError, Forbidden, InvalidInput
from engine.model.portal_status import portal_code
from engine.model.status import Business, Delivery, Finance
from engine.store.rows import RowChanged
from tests.commands.desk import ACCEPT, PREPARE, Desk
from tests.commands.versions import publish
from tests.conftest import person
from webapp.bootstrap import PROCESSES, Product


def _findings(product: Product, number: str) -> tuple[Any, ...]:
    with product.database.begin() as uow:
        return product.verification(uow).verify(number).findings


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


def test_i8_withdrawal_refunds_what_the_bound_version_says(product: Product) -> None:
    """Half of it after reception, by a version that says so; the ground is on record, and a part of a đồng stays."""

    def half(manifest: dict[str, Any]) -> None:
        manifest["withdrawal"][1] |= {"refund": 33, "ground": "Nghị quyết thử"}

    old = Desk(product).received()
    publish(product, "2.000815", half)
    desk = Desk(product)
    number = desk.received()
    answer = desk.do("lan", WithdrawDossier(dossier=number, reason="Đổi ý"))
    with product.database.begin() as uow:
        (charge,) = uow.money.charges(number)
        (refund,) = uow.money.refunds(number)
        (told,) = [event.content() for event in uow.journal.of(number) if event.kind == "DossierWithdrawn"]
    assert answer["refund"] == refund.amount == charge.amount * 33 // 100
    assert (told["refund_percent"], told["ground"]) == (33, "Nghị quyết thử")
    assert _findings(product, number) == ()
    assert desk.do("lan", WithdrawDossier(dossier=old, reason="Đổi ý"))["refund"] == 0  # bound to the older version


_BEFORE: dict[str, Any] = {"stage": "before_reception", "refund": 100, "ground": "x"}
_AFTER: dict[str, Any] = {"stage": "after_reception", "refund": 0, "ground": "x"}


@pytest.mark.parametrize(
    "rules",
    [[], [_BEFORE], [_BEFORE, _BEFORE], [_BEFORE | {"refund": 101}, _AFTER], [_BEFORE | {"ground": ""}, _AFTER]],
)
def test_i8_withdrawal_rule_without_both_stages_or_ground_is_refused(rules: list[dict[str, Any]]) -> None:
    manifest = orjson.loads((PROCESSES / "2.000815" / "procedure.json").read_bytes())
    with pytest.raises(DefinitionRefused):
        read_manifest(orjson.dumps(manifest | {"withdrawal": rules}))
    assert read_manifest(orjson.dumps(manifest)).on_withdrawal(received=False).refund == 100  # the control


def test_i8_one_demand_per_item_even_when_asked_twice(product: Product) -> None:
    desk = Desk(product)
    number = desk.filed()
    with pytest.raises(DBAPIError), product.database.engine.begin() as connection:
        row = connection.exec_driver_sql("SELECT * FROM charge").mappings().one()
        marks = ", ".join("?" * len(row))
        values = tuple(row[name] if name != "id" else f"{number}:again" for name in row)
        connection.exec_driver_sql(f"INSERT INTO charge ({', '.join(row)}) VALUES ({marks})", values)


def test_i13_portal_code_follows_each_step_of_a_dossier(product: Product) -> None:
    desk = Desk(product)

    def code(number: str) -> int | None:
        dossier = desk.dossier(number)
        return portal_code(dossier.business, dossier.finance, dossier.delivery)

    number = desk.filed()
    codes = [code(number)]
    desk.demo.pay(person(product, "lan"), number)
    desk.worker.drain()
    desk.demo.complete("binh", number, "desk", ACCEPT)
    codes.append(code(number))
    desk.demo.complete("hoa", number, "prepare", PREPARE)
    desk.approve(number, drain=False)
    codes.append(code(number))  # decided and not signed: still in process
    desk.worker.drain()
    codes.append(code(number))
    desk.do("lan", HandOver(dossier=number, way="online"))
    codes.append(code(number))
    withdrawn = desk.paid()
    desk.do("lan", WithdrawDossier(dossier=withdrawn, reason="Đổi ý"))
    codes.append(code(withdrawn))
    assert codes == [1, 4, 4, 9, 10, 7]


def test_i13_state_and_what_is_sent_stand_or_fall_together(product: Product) -> None:
    """A step that is refused at its very end leaves neither state, nor history, nor anything to send."""
    desk = Desk(product)
    number = desk.received()
    before = desk.dossier(number)

    def sent() -> int:
        with product.database.begin() as uow:
            return len(uow.outbox.of(number))

    count = sent()
    with pytest.raises(RowChanged), product.database.begin() as uow:
        context = Context(
            uow=uow, actor=person(product, "hoa"), now=product.clock.now(), library=product.bus.library,
            rules=product.bus.rules,
        )  # fmt: skip
        late = Work.open(context, dataclasses.replace(before, revision=before.revision - 1))
        (task,) = late.instance.open_tasks()
        late.complete(task.id, PREPARE, node=task.element)
        settle(late)
    assert (desk.dossier(number), sent()) == (before, count)
    desk.demo.complete("hoa", number, "prepare", PREPARE)  # the control: the same step in time has something to send
    assert sent() > count


def test_i13_dimensions_never_depend_on_what_was_sent() -> None:
    """The mapping is pure: it takes the three dimensions and knows nothing of acknowledgements."""
    names = set(inspect.signature(portal_code).parameters)
    assert names == {"business", "finance", "delivery", "waits_for_payment", "intake_supplement_as_5"}
    assert portal_code(Business.WITHDRAWN, Finance.NONE, Delivery.NOT_READY) == 7


def test_i14_look_up_is_logged_with_purpose_and_officer(product: Product) -> None:
    desk = Desk(product)
    with pytest.raises(InvalidInput):
        desk.do("binh", NoteLookUp(register="population", subject="038190001234", purpose=" "))
    with pytest.raises(Forbidden):
        desk.do("lan", NoteLookUp(register="population", subject="038190001234", purpose="Xem"))
    desk.do("binh", NoteLookUp(register="population", subject="038190001234", purpose="Tiếp nhận tại quầy"))
    with product.database.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT officer, purpose FROM register_query").fetchone()
    assert tuple(row or ()) == ("binh", "Tiếp nhận tại quầy")


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


def test_stopped_dossier_takes_no_act(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    task = desk.task(number, "prepare").id
    desk.do("toan", StopDossier(dossier=number, decision="1/QĐ", reason="Giấy tờ giả"))
    for command in (ClaimTask(task=task), CompleteTask(task=task, data=PREPARE)):
        with pytest.raises(DomainError):
            desk.do("hoa", command)
