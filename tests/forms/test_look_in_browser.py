"""The look in a real browser: axe, no CSP refusal, no sideways scrolling, keyboard, autosave, conditions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from engine.forms import diff, initial, layout, prefill, summary, validate
from tests.looks import too_wide, violations
from webapp.eforms import page_title, render_changes, render_form, render_summary

pytestmark = pytest.mark.browser
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS, headless=True)
        yield chromium
        chromium.close()


@pytest.fixture()
def open_page(browser):
    """Opens an address at a width; fails afterwards on any console error (a CSP refusal is one)."""
    pages = []
    complaints: list[str] = []

    def opened(url: str, *, width: int = 1440, script: bool = True):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, bypass_csp=False
        )
        page = context.new_page()
        # Chromium also logs each failed request as an error; only refusals and exceptions count here.
        page.on("console", lambda message: complaints.append(message.text) if _is_fault(message) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        pages.append(context)
        return page

    yield opened
    for context in pages:
        context.close()
    assert complaints == []


def _is_fault(message) -> bool:
    return message.type == "error" and "Failed to load resource" not in message.text


def _form(gallery, load, registers, today, files, path, *, wrong, language="vi"):
    form = load(path)
    source = prefill(form, registers, today=today)
    data = initial(form, source=source)
    errors = validate(form, data, today=today) if wrong else ()
    page = layout(form, data, source=source, errors=errors, language=language, files=files)
    markup = render_form(page, action="/gui", csrf_token="token", autosave_url="/nhap", submit="Nộp hồ sơ")
    name = "/" + path.replace("/", "-").removesuffix(".json") + ("-loi" if wrong else "") + f"-{language}"
    return gallery.form(name, page, markup, page_title(page))


def _shoot(page, name: str) -> None:
    folder = os.environ.get("MOTCUA_SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


PATHS = [
    "2.000815/application.json",
    "1.001193/application.json",
    "1.013225/application.json",
    "2.000815/desk.json",
    "2.000815/prepare.json",
    "1.001193/confirm.json",
]


#: Every combination with MOTCUA_TEST_LONG=1; by default empty on a desk and erroneous on a phone.
WAYS = [(False, 1440), (True, 390)] + ([(True, 1440), (False, 390)] if os.environ.get("MOTCUA_TEST_LONG") else [])


@pytest.mark.parametrize(("wrong", "width"), WAYS)
@pytest.mark.parametrize("path", PATHS)
def test_form_in_browser_passes_axe(gallery, open_page, load, registers, today, files, path, wrong, width):
    page = open_page(_form(gallery, load, registers, today, files, path, wrong=wrong), width=width)
    assert violations(page) == []
    assert too_wide(page) <= 0
    _shoot(page, f"{path.replace('/', '-').removesuffix('.json')}{'-loi' if wrong else ''}-{width}")


def test_english_form_in_browser_passes_axe(gallery, open_page, load, registers, today, files):
    url = _form(gallery, load, registers, today, files, "2.000815/application.json", wrong=True, language="en")
    page = open_page(url, width=390)
    assert violations(page) == []
    assert page.get_by_role("alert").get_by_role("heading").inner_text().endswith("things to correct")


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("template", ["inbox.html", "dossier.html"])
def test_screens_in_gallery_pass_axe(gallery, open_page, load, registers, today, files, template, width):
    form, task = load("2.000815/application.json"), load("2.000815/desk.json")
    source = prefill(form, registers, today=today)
    data = initial(form, source=source)
    changed = {**data, "lien_he": {"dien_thoai": "0987654321"}}
    context = {
        "summary": render_summary(summary(form, data, "vi", source=source), language="vi"),
        "changes": render_changes(diff(form, data, changed), language="vi"),
        "task": render_form(layout(task, initial(task, source={})), action="#", csrf_token="t", draft=False),
    }
    page = open_page(gallery.page(f"/{template}", template, **context), width=width)
    assert violations(page) == []
    assert too_wide(page) <= 0
    _shoot(page, f"{template.removesuffix('.html')}-{width}")


def test_error_summary_takes_focus_and_leads_to_field(gallery, open_page, load, registers, today, files):
    page = open_page(_form(gallery, load, registers, today, files, "2.000815/application.json", wrong=True))
    assert page.title().startswith("Lỗi:")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.get_by_role("link", name="Tải lên bản quét bản chính (Giấy tờ 1)").click()
    assert page.evaluate("document.activeElement.id") == "f-giay_to-0-tep_quet"
    page.get_by_role("link", name="Chọn loại giấy tờ (Giấy tờ 1)").click()
    assert page.evaluate("document.activeElement.id") == "f-giay_to-0-loai"


def test_controls_are_large_enough_to_touch(gallery, open_page, load, registers, today, files):
    page = open_page(_form(gallery, load, registers, today, files, "1.001193/application.json", wrong=False), width=390)
    small = page.evaluate(
        """() => [...document.querySelectorAll('main :is(input, select, textarea, button, .choice)')]
        .filter(e => e.offsetParent && !e.matches('[type=radio],[type=checkbox],.visually-hidden'))
        .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_conditional_field_follows_its_choice(gallery, open_page, load, registers, today, files):
    page = open_page(_form(gallery, load, registers, today, files, "1.001193/application.json", wrong=False))
    expect(page.get_by_label("Văn bản ủy quyền")).to_be_hidden()
    page.get_by_label("Người được ủy quyền").check()
    expect(page.get_by_label("Văn bản ủy quyền")).to_be_visible()
    page.get_by_label("Chỉ người mẹ").check()
    expect(page.locator("#f-cha")).to_be_hidden()
    expect(page.locator("#f-ket_hon")).to_be_hidden()


