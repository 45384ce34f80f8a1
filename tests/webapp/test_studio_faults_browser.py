"""A fault recorded in a real browser: the text reader is down when the citizen files, and is mended."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_fault_before_filing_is_recorded_and_mended_in_the_browser(people: Any) -> None:
    analyst = people("phuc")
    page = analyst.page
    analyst.open("/studio/new")
    page.get_by_label("Chép từ").select_option(label="2.000815 – Chứng thực bản sao từ bản chính")
    page.get_by_role("button", name="Soạn phiên bản mới").click()
    page.get_by_role("link", name="Chạy thử", exact=True).click()
    page.fill("#s-name", "ocr-hong")
    page.fill("#s-title", "OCR hỏng khi nộp")
    page.get_by_role("button", name="Ghi kịch bản mới").click()

    outside = page.get_by_role("complementary")
    outside.get_by_label("Làm hỏng").select_option("ocr")
    outside.get_by_role("button", name="Ghi làm hỏng").click()
    expect(outside.get_by_text("Đang hỏng")).to_be_visible()
    analyst.clean()
    page.get_by_role("link", name="Điền tờ khai").click()
    page.get_by_label("Số điện thoại").fill("0912000111")
    page.get_by_label("Tên giấy tờ").fill("Bằng tốt nghiệp")
    page.get_by_label("Loại giấy tờ").select_option("van_bang")
    page.get_by_label("Số trang").fill("1")
    page.get_by_label("Số bản").fill("1")
    page.check('[name="nhan.hinh_thuc"] >> nth=0')
    page.check('[name="cam_doan"]')
    page.get_by_role("button", name="Ghi bước này").click()
    expect(outside.get_by_text("Chưa kết nối được OCR")).to_be_visible()
    expect(page.get_by_text("Không còn việc nào của người")).to_be_visible()
    analyst.clean()

    outside.get_by_label("Sửa lại").select_option("ocr")
    outside.get_by_role("button", name="Ghi sửa lại").click()
    expect(outside.get_by_text("Đang hỏng")).to_have_count(0)
    page.get_by_label("Cho thời gian trôi").select_option("PT1H")
    page.get_by_role("button", name="Ghi thời gian").click()
    expect(page.get_by_role("button", name="Ghi bước nộp tiền")).to_be_visible()
    page.get_by_role("link", name="Xem và sửa bảng bước").click()
    expect(page.get_by_text("Chạy đúng như mong đợi")).to_be_visible()
    expect(page.locator("#act-0")).to_have_value("fault")
    expect(page.locator("#value-0")).to_have_value("ocr")
    analyst.clean()
