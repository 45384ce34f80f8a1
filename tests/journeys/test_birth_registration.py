"""A birth registered on time: parents from the registers, another commune asked, the draft confirmed, no fee."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Meet
from tests.journeys.person import PersonAtScreen

pytestmark = pytest.mark.browser


def test_birth_registration_from_form_to_certificate(meet: Meet, scan: Path, tmp_path: Path) -> None:
    lan, hoa = meet("lan"), meet("hoa")
    mother_fills(lan, scan)
    number = mother_files_without_a_fee(lan)
    desk_accepts(meet("binh"), number)
    officer_asks_another_commune(hoa, number)
    other_commune_answers(meet("thuy"), meet("cuong"), number)
    officer_proposes_to_register(hoa, number)
    mother_confirms_the_draft(lan, number)
    leader_signs(meet("toan"), number)
    mother_gets_the_certificate(lan, number, meet(""), tmp_path)


def mother_fills(lan: PersonAtScreen, scan: Path) -> None:
    page = lan.page
    lan.go("/procedures/1.001193")
    lan.looks()
    page.locator("#unit").select_option("H56.12")
    lan.click("button", "Nộp trực tuyến")
    page.locator('[name="quan_he"][value="me"]').check()
    page.locator('[name="nks.ho_ten"]').fill("Lê Minh An")
    page.locator('[name="nks.ngay_sinh"]').fill("2026-11-02")
    page.locator('[name="nks.gioi_tinh"][value="Nữ"]').check()
    page.locator('[name="nks.dan_toc"]').select_option("Kinh")
    page.locator('[name="nks.quoc_tich"]').select_option("Việt Nam")
    page.locator('[name="nks.noi_sinh_o"][value="viet_nam"]').check()
    for part in ("noi_sinh", "que_quan"):
        page.locator(f'[name="nks.{part}.tinh"]').select_option("Tỉnh Thanh Hóa")
        page.locator(f'[name="nks.{part}.xa"]').fill("xã Hoa Lộc")
    page.locator('[name="chung_sinh.so"]').fill("112/2026")
    page.locator('input[type="file"][name="chung_sinh.tep"]').set_input_files(str(scan))
    for parent, act, name in (("me", "self", "Nguyễn Thị Lan"), ("cha", "spouse", "Lê Quang Hùng")):
        page.locator(f'[name="{parent}.dinh_danh"][value="so_dinh_danh"]').check()
        page.locator(f'button[value="{act}:{parent}.so_dinh_danh"]').click()
        expect(page.locator(".known", has_text=name).last).to_be_visible()
        expect(page.locator(f'[name="{parent}.ho_ten"]')).to_have_count(0)  # locked: no input to forge
    page.locator('[name="ket_hon.co_dang_ky"][value="true"]').check()
    page.locator('[name="nhan.hinh_thuc"][value="online"]').check()
    page.get_by_label("Tôi cam đoan").check()
    lan.looks()


def mother_files_without_a_fee(lan: PersonAtScreen) -> str:
    lan.page.locator('.actions button[value="submit"]').click()
    lan.sees("Phí phải nộp", "0 đồng", "Lê Quang Hùng")
    lan.looks()
    lan.click("button", "Nộp hồ sơ")
    lan.sees("Đã nộp hồ sơ")
    number = str(lan.page.locator(".dossier__number").inner_text())
    lan.waits_for("Giấy tiếp nhận hồ sơ và hẹn trả kết quả (PDF)")
    expect(lan.page.get_by_role("link", name="Nộp phí")).to_have_count(0)
    return number


def desk_accepts(binh: PersonAtScreen, number: str) -> None:
    binh.takes(number)
    binh.page.get_by_label("Đã đối chiếu tờ khai").check()
    binh.page.get_by_label("Tiếp nhận hồ sơ").check()
    binh.completes()


def officer_asks_another_commune(hoa: PersonAtScreen, number: str) -> None:
    page = hoa.page
    hoa.takes(number)
    page.locator('[name="can_xac_minh"][value="true"]').check()
    page.get_by_label("Nơi được đề nghị xác minh").select_option("H56.40")
    page.get_by_label("Nội dung cần xác minh").fill("Trẻ đã được đăng ký khai sinh tại phường chưa?")
    page.get_by_label("Đã tra cứu CSDL dân cư").check()
    hoa.looks()
    hoa.completes()


def other_commune_answers(thuy: PersonAtScreen, cuong: PersonAtScreen, number: str) -> None:
    cuong.go("/inbox")
    assert number not in cuong.page.content()  # the ward's desk was not asked
    thuy.takes(number)
    thuy.sees("Trẻ đã được đăng ký khai sinh tại phường chưa?", "Ủy ban nhân dân xã Hoa Lộc")
    thuy.page.get_by_label("Đúng như khai", exact=True).check()
    thuy.looks()
    thuy.completes()


def officer_proposes_to_register(hoa: PersonAtScreen, number: str) -> None:
    page = hoa.page
    hoa.takes(number)
    hoa.sees("Đúng như khai")
    page.locator('[name="can_xac_minh"][value="false"]').check()
    page.get_by_label("Đăng ký khai sinh", exact=True).check()
    page.get_by_label("Đã tra cứu CSDL dân cư").check()
    hoa.looks()
    hoa.completes()


def mother_confirms_the_draft(lan: PersonAtScreen, number: str) -> None:
    lan.go(f"/my/{number}")
    lan.waits_for("Trả lời cơ quan")
    lan.looks()
    lan.click("link", "Trả lời cơ quan")
    draft = lan.opens("Xem bản dự thảo")
    assert "LÊ MINH AN" in pypdfium2.PdfDocument(draft)[0].get_textpage().get_text_range().upper()
    lan.page.get_by_label("Đồng ý, nội dung đúng").check()
    lan.looks()
    lan.page.locator('main .actions button[value="submit"]').click()
    lan.sees(number)


def leader_signs(toan: PersonAtScreen, number: str) -> None:
    toan.takes(number)
    toan.page.get_by_label("Ký duyệt").check()
    toan.page.get_by_label("Tôi đã xem hồ sơ và dự thảo kết quả").check()
    toan.looks()
    toan.completes()


def mother_gets_the_certificate(lan: PersonAtScreen, number: str, anybody: PersonAtScreen, tmp_path: Path) -> None:
    lan.go(f"/my/{number}")
    lan.waits_for("Tải kết quả (PDF)")
    lan.looks()
    certificate = lan.downloads("button", "Tải kết quả")
    words = pypdfium2.PdfDocument(certificate)[0].get_textpage().get_text_range().upper()
    for word in ("LÊ MINH AN", "NGUYỄN THỊ LAN", "LÊ QUANG HÙNG"):
        assert word in words
    file = tmp_path / "khai-sinh.pdf"
    file.write_bytes(certificate)
    anybody.go("/verify")
    anybody.page.locator("#file").set_input_files(str(file))
    anybody.click("button", "Kiểm tra tệp")
    anybody.sees("do hệ thống này ban hành", "Trần Quốc Toàn")
