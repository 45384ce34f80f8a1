"""Registering a birth through the same pages: nothing about this procedure is known to them."""

from __future__ import annotations

import io
import json
import re

import pytest

from engine.store.unit_of_work import UnitOfWork
from tests.webapp.citizen import Citizen, paper
from tests.webapp.conftest import SignIn
from webapp.bootstrap import Product

BIRTH = "1.001193"
CHILD = {
    "lien_he.dien_thoai": "0912000111",
    "quan_he": "me",
    "nks.ho_ten": "Lê Minh An",
    "nks.ngay_sinh": "2026-11-02",
    "nks.gioi_tinh": "Nữ",
    "nks.dan_toc": "Kinh",
    "nks.quoc_tich": "Việt Nam",
    "nks.noi_sinh_o": "viet_nam",
    "nks.noi_sinh.tinh": "Tỉnh Thanh Hóa",
    "nks.noi_sinh.xa": "xã Hoa Lộc",
    "nks.que_quan.tinh": "Tỉnh Thanh Hóa",
    "nks.que_quan.xa": "xã Hoa Lộc",
    "chung_sinh.loai": "gcs",
    "chung_sinh.so": "112/2026",
    "khai_ve": "both",
    "me.dinh_danh": "so_dinh_danh",
    "cha.dinh_danh": "so_dinh_danh",
    "ket_hon.co_dang_ky": "true",
    "nhan.hinh_thuc": "online",
    "cam_doan": "true",
}


def filled(citizen: Citizen, copies: str) -> str:
    """A birth form filled in with the parents from the register; the draft's id."""
    draft = citizen.start(BIRTH)
    post = CHILD | {"ban_sao.so_luong_ban_sao": copies}
    assert citizen.post(draft, post | {"act": "self:me.so_dinh_danh"}).status_code == 302
    assert citizen.post(draft, post | {"act": "spouse:cha.so_dinh_danh"}).status_code == 302
    sent = citizen.post(draft, post | {"act": "submit", "chung_sinh.tep": (io.BytesIO(paper()), "chung-sinh.png")})
    assert sent.status_code == 302, re.findall(r"<a href=.#f-[^>]*>[^<]*", sent.text)
    return draft


@pytest.mark.parametrize(("copies", "amount"), [("2", "16.000 đồng"), ("0", "0 đồng")])
def test_birth_fee_is_shown_before_filing(client: SignIn, product: Product, copies: str, amount: str) -> None:
    citizen = Citizen(client("lan"), product)
    page = citizen.client.get(f"/drafts/{filled(citizen, copies)}/check").text
    assert f'<p class="amount">{amount}</p>' in page
    assert "Lê Quang Hùng" in page


def test_birth_filed_demands_what_was_shown(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    number = citizen.file(filled(citizen, "2"))
    product.worker().drain()
    with product.database.read() as connection:
        uow = UnitOfWork(connection)
        assert [charge.amount for charge in uow.money.charges(number)] == [16_000]
        assert uow.dossiers.get(number).data["ket_hon"]["so"] == "21/2016"
    assert "16.000 đồng" in citizen.client.get(f"/my/{number}").text


#: What is taken for read from the certificate of birth: the mother's name unlike the register's, her number alike.
READ = {"nks.ho_ten": "Lê Minh An", "me.ho_ten": "Nguyễn Thị Lành", "me.so_dinh_danh": "038190001234"}


def test_desk_sees_what_the_register_said_beside_form_and_paper(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    number = citizen.file(filled(citizen, "0"))
    product.worker().drain()
    with product.database.engine.begin() as connection:
        found = connection.exec_driver_sql("SELECT fields FROM extraction WHERE dossier = ?", (number,)).scalar_one()
        fields = [
            field | {"value": READ.get(field["key"], ""), "check": False, "confidence": 93}
            for field in json.loads(found)
        ]
        told = json.dumps(fields)
        connection.exec_driver_sql("UPDATE extraction SET fields = ? WHERE dossier = ?", (told, number))
    page = client("binh").get(f"/dossiers/{number}").text
    assert '<th scope="col">Cơ sở dữ liệu</th>' in page
    rows = dict(re.findall(r'<tr class="is-\w+"[^>]*>\s*<th scope="row">([^<]+)</th>(.*?)</tr>', page, re.DOTALL))
    mother = rows["Họ, chữ đệm, tên (người mẹ)"]
    assert "<td>Nguyễn Thị Lan</td>" in mother
    assert re.search(r'class="differ">Nguyễn Thị Lan</span><span class="confidence">lệch với giấy tờ', mother)
    assert 'class="differ">Nguyễn Thị Lành' in mother
    assert re.search(r"<td>038190001234</td>\s*<td>038190001234</td>", rows["Số định danh cá nhân"])
    child = rows["Họ, chữ đệm, tên (trẻ được khai sinh)"]
    assert "<td>–</td>" in child  # no register knows the child yet
    assert 'class="agree">Lê Minh An' in child
    assert "1 chỗ lệch" in page
