"""Judging data: order, messages, forged values, and agreement with an independent JSON Schema validator."""

from __future__ import annotations

from datetime import date
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.forms import check_locked, fill_locked, initial, prefill, read_post, validate


def _empty(load, registers, today, path):
    form = load(path)
    source = prefill(form, registers, today=today)
    return form, source, initial(form, source=source)


def _filled(load, registers, today) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    form, source, data = _empty(load, registers, today, "2.000815/application.json")
    data["giay_to"] = [
        {
            "ten": "Bằng tốt nghiệp",
            "loai": "van_bang",
            "so_trang": 3,
            "so_ban": 2,
            "ban_dien_tu": True,
            "tep_quet": "file-1",
        }
    ]
    data["cam_doan"] = True
    return form, source, data


def _messages(errors, language="vi"):
    return [error.message.in_(language) for error in errors]


def test_empty_certification_form_names_each_gap_in_order(load, registers, today):
    form, _, data = _empty(load, registers, today, "2.000815/application.json")
    errors = validate(form, data, today=today)
    assert _messages(errors) == [
        "Nhập tên giấy tờ (Giấy tờ 1)",
        "Chọn loại giấy tờ (Giấy tờ 1)",
        "Nhập số trang của bản chính (Giấy tờ 1)",
        "Tải lên bản quét bản chính (Giấy tờ 1)",
        "Bạn cần xác nhận cam đoan",
    ]
    assert errors[0].path == "giay_to.0.ten"
    assert _messages(errors, "en")[3] == "Upload: scan of the original (Paper 1)"


def test_filled_certification_form_is_accepted(load, registers, today):
    form, source, data = _filled(load, registers, today)
    assert validate(form, data, today=today, files={"file-1"}) == ()
    assert check_locked(form, data, source) == ()


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        ("so_trang", 0, "minimum"),
        ("so_trang", 501, "maximum"),
        ("so_trang", "ba", "integer"),
        ("so_trang", True, "integer"),
        ("so_trang", 1.5, "integer"),
        ("loai", "la", "enum"),
        ("ten", "x" * 201, "max-length"),
        ("ten", "a\x00b", "control"),
        ("ten", ["x"], "type"),
        ("ngay_cap", "2026-11-04", "too-late"),
        ("ngay_cap", "2026-02-30", "date"),
        ("ngay_cap", "20260101", "date"),
        ("ngay_cap", 20260101, "date"),
        ("ban_dien_tu", "true", "type"),
        ("tep_quet", "la", "file"),
        ("la", 1, "unknown"),
    ],
)
def test_wrong_value_is_named(load, registers, today, place, value, code):
    form, _, data = _filled(load, registers, today)
    data["giay_to"][0][place] = value
    errors = validate(form, data, today=today, files={"file-1"})
    assert [(error.path, error.code) for error in errors] == [(f"giay_to.0.{place}", code)]
    assert errors[0].message.vi and errors[0].message.en


def test_today_is_the_last_day_for_a_past_date(load, registers):
    form, _, data = _filled(load, registers, date(2026, 11, 3))
    data["giay_to"][0]["ngay_cap"] = "2026-11-03"
    assert validate(form, data, today=date(2026, 11, 3)) == ()
    assert [error.code for error in validate(form, data, today=date(2026, 11, 2))] == ["too-late"]


def test_forged_locked_value_is_refused_and_named(load, registers, today):
    form, source, data = _filled(load, registers, today)
    data["nyc"] = {**data["nyc"], "ho_ten": "Kẻ Mạo Danh"}
    (error,) = check_locked(form, data, source)
    assert (error.path, error.code) == ("nyc.ho_ten", "locked")
    assert error.message.vi == "Họ, chữ đệm, tên: lấy từ CSDL quốc gia về dân cư, không sửa được ở đây"


def test_absent_locked_value_is_filled_not_refused(load, registers, today):
    form, source, data = _filled(load, registers, today)
    del data["nyc"]
    assert check_locked(form, data, source) == ()
    assert fill_locked(form, data, source)["nyc"] == source["nyc"]


def test_hidden_value_in_submitted_data_is_refused(load, registers, today):
    form, _, data = _filled(load, registers, today)
    data["nhan"] = {"hinh_thuc": "online", "dia_chi": {"tinh": "Tỉnh Hưng Yên", "xa": "Xã Đông Hưng"}}
    assert [(error.path, error.code) for error in validate(form, data, today=today)] == [("nhan.dia_chi", "hidden")]


