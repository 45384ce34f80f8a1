"""A certified copy from the start page to the auditor's replay: eight steps, real services, real browsers."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import expect

from engine.store.unit_of_work import UnitOfWork
from tests.conftest import LiveClock, person
from tests.journeys.conftest import Meet
from tests.journeys.person import PersonAtScreen, codes
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun

pytestmark = pytest.mark.browser


@pytest.fixture
def other(product: Product) -> str:
    """Another citizen's paid dossier of the same morning; nobody takes it up."""
    demo = DemoRun(product, say=lambda line: None)
    hung = person(product, "hung")
    number = demo.file(hung)
    demo.pay(hung, number)
    demo.worker.drain()
    return number


def test_certified_copy_from_start_page_to_replay(
    other: str, meet: Meet, product: Product, clock: LiveClock, scan: Path, tmp_path: Path
) -> None:
    lan, binh, hoa, toan = meet("lan"), meet("binh"), meet("hoa"), meet("toan")
    citizen_finds_and_fills(lan, scan)
    number = citizen_files_and_pays(lan)
    citizen_reads_the_slip(lan, meet(""), number)
    desk_compares_and_accepts(binh, number)
    officer_prepares(hoa, number)
    leader_signs_while_time_stamps_are_down(toan, number, product, clock)
    result = citizen_gets_the_result(lan, number)
    anybody_verifies(meet(""), result, tmp_path, number)
    auditor_replays(meet("minh"), number)
    timer_warns_then_marks_overdue(binh, other, product, clock)


def citizen_finds_and_fills(lan: PersonAtScreen, scan: Path) -> None:
    page = lan.page
    lan.go("/")
    lan.looks()
    lan.click("link", "Tìm thủ tục")
    lan.looks()
    lan.click("link", "Chứng thực bản sao từ bản chính")
    lan.looks()
    page.locator("#unit").select_option("H56.12")
    lan.click("button", "Nộp trực tuyến")
    expect(page.locator(".known").first).to_contain_text("Nguyễn Thị Lan")
    assert lan.clicks <= 3
    # What the register says is shown, and is no input that could be changed.
    expect(page.locator('[name="nyc.ho_ten"]')).to_have_count(0)
    page.get_by_label("Tên giấy tờ").fill("Bằng tốt nghiệp đại học")
    page.get_by_label("Loại giấy tờ").select_option("van_bang")
    page.get_by_label("Họ tên ghi trên giấy tờ").fill("Nguyễn Thị Lan")
    page.get_by_label("Số, ký hiệu ghi trên giấy tờ").fill("QH-2012/0465")  # two digits changed places
    page.get_by_label("Số trang của bản chính").fill("3")
    page.get_by_label("Số bản sao giấy").fill("2")
    page.get_by_label("Cấp thêm bản sao điện tử có ký số").check()
    page.locator('input[type="file"]').set_input_files(str(scan))
    page.locator('[name="nhan.hinh_thuc"][value="online"]').check()
    page.get_by_label("Tôi cam đoan").check()
    lan.looks()


def citizen_files_and_pays(lan: PersonAtScreen) -> str:
    page = lan.page
    page.locator('.actions button[value="submit"]').click()
    lan.sees("Phí phải nộp", "10.000 đồng")  # 2 copies of (2,000 + 2,000 + 1,000); the electronic one is free
    lan.looks()
    lan.click("button", "Nộp hồ sơ")
    lan.sees("Đã nộp hồ sơ")
    number = str(page.locator(".dossier__number").inner_text())
    lan.waits_for("10.000 đồng")
    lan.looks()
    lan.click("link", "Nộp phí")
    lan.sees("VietQR", "10.000 đồng", "0491000123456")
    lan.looks()
    lan.click("button", "Thanh toán qua cổng")
    lan.sees("Cổng thanh toán thử nghiệm", "10.000 đồng")
    lan.looks()
    lan.click("button", "Thanh toán thành công")
    lan.waits_for("Biên lai số")
    lan.looks()
    lan.click("link", "Về hồ sơ")
    return number


