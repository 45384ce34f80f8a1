"""What ``load_form`` takes and what it refuses, with code, place and a remedy in both languages."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DefinitionRefused
from engine.forms import load_form, load_shared, shared_files
from engine.forms.pattern import matches, pattern_fault

FORMS = Path(__file__).resolve().parents[2] / "forms"
EVERY_FORM = sorted(path.relative_to(FORMS).as_posix() for path in FORMS.glob("[0-9]*/*.json"))

GOOD: dict[str, Any] = {
    "type": "object",
    "title": "Tờ khai",
    "properties": {
        "loai": {
            "type": "string",
            "title": "Loại",
            "oneOf": [{"const": "a", "title": "A"}, {"const": "b", "title": "B"}],
        },
        "ghi": {"type": "string", "title": "Ghi", "x-show-if": ["loai", "a"]},
        "ds": {
            "type": "array",
            "title": "Danh sách",
            "items": {
                "type": "object",
                "title": "Mục",
                "properties": {
                    "so": {"type": "integer", "title": "Số"},
                    "them": {"type": "string", "title": "Thêm", "x-show-if": ["../loai", "b"]},
                },
            },
        },
    },
    "required": ["loai"],
}


def _load(schema: Any, **shared: bytes):
    return load_form(json.dumps(schema).encode(), file="thu.json", shared=shared)


def _codes(source: bytes) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionRefused) as refusal:
        load_form(source, file="thu.json")
    for problem in refusal.value.problems:
        assert problem.file == "thu.json"
        assert problem.message.vi and problem.message.en and problem.remedy.vi and problem.remedy.en
    return [(problem.code, problem.element) for problem in refusal.value.problems]


def _changed(path: str, value: Any) -> bytes:
    schema = copy.deepcopy(GOOD)
    node: Any = schema
    *above, last = path.split("/")
    for part in above:
        node = node[part]
    node[last] = value
    return json.dumps(schema).encode()


def test_good_form_loads():
    form = _load(GOOD)
    assert [field.path for field in form.fields()] == [
        ("loai",),
        ("ghi",),
        ("ds",),
        ("ds", "[]", "so"),
        ("ds", "[]", "them"),
    ]


@pytest.mark.parametrize("path", EVERY_FORM)
def test_form_of_the_tree_loads_and_stands_alone(path):
    shared = load_shared(FORMS)
    form = load_form((FORMS / path).read_bytes(), file=path, shared=shared)
    again = load_form(json.dumps(form.schema).encode(), file=path)
    assert again.root == form.root


@pytest.mark.parametrize("path", EVERY_FORM)
def test_form_of_the_tree_speaks_english(path):
    form = load_form((FORMS / path).read_bytes(), file=path, shared=load_shared(FORMS))
    nodes = [form.schema]
    while nodes:
        node = nodes.pop()
        assert node["x-i18n"]["en"]["title"], node["title"]
        for key, english in (("description", "description"), ("x-message", "message"), ("x-item", "item")):
            assert key not in node or node["x-i18n"]["en"][english], node[key]
        nodes.extend(node.get("properties", {}).values())
        nodes.extend([node["items"]] if "items" in node else [])


def test_procedures_have_their_forms():
    assert {path.split("/")[0] for path in EVERY_FORM} >= {"2.000815", "1.001193", "1.013225"}
    for code in ("2.000815", "1.001193", "1.013225"):
        assert {f"{code}/{name}.json" for name in ("application", "desk", "sign", "supplement")} <= set(EVERY_FORM)


def test_shared_files_follow_references_through_fragments():
    shared = load_shared(FORMS)
    needed = shared_files((FORMS / "2.000815/application.json").read_bytes(), file="x", shared=shared)
    assert "_shared/person.json" in needed and "_shared/codes.json" in needed


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"{", "form-json"),
        (b"[]", "form-root"),
        (b'{"type": "object", "type": "string"}', "form-duplicate-key"),
        (b'{"title": NaN}', "form-json"),
        (b"\xff\xfe{}", "form-encoding"),
        (b"[" * 5000 + b"]" * 5000, "form-too-deep"),
        (b" " * 300_000, "form-too-large"),
        (b'{"a": ' * 30 + b"1" + b"}" * 30, "form-too-deep"),
    ],
)
def test_broken_file_is_refused(source, code):
    assert _codes(source)[0][0] == code


@pytest.mark.parametrize(
    ("path", "value", "code", "element"),
    [
        ("properties/loai/format", "uri", "form-keyword-value", "/properties/loai/format"),
        ("properties/loai/not", {}, "form-keyword-unknown", "/properties/loai/not"),
        ("properties/ghi/$defs", {}, "form-keyword-unknown", "/properties/ghi/$defs"),
        ("properties/ghi/x-script", "alert(1)", "form-keyword-unknown", "/properties/ghi/x-script"),
        ("properties/ghi/type", ["string", "null"], "form-type", "/properties/ghi/type"),
        ("properties/ghi/type", "null", "form-type", "/properties/ghi/type"),
        ("properties/ghi/maxLength", "9", "form-keyword-value", "/properties/ghi/maxLength"),
        ("properties/ghi/x-widget", {}, "form-keyword-value", "/properties/ghi/x-widget"),
        ("properties/ghi/x-max", "hôm nay", "form-keyword-value", "/properties/ghi/x-max"),
        ("properties/ghi/pattern", "(a+)+$", "form-pattern-risky", "/properties/ghi/pattern"),
        ("properties/ghi/pattern", "(", "form-pattern-invalid", "/properties/ghi/pattern"),
        ("properties/ghi/x-show-if", ["khong_co", "a"], "form-show-if-unknown", "/properties/ghi/x-show-if"),
        ("properties/ghi/x-show-if", ["ds", "a"], "form-show-if-unknown", "/properties/ghi/x-show-if"),
        ("properties/ghi/x-show-if", ["../loai", "a"], "form-show-if-unknown", "/properties/ghi/x-show-if"),
        ("properties/ghi/x-show-if", ["ghi", "a"], "form-show-if-order", "/properties/ghi/x-show-if"),
        ("properties/ghi/x-show-if", ["loai", "c"], "form-show-if-value", "/properties/ghi/x-show-if"),
        ("properties/ghi/x-source", "facebook", "form-keyword-value", "/properties/ghi/x-source"),
        ("properties/ghi/x-locked", True, "form-source-missing", "/properties/ghi"),
        ("properties/ghi/x-extract", [{"paper": "p", "labels": ["Số"]}], "form-extract", "/properties/ghi/x-extract"),
        ("properties/ghi/x-i18n", {"fr": {}}, "form-keyword-value", "/properties/ghi/x-i18n"),
        ("properties/loai/oneOf", [{"const": "a", "title": "A"}] * 2, "form-options", "/properties/loai"),
        ("properties/loai/default", "z", "form-default", "/properties/loai/default"),
        ("properties/ds/items", {"type": "string", "title": "x"}, "form-items", "/properties/ds"),
        ("properties/ghi", {"type": "array", "title": "x"}, "form-items", "/properties/ghi"),
        ("properties/ds/minItems", 51, "form-bounds", "/properties/ds"),
        ("properties/bad-name", {"type": "string", "title": "x"}, "form-name", "/properties/bad-name"),
        ("properties/act", {"type": "string", "title": "x"}, "form-name", "/properties/act"),
        ("properties/ghi/$ref", "_shared/none.json#/x", "form-ref-unknown", "/properties/ghi"),
        ("properties/ghi/$ref", "#/properties/ghi", "form-ref-unknown", "/properties/ghi"),
        ("properties/la", {"type": "string"}, "form-title-missing", "/properties/la"),
        ("required", ["loai", "khong_co"], "form-required-unknown", "/required"),
        ("then", {"required": ["ghi"]}, "form-condition", "/"),
        ("properties/ds/items/properties/so/x-locked", True, "form-locked-in-repeat", "/properties/ds"),
    ],
)
def test_fault_is_named_at_its_place(path, value, code, element):
    assert (code, element) in _codes(_changed(path, value))


def test_condition_without_required_is_refused():
    # JSON Schema would hold it true for an absent property: an author never means that.
    rule = {"if": {"properties": {"loai": {"const": "a"}}}, "then": {"required": ["ghi"]}}
    assert _codes(json.dumps({**GOOD, **rule}).encode()) == [("form-condition", "/if")]


def test_reference_to_itself_is_refused():
    shared = {
        "_shared/a.json": json.dumps(
            {"x": {"type": "object", "title": "X", "properties": {"y": {"$ref": "#/x"}}}}
        ).encode()
    }
    schema = {**GOOD, "properties": {"a": {"$ref": "_shared/a.json#/x"}}, "required": []}
    with pytest.raises(DefinitionRefused) as refusal:
        _load(schema, **shared)
    assert [problem.code for problem in refusal.value.problems] == ["form-ref-cycle"]


def test_expansion_bomb_is_refused():
    levels = {
        f"l{n}": {"type": "object", "title": "x", "properties": {f"p{m}": {"$ref": f"#/l{n + 1}"} for m in range(10)}}
        for n in range(8)
    }
    levels["l8"] = {"type": "string", "title": "x"}
    schema = {**GOOD, "properties": {"a": {"$ref": "_shared/b.json#/l0"}}, "required": []}
    with pytest.raises(DefinitionRefused) as refusal:
        _load(schema, **{"_shared/b.json": json.dumps(levels).encode()})
    assert "form-too-large" in {problem.code for problem in refusal.value.problems}


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        (r"^0[0-9]{9}$", ""),
        (r"^(0|\+84)[0-9]{9,10}$", ""),
        (r"^[\p{L} .'-]+$", ""),
        (r"^([0-9]{3}\.)?[0-9]+$", ""),
        (r"(a*)*", "nested"),
        (r"(a|aa)+$", "nested"),
        (r"((ab?){2}c?)+", "nested"),
        (r"(?=a)b", "lookaround"),
        (r"(a)\1", "backreference"),
        (r"(?:foo){e<=1}", "syntax"),
        (r"[", "syntax"),
        ("a" * 201, "length"),
    ],
)
def test_pattern_sublanguage(pattern, fault):
    assert pattern_fault(pattern) == fault


def test_slow_pattern_gives_up_in_time():
    assert matches("a*a*a*a*a*a*a*b", "a" * 2000) is False


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "type",
                        "properties",
                        "items",
                        "required",
                        "title",
                        "oneOf",
                        "enum",
                        "const",
                        "if",
                        "then",
                        "allOf",
                        "x-show-if",
                        "x-locked",
                        "x-widget",
                        "x-extract",
                        "x-i18n",
                        "$ref",
                        "x-pick",
                        "a",
                        "b",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_loads_or_is_refused(node):
    for schema in (node, {"type": "object", "title": "t", "properties": {"a": node}}):
        try:
            load_form(json.dumps(schema).encode(), file="x.json")
        except DefinitionRefused as refusal:
            assert refusal.problems


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_load_or_are_refused(source):
    try:
        load_form(source, file="x.json")
    except DefinitionRefused as refusal:
        assert refusal.problems
