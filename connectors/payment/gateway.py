"""The client of a redirect gateway."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import httpx

from connectors.http import PATIENCE, ask
from connectors.payment import wire
from engine.errors import ConnectorRefused, ConnectorUnavailable, Text
from engine.ports import PaymentIntent, PaymentNotice
from engine.values import Money

_SYSTEM = Text(vi="Cổng thanh toán", en="payment gateway")


class SignatureWrong(ConnectorRefused):
    """{system}: the signature is wrong; nothing was recorded."""

    code = "payment-signature"
    vi = "{system}: sai chữ ký; không ghi nhận gì."


class RedirectGateway:
    """Port ``PaymentGateway`` over the HMAC-SHA512 redirect protocol."""

    def __init__(
        self, *, name: str, pay_url: str, query_url: str, merchant: str, secret: str, patience: float = PATIENCE
    ) -> None:
        self.name, self._patience = name, patience
        self._pay_url, self._query_url = pay_url, query_url
        self._merchant, self._secret = merchant, secret

    def payment_url(self, intent: PaymentIntent) -> str:
        """Where the citizen pays; carries our signature."""
        parameters = {
            "vnp_Version": "2.1.0",
            "vnp_Command": "pay",
            "vnp_TmnCode": self._merchant,
            "vnp_Amount": str(int(intent.amount) * 100),
            "vnp_CurrCode": "VND",
            "vnp_TxnRef": intent.reference,
            "vnp_OrderInfo": intent.purpose,
            "vnp_OrderType": "fee",
            "vnp_Locale": "vn",
            "vnp_ReturnUrl": intent.return_url,
            "vnp_CreateDate": wire.written(intent.created_at),
            "vnp_Bill_Account": intent.account,
            "vnp_Bill_Bank": intent.bank,
            "vnp_Bill_Name": intent.beneficiary,
        }
        return f"{self._pay_url}?{urlencode(wire.signed(self._secret, parameters))}"

    def read_notice(self, parameters: Mapping[str, str]) -> PaymentNotice:
        """The notice when its signature is right and it is whole, else ``ConnectorRefused``."""
        if not wire.is_genuine(self._secret, parameters):
            raise SignatureWrong(system=_SYSTEM)
        return self._notice(parameters)

    def query(self, intent: PaymentIntent) -> PaymentNotice | None:
        """Ask the gateway what became of an intent; None when it knows no payment."""
        asked = {
            "vnp_Version": "2.1.0",
            "vnp_Command": "querydr",
            "vnp_TmnCode": self._merchant,
            "vnp_TxnRef": intent.reference,
        }
        try:
            response = ask("POST", self._query_url, data=wire.signed(self._secret, asked), patience=self._patience)
            response.raise_for_status()
            answer = {str(name): str(value) for name, value in response.json().items()}
        except (httpx.HTTPError, ValueError) as error:
            raise ConnectorUnavailable(system=_SYSTEM, why=type(error).__name__) from error
        if not wire.is_genuine(self._secret, answer):
            raise SignatureWrong(system=_SYSTEM)
        return self._notice(answer) if answer.get("vnp_TransactionNo") else None

    def _notice(self, parameters: Mapping[str, str]) -> PaymentNotice:
        try:
            cents = int(parameters["vnp_Amount"])
            if cents % 100:
                raise ValueError("a part of a đồng")
            codes = {parameters["vnp_ResponseCode"], parameters["vnp_TransactionStatus"]}
            return PaymentNotice(
                reference=parameters["vnp_TxnRef"],
                amount=Money(cents // 100),
                transaction=parameters["vnp_TransactionNo"],
                bank=parameters.get("vnp_BankCode", ""),
                succeeded=codes == {wire.SUCCESS},
                paid_at=wire.read_moment(parameters["vnp_PayDate"]),
                raw=dict(parameters),
            )
        except (KeyError, ValueError) as error:
            raise ConnectorRefused(
                system=_SYSTEM, why=Text(vi=f"thông báo thiếu hoặc sai: {error}", en=f"malformed notice: {error}")
            ) from error
