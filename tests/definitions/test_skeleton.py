"""A skeleton is valid at once; shared diagrams that nothing calls are no part of a version."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands.draft_problems import package_of, problems_of
from engine.definitions import skeleton
from engine.definitions.national_catalogue import fill_manifest, parse_entry
from engine.errors import InvalidInput, NotFound
from webapp.calendar_files import read_functions


@pytest.mark.parametrize("key", ["fee", "free"])
def test_every_template_is_valid_at_once(
    key: str, entry: dict[str, Any], shared: dict[str, bytes], templates: dict[str, bytes]
) -> None:
    filled = fill_manifest(parse_entry(entry))
    if key == "free":
        filled.manifest["fees"] = []
    files = shared | skeleton.from_template(templates, key, filled.manifest, filled.fees)
    errors = [problem for problem in problems_of(files, functions=read_functions()) if problem.severity == "error"]
    assert errors == []


def test_names_with_marks_and_brackets_stay_well_formed(
    entry: dict[str, Any], shared: dict[str, bytes], templates: dict[str, bytes]
) -> None:
    entry["name"] = 'Cấp "giấy" <A> & \\ B'
    filled = fill_manifest(parse_entry(entry))
    files = shared | skeleton.from_template(templates, "fee", filled.manifest, filled.fees)
    assert [p for p in problems_of(files, functions=read_functions()) if p.severity == "error"] == []


def test_fee_of_each_channel_becomes_a_row(entry: dict[str, Any], templates: dict[str, bytes]) -> None:
    manifest = fill_manifest(parse_entry(entry)).manifest
    table = skeleton.from_template(templates, "fee", manifest, {"online": 5000, "desk": 10000})[
        "decisions.dmn"
    ].decode()
    assert '<text>"online"</text>' in table
    assert table.index("5000") < table.rindex("10000")
    assert "<text>-</text>" in table  # whatever else comes: the higher fee


def test_uncalled_shared_diagrams_are_left_out(
    entry: dict[str, Any], shared: dict[str, bytes], templates: dict[str, bytes]
) -> None:
    filled = fill_manifest(parse_entry(entry))
    files = shared | skeleton.from_template(templates, "fee", filled.manifest, filled.fees)
    kept = {name for name in package_of(files).files if name.startswith("shared/") and name.endswith(".bpmn")}
    assert kept == {"shared/intake.bpmn", "shared/fee.bpmn", "shared/supplement.bpmn", "shared/settle.bpmn"}


def test_blank_draft_says_what_is_missing(shared: dict[str, bytes]) -> None:
    files = shared | skeleton.blank(skeleton.blank_manifest("9.000001", "Thủ tục mới"))
    codes = {problem.code for problem in problems_of(files, functions=read_functions())}
    assert "manifest-invalid" in codes  # no time limit is invented


def test_unknown_template_is_refused(entry: dict[str, Any], templates: dict[str, bytes]) -> None:
    filled = fill_manifest(parse_entry(entry))
    for key in ("none", "../fee", "common"):
        with pytest.raises(NotFound):
            skeleton.from_template(templates, key, filled.manifest, {})


@pytest.mark.parametrize(("code", "name"), [("abc", "Tên"), ("9.000001", " "), ("9.000001", "x" * 501)])
def test_blank_needs_a_code_and_a_name(code: str, name: str) -> None:
    with pytest.raises(InvalidInput):
        skeleton.blank_manifest(code, name)
