"""The citizen's whole way in a real browser: each screen on a phone and a desk, by axe; once without JavaScript."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from engine.commands.tasks import ClaimTask, CompleteTask
from tests.looks import looks_right
from tests.webapp.citizen import paper
from webapp.bootstrap import Product
from webapp.demo.people import PASSWORD

pytestmark = pytest.mark.browser
CHECKS = ["ban_chinh", "so_trang", "chu_ky_dau", "noi_dung"]
STEPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("binh", "desk", {"da_doi_chieu": True, "quyet_dinh": "accept"}),
    ("hoa", "prepare", {"ket_luan": "certify", "kiem_tra": CHECKS, "loi_chung": "giay_va_dien_tu"}),
    ("toan", "sign", {"quyet_dinh": "approve", "da_xem": True}),
)


class Visit:
    """A person at a page of the running product."""

    def __init__(self, page: Any, server: str) -> None:
        self.page, self.server = page, server
        self.said: list[str] = []
        page.set_default_timeout(15_000)
        page.on("console", lambda message: self._heard(message))

    def _heard(self, message: Any) -> None:
        """Keep what the console says of our own pages; a refused answer (422) is a page we asked for."""
        if message.type == "error" and self.server in str(message.location) and "422" not in message.text:
            self.said.append(message.text)

    def sign_in(self, login: str) -> None:
        """Sign in with the password, as a person does."""
        self.page.goto(f"{self.server}/sign-in")
        self.page.fill("#login", login)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")

    def fill(self, scan: Path) -> None:
        """Fill the form of one paper in."""
        page = self.page
        page.fill('[name="giay_to.0.ten"]', "Bằng tốt nghiệp đại học")
        page.select_option('[name="giay_to.0.loai"]', "van_bang")
        page.fill('[name="giay_to.0.so_trang"]', "3")
        page.fill('[name="giay_to.0.so_ban"]', "2")
        page.set_input_files('input[type="file"]', str(scan))
        page.check('[name="nhan.hinh_thuc"] >> nth=0')
        page.check('[name="cam_doan"]')

    def submit(self) -> None:
        """Go on from the form."""
        self.page.click('.actions button[value="submit"]')

    def until(self, text: str) -> None:
        """Look again until the page says so; the worker is at work meanwhile."""
        for _ in range(60):
            if text in self.page.inner_text("main"):
                return
            self.page.wait_for_timeout(250)
            self.page.reload()
        raise AssertionError(f"{self.page.url} never said {text!r}")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A scanned paper as a file."""
    file = tmp_path / "bang-tot-nghiep.png"
    file.write_bytes(paper())
    return file


@pytest.fixture
def visit(server: str, chromium: Any) -> Iterator[Visit]:
    """A visit with JavaScript."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="vi-VN")
    yield Visit(context.new_page(), server)
    context.close()


@pytest.fixture
def plain(server: str, chromium: Any) -> Iterator[Visit]:
    """A visit on a phone with JavaScript off."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN", java_script_enabled=False)
    yield Visit(context.new_page(), server)
    context.close()


def fine(visit: Visit) -> None:
    """The page looks right on a phone and on a desk, and the console has said nothing."""
    looks_right(visit.page)
    assert visit.said == []


def settle(product: Product, number: str) -> None:
    """The officials do their part; the served worker does the rest."""
    for login, node, data in STEPS:
        for _ in range(100):
            with product.database.begin() as uow:
                actor = uow.organisation.actor(login, product.clock.now())
                tasks = [task for task in uow.tasks.of(number) if task.node == node and task.state == "open"]
            if tasks:
                break
            time.sleep(0.1)
        assert actor is not None
        claimed = product.bus.execute(ClaimTask(task=tasks[0].id, revision=tasks[0].revision), actor)
        product.bus.execute(CompleteTask(task=tasks[0].id, data=data, revision=claimed["revision"]), actor)


def test_citizen_whole_way_in_a_browser(visit: Visit, product: Product, scan: Path, tmp_path: Path) -> None:
    page = visit.page
    page.goto(visit.server)
    page.click("main a.button >> nth=0")
    fine(visit)
    visit.sign_in("lan")
    page.goto(visit.server)

    # Three clicks from the start page to the form.
    page.click("main a.button >> nth=0")
    page.fill("#q", "chung thuc")
    page.press("#q", "Enter")
    fine(visit)
    page.click("text=Chứng thực bản sao từ bản chính")
    fine(visit)
    page.select_option("#unit", "H56.12")
    page.click(".begin button")
    fine(visit)

    visit.submit()
    assert page.title().startswith("Lỗi:")
    assert page.locator("[data-error-summary]").evaluate("element => element === document.activeElement")
    fine(visit)
    visit.fill(scan)
    page.locator(".autosave", has_text="Đã lưu nháp").wait_for()
    visit.submit()
    assert "10.000 đồng" in page.inner_text("main")
    fine(visit)
    page.dblclick('main button:has-text("Nộp hồ sơ")')
    page.wait_for_url("**/my/*")
    visit.until("10.000 đồng")
    number = page.url.rpartition("/")[2].partition("?")[0]
    fine(visit)

    page.click("a.button--go")
    fine(visit)
    page.click(".pay button")
    page.click('button[value="ok"]')
    visit.until("Biên lai số")
    fine(visit)
    page.click("text=Về hồ sơ")
    visit.until("Giấy tiếp nhận hồ sơ và hẹn trả kết quả")
    fine(visit)
    page.click("text=Trang theo dõi không cần đăng nhập")
    fine(visit)

    settle(product, number)
    page.goto(f"{visit.server}/my")
    visit.until("Có kết quả")
    fine(visit)
    page.click("text=Chứng thực bản sao từ bản chính")
    fine(visit)
    with page.expect_download() as download:
        page.click('button:has-text("Tải kết quả")')
    result = tmp_path / "ket-qua.pdf"
    download.value.save_as(result)
    page.goto(f"{visit.server}/mail")
    assert "đã có kết quả" in page.inner_text("main")
    fine(visit)
    page.goto(f"{visit.server}/verify")
    fine(visit)
    page.set_input_files("#file", str(result))
    page.click('button:has-text("Kiểm tra tệp")')
    assert "do hệ thống này ban hành" in page.inner_text("main")
    fine(visit)


def test_citizen_files_and_pays_without_javascript(plain: Visit, scan: Path) -> None:
    page = plain.page
    plain.sign_in("lan")
    page.goto(f"{plain.server}/procedures/2.000815")
    page.select_option("#unit", "H56.12")
    page.click(".begin button")
    page.click('button[value="add:giay_to"]')
    expect(page.locator('[name="giay_to.1.ten"]')).to_have_count(1)
    page.click('button[value="del:giay_to:1"]')
    plain.submit()
    expect(page.locator("[data-error-summary] li").nth(3)).to_be_attached()
    plain.fill(scan)
    plain.submit()
    page.click('main button:has-text("Nộp hồ sơ")')
    plain.until("10.000 đồng")
    page.click("a.button--go")
    page.click(".pay button")
    page.click('button[value="ok"]')
    plain.until("Biên lai số")
    page.click("text=Về hồ sơ")
    plain.until("Giấy tiếp nhận hồ sơ và hẹn trả kết quả")