def test_autosave_posts_without_files_and_says_so(gallery, open_page, load, registers, today, files):
    page = open_page(_form(gallery, load, registers, today, files, "2.000815/application.json", wrong=False))
    page.get_by_label("Tên giấy tờ").fill("Bằng tốt nghiệp")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Đã lưu nháp", timeout=5000)
    path, body, headers = gallery.posts[0]
    assert path == "/nhap"
    assert {key.lower(): value for key, value in headers.items()}["x-csrftoken"] == "token"
    assert "giay_to.0.ten=B%E1%BA%B1ng" in body
    assert "act=" not in body


def test_autosave_says_when_the_server_is_gone(gallery, open_page, load, registers, today, files):
    page = open_page(_form(gallery, load, registers, today, files, "2.000815/application.json", wrong=False))
    page.route("**/nhap", lambda route: route.fulfill(status=302, headers={"Location": "/dang-nhap"}))
    page.get_by_label("Tên giấy tờ").fill("x")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Mất kết nối", timeout=5000)


def test_form_without_script_offers_the_update_button(gallery, open_page, load, registers, today, files):
    url = _form(gallery, load, registers, today, files, "1.001193/application.json", wrong=True)
    page = open_page(url, width=390, script=False)
    expect(page.locator("noscript button, button:has-text('Cập nhật tờ khai'):not(.visually-hidden)")).to_have_count(1)
    expect(page.get_by_role("button", name="+ Thêm")).to_have_count(0)
    expect(page.locator(".error-summary li").nth(10)).to_be_attached()


def test_enter_in_a_field_removes_nothing(gallery, open_page, load, registers, today, files):
    page = open_page(_form(gallery, load, registers, today, files, "2.000815/application.json", wrong=False))
    page.get_by_label("Tên giấy tờ").fill("Bằng")
    with page.expect_request("**/gui") as sent:
        page.get_by_label("Tên giấy tờ").press("Enter")
    assert 'name="act"\r\n\r\nrefresh' in sent.value.post_data_buffer.decode(errors="replace")
