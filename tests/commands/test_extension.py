"""Re-appointment: reason and remedy, once, before the due moment, and only with the apology signed by somebody else."""

from __future__ import annotations

from datetime import datetime

import pytest

from engine.clock import ZONE
from engine.commands.extensions import DecideExtension, ExtensionNotNow, RequestExtension, SignerAsked
from engine.commands.operations import ReasonMissing
from engine.errors import Forbidden, InvalidInput
from engine.model.pause import ExtensionLate, ExtensionLimitReached
from tests.commands.desk import Desk
from tests.conftest import LiveClock
from webapp.bootstrap import Product

DUE = datetime(2026, 11, 10, 17, 0, tzinfo=ZONE)
LATER = datetime(2026, 11, 12, 17, 0, tzinfo=ZONE)


def _ask(number: str, days: int = 2, reason: str = "Chờ xác minh bản chính", remedy: str = "Làm ngoài giờ") -> object:
    return RequestExtension(dossier=number, days=days, reason=reason, remedy=remedy)


def test_extension_counts_only_when_apology_is_signed(either_product: Product) -> None:
    desk = Desk(either_product)
    number = desk.received()
    answer = desk.do("hoa", _ask(number))
    assert (answer["old_due"], answer["new_due"]) == (DUE.isoformat(), LATER.isoformat())
    assert desk.dossier(number).due_at == DUE
    desk.do("toan", DecideExtension(dossier=number, approve=True))
    assert desk.dossier(number).due_at == DUE  # decided, not yet signed
    desk.worker.drain()
    dossier = desk.dossier(number)
    assert (dossier.due_at, dossier.promised_at) == (LATER, DUE)  # statistics keep the first promise
    assert "LetterSigned" in desk.kinds(number)
    with either_product.database.begin() as uow:
        verdict = either_product.verification(uow).verify(number)
        told = [message.subject for message in uow.messages.of(number) if message.recipient == "lan"]
        warned = {timer.due_at for timer in uow.timers.of(number) if timer.kind == "due"}
    assert verdict.findings == ()
    assert any("Xin lỗi" in subject for subject in told)
    assert warned == {LATER}


def test_extension_second_is_refused(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    desk.do("hoa", _ask(number))
    with pytest.raises(ExtensionNotNow):
        desk.do("hoa", _ask(number))
    desk.do("toan", DecideExtension(dossier=number, approve=True))
    desk.worker.drain()
    with pytest.raises(ExtensionLimitReached):
        desk.do("hoa", _ask(number))


def test_extension_after_due_is_refused(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.received()
    clock.set(DUE)
    with pytest.raises(ExtensionLate):
        desk.do("hoa", _ask(number))


def test_extension_signed_too_late_lapses(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.received()
    desk.do("hoa", _ask(number))
    desk.do("toan", DecideExtension(dossier=number, approve=True))
    clock.set(DUE)  # the signing service was down until the due moment
    desk.worker.drain()
    dossier = desk.dossier(number)
    assert dossier.due_at == DUE
    assert "asked_extension" not in dossier.deadline
    assert "ExtensionLapsed" in desk.kinds(number)


def test_extension_needs_reason_remedy_and_whole_days(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    for command in (_ask(number, reason=" "), _ask(number, remedy="")):
        with pytest.raises(ReasonMissing):
            desk.do("hoa", command)
    for days in (0, -1, 61):
        with pytest.raises(InvalidInput):
            desk.do("hoa", _ask(number, days=days))
    assert desk.dossier(number).due_at == DUE


def test_extension_drafter_is_not_signer(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    desk.do("toan", _ask(number))
    with pytest.raises(SignerAsked):
        desk.do("toan", DecideExtension(dossier=number, approve=True))
    for login in ("hoa", "binh", "son"):
        with pytest.raises(Forbidden):
            desk.do(login, DecideExtension(dossier=number, approve=True))


def test_extension_refused_keeps_old_due(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    desk.do("hoa", _ask(number))
    with pytest.raises(ReasonMissing):
        desk.do("toan", DecideExtension(dossier=number, approve=False))
    desk.do("toan", DecideExtension(dossier=number, approve=False, note="Đủ thời gian"))
    assert desk.dossier(number).due_at == DUE
    desk.do("hoa", _ask(number))  # it may be asked again
