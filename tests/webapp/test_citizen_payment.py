"""Paying: the notice settles a charge once; what is false, late or double is named and changes nothing else."""

from __future__ import annotations

import io
import re

import pikepdf
import pypdfium2
from flask.testing import FlaskClient

from connectors.payment import wire
from engine.store.records import Charge, Receipt, Refund
from engine.store.unit_of_work import UnitOfWork
from tests.webapp.citizen import Citizen
from tests.webapp.conftest import SignIn
from webapp.bootstrap import Product


def told(client: FlaskClient, notice: dict[str, str]) -> str:
    """The code that a notice gets."""
    answer = client.post("/payments/notice", data=notice)
    assert answer.status_code == 200
    assert answer.json is not None
    return str(answer.json["RspCode"])


def money(product: Product, number: str) -> tuple[Charge, tuple[Receipt, ...], tuple[Refund, ...]]:
    """Charge, receipts and refunds of a dossier."""
    with product.database.read() as connection:
        book = UnitOfWork(connection).money
        return book.charges(number)[0], book.receipts(number), book.refunds(number)


def test_notice_first_pays_and_replay_changes_nothing(client: SignIn, product: Product) -> None:
    citizen, gateway = Citizen(client("lan"), product), client("")
    number = citizen.filed()
    notice = citizen.notice(citizen.order(number))
    assert told(gateway, notice) == "00"
    assert told(gateway, notice) == "02"
    charge, receipts, refunds = money(product, number)
    assert (charge.state, len(receipts), refunds) == ("paid", 1, ())
    page = citizen.client.get(f"/payments/{charge.id}").text
    assert receipts[0].number in page


def test_notice_tampered_is_refused(client: SignIn, product: Product) -> None:
    citizen, gateway = Citizen(client("lan"), product), client("")
    number = citizen.filed()
    notice = citizen.notice(citizen.order(number))
    assert told(gateway, notice | {"vnp_Amount": "100"}) == "97"
    assert told(gateway, {name: value for name, value in notice.items() if name != "vnp_SecureHash"}) == "97"
    assert told(gateway, {}) == "97"
    assert money(product, number)[0].state == "due"


def test_notice_signed_but_wrong_is_named(client: SignIn, product: Product) -> None:
    citizen, gateway = Citizen(client("lan"), product), client("")
    number = citizen.filed()
    secret = product.settings.gateway_secret
    notice = citizen.notice(citizen.order(number))
    plain = {name: value for name, value in notice.items() if name != "vnp_SecureHash"}
    assert told(gateway, wire.signed(secret, plain | {"vnp_TxnRef": "MC000000UNKNOWN"})) == "01"
    assert told(gateway, wire.signed(secret, plain | {"vnp_Amount": "100000"})) == "04"
    assert told(gateway, wire.signed(secret, plain | {"vnp_Amount": "nothing"})) == "99"
    charge, receipts, _ = money(product, number)
    assert (charge.state, receipts) == ("due", ())


def test_second_payment_opens_a_refund(client: SignIn, product: Product) -> None:
    citizen, gateway = Citizen(client("lan"), product), client("")
    number = citizen.filed()
    first, second = citizen.order(number), citizen.order(number)
    assert told(gateway, citizen.notice(first)) == "00"
    assert told(gateway, citizen.notice(second)) == "02"
    charge, receipts, refunds = money(product, number)
    assert (charge.state, len(receipts)) == ("paid", 1)
    assert [(refund.amount, refund.state) for refund in refunds] == [(charge.amount, "open")]
    assert "Hoàn lại 10.000 đồng" in citizen.client.get(f"/payments/{charge.id}").text
    assert citizen.client.post(f"/payments/{charge.id}/begin").status_code == 409


def test_payment_failed_leaves_the_charge_due(client: SignIn, product: Product) -> None:
    citizen, gateway = Citizen(client("lan"), product), client("")
    number = citizen.filed()
    notice = citizen.notice(citizen.order(number), succeeded=False)
    assert told(gateway, notice) == "00"
    assert money(product, number)[0].state == "due"
    back = citizen.client.get("/payments/return", query_string=notice, follow_redirects=True)
    assert "Thanh toán không thành công" in back.text
    assert "Thanh toán không thành công" in citizen.client.get(f"/my/{number}").text


def test_return_shows_and_settles_nothing(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    number = citizen.filed()
    notice = citizen.notice(citizen.order(number))
    back = citizen.client.get("/payments/return", query_string=notice, follow_redirects=True)
    assert "Đang chờ cổng thanh toán xác nhận" in back.text
    assert money(product, number)[0].state == "due"
    forged = citizen.client.get("/payments/return", query_string=notice | {"vnp_ResponseCode": "07"})
    assert forged.status_code == 400
    assert "không mang chữ ký đúng" in forged.text
    assert client("hung").get("/payments/return", query_string=notice, follow_redirects=True).status_code == 403


def test_payment_page_names_the_units_account(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    number = citizen.filed()
    page = citizen.client.get(f"/payments/{citizen.charge(number)}").text
    label = re.search(r'aria-label="(Mã VietQR[^"]*)"', page)
    assert label is not None
    assert "0491000123456" in label[1]
    assert 'viewBox="' in page
    order = citizen.order(number)
    assert "vnp_Bill_Account=0491000123456" in order


def test_receipt_is_made_from_stored_facts(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    number = citizen.paid()
    charge, receipts, _ = money(product, number)
    got = citizen.client.get(f"/payments/{charge.id}/receipt.pdf")
    assert got.mimetype == "application/pdf"
    text = pypdfium2.PdfDocument(got.data)[0].get_textpage().get_text_range()
    for fact in (receipts[0].number.rpartition("-")[2], "10.000", "Nguyễn Thị Lan", number):
        assert fact in text, fact
    with pikepdf.open(io.BytesIO(got.data)) as opened:
        assert len(opened.pages) == 1
