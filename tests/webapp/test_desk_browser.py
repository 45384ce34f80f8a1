"""The desk's other screens in a real browser: the counter by keyboard and scanner, and every screen at both widths."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from engine.commands.comments import AddComment, WatchDossier
from engine.commands.saved_filters import SaveFilter
from engine.store.desk_records import Batch, BatchItem
from tests.conftest import person
from tests.looks import looks_right
from tests.webapp.office import Office
from tests.webapp.test_official_browser import desk, vendor
from webapp.demo.run import sample_paper

__all__ = ["desk", "vendor"]
pytestmark = pytest.mark.browser
#: What a scanner types from the code of an identity card.
CARD = "038088005678||Lê Quang Hùng|20111988|Nam|phường Hạc Thành|01012022"


def test_counter_by_keyboard_files_two_dossiers_for_one_citizen(desk: Any, office: Office, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    scan = tmp_path / "scan.png"
    Image.open(io.BytesIO(sample_paper(office.product.clock.now()))).save(scan)
    page = desk("binh")
    page.goto("/counter")
    expect(page.locator("#id")).to_be_focused()  # the scanner may shoot at once
    looks_right(page)
    page.keyboard.type(CARD)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Đang tiếp: Lê Quang Hùng")
    for place in (1, 2):
        expect(page.locator("#procedure")).to_be_focused()
        page.keyboard.type("2.000815")
        page.keyboard.press("Enter" if place == 0 else "Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".known").first).to_contain_text("Lê Quang Hùng")
        page.get_by_label("Tên giấy tờ").fill(f"Bằng tốt nghiệp {place}")
        page.get_by_label("Loại giấy tờ").select_option("van_bang")
        page.get_by_label("Họ tên ghi trên giấy tờ").fill("Lê Quang Hùng")
        page.get_by_label("Số, ký hiệu ghi trên giấy tờ").fill(f"QH-2012/045{place}")
        page.get_by_label("Số trang của bản chính").fill("1")
        page.get_by_label("Số bản sao giấy").fill("1")
        page.locator('input[type="file"]').set_input_files(str(scan))
        page.locator('[name="nhan.hinh_thuc"][value="desk"]').check()
        page.get_by_label("Tôi cam đoan").check()
        page.locator('.actions button[value="submit"]').click()
        page.get_by_role("button", name="Nộp hồ sơ").click()
        expect(page.locator(".banner--success")).to_contain_text("Đã nộp hồ sơ")
        expect(page.locator("main section")).to_have_count(place)
    looks_right(page)


def test_desk_screens_are_accessible_full_and_empty(desk: Any, office: Office) -> None:
    product = office.product
    hoa = person(product, "hoa")
    product.bus.execute(WatchDossier(dossier=office.desk), hoa)
    product.bus.execute(AddComment(dossier=office.desk, text="Bản chính mờ dấu"), person(product, "binh"))
    product.bus.execute(SaveFilter(name="Chứng thực", query={"q": "chung thuc"}, unit="H56.12"), hoa)
    page = desk("hoa")
    for path in ("/notices", "/notices?show=all", "/inbox?tab=unit&q=khong+co+gi", "/inbox/filters", "/bulk", "/leave"):
        page.goto(path)
        looks_right(page)
    page.goto(f"/dossiers/{office.desk}")
    page.get_by_text("Chưa làm được lúc này, vì sao").click()
    looks_right(page)
    page = desk("toan")
    for path in ("/notices", "/board", "/board?period=day&lang=en", "/board/early-warning", "/settings", "/register"):
        page.goto(path)
        looks_right(page)
    page.goto("/bulk?procedure=2.000815&node=sign&lang=vi")
    looks_right(page)


def test_progress_of_many_goes_on_without_a_reload_and_leaves_the_focus(desk: Any, office: Office) -> None:
    from playwright.sync_api import expect

    items = _begun(office, office.desk, office.sign)
    page = desk("binh")
    page.goto("/bulk/many")
    page.evaluate("window.stays = true")
    expect(page.locator("main")).to_contain_text("0 / 2 hồ sơ")
    page.get_by_role("link", name=office.sign).focus()
    _done(office, items[0])
    expect(page.locator("main")).to_contain_text("1 / 2 hồ sơ")
    expect(page.get_by_role("link", name=office.sign)).to_be_focused()
    looks_right(page)
    page.get_by_role("link", name=office.sign).focus()
    _done(office, items[1])
    expect(page.locator("h1")).to_have_text("Đã xong")
    expect(page.get_by_role("link", name=office.sign)).to_be_focused()
    expect(page.locator("p[role=status].visually-hidden")).to_have_text("Đã xong")
    expect(page).to_have_title(re.compile("2/2"))
    assert page.evaluate("window.stays"), "the page was never loaded again"


def _begun(office: Office, *numbers: str) -> list[BatchItem]:
    """A batch of somebody's that nobody works on."""
    now = office.product.clock.now()
    batch = Batch(
        id="many", login="binh", name="", kind="claim", data={}, total=len(numbers), created_at=now, done_at=None
    )
    items = [
        BatchItem(
            batch="many", position=place, task="", dossier=number, revision=1, state="waiting", code="", message="",
            at=None,
        )
        for place, number in enumerate(numbers)
    ]  # fmt: skip
    with office.product.database.begin() as uow:
        uow.batches.add(batch, items)
    return items


def _done(office: Office, item: BatchItem) -> None:
    with office.product.database.begin() as uow:
        uow.batches.record(item, state="done", code="", message="", at=office.product.clock.now())


def test_progress_of_many_without_script_reloads_itself(desk: Any, office: Office) -> None:
    _begun(office, office.desk)
    page = desk("binh", script=False)
    page.goto("/bulk/many")
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "8"
