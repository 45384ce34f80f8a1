"""The gateway's notice (IPN): signature first, then the command, then the code the protocol asks for."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, jsonify, request

from connectors.payment.gateway import SignatureWrong
from engine.commands.fees import RecordPayment
from engine.errors import ConnectorRefused, MotcuaError
from engine.model.permission import SYSTEM
from webapp import web

screen = Blueprint("payment_notice", __name__)
#: The gateway signs its notice; it has no session and no form of ours.
screen.csrf_exempt = True  # type: ignore[attr-defined]
_LONGEST_REFERENCE = 40
_log = structlog.get_logger("motcua.payments")


@screen.route("/payments/notice", methods=["GET", "POST"])
def notice() -> Response:
    """Record a payment once. 00 taken, 01 unknown, 02 known already, 04 wrong amount, 97 wrong signature, 99 ours."""
    product = web.product()
    parameters = {name: value for name, value in request.values.items() if len(value) <= 1000}
    try:
        told = product.gateway.read_notice(parameters)
    except SignatureWrong:
        _log.warning("notice-tampered", reference=_reference(parameters))
        return _answer("97", "wrong signature")
    except ConnectorRefused as refused:
        _log.warning("notice-malformed", reference=_reference(parameters), code=refused.code)
        return _answer("99", "malformed notice")
    command = RecordPayment(
        gateway=product.gateway.name,
        reference=told.reference,
        amount=told.amount,
        transaction=told.transaction,
        succeeded=told.succeeded,
        paid_at=told.paid_at,
        raw=dict(told.raw),
    )
    try:
        answer = product.bus.execute(command, SYSTEM)
    except MotcuaError as error:  # the gateway sends it again
        _log.exception("notice-failed", reference=told.reference, code=error.code)
        return _answer("99", "try again")
    return _answer(str(answer["code"]), str(answer["message"]))


def _reference(parameters: dict[str, str]) -> str:
    """The reference as told, where it has the shape of ours."""
    told = parameters.get("vnp_TxnRef", "")
    return told if told.isalnum() and len(told) <= _LONGEST_REFERENCE else ""


def _answer(code: str, message: str) -> Response:
    return jsonify({"RspCode": code, "Message": message})
