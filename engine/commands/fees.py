"""Paying: an attempt begins, the gateway's notice settles it once, money that came twice goes back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.commands.context import Context
from engine.commands.operations import settle
from engine.commands.refunds import PAID_TWICE, tell_refund
from engine.commands.work import Work
from engine.errors import DomainError, Forbidden, NotFound, Text
from engine.model.permission import ACCOUNTANT
from engine.model.status import Finance
from engine.store.records import Charge, Intent, Payment, Receipt, Refund
from engine.work_rows import row_told


class AlreadyCharged(DomainError):
    """The charge {charge} was paid already."""

    code = "already-paid"
    vi = "Khoản thu {charge} đã được nộp."


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginPayment:
    """Make an attempt to pay a charge of one's own dossier."""

    charge: str


def begin_payment(context: Context, command: BeginPayment) -> dict[str, Any]:
    """What the gateway has to be told."""
    charge = context.uow.money.charge(command.charge)
    if charge is None:
        raise NotFound(what=f"charge {command.charge}")
    dossier = context.uow.dossiers.get(charge.dossier)
    if dossier.applicant != context.actor.login:
        raise Forbidden(why=Text(vi="hồ sơ của người khác", en="somebody else's dossier"))
    if charge.state != "due":
        raise AlreadyCharged(charge=charge.name)
    intent = Intent(
        reference=f"MC{context.now:%y%m%d}{secrets.token_hex(5).upper()}",
        charge=charge.id,
        gateway=context.rules.gateway,
        amount=charge.amount,
        created_at=context.now,
    )
    context.uow.money.add_intent(intent)
    if dossier.finance is Finance.DUE:
        work = Work.open(context, dossier)
        work.tell("PaymentBegun", {"charge": charge.id, "reference": intent.reference, "amount": charge.amount})
        work.change(finance=Finance.PENDING)
        work.write()
    return {
        "reference": intent.reference,
        "amount": charge.amount,
        "purpose": f"{charge.dossier} {charge.item}",
        "account": charge.account,
        "bank": charge.bank,
        "beneficiary": charge.beneficiary,
        "dossier": charge.dossier,
        "at": context.now.isoformat(),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPayment:
    """A gateway's notice whose signature has been checked."""

    gateway: str
    reference: str
    amount: int
    transaction: str
    succeeded: bool
    paid_at: datetime
    raw: dict[str, Any]


def record_payment(context: Context, command: RecordPayment) -> dict[str, Any]:
    """The answer to the gateway: 00 taken, 01 unknown reference, 04 wrong amount, 02 known already."""
    money = context.uow.money
    intent = money.intent(command.reference)
    if intent is None or intent.gateway != command.gateway:
        return {"code": "01", "message": "unknown reference"}
    if intent.amount != command.amount:
        return {"code": "04", "message": "wrong amount"}
    if money.payment(command.gateway, command.transaction) is not None:
        return {"code": "02", "message": "known already"}
    charge = money.charge(intent.charge)
    assert charge is not None
    work = Work.open(context, context.uow.dossiers.get(charge.dossier))
    outcome = "failed" if not command.succeeded else "paid" if charge.state == "due" else "second"
    payment = Payment(
        gateway=command.gateway,
        transaction_no=command.transaction,
        reference=command.reference,
        charge=charge.id,
        amount=command.amount,
        outcome=outcome,
        paid_at=command.paid_at,
        raw=command.raw,
        recorded_at=context.now,
    )
    money.add_payment(payment)
    tell_payment(work, payment)
    if outcome == "paid":
        settle_charge(work, charge)
        return {"code": "00", "message": "confirmed"}
    if outcome == "second":  # money moved twice: it has to go back, and the charge stays paid once
        _open_refund(work, charge, command)
    elif work.dossier.finance is Finance.PENDING:
        work.change(finance=Finance.DUE)  # a failed attempt never ends the charge
    work.write()
    return {"code": "02" if outcome == "second" else "00", "message": outcome}


def tell_payment(work: Work, payment: Payment) -> None:
    """Put a payment on record with all that its row says."""
    told = row_told(payment, "transaction_no", "recorded_at")
    work.tell("PaymentRecorded", told | {"transaction": payment.transaction_no})


def settle_charge(work: Work, charge: Charge) -> None:
    """The charge is paid: its one receipt, and whatever waited for the payment goes on."""
    uow, now = work.context.uow, work.context.now
    uow.money.set_state(charge, "paid")
    series = f"BL{now:%y}{charge.unit.replace('.', '')}"
    receipt = Receipt(
        number=f"{series}-{uow.numbers.next(f'receipt:{series}'):07d}",
        charge=charge.id,
        dossier=charge.dossier,
        amount=charge.amount,
        issued_at=now,
    )
    uow.money.add_receipt(receipt)
    work.tell("ReceiptIssued", {"number": receipt.number, "charge": charge.id, "amount": receipt.amount})
    work.change(finance=Finance.PAID)
    for task in work.instance.open_tasks():
        if task.attributes.get("operation") == "payment.await" and task.inputs.get("charge") == charge.id:
            work.answer(task, {"paid": True, "receipt": receipt.number, "amount": charge.amount})
    settle(work)


def _open_refund(work: Work, charge: Charge, command: RecordPayment) -> None:
    refund = Refund(
        id=f"{command.gateway}:{command.transaction}",
        dossier=charge.dossier,
        charge=charge.id,
        gateway=command.gateway,
        transaction_no=command.transaction,
        amount=command.amount,
        reason=PAID_TWICE,
        state="open",
        created_at=work.context.now,
        done_by="",
        done_at=None,
    )
    work.context.uow.money.add_refund(refund)
    tell_refund(work, refund, charge.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishRefund:
    """Record that the accountant has paid a refund back."""

    dossier: str
    refund: str


def finish_refund(context: Context, command: FinishRefund) -> dict[str, Any]:
    """The refund's id."""
    dossier = context.uow.dossiers.get(command.dossier)
    if not context.actor.holds(ACCOUNTANT, dossier.competent_unit):
        raise Forbidden(why=Text(vi="việc của kế toán đơn vị", en="the unit's accountant's work"))
    if command.refund not in {refund.id for refund in context.uow.money.refunds(dossier.number)}:
        raise NotFound(what=f"refund {command.refund}")
    context.uow.money.finish_refund(command.refund, by=context.actor.name, at=context.now)
    work = Work.open(context, dossier)
    work.tell("RefundPaid", {"refund": command.refund, "by": context.actor.name})
    if all(refund.state == "done" for refund in context.uow.money.refunds(dossier.number)):
        for charge in context.uow.money.charges(dossier.number):
            if charge.state == "refund_due":
                context.uow.money.set_state(charge, "refunded")
                work.change(finance=Finance.REFUNDED)
    work.write()
    return {"refund": command.refund}
