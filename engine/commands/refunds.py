"""Money that goes back, and demands that lapse, when a dossier ends without a result."""

from __future__ import annotations

from engine.commands.work import Work
from engine.model.status import Finance
from engine.store.records import Charge, Refund
from engine.work_rows import row_told

#: How the reasons begin that we write, or what they are; what a person said follows.
WITHDRAWN, STOPPED, PAID_TWICE = "Rút hồ sơ: ", "Dừng giải quyết: ", "Nộp hai lần cho một khoản thu"


def open_refunds(work: Work, reason: str, *, percent: int = 100, lapsing: bool = True) -> int:
    """Cancel what is still due and open a refund of ``percent`` for every captured payment; the amount that goes back.

    Never more than was captured, never twice.
    """
    if lapsing:
        lapse(work)
    total = 0
    for charge in work.context.uow.money.charges(work.dossier.number):
        if charge.state == "paid":
            total += _open(work, charge, reason, percent)
    return total


def tell_refund(work: Work, refund: Refund, charge_state: str) -> None:
    """Put a refund on record, and the state in which it leaves its charge."""
    told = row_told(refund, "id", "dossier", "state", "created_at", "done_by", "done_at")
    work.tell("RefundOpened", told | {"refund": refund.id, "charge_state": charge_state})


def lapse(work: Work) -> None:
    """Cancel the demands that nobody has paid."""
    money = work.context.uow.money
    for charge in money.charges(work.dossier.number):
        if charge.state == "due":
            money.set_state(charge, "cancelled")
            work.tell("ChargeCancelled", {"charge": charge.id, "amount": charge.amount})
            work.change(finance=Finance.CANCELLED)


def _open(work: Work, charge: Charge, reason: str, percent: int) -> int:
    money = work.context.uow.money
    paid = next(payment for payment in money.payments(charge.id) if payment.outcome == "paid")
    amount = paid.amount * percent // 100
    if amount == 0:
        return 0
    refund = Refund(
        id=f"{paid.gateway}:{paid.transaction_no}",
        dossier=work.dossier.number,
        charge=charge.id,
        gateway=paid.gateway,
        transaction_no=paid.transaction_no,
        amount=amount,
        reason=reason,
        state="open",
        created_at=work.context.now,
        done_by="",
        done_at=None,
    )
    money.add_refund(refund)
    money.set_state(charge, "refund_due")
    tell_refund(work, refund, "refund_due")
    work.change(finance=Finance.REFUND_DUE)
    return amount
