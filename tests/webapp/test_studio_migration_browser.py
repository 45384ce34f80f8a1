"""Moving dossiers in real browsers: one goes and comes back, one has moved on and stays, one is past taking back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.commands.desk import PREPARE
from tests.commands.test_migration import BASIS, CODE, Files, Move, renamed_step
from tests.webapp.analyst import Person
from webapp.bootstrap import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass(frozen=True, slots=True)
class Standing:
    """Three dossiers of the older version, all at the step that the newer one draws otherwise."""

    move: Move
    goes: str
    moves_on: str
    steps_after: str


def _elsewhere(act: Callable[[], Any]) -> Any:
    """Run what may sign in a thread of its own: Playwright's event loop occupies this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act).result()


def _renamed(files: Files) -> Files:
    """The open step has another name and a limit of its own, the same people do it; the term is two working days."""
    changed = renamed_step(files)
    limited = b'role="specialist" motcua:timeLimit="4 HOUR"'
    return changed | {"process.bpmn": changed["process.bpmn"].replace(b'role="clerk"', limited)}


@pytest.fixture
def standing(product: Product) -> Standing:
    """Two versions and three open dossiers, made before the product is served."""

    def made() -> Standing:
        move = Move(product, _renamed)
        found = Standing(move, *(move.desk.received() for _ in range(3)))
        move.publish()
        return found

    return _elsewhere(made)  # type: ignore[no-any-return]


def _in_english(person: Person) -> None:
    """The page as it is, checked in English, then back."""
    here = person.page.url
    for language in ("en", "vi"):
        person.page.goto(f"{here}{'&' if '?' in here else '?'}lang={language}")
        expect(person.page.locator("html")).to_have_attribute("lang", language)
        if language == "en":
            person.clean()
    person.page.goto(here)


def _row(person: Person, number: str) -> Any:
    return person.page.locator("main tbody tr").filter(has_text=number)


def test_dossiers_are_moved_and_taken_back_in_the_browser(standing: Standing, people: Any) -> None:
    author, approver, move = people("phuc"), people("giang"), standing.move
    page = author.page
    author.open(f"/studio/procedure/{CODE}")
    page.get_by_role("link", name="Chuyển hồ sơ sang phiên bản khác").click()
    for number in (standing.goes, standing.moves_on, standing.steps_after):
        expect(_row(author, number)).to_contain_text("+48.0 giờ")
    author.clean()
    _in_english(author)
    page.get_by_label("Căn cứ pháp lý").fill(BASIS)
    page.get_by_role("button", name="Lập kế hoạch, chờ người khác duyệt").click()
    expect(page.get_by_text("Bạn đã lập kế hoạch này, nên người khác phải duyệt.")).to_be_visible()
    expect(page.get_by_role("button", name="Duyệt và chuyển 3 hồ sơ")).to_have_count(0)
    author.clean()
    plan = page.url

    _elsewhere(lambda: move.desk.demo.complete("hoa", standing.moves_on, "prepare", PREPARE))
    approver.page.goto(plan)
    approver.clean()
    _in_english(approver)
    approver.page.get_by_role("button", name="Duyệt và chuyển 3 hồ sơ").click()
    page = approver.page
    expect(page.get_by_text("3 / 3 hồ sơ")).to_be_visible()
    expect(_row(approver, standing.goes)).to_contain_text("Đã chuyển")
    stayed = _row(approver, standing.moves_on)
    expect(stayed).to_contain_text("Không chuyển, giữ nguyên")
    expect(stayed).to_contain_text("Lập bản sao chứng thực: bước này đã qua hoặc đang chạy mà bản mới vẽ khác")
    approver.clean()
    _in_english(approver)
    assert move.desk.dossier(standing.goes).digest == move.target
    assert move.desk.dossier(standing.moves_on).digest == move.source

    _elsewhere(lambda: move.desk.demo.complete("hoa", standing.steps_after, "prepare", PREPARE))
    page.reload()
    expect(_row(approver, standing.steps_after)).to_contain_text("không hoàn tác được nữa")
    expect(_row(approver, standing.steps_after).get_by_role("checkbox")).to_have_count(0)
    page.get_by_label("Lý do hoàn tác").fill("Nhầm căn cứ")
    page.get_by_role("button", name="Hoàn tác").click()
    expect(_row(approver, standing.goes)).to_contain_text("Đã hoàn tác", timeout=20_000)
    expect(_row(approver, standing.steps_after)).to_contain_text("Đã chuyển")
    expect(page.get_by_role("button", name="Hoàn tác")).to_have_count(0)
    # While something is still on its way the page comes anew every two seconds, which axe takes amiss.
    expect(page.locator('meta[http-equiv="refresh"]')).to_have_count(0, timeout=20_000)
    approver.clean()
    assert move.desk.dossier(standing.goes).digest == move.source
    assert move.desk.dossier(standing.steps_after).digest == move.target
    everyone = (standing.goes, standing.moves_on, standing.steps_after)
    assert _elsewhere(lambda: [move.findings(number) for number in everyone]) == [()] * 3