def test_hidden_requirement_is_dropped_and_shown_one_holds(load, registers, today):
    form = load("2.000815/desk.json")
    accept = {"da_doi_chieu": True, "quyet_dinh": "accept"}
    assert validate(form, accept, today=today) == ()
    decline = validate(form, {**accept, "quyet_dinh": "decline"}, today=today)
    assert [error.path for error in decline] == ["ly_do", "can_cu"]
    supplement = validate(form, {**accept, "quyet_dinh": "supplement"}, today=today)
    assert [error.path for error in supplement] == ["ly_do", "can_cu", "giay_to"]


def test_locked_gap_in_the_register_says_where_to_go(load, today):
    form = load("2.000815/application.json")
    errors = {error.path: error for error in validate(form, {}, today=today)}
    assert errors["nyc.ho_ten"].code == "source-missing"
    assert "Bộ phận Một cửa" in errors["nyc.ho_ten"].message.vi


def test_birth_form_needs_a_parent_and_asks_only_for_the_chosen_one(load, registers, today):
    form, _, data = _empty(load, registers, today, "1.001193/application.json")
    both = {error.path.split(".")[0] for error in validate(form, data, today=today)}
    assert {"cha", "ket_hon"} <= both
    data["khai_ve"] = "mother"
    data.pop("cha"), data.pop("ket_hon")
    assert not {"cha", "ket_hon"} & {error.path.split(".")[0] for error in validate(form, data, today=today)}


def _plain(node: Any) -> Any:
    """The schema without our hints, for a validator that knows only the standard."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _plain(value) for key, value in node.items() if not key.startswith("x-") and key != "pattern"}
    kept.pop("format", None) if kept.get("format") == "x-file" else None
    return kept


FIELDS = {
    "ten": st.text(alphabet="ab \n", max_size=4) | st.integers(),
    "loai": st.sampled_from(["van_bang", "khac", "la", 3]),
    "so_trang": st.integers(-2, 600) | st.sampled_from(["1", True, 1.5]),
    "so_ban": st.integers(-1, 120),
    "ban_dien_tu": st.booleans() | st.just("on"),
    "tep_quet": st.just("file-1"),
}
ITEMS = st.lists(st.fixed_dictionaries({}, optional=FIELDS), max_size=3)


@settings(max_examples=200, deadline=None)
@given(items=ITEMS, consent=st.booleans())
def test_judgement_agrees_with_an_independent_validator(load, registers, today, items, consent):
    form, _, data = _filled(load, registers, today)
    data["giay_to"] = [{key: value for key, value in item.items() if value != ""} for item in items]
    data["cam_doan"] = consent
    plain = _plain(form.schema)
    plain["properties"].pop("nhan")
    bare = {key: value for key, value in data.items() if key != "nhan"}
    ours = [error for error in validate(form, data, today=today) if error.code != "control"]
    blank = any(isinstance(item.get("ten"), str) and "\n" in item["ten"] for item in data["giay_to"])
    theirs = list(jsonschema.Draft202012Validator(plain).iter_errors(bare))
    assert bool(ours) == bool(theirs) or blank


def test_read_post_of_a_whole_form_is_accepted(load, registers, today):
    form = load("2.000815/application.json")
    source = prefill(form, registers, today=today)
    post = {
        "lien_he.dien_thoai": ["0912345678"],
        "giay_to.count": ["1"],
        "giay_to.0.ten": ["Bằng tốt nghiệp đại học"],
        "giay_to.0.loai": ["van_bang"],
        "giay_to.0.ngay_cap": ["12/06/2012"],
        "giay_to.0.so_trang": ["3"],
        "giay_to.0.so_ban": ["2"],
        "giay_to.0.ban_dien_tu": ["true"],
        "giay_to.0.tep_quet": ["", "file-1"],
        "nhan.hinh_thuc": ["online"],
        "cam_doan": ["true"],
        "act": ["submit"],
    }
    data = read_post(form, post, source=source, uploads={"file-1"})
    assert validate(form, data, today=today, files={"file-1"}) == ()
    assert data["giay_to"][0]["ngay_cap"] == "2012-06-12"
    assert data["nyc"]["so_dinh_danh"] == "034190001234"
