"""The modeller's panel, keyboard and hints in a real browser; what it writes is what the engine reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import expect

from engine.bpmn import guard
from engine.bpmn.diagram import Node
from tests.webapp.analyst import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Drawing:
    """An analyst at the modeller of a draft from the template with a fee."""

    def __init__(self, analyst: Person) -> None:
        self.analyst, self.page = analyst, analyst.page
        analyst.page.set_viewport_size({"width": 1440, "height": 900})
        analyst.open("/studio/new")
        card = self.page.get_by_role("region", name="Từ mẫu")
        card.get_by_label("Mã thủ tục").fill("9.000001")
        card.get_by_label("Tên thủ tục").fill("Thủ tục thử")
        card.locator('[value="fee"]').check()
        card.get_by_role("button", name="Tạo từ mẫu").click()
        self.page.get_by_role("heading", name="Kết quả kiểm tra").wait_for()
        self.draft = str(self.page.url.rstrip("/").rpartition("/")[2])
        analyst.open(f"/studio/{self.draft}/diagram")
        analyst.drawn()
        self.panel = self.page.locator("[data-panel]")

    def choose(self, element: str) -> None:
        """Select an element of the diagram."""
        self.page.locator(f'[data-element-id="{element}"]').first.click()

    def choose_flow(self, flow: str) -> None:
        """Select a sequence flow by its middle: a straight line has no size of its own to be clicked on."""
        box = self.page.locator(f'.djs-connection[data-element-id="{flow}"]').bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def saved(self) -> bytes:
        """Save, and what is stored then."""
        self.page.get_by_role("button", name="Lưu", exact=True).click()
        expect(self.page.locator(".studio-status--ok")).to_be_visible()
        expect(self.page.locator("[data-status]")).to_contain_text("Đã lưu")
        address = f"{self.analyst.server}/studio/{self.draft}/source/process.bpmn"
        return bytes(self.analyst.context.request.get(address).body())

    def node(self, element: str) -> Node:
        """An element as the engine reads the stored diagram."""
        checked = guard.inspect({"process.bpmn": self.saved()})
        return next(node for diagram in checked.diagrams for node in diagram.nodes if node.id == element)


def own(node: Node) -> dict[str, str]:
    """What the product adds to a step, as the engine and ``motcua check`` read it."""
    return {
        name.removeprefix("motcua:"): value for name, value in node.attributes.items() if name.startswith("motcua:")
    }


@pytest.fixture
def drawing(people: Any) -> Iterator[Drawing]:
    """The modeller, open; nothing wrong may stand in the console at the end."""
    found = Drawing(people("phuc"))
    yield found
    assert found.analyst.said == []


def test_panel_writes_what_the_engine_reads(drawing: Drawing) -> None:
    drawing.choose("appraise")
    panel = drawing.panel
    panel.get_by_label("Vai trò").select_option("leader")
    panel.get_by_label("Đơn vị làm việc này").fill("unit.code")
    panel.get_by_label("Thời hạn của bước").fill("1,5")
    panel.get_by_label("Tính theo").select_option("WORKING_DAY")
    panel.get_by_label("Khác người làm bước").fill("take_in")
    panel.get_by_label("Biểu mẫu").select_option("sign")
    node = drawing.node("appraise")
    assert own(node) == {
        "role": "leader", "unit": "unit.code", "timeLimit": "1.5 WORKING_DAY", "differentFrom": "take_in",
        "form": "sign", "result": "appraise",
    }  # fmt: skip
    drawing.choose("make_result")
    panel.locator(".prop", has_text="template ·").locator("textarea").fill('"refusal"')
    panel.get_by_label("Hệ thống làm gì").focus()
    node = drawing.node("make_result")
    assert own(node)["operation"] == "letter.render"
    assert {mapping.target: mapping.source for mapping in node.mappings}["template"] == '"refusal"'


def test_operation_changes_its_parameters(drawing: Drawing) -> None:
    drawing.choose("take_number")
    drawing.panel.get_by_label("Hệ thống làm gì").select_option("notify.send")
    expect(drawing.panel.locator("textarea.code").first).to_be_visible()
    required = drawing.panel.locator("label", has_text=" *").all_inner_texts()
    assert required
    node = drawing.node("take_number")
    assert own(node)["operation"] == "notify.send"
    listed = drawing.page.locator("[data-problems] li")
    expect(listed.first).to_be_visible()  # what is required and not given is told


def test_copied_step_keeps_what_it_is(drawing: Drawing) -> None:
    page = drawing.page
    for element in ("appraise", "make_result"):
        before = drawing.node(element)
        drawing.choose(element)
        page.keyboard.press("Control+c")
        page.keyboard.press("Control+v")
        page.mouse.move(700, 620)
        page.mouse.move(705, 625)
        page.mouse.click(705, 625)
        copied = drawing.panel.get_by_label("ID")
        expect(copied).not_to_have_value(element)
        after = drawing.node(str(copied.input_value()))
        assert (after.kind, after.name) == (before.kind, before.name)
        assert own(after) == own(before)
        assert after.mappings == before.mappings
        page.keyboard.press("Control+z")
        expect(page.locator(f'[data-element-id="{after.id}"]')).to_have_count(0)


def test_keyboard_undoes_redoes_deletes_and_saves(drawing: Drawing) -> None:
    page = drawing.page
    drawing.choose("appraise")
    page.keyboard.press("Delete")
    expect(page.locator('[data-element-id="appraise"]')).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator('.djs-shape[data-element-id="appraise"]')).to_have_count(1)
    page.keyboard.press("Control+y")
    expect(page.locator('[data-element-id="appraise"]')).to_have_count(0)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+s")
    expect(page.locator(".studio-status--ok")).to_be_visible()
    page.keyboard.press("Control+f")
    page.keyboard.type("Thẩm định")
    page.keyboard.press("Enter")
    expect(drawing.panel.get_by_label("ID")).to_have_value("appraise")


def test_minimap_opens_and_shows_the_diagram(drawing: Drawing) -> None:
    toggle = drawing.page.locator(".djs-minimap .toggle")
    expect(toggle).to_have_attribute("title", "Mở bản đồ nhỏ")
    toggle.click()
    expect(drawing.page.locator(".djs-minimap.open .map")).to_be_visible()
    expect(drawing.page.locator('.djs-minimap [id*="appraise"], .djs-minimap .map rect').first).to_be_attached()
    drawing.analyst.clean()


def test_expression_is_completed_with_labels_and_tried_while_typing(drawing: Drawing) -> None:
    drawing.choose_flow("flow_appraised_take_number")
    area = drawing.panel.get_by_label("Đi đường này khi (FEEL)")
    area.fill("")
    area.press_sequentially("appraise.ket")
    offer = drawing.panel.get_by_role("button", name="appraise.ket_luan")
    expect(offer).to_contain_text("Thẩm định hồ sơ: ")
    area.press("ArrowDown")
    expect(offer).to_be_focused()
    drawing.page.keyboard.press("Enter")
    expect(area).to_have_value("appraise.ket_luan")
    expect(area).to_be_focused()
    value = drawing.panel.locator(".feel-value").first
    expect(value).to_have_text('Với dữ liệu mẫu: "approve"')
    area.press_sequentially(' = "decline"')
    expect(value).to_have_text("Với dữ liệu mẫu: false")
    area.press_sequentially(" +")
    expect(value).to_have_class("feel-value feel-value--wrong")
    area.fill("fee.am")
    expect(drawing.panel.get_by_role("button", name="fee.amount")).to_contain_text("Tính phí: amount")
    area.press("Escape")
    expect(drawing.panel.get_by_role("button", name="fee.amount")).to_have_count(0)
    area.fill('appraise.ket_luan = "approve"')
    drawing.analyst.clean()


def test_saving_does_not_take_the_field_away_from_who_writes(drawing: Drawing) -> None:
    drawing.choose("appraise")
    drawing.panel.get_by_label("Vai trò").select_option("")
    name = drawing.panel.get_by_label("Tên", exact=True)
    name.focus()
    name.press("End")
    name.press_sequentially(" (lần")
    expect(drawing.page.locator(".studio-status--ok")).to_be_visible()  # saved by itself meanwhile
    expect(drawing.panel.locator(".finding--error")).to_contain_text("vai trò")
    expect(name).to_be_focused()
    name.press_sequentially(" 2)")
    expect(name).to_have_value("Thẩm định hồ sơ (lần 2)")
    assert drawing.node("appraise").name == "Thẩm định hồ sơ (lần 2)"


def test_finding_leads_to_its_element(drawing: Drawing) -> None:
    page = drawing.page
    drawing.choose("appraise")
    drawing.panel.get_by_label("Vai trò").select_option("")
    drawing.saved()
    drawing.choose("started")
    expect(drawing.panel.get_by_label("ID")).to_have_value("started")
    page.locator("[data-problems]").get_by_role("button", name="Việc này chưa có vai trò hợp lệ").click()
    expect(drawing.panel.get_by_label("ID")).to_have_value("appraise")
    expect(drawing.panel.locator(".finding--error")).to_contain_text("vai trò")
    drawing.choose("started")
    page.locator(".badge--error").click()
    expect(drawing.panel.get_by_label("ID")).to_have_value("appraise")
    drawing.analyst.open(f"/studio/{drawing.draft}")
    page.get_by_role("link", name="Việc này chưa có vai trò hợp lệ").click()
    drawing.analyst.drawn()
    expect(drawing.panel.get_by_label("ID")).to_have_value("appraise")


def test_table_with_a_gap_and_an_overlap_is_told_with_examples(drawing: Drawing) -> None:
    analyst, page = drawing.analyst, drawing.page
    address = f"{analyst.server}/studio/{drawing.draft}/source/decisions.dmn"
    kept = analyst.context.request.get(address)
    tree = etree.fromstring(kept.body())
    space = {"d": etree.QName(tree).namespace}
    table = tree.find(".//d:decisionTable", space)
    assert table is not None
    table.set("hitPolicy", "UNIQUE")
    rules = table.findall("d:rule", space)
    first = rules[0].find("d:inputEntry/d:text", space)
    assert first is not None
    first.text = '"online"'
    again = etree.fromstring(etree.tostring(rules[0]))
    for one in [again, *again.iter("{*}inputEntry", "{*}outputEntry")]:
        one.set("id", f"{one.get('id')}_again")
    rules[-1].addnext(again)
    for rule in rules[1:]:
        table.remove(rule)
    csrf = page.evaluate("() => JSON.parse(document.getElementById('studio-page').textContent).csrf")
    answer = analyst.context.request.put(
        address, data=etree.tostring(tree), headers={"If-Match": kept.headers["etag"], "X-CSRFToken": csrf}
    )
    assert answer.ok, answer.text()
    analyst.open(f"/studio/{drawing.draft}/tables")
    analyst.drawn()
    problems = page.locator("[data-problems] li")
    expect(problems.filter(has_text="dmn-gap").first).to_be_visible()
    expect(problems.filter(has_text="dmn-overlap").first).to_be_visible()
    analyst.clean()
