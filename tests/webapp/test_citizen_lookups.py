"""Filling a form from registers: oneself, the spouse the register names, and nobody who was only guessed at."""

from __future__ import annotations

from typing import Any

import pytest

from engine.store.records import Draft
from engine.store.unit_of_work import UnitOfWork
from tests.webapp.citizen import Citizen
from tests.webapp.conftest import SignIn
from webapp.bootstrap import Product

BIRTH = "1.001193"
LAN, HUNG = "038190001234", "038088005678"


@pytest.fixture
def lan(client: SignIn, product: Product) -> Citizen:
    """Somebody whose spouse the register knows."""
    return Citizen(client("lan"), product)


def asked(lan: Citizen, draft: str, act: str, **typed: Any) -> int:
    """Post a look-up act with what is typed in the form; the status."""
    post = {name.replace("__", "."): value for name, value in typed.items()}
    return lan.post(draft, {"khai_ve": "both", "me.dinh_danh": "so_dinh_danh", "act": act} | post).status_code


def stored(lan: Citizen, draft: str) -> Draft:
    """The draft as it is kept."""
    with lan.product.database.read() as connection:
        return UnitOfWork(connection).drafts.get(draft)


def test_look_ups_are_offered_where_the_form_takes_a_person(lan: Citizen) -> None:
    page = lan.client.get(f"/drafts/{lan.start(BIRTH)}").text
    for act in ("self:me.so_dinh_danh", "spouse:cha.so_dinh_danh", "lookup:cha.so_dinh_danh"):
        assert f'value="{act}"' in page, act


def test_oneself_and_spouse_fill_the_parents(lan: Citizen) -> None:
    draft = lan.start(BIRTH)
    assert asked(lan, draft, "self:me.so_dinh_danh") == 302
    assert asked(lan, draft, "spouse:cha.so_dinh_danh", **{"cha.dinh_danh": "so_dinh_danh"}) == 302
    data = stored(lan, draft).data
    assert (data["me"]["ho_ten"], data["me"]["so_dinh_danh"]) == ("Nguyễn Thị Lan", LAN)
    assert (data["cha"]["ho_ten"], data["cha"]["so_dinh_danh"]) == ("Lê Quang Hùng", HUNG)
    page = lan.client.get(f"/drafts/{draft}").text
    assert 'name="me.ho_ten"' not in page  # locked: there is nothing to type
    assert 'value="forget:me.so_dinh_danh"' in page


def test_marriage_is_known_from_the_civil_register(lan: Citizen) -> None:
    draft = lan.start(BIRTH)
    asked(lan, draft, "refresh", **{"ket_hon.co_dang_ky": "true"})
    assert stored(lan, draft).data["ket_hon"]["so"] == "21/2016"


def test_looked_up_value_cannot_be_forged(lan: Citizen) -> None:
    draft = lan.start(BIRTH)
    asked(lan, draft, "self:me.so_dinh_danh")
    assert asked(lan, draft, "refresh", **{"me.ho_ten": "Người Khác"}) == 302
    assert stored(lan, draft).data["me"]["ho_ten"] == "Nguyễn Thị Lan"


def test_person_forgotten_leaves_nothing_behind(lan: Citizen) -> None:
    draft = lan.start(BIRTH)
    asked(lan, draft, "self:me.so_dinh_danh")
    assert asked(lan, draft, "forget:me.so_dinh_danh") == 302
    kept = stored(lan, draft)
    assert "ho_ten" not in kept.data["me"]
    assert kept.registers["mother"]["data"] == {}
    assert 'name="me.ho_ten"' in lan.client.get(f"/drafts/{draft}").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Nhập số định danh để tra cứu"),
        ({"me.so_dinh_danh": "038077000999"}, "nhập cả họ tên và ngày sinh"),
        (
            {"me.so_dinh_danh": "038077000999", "me.ho_ten": "Trần A", "me.ngay_sinh": "1977-01-01"},
            "không khớp với dữ liệu đăng ký",
        ),
    ],
    ids=["no number", "number alone", "unknown person"],
)
def test_stranger_guessed_at_is_not_shown(lan: Citizen, typed: dict[str, str], sentence: str) -> None:
    draft = lan.start(BIRTH)
    answer = lan.post(
        draft, {"khai_ve": "both", "me.dinh_danh": "so_dinh_danh", "act": "lookup:me.so_dinh_danh"} | typed
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not stored(lan, draft).registers.get("mother", {}).get("data")


def test_stranger_known_wholly_is_filled_in(client: SignIn, product: Product) -> None:
    hung = Citizen(client("hung"), product)
    draft = hung.start(BIRTH)
    # His wife, asked for by number, name and birthday as anybody else would be.
    typed = {"me.so_dinh_danh": LAN, "me.ho_ten": "nguyen thi lan", "me.ngay_sinh": "1990-03-08"}
    assert asked(hung, draft, "lookup:me.so_dinh_danh", **typed) == 302
    assert stored(hung, draft).data["me"]["ho_ten"] == "Nguyễn Thị Lan"


def test_every_look_up_is_logged_with_its_purpose(lan: Citizen) -> None:
    draft = lan.start(BIRTH)
    asked(lan, draft, "spouse:cha.so_dinh_danh", **{"cha.dinh_danh": "so_dinh_danh"})
    asked(lan, draft, "forget:cha.so_dinh_danh")
    with lan.product.database.read() as connection:
        rows = UnitOfWork(connection).messages.queries("")
    asked_of = sorted((row.register, row.subject) for row in rows)
    assert asked_of == [("civil-status", LAN), ("population", HUNG), ("population", LAN)]
    assert all(row.purpose and row.officer == "lan" for row in rows)


def test_register_down_at_a_look_up_keeps_the_draft(lan: Citizen) -> None:
    draft = lan.start(BIRTH)
    assert lan.product.sandboxes is not None
    registry = lan.product.sandboxes.registry
    port = int(lan.product.sandboxes.registry_url.rpartition(":")[2])
    registry.stop()
    try:
        answer = lan.post(draft, {"khai_ve": "mother", "act": "self:me.so_dinh_danh"})
    finally:
        registry.start(port)
    assert answer.status_code == 422
    assert "Chưa kết nối được" in answer.text
    assert stored(lan, draft).data["khai_ve"] == "mother"
