"""Comparing versions: changes are named by element and place, drawing again is none."""

from __future__ import annotations

from engine.definitions.comparison import compare, elements_changed, values_changed
from webapp.screens.studio.shared_parts import template_files

BPMN = template_files()["fee/process.bpmn"].decode()


def test_equal_versions_have_no_change() -> None:
    assert compare({"process.bpmn": BPMN.encode()}, {"process.bpmn": BPMN.encode()}) == ()


def test_moved_shape_is_only_redrawn() -> None:
    moved = BPMN.replace('x="970"', 'x="971"').replace('x="162"', 'x="163"')
    changes = compare({"process.bpmn": BPMN.encode()}, {"process.bpmn": moved.encode()})
    assert [change.change for change in changes] == ["redrawn"]


def test_renamed_step_is_changed_with_both_names() -> None:
    changes = elements_changed(BPMN.encode(), BPMN.replace("Thẩm định hồ sơ", "Kiểm tra").encode())
    assert [(one.id, one.change, one.what) for one in changes] == [
        ("appraise", "changed", (("name", "Thẩm định hồ sơ", "Kiểm tra"),))
    ]


def test_changed_condition_names_its_flow() -> None:
    changes = elements_changed(BPMN.encode(), BPMN.replace('outcome = "accept"', 'outcome != "decline"').encode())
    assert [one.id for one in changes] == ["flow_taken_in_appraise_again"]


def test_changed_mapping_names_its_variable() -> None:
    changes = elements_changed(BPMN.encode(), BPMN.replace('>"phi"<', '>"khac"<').encode())
    assert [(one.id, one.what) for one in changes] == [("take_in", (("input fee_item", '"phi"', '"khac"'),))]


def test_removed_and_added_elements_are_told_apart() -> None:
    changes = elements_changed(BPMN.encode(), BPMN.replace('"not_taken"', '"declined"').encode())
    assert {(one.id, one.change) for one in changes} >= {("not_taken", "removed"), ("declined", "added")}


def test_list_items_are_told_apart_by_code() -> None:
    before = {"papers": [{"code": "a", "name": "A"}, {"code": "b", "name": "B"}]}
    after = {"papers": [{"code": "b", "name": "B"}]}
    assert [change.place for change in values_changed(before, after)] == ["papers[a].code", "papers[a].name"]


def test_manifest_comes_first_and_shared_parts_last() -> None:
    before: dict[str, bytes] = {}
    after = {"shared/intake.bpmn": b"<x/>", "CHANGES.md": b"x", "procedure.json": b"{}"}
    assert [change.name for change in compare(before, after)] == ["procedure.json", "CHANGES.md", "shared/intake.bpmn"]
