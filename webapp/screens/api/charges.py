"""Paying a charge: where to pay, and the text of a VietQR code."""

from __future__ import annotations

from datetime import datetime

from flask import Response

from connectors.payment import vietqr
from engine.commands.fees import BeginPayment
from engine.errors import NotFound
from engine.ports import PaymentIntent
from engine.values import Money
from webapp import web
from webapp.screens.api.call import Call, answer


def pay(call: Call) -> Response:
    """Begin an attempt to pay. The gateway's signed notice settles it; until then the charge stays due."""
    product = web.product()
    with web.reading() as uow:
        charge = uow.money.charge(call.path["charge"])
        if charge is None or uow.dossiers.get(charge.dossier).applicant != call.actor.login:
            raise NotFound(what=f"charge {call.path['charge']}")
    order = web.execute(BeginPayment(charge=charge.id), key=call.key)
    amount = Money(order["amount"])
    intent = PaymentIntent(
        reference=order["reference"],
        amount=amount,
        purpose=order["purpose"],
        account=order["account"],
        bank=order["bank"],
        beneficiary=order["beneficiary"],
        return_url=f"{product.settings.address}/payments/return",
        created_at=datetime.fromisoformat(order["at"]),
    )
    transfer = vietqr.Order(bank=intent.bank, account=intent.account, amount=amount, purpose=charge.dossier)
    return answer(
        {
            "charge": charge.id,
            "dossier": charge.dossier,
            "reference": intent.reference,
            "amount": int(amount),
            "currency": "VND",
            "payment_url": product.gateway.payment_url(intent),
            "vietqr": vietqr.encode(transfer),
            "beneficiary": {"bank": intent.bank, "account": intent.account, "name": intent.beneficiary},
        },
        201,
    )