def citizen_reads_the_slip(lan: PersonAtScreen, stranger: PersonAtScreen, number: str) -> None:
    lan.waits_for("Giấy tiếp nhận hồ sơ và hẹn trả kết quả")
    slip = lan.opens("Giấy tiếp nhận hồ sơ và hẹn trả kết quả")
    words = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(slip))
    assert number in words
    assert "Nguyễn Thị Lan" in words
    tracking = codes(slip)
    assert [code.startswith(stranger.server) for code in tracking] == [True]
    stranger.go(tracking[0])
    stranger.sees(number)
    assert "Nguyễn Thị Lan" not in stranger.page.content()
    stranger.looks()


def desk_compares_and_accepts(binh: PersonAtScreen, number: str) -> None:
    page = binh.page
    binh.go("/inbox")
    binh.looks()
    binh.takes(number)
    page.locator('[data-tabs] a[href="#giay-to"]').click()
    readings = page.locator(".readings")
    expect(readings.locator("tr", has_text="Số, ký hiệu")).to_contain_text("QH-2012/0456")
    expect(readings.locator("tr", has_text="Số, ký hiệu")).to_contain_text("lệch với tờ khai")
    expect(readings.locator("tr", has_text="Họ tên ghi trên giấy tờ")).to_contain_text("khớp")
    expect(readings.locator("tr", has_text="Họ tên ghi trên giấy tờ")).to_contain_text("tin cậy")
    page.locator(".viewer__page img").first.wait_for()
    binh.looks()
    page.get_by_label("Đã đối chiếu tờ khai").check()
    page.get_by_label("Tiếp nhận hồ sơ").check()
    binh.completes()
    binh.looks()


def officer_prepares(hoa: PersonAtScreen, number: str) -> None:
    page = hoa.page
    hoa.takes(number)
    page.get_by_label("Đủ điều kiện chứng thực").check()
    for check in ("Đã đối chiếu với bản chính", "Số trang đúng", "Chữ ký, con dấu rõ", "Nội dung không trái"):
        page.get_by_label(check).check()
    page.get_by_label("Như trên, kèm bản sao điện tử").check()
    hoa.looks()
    hoa.completes()


def leader_signs_while_time_stamps_are_down(
    toan: PersonAtScreen, number: str, product: Product, clock: LiveClock
) -> None:
    page = toan.page
    assert product.sandboxes is not None
    toan.takes(number)
    expect(page.locator("#du-thao")).to_be_visible()
    page.locator("#du-thao img").first.wait_for()
    toan.looks()
    page.get_by_label("Ký duyệt").check()
    page.get_by_label("Tôi đã xem hồ sơ và dự thảo kết quả").check()
    product.sandboxes.signing.time_stamps_down = True
    try:
        toan.completes()
        toan.waits_for("hệ thống tự thử lại")
        toan.looks()
    finally:
        product.sandboxes.signing.time_stamps_down = False
    clock.set(clock.now() + timedelta(minutes=10))
    toan.go(f"/dossiers/{number}#van-ban")
    expect(page.locator("#van-ban")).to_contain_text("B-LTA", timeout=45_000)  # the page renews itself
    expect(page.locator("#van-ban .tag", has_text="Hợp lệ")).to_have_count(2)
    toan.looks()


def citizen_gets_the_result(lan: PersonAtScreen, number: str) -> bytes:
    lan.go("/mail")
    lan.waits_for("đã có kết quả")
    lan.sees(number)
    lan.looks()
    lan.go("/my")
    lan.looks()
    lan.click("link", "Tải kết quả")
    lan.sees("Đã ký số bởi Trần Quốc Toàn")
    lan.looks()
    return lan.downloads("button", "Tải kết quả")


