"""The laws of reading a post: the schema is walked, never the request."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.forms import file_field, fill_locked, initial, load_form, prefill, read_post, validate
from engine.forms.condition import is_shown
from engine.forms.form import Kind

TODAY = date(2026, 11, 3)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Thử",
    "properties": {
        "nyc": {
            "type": "object",
            "title": "Người",
            "x-locked": True,
            "x-source": "population",
            "x-prefill": "requester",
            "properties": {
                "ho_ten": {"type": "string", "title": "Họ tên", "x-prefill": "ho_ten"},
                "ghi_chu": {"type": "string", "title": "Ghi chú", "x-locked": False},
                "email": {"type": "string", "title": "Thư", "x-locked": "known", "x-prefill": "email"},
            },
        },
        "loai": {"type": "string", "title": "Loại", "enum": ["a", "b"]},
        "chi_a": {"type": "string", "title": "Chỉ A", "x-show-if": ["loai", "a"]},
        "sau_a": {"type": "string", "title": "Sau A", "x-show-if": ["chi_a", "mo"]},
        "nhieu": {"type": "array", "title": "Nhiều", "items": {"type": "string", "title": "x", "enum": ["p", "q"]}},
        "ngay": {"type": "string", "title": "Ngày", "format": "date", "x-max": "today"},
        "thang": {"type": "string", "title": "Tháng", "x-widget": "month"},
        "so": {"type": "number", "title": "Số"},
        "dong_y": {"type": "boolean", "title": "Đồng ý", "const": True},
        "co": {"type": "boolean", "title": "Có", "x-widget": "radio"},
        "ds": {
            "type": "array",
            "title": "Danh sách",
            "minItems": 1,
            "maxItems": 3,
            "items": {
                "type": "object",
                "title": "Mục",
                "properties": {
                    "trang": {"type": "integer", "title": "Trang", "default": 1},
                    "tep": {"type": "string", "title": "Tệp", "format": "x-file"},
                    "rieng": {"type": "string", "title": "Riêng", "x-show-if": ["../loai", "b"]},
                },
            },
        },
        "khoa": {
            "type": "array",
            "title": "Khoá",
            "x-locked": True,
            "x-source": "dossier",
            "x-prefill": "old.khoa",
            "items": {
                "type": "object",
                "title": "Mục",
                "properties": {
                    "ten": {"type": "string", "title": "Tên", "x-prefill": "ten"},
                    "tra_loi": {"type": "string", "title": "Trả lời", "x-locked": False},
                },
            },
        },
    },
    "required": ["loai", "dong_y"],
}
FORM = load_form(json.dumps(SCHEMA).encode(), file="thu.json")
REGISTERS = {"requester": {"ho_ten": "Nguyễn Thị Hoa"}, "old": {"khoa": [{"ten": "Một"}, {"ten": "Hai"}]}}
SOURCE = prefill(FORM, REGISTERS, today=TODAY)
NAMES = [
    *(
        "nyc.ho_ten",
        "nyc.ghi_chu",
        "nyc.email",
        "loai",
        "chi_a",
        "sau_a",
        "nhieu",
        "ngay",
        "thang",
        "so",
        "dong_y",
        "co",
    ),
    *("ds.count", "ds.0.trang", "ds.1.trang", "ds.0.tep", "ds.2.rieng", "ds.0.la", "khoa.count", "khoa.0.ten"),
    *("khoa.1.tra_loi", "act", "la", "nyc.la", "csrf_token", "__proto__"),
]
VALUES = st.sampled_from(
    [
        *("", "a", "b", "mo", "p", "true", "on", "1", "3", "-1", "99999999999", "1.000", "2,5", "file-1", "file-2"),
        *("31/12/2020", "2020-02-30", "add:ds", "del:ds:0", "del:ds:9", "add:khoa", "clear:ds.0.tep"),
        *("add:nyc.ho_ten", "del:..:1"),
    ]
)
POSTS = st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES | st.text(max_size=20), max_size=3), max_size=18)


def _read(post: dict[str, list[str]], **changes: Any) -> dict[str, Any]:
    return read_post(FORM, post, **{"source": SOURCE, "uploads": {"file-1"}, **changes})


def _check(field: Any, data: dict[str, Any], above: tuple[Any, ...]) -> None:
    scope = (*above, data)
    assert set(data) <= {child.name for child in field.children}
    for child in field.children:
        if child.name not in data:
            continue
        assert is_shown(child, scope), child.name
        value = data[child.name]
        if child.kind is Kind.GROUP:
            _check(child, value, scope)
        elif child.kind is Kind.LIST:
            assert len(value) <= child.max_items
            for item in value:
                _check(child, item, scope)
        elif child.kind is Kind.FILE:
            assert value == "file-1"
        else:
            assert value not in ("", None, [])


@settings(max_examples=300, deadline=None)
@given(POSTS)
def test_any_post_yields_only_shown_names_of_the_schema(post):
    data = _read(post)
    _check(FORM.root, data, ())
    assert not {error.code for error in validate(FORM, data, today=TODAY)} & {"unknown", "hidden"}


@settings(max_examples=300, deadline=None)
@given(POSTS)
def test_any_post_takes_locked_values_from_the_source(post):
    data = _read(post)
    assert data["nyc"]["ho_ten"] == "Nguyễn Thị Hoa"
    assert [item["ten"] for item in data["khoa"]] == ["Một", "Hai"]


@settings(max_examples=200, deadline=None)
@given(POSTS)
def test_any_post_read_is_stable_and_json(post):
    data = _read(post)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert fill_locked(FORM, data, SOURCE) == data


def test_forged_locked_value_is_ignored():
    assert _read({"nyc.ho_ten": ["Kẻ khác"], "khoa.0.ten": ["Giả"], "khoa.count": ["9"]})["khoa"] == [
        {"ten": "Một"},
        {"ten": "Hai"},
    ]


def test_open_field_inside_locked_list_is_read():
    assert _read({"khoa.1.tra_loi": ["rồi"]})["khoa"][1] == {"ten": "Hai", "tra_loi": "rồi"}


def test_known_lock_opens_when_source_is_silent():
    assert _read({"nyc.email": ["a@b"]})["nyc"]["email"] == "a@b"
    known = {**SOURCE, "nyc": {**SOURCE["nyc"], "email": "that@vidu.vn"}}
    assert _read({"nyc.email": ["a@b"]}, source=known)["nyc"]["email"] == "that@vidu.vn"


def test_hidden_chain_is_absent():
    post = {"loai": ["b"], "chi_a": ["mo"], "sau_a": ["x"]}
    assert {"chi_a", "sau_a"} & set(_read(post)) == set()
    assert _read({**post, "loai": ["a"]})["sau_a"] == "x"


def test_condition_inside_an_item_reads_the_form_around_it():
    assert _read({"loai": ["b"], "ds.count": ["1"], "ds.0.rieng": ["x"]})["ds"] == [{"rieng": "x"}]
    assert _read({"loai": ["a"], "ds.count": ["1"], "ds.0.rieng": ["x"]})["ds"] == [{}]


@pytest.mark.parametrize(
    ("count", "items"),
    [("2", 2), ("0", 0), ("99", 3), ("-1", 1), ("abc", 1), ("1e3", 1), ("٣", 1), ("999999999", 1), ("", 1)],
)
def test_item_count_is_parsed_safely_and_clamped(count, items):
    assert len(_read({"ds.count": [count]})["ds"]) == items


def test_add_and_remove_are_ordinary_posts():
    post = {"ds.count": ["2"], "ds.0.trang": ["5"], "ds.1.trang": ["6"]}
    assert _read({**post, "act": ["add:ds"]})["ds"] == [{"trang": 5}, {"trang": 6}, {"trang": 1}]
    assert _read({**post, "act": ["del:ds:0"]})["ds"] == [{"trang": 6}]
    assert len(_read({"ds.count": ["3"], "act": ["add:ds"]})["ds"]) == 3
    assert len(_read({"act": ["add:khoa"]})["khoa"]) == 2
    assert len(_read({"act": ["del:khoa:0"]})["khoa"]) == 2


def test_file_id_counts_only_when_bound_to_the_draft():
    post = {"ds.count": ["1"], "ds.0.tep": ["file-1"]}
    assert _read(post)["ds"] == [{"tep": "file-1"}]
    assert _read(post, uploads=set())["ds"] == [{}]
    assert _read({**post, "ds.0.tep": ["../../etc/passwd"]})["ds"] == [{}]
    assert _read({**post, "act": ["clear:ds.0.tep"]})["ds"] == [{}]


def test_new_upload_replaces_the_kept_file():
    post = {"ds.count": ["1"], "ds.0.tep": ["file-1", "file-2"]}
    assert _read(post, uploads={"file-1", "file-2"})["ds"] == [{"tep": "file-2"}]


def test_file_is_kept_when_the_post_does_not_mention_it():
    previous = {"ds": [{"tep": "file-1"}]}
    assert _read({"ds.count": ["1"]}, previous=previous)["ds"] == [{"tep": "file-1"}]
    assert _read({"ds.count": ["1"], "ds.0.tep": [""]}, previous=previous)["ds"] == [{}]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("so", "2,5", 2.5),
        ("so", "2.5", 2.5),
        ("so", "7", 7),
        ("so", "1.000", "1.000"),
        ("so", "nhiều", "nhiều"),
        ("so", "1e400", "1e400"),
        ("so", "NaN", "NaN"),
        ("ngay", "3/1/2026", "2026-01-03"),
        ("ngay", "2026-01-03", "2026-01-03"),
        ("ngay", "hôm qua", "hôm qua"),
        ("thang", "9/2027", "2027-09"),
        ("chi_a", "  Te\u0302\u0300n   dài ", "Tền dài"),
    ],
)
def test_typed_text_becomes_a_value_or_stays_text(name, text, value):
    read = _read({"loai": ["a"], name: [text]})[name]
    assert read == value
    assert type(read) is type(value)


def test_tick_box_is_definite_and_radio_is_not():
    assert _read({})["dong_y"] is False and "co" not in _read({})
    assert _read({"dong_y": ["true"], "co": ["false"]})["co"] is False


def test_unknown_choices_stay_visible_to_validation():
    data = _read({"loai": ["z"], "nhieu": ["q", "p", "zz", "q"], "dong_y": ["true"]})
    assert data["nhieu"] == ["p", "q", "zz"]
    assert [(error.path, error.code) for error in validate(FORM, data, today=TODAY)] == [
        ("loai", "enum"),
        ("nhieu", "enum"),
    ]


def test_initial_data_carries_source_and_defaults():
    data = initial(FORM, source=SOURCE)
    assert data["nyc"] == {"ho_ten": "Nguyễn Thị Hoa"}
    assert data["ds"] == [{"trang": 1}]
    assert data["khoa"] == [{"ten": "Một"}, {"ten": "Hai"}]


def test_upload_belongs_to_a_file_field_or_nowhere():
    assert file_field(FORM, "ds.2.tep") is not None
    for name in ("ds.tep", "tep", "loai", "ds.0.trang", "", "ds.x.tep", "nyc", "ds.0.tep.more"):
        assert file_field(FORM, name) is None
