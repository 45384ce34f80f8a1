"""Payment callbacks doubled, reordered and tampered: one payment each, and every forgery refused and logged."""

from __future__ import annotations

import io
import os
import random
import sys
from collections import Counter
from typing import Any

import pytest

from connectors.payment import wire
from engine.commands.fees import BeginPayment
from engine.ports import PaymentIntent
from engine.store.statement import Statement
from engine.values import Money
from tests.conftest import person
from tests.faults.examination import Examination
from tests.faults.play import Player
from webapp.app import create_app
from webapp.bootstrap import Product
from webapp.logs import configure_logging

_WHOLE = bool(os.environ.get("MOTCUA_FAULTS"))
#: Dossiers, and callbacks sent for them altogether.
_DOSSIERS, _CALLBACKS = (50, 10_000) if _WHOLE else (3, 150)
_PAID = Statement("SELECT charge, COUNT(*) FROM payment WHERE outcome = 'paid' GROUP BY charge")
_RECEIPTS = Statement("SELECT COUNT(*) FROM receipt")
_REFUNDS = Statement("SELECT COUNT(*) FROM refund")


def _orders(product: Product, count: int) -> list[dict[str, str]]:
    """Genuine notices, two different payments for each charge: a citizen who paid twice."""
    player, lan = Player(product), person(product, "lan")
    numbers = [player.filed() for _ in range(count)]
    player.demo.worker.drain()
    with product.database.begin() as uow:
        charges = [charge for number in numbers for charge in uow.money.charges(number)]
    notices = []
    for charge in charges:
        for _ in range(2):
            order = product.bus.execute(BeginPayment(charge=charge.id), lan)
            url = product.gateway.payment_url(
                PaymentIntent(
                    reference=order["reference"], amount=Money(order["amount"]), purpose=order["purpose"],
                    account=order["account"], bank=order["bank"], beneficiary=order["beneficiary"],
                    return_url=product.settings.address, created_at=product.clock.now(),
                )
            )  # fmt: skip
            notices.append(player.payment.order(url))
    return notices


def _tampered(notice: dict[str, str], chance: random.Random) -> dict[str, str]:
    changed = chance.choice(["vnp_Amount", "vnp_TxnRef", "vnp_TransactionNo", "vnp_SecureHash"])
    return notice | {changed: notice[changed][:-1] + ("0" if notice[changed][-1] != "0" else "1")}


@pytest.mark.slow
@pytest.mark.timeout(3600 if _WHOLE else 180)
def test_callbacks_doubled_reordered_and_tampered_pay_once(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(20261121)
    notices = _orders(product, _DOSSIERS)
    sent = [(notice, True) for notice in notices] + [
        (notice, True) if chance.random() < 0.7 else (_tampered(notice, chance), False)
        for notice in (chance.choice(notices) for _ in range(_CALLBACKS - len(notices)))
    ]
    chance.shuffle(sent)
    gateway = create_app(product).test_client()
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure_logging("WARNING")
    codes: Counter[tuple[bool, str]] = Counter()
    for notice, genuine in sent:
        answer: Any = gateway.post("/payments/notice", data=notice)
        codes[genuine, answer.json["RspCode"]] += 1
    configure_logging("CRITICAL")
    forged = sum(not genuine for _, genuine in sent)
    assert codes[False, "97"] == forged
    assert written.getvalue().count('"notice-tampered"') == forged
    assert codes[True, "00"] == _DOSSIERS
    assert codes[True, "02"] == len(sent) - forged - _DOSSIERS
    with product.database.read() as connection:
        paid = {row[0]: row[1] for row in _PAID.run(connection).fetchall()}
        assert list(paid.values()) == [1] * _DOSSIERS
        assert _RECEIPTS.run(connection).scalar_one() == _DOSSIERS
        assert _REFUNDS.run(connection).scalar_one() == _DOSSIERS  # the second payment of each goes back
    assert _faults(product) == []


def test_callback_check_notices_a_gateway_that_believes_everything(product: Product) -> None:
    """The control: where signatures are not looked at, a tampered notice is no longer refused."""
    notice = _orders(product, 1)[0]
    forged = {name: value for name, value in notice.items() if name != "vnp_SecureHash"} | {"vnp_TransactionNo": "666"}
    gateway = create_app(product).test_client()
    honest = gateway.post("/payments/notice", data=forged | {"vnp_SecureHash": notice["vnp_SecureHash"]})
    assert honest.json["RspCode"] == "97"
    believed = gateway.post("/payments/notice", data=wire.signed(product.settings.gateway_secret, forged))
    assert believed.json["RspCode"] == "00"


def _faults(product: Product) -> list[str]:
    url = product.database.url
    examination = Examination(product, url)
    try:
        return examination.at_the_end()
    finally:
        examination.close()
