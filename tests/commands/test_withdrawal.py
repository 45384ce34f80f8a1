"""A dossier ends outside its drawn path: withdrawn by the citizen or the desk, stopped by the leader."""

from __future__ import annotations

import pytest

from engine.commands.operations import ReasonMissing
from engine.commands.withdrawal import DossierClosed, ResultSignedAlready, StopDossier, WithdrawDossier
from engine.errors import Forbidden
from engine.model.status import Business, Finance
from engine.queries.verification import Verdict
from engine.store.records import Dossier
from tests.commands.desk import Desk
from webapp.bootstrap import Product


def _verdict(product: Product, number: str) -> Verdict:
    with product.database.begin() as uow:
        return product.verification(uow).verify(number)


def _dossier(product: Product, number: str) -> Dossier:
    with product.database.begin() as uow:
        return uow.dossiers.get(number)


def test_withdrawal_before_reception_refunds_everything(either_product: Product) -> None:
    desk = Desk(either_product)
    number = desk.paid()
    answer = desk.do("lan", WithdrawDossier(dossier=number, reason="Không cần nữa"))
    desk.worker.drain()
    dossier = _dossier(either_product, number)
    assert answer["refund"] == 6000
    assert (dossier.business, dossier.finance, dossier.waiting_for) == (Business.WITHDRAWN, Finance.REFUND_DUE, "")
    with either_product.database.begin() as uow:
        assert all(task.state != "open" for task in uow.tasks.of(number))
        assert uow.timers.of(number) == ()
        assert any(paper.name.startswith("withdrawal") and paper.kind == "slip" for paper in uow.documents.of(number))
        assert all(row.state != "waiting" for row in uow.outbox.of(number))
        assert any("đã được rút" in message.subject and message.sent_at for message in uow.messages.of(number))
    assert _verdict(either_product, number).findings == ()


def test_withdrawal_after_reception_keeps_fee(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    assert desk.do("lan", WithdrawDossier(dossier=number, reason="Đổi ý"))["refund"] == 0
    dossier = _dossier(product, number)
    assert (dossier.business, dossier.finance) == (Business.WITHDRAWN, Finance.PAID)


def test_withdrawal_while_unpaid_cancels_demand(product: Product) -> None:
    desk = Desk(product)
    number = desk.filed()
    desk.do("lan", WithdrawDossier(dossier=number, reason="Đổi ý"))
    assert _dossier(product, number).finance is Finance.CANCELLED
    assert _verdict(product, number).findings == ()


def test_withdrawal_by_desk_needs_written_request(product: Product) -> None:
    desk = Desk(product)
    number = desk.paid()
    with pytest.raises(ReasonMissing):
        desk.do("binh", WithdrawDossier(dossier=number, reason="Người dân xin rút"))
    desk.do("binh", WithdrawDossier(dossier=number, reason="Người dân xin rút", document="Đơn ngày 10/11/2026"))
    assert _dossier(product, number).business is Business.WITHDRAWN


@pytest.mark.parametrize("login", ["hung", "hoa", "toan", "cuong"])
def test_withdrawal_by_others_is_forbidden(product: Product, login: str) -> None:
    desk = Desk(product)
    number = desk.paid()
    with pytest.raises(Forbidden):
        desk.do(login, WithdrawDossier(dossier=number, reason="x", document="y"))


def test_withdrawal_twice_or_after_result_is_refused(product: Product) -> None:
    desk = Desk(product)
    first, second = desk.paid(), desk.prepared()
    desk.do("lan", WithdrawDossier(dossier=first, reason="Đổi ý"))
    with pytest.raises(DossierClosed):
        desk.do("lan", WithdrawDossier(dossier=first, reason="Đổi ý"))
    desk.approve(second, drain=False)
    with pytest.raises(ResultSignedAlready):
        desk.do("lan", WithdrawDossier(dossier=second, reason="Đổi ý"))
    desk.worker.drain()
    with pytest.raises(DossierClosed):
        desk.do("lan", WithdrawDossier(dossier=second, reason="Đổi ý"))


def test_stop_by_leader_signs_notice_with_finance_left(either_product: Product) -> None:
    desk = Desk(either_product)
    number = desk.received()
    command = StopDossier(dossier=number, decision="12/QĐ-UBND", reason="Bản chính có dấu hiệu giả mạo", refund=True)
    for login in ("binh", "hoa", "lan", "son"):
        with pytest.raises(Forbidden):
            desk.do(login, command)
    answer = desk.do("toan", command)
    desk.worker.drain()
    dossier = _dossier(either_product, number)
    assert (answer["refund"], dossier.business, dossier.finance) == (6000, Business.STOPPED, Finance.REFUND_DUE)
    with either_product.database.begin() as uow:
        slips = [paper for paper in uow.documents.of(number) if paper.name.startswith("halt-notice")]
        signed = [event.content() for event in uow.journal.of(number) if event.kind == "LetterSigned"]
    assert sorted(slip.kind for slip in slips) == ["draft-slip", "slip"]
    assert [report["signer"] for report in signed[0]["signatures"]] == ["Trần Quốc Toàn", "Ủy ban nhân dân xã Hoa Lộc"]
    assert _verdict(either_product, number).findings == ()
    with pytest.raises(DossierClosed):
        desk.do("toan", command)


def test_stop_without_reason_or_decision_is_refused(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    for decision, reason in (("", "lý do"), ("12/QĐ", " ")):
        with pytest.raises(ReasonMissing):
            desk.do("toan", StopDossier(dossier=number, decision=decision, reason=reason))
    assert _dossier(product, number).business is Business.IN_PROGRESS
