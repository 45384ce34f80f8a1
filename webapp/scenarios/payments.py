"""Paying as a scenario wants it: once, twice by two attempts, or not at all because the attempt fails."""

from __future__ import annotations

from datetime import datetime

from engine.commands.fees import BeginPayment, RecordPayment
from engine.errors import InvalidInput, Text
from engine.model.permission import Actor
from engine.ports import PaymentIntent
from engine.values import Money
from webapp.bootstrap import Product


def pay(product: Product, citizen: Actor, number: str, mode: str) -> None:
    """Pay every charge that is due; ``mode`` is ``once``, ``twice`` or ``fail``."""
    assert product.sandboxes is not None
    with product.database.begin() as uow:
        charges = [charge for charge in uow.money.charges(number) if charge.state == "due"]
    if not charges:
        raise InvalidInput(what=number, why=Text(vi="không có khoản nào phải nộp", en="nothing is due"))
    for charge in charges:
        attempts = [_order(product, citizen, charge.id) for _ in range(2 if mode == "twice" else 1)]
        for url in attempts:
            notice = product.gateway.read_notice(product.sandboxes.payment.order(url, succeeded=mode != "fail"))
            product.bus.execute(
                RecordPayment(
                    gateway=product.gateway.name,
                    reference=notice.reference,
                    amount=notice.amount,
                    transaction=notice.transaction,
                    succeeded=notice.succeeded,
                    paid_at=notice.paid_at,
                    raw=dict(notice.raw),
                ),
                citizen,
            )


def _order(product: Product, citizen: Actor, charge: str) -> str:
    order = product.bus.execute(BeginPayment(charge=charge), citizen)
    return product.gateway.payment_url(
        PaymentIntent(
            reference=order["reference"],
            amount=Money(order["amount"]),
            purpose=order["purpose"],
            account=order["account"],
            bank=order["bank"],
            beneficiary=order["beneficiary"],
            return_url=product.settings.address,
            created_at=datetime.fromisoformat(order["at"]),
        )
    )
