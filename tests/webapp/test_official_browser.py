"""The official's path and the auditor's replay in a real browser: phone and desk by axe, keyboard, no JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.looks import looks_right
from tests.webapp.office import Office
from tools import assets
from webapp.demo.people import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def vendor() -> None:
    """The replay draws with bpmn-js."""
    if assets.differences():
        pytest.skip("the browser assets are not there: run npm ci and python tools/assets.py")


@pytest.fixture
def desk(chromium: Any, office: Office, server: str) -> Iterator[Any]:
    """Opens a page signed in as somebody; what the browser complains of fails the test."""
    complaints: list[str] = []
    contexts: list[Any] = []

    def sign_in(login: str, *, script: bool = True) -> Any:
        context = chromium.new_context(
            base_url=server, java_script_enabled=script, viewport={"width": 1440, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda line: complaints.append(line.text) if line.type == "error" and "422" not in line.text else None,
        )
        page.goto("/sign-in")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.click("main button.button")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert complaints == []


def test_official_path_inbox_to_signed_result(desk: Any, office: Office) -> None:
    page = desk("binh")
    looks_right(page)
    page.keyboard.press("j")
    expect(page.locator("tr[data-chosen] a")).to_be_focused()
    page.keyboard.press("c")
    expect(page.locator(".banner--success")).to_contain_text("Bạn đã nhận việc")
    page.locator("[data-open]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(office.desk)
    expect(page.locator("#giay-to")).to_be_visible()
    page.locator(".viewer__page img").first.wait_for()
    looks_right(page)
    page.locator("tr[data-box]").first.focus()
    expect(page.locator(".viewer__mark")).to_be_visible()
    page.get_by_label("Tiếp nhận hồ sơ").check()
    page.get_by_role("button", name="Hoàn thành bước này").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    looks_right(page)
    page.get_by_label("Đã đối chiếu tờ khai").check()
    page.get_by_role("button", name="Hoàn thành bước này").click()
    expect(page.locator(".banner--success")).to_contain_text("Đã xong")

    page = desk("toan")
    page.get_by_role("link", name=office.sign).click()
    page.get_by_role("button", name="Nhận việc này").click()
    expect(page.locator("#du-thao")).to_be_visible()
    looks_right(page)
    page.get_by_label("Ký duyệt").check()
    page.get_by_label("Tôi đã xem hồ sơ và dự thảo kết quả").check()
    page.get_by_role("button", name="Hoàn thành bước này").click()
    page.locator('[data-tabs] a[href="#van-ban"]').click()
    expect(page.locator("#van-ban")).to_contain_text("B-LTA", timeout=30_000)  # the page renews itself
    looks_right(page)


def test_replay_slider_by_keyboard_and_watermark_in_sight(desk: Any, office: Office) -> None:
    page = desk("minh")
    looks_right(page)
    page.get_by_role("link", name=office.sign).click()
    page.locator("[data-ready]").wait_for()
    slider = page.locator("[data-slider]")
    last = int(slider.get_attribute("max") or "0")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("[data-count]").first).to_have_text(f"1/{last}")
    expect(page.locator("[data-log] [aria-current]")).to_contain_text("Nộp hồ sơ")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-count]").first).to_have_text(f"3/{last}")
    assert (slider.get_attribute("aria-valuetext") or "").startswith(f"Bước 3/{last}: ")
    expect(page.locator(".djs-element.is-done").first).to_be_attached()
    page.keyboard.press("End")
    page.locator('[data-diagram="settle"]').click()
    expect(page.locator('[data-element-id="sign"].is-now')).to_be_visible()
    page.locator('[data-element-id="sign"]').click()
    expect(page.locator("[data-path]")).to_contain_text("Ký kết quả đến")
    looks_right(page)
    mark = page.locator(".replay__diagram:not([hidden]) .bjs-powered-by")
    expect(mark).to_be_visible()
    assert mark.get_attribute("href") == "http://bpmn.io"
    box = mark.bounding_box()
    assert box is not None
    on_top = "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.bjs-powered-by'))"
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    for x in (box["x"] + 2, box["x"] + box["width"] - 2):
        for y in (box["y"] + 2, box["y"] + box["height"] - 2):
            assert page.main_frame.evaluate(on_top, [x, y])
    page.get_by_role("button", name="Chạy lại và đối chiếu toàn bộ").click()
    expect(page.locator(".banner--success")).to_contain_text("Mọi thứ khớp")


def test_without_script_the_whole_work_can_be_done(desk: Any, office: Office) -> None:
    page = desk("binh", script=False)
    page.locator("[data-claim]").first.click()
    page.locator("[data-open]").first.click()
    for part in ("#to-khai", "#giay-to", "#tien", "#van-ban"):
        expect(page.locator(part)).to_be_visible()
    page.get_by_label("Đã đối chiếu tờ khai").check()
    page.get_by_label("Tiếp nhận hồ sơ").check()
    page.get_by_role("button", name="Hoàn thành bước này").click()
    expect(page.locator(".banner--success")).to_contain_text("Đã xong")
    page = desk("minh", script=False)
    page.get_by_role("link", name=office.sign).click()
    page.locator("[data-step]").first.click()
    expect(page.locator("[data-what]")).to_have_text("Nộp hồ sơ")
    expect(page.locator("[data-changes] tr").nth(20)).to_be_attached()
    page.get_by_role("link", name="Bước sau").click()
    expect(page.locator("[data-count]").first).to_contain_text("2/")
