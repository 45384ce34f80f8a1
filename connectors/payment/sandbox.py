"""A working payment gateway on loopback for demo, scenarios and tests: signed create, return, notice (IPN) and query.

It refuses to start in production. A person pays on its page; a test pays through ``pay``.
"""

from __future__ import annotations

import html
import itertools
import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from connectors.payment import wire
from engine.errors import InvalidInput

_PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Cổng thanh toán thử nghiệm</title><style>body{{font:18px/1.5 system-ui;max-width:34rem;margin:2rem auto;
padding:0 1rem}}button{{font:inherit;min-height:44px;padding:.4rem 1.2rem;margin:.4rem}}dt{{font-weight:600}}
</style><main><h1>Cổng thanh toán thử nghiệm</h1><p>Không có tiền thật. / No real money moves here.</p>
<dl><dt>Số tiền</dt><dd>{amount} đồng</dd><dt>Nội dung</dt><dd>{purpose}</dd><dt>Tài khoản thụ hưởng</dt>
<dd>{beneficiary} – {account}</dd><dt>Mã tham chiếu</dt><dd>{reference}</dd></dl>
<form method="post" action="/pay?{query}"><button name="act" value="ok">Thanh toán thành công</button>
<button name="act" value="fail">Thanh toán thất bại</button></form></main></html>"""


class PaymentSandbox:
    """The gateway's side of the protocol."""

    def __init__(self, *, secret: str, notice_url: str, now: Callable[[], datetime], production: bool = False) -> None:
        if production:
            raise InvalidInput(what="payment sandbox", why="it never runs in production; configure a real gateway")
        self.secret, self.notice_url, self._now = secret, notice_url, now
        self._numbers = itertools.count(int(now().timestamp()) * 1000)
        self._paid: dict[str, dict[str, str]] = {}
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Address of the running gateway."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self, port: int = 0) -> str:
        """Serve on loopback; the address."""
        sandbox = self

        class Handler(_Handler):
            gateway = sandbox

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self._server.serve_forever, name="payment-sandbox", daemon=True).start()
        return self.url

    def stop(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def outcome(self, asked: Mapping[str, str], *, succeeded: bool) -> dict[str, str]:
        """A signed notice of a new transaction for a payment order."""
        code = wire.SUCCESS if succeeded else "24"
        notice = {
            "vnp_TmnCode": asked["vnp_TmnCode"],
            "vnp_TxnRef": asked["vnp_TxnRef"],
            "vnp_Amount": asked["vnp_Amount"],
            "vnp_OrderInfo": asked["vnp_OrderInfo"],
            "vnp_BankCode": "NCB",
            "vnp_TransactionNo": str(next(self._numbers)),
            "vnp_ResponseCode": code,
            "vnp_TransactionStatus": wire.SUCCESS if succeeded else "02",
            "vnp_PayDate": wire.written(self._now()),
        }
        signed = wire.signed(self.secret, notice)
        if succeeded:
            self._paid[asked["vnp_TxnRef"]] = signed
        return signed

    def order(self, payment_url: str, *, succeeded: bool = True) -> dict[str, str]:
        """Pay an order as a person would; the signed notice, not yet sent."""
        asked = dict(parse_qsl(urlsplit(payment_url).query))
        if not wire.is_genuine(self.secret, asked):
            raise InvalidInput(what="payment order", why="wrong signature")
        return self.outcome(asked, succeeded=succeeded)

    def notify(self, notice: Mapping[str, str]) -> str:
        """Send a notice to the merchant; its answer code."""
        answer = httpx.get(f"{self.notice_url}?{urlencode(notice)}", timeout=30)
        return str(answer.json().get("RspCode", ""))

    def found(self, reference: str) -> dict[str, str]:
        """What is known of a reference, signed."""
        return self._paid.get(reference) or wire.signed(self.secret, {"vnp_TxnRef": reference})


class _Handler(BaseHTTPRequestHandler):
    gateway: PaymentSandbox

    def do_GET(self) -> None:
        """The page where a person pays."""
        asked = dict(parse_qsl(urlsplit(self.path).query))
        if not wire.is_genuine(self.gateway.secret, asked):
            self._answer(400, "text/plain; charset=utf-8", "Sai chữ ký / wrong signature")
            return
        page = _PAGE.format(
            amount=f"{int(asked['vnp_Amount']) // 100:,}".replace(",", "."),
            purpose=html.escape(asked["vnp_OrderInfo"]),
            beneficiary=html.escape(asked.get("vnp_Bill_Name", "")),
            account=html.escape(asked.get("vnp_Bill_Account", "")),
            reference=html.escape(asked["vnp_TxnRef"]),
            query=html.escape(urlsplit(self.path).query),
        )
        self._answer(200, "text/html; charset=utf-8", page)

    def do_POST(self) -> None:
        """A decision on the payment page, or a merchant's query."""
        body = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()))
        if urlsplit(self.path).path == "/query":
            genuine = wire.is_genuine(self.gateway.secret, body)
            found = self.gateway.found(body.get("vnp_TxnRef", "")) if genuine else {}
            self._answer(200, "application/json", json.dumps(found))
            return
        asked = dict(parse_qsl(urlsplit(self.path).query))
        if not wire.is_genuine(self.gateway.secret, asked):
            self._answer(400, "text/plain; charset=utf-8", "Sai chữ ký / wrong signature")
            return
        notice = self.gateway.outcome(asked, succeeded=body.get("act") == "ok")
        self.gateway.notify(notice)
        self.send_response(303)
        self.send_header("Location", f"{asked['vnp_ReturnUrl']}?{urlencode(notice)}")
        self.end_headers()

    def _answer(self, status: int, kind: str, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Stay quiet: the merchant logs what it takes."""
