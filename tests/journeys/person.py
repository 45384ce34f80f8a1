"""A person at a screen: signs in, clicks, waits for the office, and looks at each page with axe."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from connectors.files.preview import preview
from tests.looks import looks_right
from webapp.demo.people import PASSWORD


class PersonAtScreen:
    """One person's browser. ``complaints`` is what its console said of our own pages."""

    def __init__(self, *, context: Any, server: str, name: str) -> None:
        self.context, self.server, self.name = context, server, name
        self.page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.clicks = 0
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, line: Any) -> None:
        """A form sent back (422) is an answer, not a fault."""
        if line.type in {"error", "warning"} and "422" not in line.text and self.server in self.page.url:
            self.complaints.append(f"{self.page.url}: {line.text}")

    def sign_in(self, login: str) -> None:
        """Sign in with the password."""
        self.page.goto("/sign-in")
        self.page.get_by_label("Tên đăng nhập").fill(login)
        self.page.get_by_label("Mật khẩu").fill(PASSWORD)
        self.page.locator("main").get_by_role("button", name="Đăng nhập").click()
        expect(self.page.locator(".account__name")).to_have_text(self.name)

    def go(self, path: str) -> None:
        """Open an address of the product."""
        self.page.goto(path)

    def click(self, role: str, name: str) -> None:
        """Click a link or button of the main part by its words; counted."""
        self.clicks += 1
        self.page.locator("main").get_by_role(role, name=name).first.click()

    def sees(self, *words: str) -> None:
        """The page says all of it."""
        for word in words:
            expect(self.page.locator("main")).to_contain_text(word)

    def waits_for(self, words: str) -> None:
        """Look again until the page says so: the office and the worker are at work meanwhile."""
        deadline = time.monotonic() + 45
        while words not in self.page.locator("main").inner_text():
            assert time.monotonic() < deadline, f"{self.page.url} never said {words!r}"
            self.page.wait_for_timeout(250)
            self.page.reload()

    def looks(self) -> None:
        """The present screen keeps WCAG 2.2 AA on a phone and on a desk and is not wider than either."""
        self.page.wait_for_load_state()
        looks_right(self.page)

    def downloads(self, role: str, name: str) -> bytes:
        """Click what downloads a file; its content."""
        with self.page.expect_download() as download:
            self.page.locator("main").get_by_role(role, name=name).first.click()
        return Path(download.value.path()).read_bytes()

    def opens(self, name: str) -> bytes:
        """What the link of these words leads to, with this person's rights."""
        address = self.page.locator("main").get_by_role("link", name=name).first.get_attribute("href")
        answer = self.context.request.get(address)
        assert answer.ok, f"{address}: {answer.status}"
        return bytes(answer.body())

    def completes(self) -> None:
        """Finish the step whose form is filled in."""
        self.page.get_by_role("button", name="Hoàn thành bước này").click()
        expect(self.page.locator(".banner--success").first).to_contain_text("Đã xong")

    def takes(self, number: str) -> None:
        """Find the dossier in the inbox and claim its step."""
        self.go("/inbox")
        self.waits_for(number)
        self.page.get_by_role("link", name=number).click()
        self.page.get_by_role("button", name="Nhận việc này").first.click()
        expect(self.page.locator("h1")).to_contain_text(number)


def codes(pdf: bytes, page: int = 1) -> list[str]:
    """The texts of the QR codes printed on a page of a PDF (from 1)."""
    picture = Image.open(io.BytesIO(preview(pdf, "application/pdf", page=page, width=1600)))
    return [found.text for found in zxingcpp.read_barcodes(picture)]
