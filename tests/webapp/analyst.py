"""Somebody at a browser of their own, for the studio's tests.

``MOTCUA_SCREENSHOTS=<folder>`` keeps the pictures of docs/authoring.md.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from PIL import Image

from tests.looks import looks_right
from webapp.demo.people import PASSWORD


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, browser: Any, server: str, login: str, *, width: int = 1440) -> None:
        self.server = server
        self.context = browser.new_context(viewport={"width": width, "height": 900}, locale="vi-VN")
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.said: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto(f"{server}/sign-in")
        self.page.fill("#login", login)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")

    def _heard(self, message: Any) -> None:
        wanted = message.type == "error" and not any(text in message.text for text in ("Inferno", "422", "412"))
        if wanted:
            self.said.append(message.text)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.server}{path}")

    def drawn(self) -> None:
        """Wait until the page's script has drawn."""
        self.page.locator('html[data-studio="ready"]').wait_for()

    def picture(self, name: str) -> None:
        """A picture for the tutorial, below 150 KB."""
        folder = os.environ.get("MOTCUA_SCREENSHOTS")
        if not folder:
            return
        shot = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        shot = shot.resize((1100, round(shot.height * 1100 / shot.width)))
        shot.quantize(128).save(Path(folder) / f"authoring-{name}.png", optimize=True)

    def clean(self) -> None:
        """No violation by axe, nothing wider than the screen, no error in the console, on a desk and a phone."""
        looks_right(self.page)
        assert self.said == []