def anybody_verifies(stranger: PersonAtScreen, result: bytes, tmp_path: Path, number: str) -> None:
    page = stranger.page
    file = tmp_path / "ket-qua.pdf"
    file.write_bytes(result)
    stranger.go("/verify")
    stranger.looks()
    page.locator("#file").set_input_files(str(file))
    stranger.click("button", "Kiểm tra tệp")
    stranger.sees("do hệ thống này ban hành", "Trần Quốc Toàn", "Ủy ban nhân dân xã Hoa Lộc", "B-LTA")
    stranger.looks()
    file.write_bytes(result.replace(b"/Type /Page", b"/Type /Pagf", 1))
    stranger.go("/verify")
    page.locator("#file").set_input_files(str(file))
    stranger.click("button", "Kiểm tra tệp")
    stranger.sees("Tệp không hợp lệ")
    stranger.looks()
    printed = [code for at in range(len(pypdfium2.PdfDocument(result))) for code in codes(result, at + 1)]
    assert printed, "no QR code on the result"
    assert all(code.startswith(f"{stranger.server}/verify/") for code in printed)
    stranger.go(printed[0])
    stranger.sees("Mã này là của một kết quả đã ban hành", "Bản sao được chứng thực")
    assert "Nguyễn Thị Lan" not in page.content()
    stranger.looks()


def auditor_replays(minh: PersonAtScreen, number: str) -> None:
    page = minh.page
    minh.looks()
    minh.go(f"/dossiers/{number}/history")
    page.locator("[data-ready]").wait_for()
    minh.sees("Chuỗi băm nguyên vẹn")
    slider = page.locator("[data-slider]")
    last = int(slider.get_attribute("max") or "0")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("[data-what]")).to_have_text("Nộp hồ sơ")
    expect(page.locator("[data-who]")).to_have_text("Nguyễn Thị Lan")
    expect(page.locator("[data-count]").first).to_have_text(f"1/{last}")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-count]").first).to_have_text(f"2/{last}")
    page.keyboard.press("End")
    expect(page.locator("[data-count]").first).to_have_text(f"{last}/{last}")
    page.locator('[data-diagram="settle"]').click()
    expect(page.locator('[data-element-id="sign"].is-done')).to_be_visible()
    minh.looks()
    log = json.loads(minh.downloads("link", "Tải JSON"))
    kinds = [event["kind"] for event in log["events"]]
    assert len(kinds) == last
    assert {"DossierFiled", "ReceiptIssued", "PapersRead", "TaskCompleted", "DeliveryDeferred", "ResultSigned"} <= set(
        kinds
    )
    minh.click("button", "Chạy lại và đối chiếu toàn bộ")
    minh.sees("Mọi thứ khớp")
    minh.looks()


def timer_warns_then_marks_overdue(binh: PersonAtScreen, other: str, product: Product, clock: LiveClock) -> None:
    with product.database.read() as connection:
        due = UnitOfWork(connection).dossiers.get(other).due_at
    assert due is not None
    row = binh.page.locator("[data-row]", has_text=other)
    binh.go("/inbox")
    expect(row.locator(".tag--in-time")).to_be_visible()
    clock.set(due - timedelta(minutes=30))
    becomes(binh, other, "due-soon", lateness="due_soon", product=product)
    clock.set(due + timedelta(minutes=1))
    becomes(binh, other, "overdue", lateness="overdue", product=product)
    binh.go(f"/dossiers/{other}")
    binh.looks()


def becomes(binh: PersonAtScreen, number: str, tag: str, *, lateness: str, product: Product) -> None:
    """The timer fires in the served worker; the inbox then shows the dossier's tag and counts it."""
    for _ in range(80):
        with product.database.read() as connection:
            if UnitOfWork(connection).dossiers.get(number).lateness == lateness:
                break
        binh.page.wait_for_timeout(250)
    binh.go("/inbox")
    expect(binh.page.locator("[data-row]", has_text=number).locator(f".tag--{tag}")).to_be_visible()
    expect(binh.page.locator(f".tile--{tag} strong")).not_to_have_text("0")
    binh.looks()
