"""The citizen's way from a procedure to the slip."""

from __future__ import annotations

from tests.webapp.citizen import Citizen
from tests.webapp.conftest import SignIn
from webapp.bootstrap import Product


def test_citizen_filed_and_paid_gets_slip(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    draft = citizen.filled()
    check = citizen.client.get(f"/drafts/{draft}/check").text
    assert "10.000 đồng" in check
    number = citizen.file(draft)
    product.worker().drain()
    page = citizen.client.get(f"/my/{number}").text
    assert "Nộp phí" in page
    charge = citizen.client.get(f"/payments/{citizen.charge(number)}").text
    assert "0491000123456" in charge
    told = citizen.client.get("/payments/notice", query_string=citizen.notice(citizen.order(number)))
    assert told.json["RspCode"] == "00"
    product.worker().drain()
    page = citizen.client.get(f"/my/{number}").text
    assert "Giấy tiếp nhận hồ sơ và hẹn trả kết quả (PDF)" in page
    assert citizen.client.get("/my").status_code == 200
