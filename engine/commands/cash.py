"""Cash at the desk: only where the version allows it, only from the citizen, never lent or paid by an official."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.commands.context import Context
from engine.commands.fees import AlreadyCharged, settle_charge, tell_payment
from engine.commands.work import Work
from engine.errors import DomainError, Forbidden, InvalidInput, NotFound, Text
from engine.model.folding import folded
from engine.model.permission import ACCOUNTANT, DESK
from engine.store.records import Payment

GATEWAY = "cash"


class CashNotAllowed(DomainError):
    """{procedure} takes no cash: its version does not provide for it (Decree 118/2025); show the QR code to pay."""

    code = "cash-not-allowed"
    vi = "Thủ tục {procedure} không thu tiền mặt (Nghị định 118/2025); hãy đưa mã QR để người nộp thanh toán."


class PaidByOfficial(DomainError):
    """{name} is an official here; nobody pays on a citizen's behalf at the desk (one-stop rules)."""

    code = "paid-by-official"
    vi = "{name} là cán bộ; không ai được nộp tiền thay người dân tại quầy (quy tắc một cửa)."


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCash:
    """The citizen pays a charge in cash at the desk."""

    charge: str
    amount: int  #: what was counted; has to be the charge, to the đồng
    payer: str  #: name of who hands the money over


def take_cash(context: Context, command: TakeCash) -> dict[str, Any]:
    """The number of the receipt."""
    money = context.uow.money
    charge = money.charge(command.charge)
    if charge is None:
        raise NotFound(what=f"charge {command.charge}")
    work = _at_desk(context, charge.dossier)
    if not work.procedure.manifest.cash:
        raise CashNotAllowed(procedure=work.dossier.procedure)
    charge = next(known for known in money.charges(work.dossier.number) if known.id == charge.id)
    if charge.state != "due":
        raise AlreadyCharged(charge=charge.name)
    _from_citizen(context, command.payer)
    if command.amount != charge.amount:
        raise InvalidInput(what=Text(vi="số tiền", en="amount"), why=f"{command.amount} ≠ {charge.amount} đồng")
    unit = work.dossier.receiving_unit
    transaction = f"{unit}-{context.uow.numbers.next(f'cash:{unit}'):07d}"
    actor = work.context.actor
    raw = {"payer": command.payer.strip(), "taken_by": actor.login, "on_behalf_of": actor.on_behalf_of}
    payment = Payment(
        gateway=GATEWAY,
        transaction_no=transaction,
        reference=transaction,
        charge=charge.id,
        amount=charge.amount,
        outcome="paid",
        paid_at=context.now,
        raw=raw,
        recorded_at=context.now,
    )
    money.add_payment(payment)
    tell_payment(work, payment)
    settle_charge(work, charge)
    receipt = next(one for one in money.receipts(charge.dossier) if one.charge == charge.id)
    return {"receipt": receipt.number, "amount": charge.amount, "dossier": charge.dossier}


def _at_desk(context: Context, number: str) -> Work:
    """The dossier, for its desk or accountant; it is held from here on."""
    work = Work.open(context, context.uow.dossiers.get(number))
    unit = work.dossier.receiving_unit
    role = next((role for role in (DESK, ACCOUNTANT) if context.actor.holds(role, unit)), "")
    if not role:
        raise Forbidden(why=Text(vi="việc của Bộ phận Một cửa hoặc kế toán", en="the desk's or the accountant's work"))
    return work.acting(role, unit)


def _from_citizen(context: Context, payer: str) -> None:
    name = payer.strip()
    if not name:
        raise InvalidInput(what=Text(vi="người nộp tiền", en="payer"), why=Text(vi="ghi họ tên", en="name who pays"))
    if folded(name) == folded(context.actor.name):
        raise PaidByOfficial(name=name)
