"""The payment page of a charge, the way to the gateway and back, and the receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import segno
from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from connectors.payment.vietqr import Order, ascii_purpose, encode
from engine.commands.fees import BeginPayment
from engine.errors import ConnectorRefused, Forbidden, NotFound
from engine.model.permission import ACCOUNTANT, AUDITOR, DESK, OPERATOR, SPECIALIST
from engine.ports import PaymentIntent
from engine.store.records import Charge, Dossier, Payment, Receipt, Refund, Unit
from engine.values import Money
from webapp import web
from webapp.words import gettext as _

screen = Blueprint("payments", __name__, template_folder="templates")
#: Banks by BIN, as far as the demo needs their names.
_BANKS = {"970436": "Vietcombank", "970415": "VietinBank", "970418": "BIDV", "970405": "Agribank", "970422": "MB"}


class Bill:
    """A charge with its dossier and everything paid for it, for its owner or an official of its unit."""

    def __init__(self, charge_id: str, *, officials: bool = False) -> None:
        actor, self.now = web.signed_in(), web.product().clock.now()
        with web.reading() as uow:
            charge = uow.money.charge(charge_id)
            if charge is None:
                raise NotFound(what=_("khoản thu này"))
            self.charge: Charge = charge
            self.dossier: Dossier = uow.dossiers.get(charge.dossier)
            roles = (DESK, SPECIALIST, ACCOUNTANT, AUDITOR, OPERATOR)
            may = officials and any(actor.holds(role, self.dossier.competent_unit) for role in roles)
            if self.dossier.applicant != actor.login and not may:
                raise Forbidden(why=_("khoản thu của người khác"))
            self.payments: tuple[Payment, ...] = uow.money.payments(charge_id)
            self.receipt: Receipt | None = next(
                (receipt for receipt in uow.money.receipts(charge.dossier) if receipt.charge == charge_id), None
            )
            self.refunds: tuple[Refund, ...] = tuple(
                refund for refund in uow.money.refunds(charge.dossier) if refund.charge == charge_id
            )
            self.begun = bool(uow.money.intents(charge_id))
            self.unit: Unit = uow.organisation.unit(charge.unit, self.now)

    @property
    def purpose(self) -> str:
        """What a bank transfer has to say, as banks carry it."""
        return ascii_purpose(self.charge.dossier)


@screen.get("/payments/<charge>")
@web.needs_sign_in
def show(charge: str) -> str:
    """Amount, to whom, the VietQR code, and the button to the gateway; the receipt once it is paid."""
    bill = Bill(charge)
    order = Order(
        bank=bill.charge.bank,
        account=bill.charge.account,
        amount=Money(bill.charge.amount),
        purpose=bill.purpose,
    )
    return render_template(
        "payments/show.html",
        bill=bill,
        bank=_BANKS.get(bill.charge.bank, bill.charge.bank),
        drawing=_drawing(encode(order)) if bill.charge.state == "due" else "",
    )


def _drawing(text: str) -> Markup:
    """The code as inline SVG without styles; its text alternative stands beside it."""
    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(border=4, omitsize=True, svgclass="vietqr", lineclass=None))  # noqa: S704 - modules alone


@screen.get("/payments/<charge>/state")
@web.needs_sign_in
def state(charge: str) -> Response:
    """Whether it is paid by now; for the page that waits."""
    return jsonify({"state": Bill(charge).charge.state})


@screen.post("/payments/<charge>/begin")
@web.needs_sign_in
def begin(charge: str) -> BaseResponse:
    """Make an attempt and go to the gateway."""
    order = web.execute(BeginPayment(charge=charge))
    product = web.product()
    intent = PaymentIntent(
        reference=order["reference"],
        amount=Money(order["amount"]),
        purpose=order["purpose"],
        account=order["account"],
        bank=order["bank"],
        beneficiary=order["beneficiary"],
        return_url=product.settings.address + url_for("payments.back"),
        created_at=datetime.fromisoformat(order["at"]),
    )
    return redirect(product.gateway.payment_url(intent), 303)


@screen.get("/payments/return")
def back() -> str | tuple[str, int] | BaseResponse:
    """Where the gateway sends the citizen back. It only shows: money is settled by the gateway's signed notice."""
    try:
        notice = web.product().gateway.read_notice(request.args)
    except ConnectorRefused:
        return render_template("payments/unproved.html"), 400
    with web.reading() as uow:
        intent = uow.money.intent(notice.reference)
    if intent is None:
        return render_template("payments/unproved.html"), 404
    if web.actor() is None:
        return redirect(url_for("account.sign_in", next=url_for("payments.show", charge=intent.charge)))
    return redirect(url_for("payments.waiting", charge=intent.charge, ok="1" if notice.succeeded else "0"))


