"""How a page looks in a real browser: WCAG 2.2 AA by axe, nothing wider than the screen, focus that is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

#: A phone and a desk, in pixels.
WIDTHS = (390, 1440)
#: The rules a page has to keep: WCAG 2.2 A and AA.
_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
_TOO_WIDE = """element => Math.max(
    element.scrollWidth - element.clientWidth, document.querySelector("main").scrollWidth - window.innerWidth)"""
#: Whether the focus is on the page and, if so, what has it and how thick a line is around it.
_FOCUS = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    if (element === document.body) return null;
    const name = element.getAttribute("aria-label") || element.textContent;
    return [name.trim().replace(/\\s+/g, " "), style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth)];
}"""


def violations(page: Any) -> list[tuple[str, str]]:
    """Each rule that the page breaks as it is now, with the first place."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, options=_RULES).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found]


def too_wide(page: Any) -> int:
    """By how many pixels the page is wider than the screen; at most zero when it is not."""
    return int(page.locator("html").evaluate(_TOO_WIDE))


def looks_right(page: Any, widths: Sequence[int] = WIDTHS) -> None:
    """The page keeps the rules at each width and is not wider; the last width stays."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == [], f"{page.url} at {width} px"
        excess = too_wide(page)
        assert excess <= 0, f"{page.url} is {excess} px too wide at {width} px"


def stops(page: Any, *, most: int = 100) -> list[str]:
    """What the Tab key stops at from the top of the page to its end; each stop shows that it has the focus."""
    found: list[str] = []
    page.locator("body").evaluate("() => document.activeElement.blur()")
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        if focus is None:
            return found
        name, line = focus
        assert line >= 2, f"{page.url}: nobody sees that {name!r} has the focus"
        found.append(name)
    raise AssertionError(f"{page.url} does not end after {most} stops: {found[-3:]}")
