"""A diagram that came without a drawing: laid out by itself, shown everywhere, and its content stays as it came."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from engine.definitions.round_trip import lost
from tests.webapp.test_studio_panel import Drawing

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_DIAGRAM = re.compile(rb"<((?:[\w.-]+:)?)BPMNDiagram\b.*?</\1BPMNDiagram\s*>", re.DOTALL)
LANES = Path(__file__).resolve().parents[1] / "bpmn/gate/corpus/signavio.bpmn"


def stored(drawing: Drawing) -> bytes:
    address = f"{drawing.analyst.server}/studio/{drawing.draft}/source/process.bpmn"
    return bytes(drawing.analyst.context.request.get(address).body())


def put(drawing: Drawing, content: bytes) -> None:
    """Store a file as another tool would send it."""
    request, page = drawing.analyst.context.request, drawing.page
    address = f"{drawing.analyst.server}/studio/{drawing.draft}/source/process.bpmn"
    csrf = page.evaluate("() => JSON.parse(document.getElementById('studio-page').textContent).csrf")
    tag = request.get(address).headers["etag"]
    answer = request.put(address, data=content, headers={"If-Match": tag, "X-CSRFToken": csrf})
    assert answer.ok, answer.text()


@pytest.fixture
def undrawn(people: Any) -> tuple[Drawing, bytes]:
    """A draft whose diagram has no drawing, open in the modeller."""
    drawing = Drawing(people("phuc"))
    content = _DIAGRAM.sub(b"", stored(drawing))
    put(drawing, content)
    drawing.analyst.open(f"/studio/{drawing.draft}/diagram")
    drawing.analyst.drawn()
    return drawing, content


def test_undrawn_diagram_opens_and_is_kept_as_it_came(undrawn: tuple[Drawing, bytes]) -> None:
    drawing, content = undrawn
    page = drawing.page
    expect(page.locator("[data-status]")).to_have_text("Tệp không có hình vẽ; đã tự sắp xếp. Nội dung giữ nguyên")
    drawing.choose("appraise")
    expect(drawing.panel.get_by_label("Vai trò")).to_have_value("specialist")
    assert drawing.saved() == content
    drawing.analyst.clean()
    drawing.panel.get_by_label("Tên", exact=True).fill("Thẩm định kỹ")
    changed = drawing.saved()
    assert b"BPMNShape" in changed  # the drawing is kept from now on
    assert lost(content.replace("Thẩm định hồ sơ".encode(), "Thẩm định kỹ".encode()), changed) == ()
    drawing.analyst.open(f"/studio/{drawing.draft}/diagram")
    drawing.analyst.drawn()
    expect(page.locator("[data-status]")).to_have_text("Sẵn sàng")


def test_undrawn_diagram_is_shown_where_scenarios_are_played_and_versions_compared(
    undrawn: tuple[Drawing, bytes],
) -> None:
    drawing, content = undrawn
    page = drawing.page
    drawing.analyst.open(f"/studio/{drawing.draft}/scenarios")
    page.get_by_role("button", name="Chạy mọi kịch bản").click()
    page.get_by_text("Mọi đường đã qua").wait_for()
    drawing.analyst.drawn()
    expect(page.locator('[data-view] [data-element-id="appraise"]').first).to_be_visible()
    drawing.analyst.clean()
    assert stored(drawing) == content


def test_file_with_lanes_and_no_drawing_is_opened_from_disk(people: Any, tmp_path: Path) -> None:
    drawing = Drawing(people("phuc"))
    file = tmp_path / "khac.bpmn"
    file.write_bytes(_DIAGRAM.sub(b"", LANES.read_bytes()))
    assert b"BPMNShape" not in file.read_bytes()
    drawing.page.set_input_files("[data-open-file]", str(file))
    lane = re.search(rb'<(?:[\w.-]+:)?lane id="([^"]+)"', file.read_bytes())
    assert lane is not None
    expect(drawing.page.locator(f'.djs-shape[data-element-id="{lane[1].decode()}"]')).to_be_visible()
    expect(drawing.page.locator("[data-status]")).to_contain_text("Đã lưu")
    assert stored(drawing) == file.read_bytes()