@screen.get("/payments/<charge>/waiting")
@web.needs_sign_in
def waiting(charge: str) -> str | BaseResponse:
    """After the gateway: paid already, failed, or still waiting for the gateway's notice."""
    bill = Bill(charge)
    if bill.charge.state != "due":
        return redirect(url_for("payments.show", charge=charge))
    return render_template("payments/waiting.html", bill=bill, succeeded=request.args.get("ok") == "1")


@screen.get("/payments/<charge>/receipt.pdf")
@web.needs_sign_in
def receipt(charge: str) -> Response:
    """The receipt (biên lai), made from the stored facts."""
    bill = Bill(charge, officials=True)
    if bill.receipt is None:
        raise NotFound(what=_("biên lai của khoản thu này"))
    with web.reading() as uow:
        letters = web.procedure(uow, bill.dossier.digest).package.letters()
    pdf = web.product().ports.letters.render("fee-receipt", _receipt_data(bill, bill.receipt), sources=letters)
    return web.download(pdf, "application/pdf", f"{bill.receipt.number}.pdf")


def _receipt_data(bill: Bill, issued: Receipt) -> dict[str, Any]:
    dossier, charge, unit = bill.dossier, bill.charge, bill.unit
    paid = next((payment for payment in bill.payments if payment.outcome == "paid"), None)
    series, _dash, number = issued.number.rpartition("-")
    asked = dossier.data.get("nyc")
    form = asked if isinstance(asked, dict) else {}
    tracking = f"{web.product().settings.address}/t/{dossier.tracking}"
    return {
        "unit": {"parent": unit.parent or unit.name, "name": unit.name, "place": unit.short_name, "tax_code": ""},
        "issued_at": issued.issued_at.isoformat(),
        "qr_url": tracking,
        "dossier": {
            "number": dossier.number,
            "procedure_code": dossier.procedure,
            "procedure_name": dossier.procedure_name,
            "submitted_at": dossier.filed_at.isoformat(),
            "received_at": (dossier.received_at or dossier.filed_at).isoformat(),
            "due_at": dossier.due_at.isoformat() if dossier.due_at else None,
        },
        "payer": {
            "name": dossier.applicant_name,
            "id": form.get("so_dinh_danh", ""),
            "address": form.get("noi_cu_tru", ""),
        },
        "officer": {"name": "", "phone": unit.phone},
        "receipt": {
            "series": series,
            "number": number,
            "items": _items(charge),
            "total": issued.amount,
            "method": paid.gateway if paid else "",
            "transaction": paid.transaction_no if paid else "",
            "paid_at": (paid.paid_at if paid else issued.issued_at).isoformat(),
            "online": True,
        },
    }


def _items(charge: Charge) -> list[dict[str, Any]]:
    """The lines of the charge as the fee table explained them, or the charge as one line."""
    lines = [
        {
            "name": f"{charge.name}: {line.get('name') or ''}".rstrip(": "),
            "quantity": line.get("copies") or line.get("quantity") or 1,
            "unit_price": line.get("each") or line["amount"],
            "amount": line["amount"],
        }
        for line in charge.explanation
        if isinstance(line, dict) and isinstance(line.get("amount"), int)
    ]
    if sum(line["amount"] for line in lines) == charge.amount and lines:
        return lines
    return [{"name": charge.name, "quantity": 1, "unit_price": charge.amount, "amount": charge.amount}]
