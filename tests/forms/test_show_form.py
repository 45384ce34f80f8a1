"""Layout, summary, differences, prefill and the map to papers."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import date
from pathlib import Path

from engine.forms import (
    diff,
    expected_values,
    extraction_rules,
    initial,
    layout,
    paper_files,
    prefill,
    rule_title,
    summary,
    validate,
)
from engine.ports import FieldRule
from webapp.eforms import page_title, render_changes, render_form, render_summary

GOLDEN = Path(__file__).parent / "golden" / "chung-thuc.json"


def _opened(load, registers, today, path):
    form = load(path)
    source = prefill(form, registers, today=today)
    return form, source, initial(form, source=source)


def test_layout_of_certification_form_matches_golden(load, registers, today, files):
    form, source, data = _opened(load, registers, today, "2.000815/application.json")
    data["giay_to"][0]["tep_quet"] = "file-1"
    page = layout(form, data, source=source, errors=validate(form, data, today=today), files=files)
    drawn = json.loads(json.dumps(asdict(page), ensure_ascii=False))
    if os.environ.get("MOTCUA_WRITE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(drawn, ensure_ascii=False, indent=1) + "\n")
    assert drawn == json.loads(GOLDEN.read_text())


def test_every_id_on_a_page_is_unique(load, registers, today):
    import re

    form, source, data = _opened(load, registers, today, "1.001193/application.json")
    page = layout(form, data, source=source, errors=validate(form, data, today=today))
    ids = re.findall(r'\bid="([^"]+)"', str(render_form(page, action="/", csrf_token="t")))
    assert len(ids) == len(set(ids))
    assert {link.href[1:] for link in page.errors} <= set(ids)


def test_typed_markup_is_escaped(load, registers, today):
    form, source, data = _opened(load, registers, today, "2.000815/application.json")
    data["giay_to"][0]["ten"] = '"><script>alert(1)</script>'
    source["nyc"]["ho_ten"] = "<b>Hoa</b>"
    data["nyc"]["ho_ten"] = "<b>Hoa</b>"
    html = str(render_form(layout(form, data, source=source), action="/", csrf_token="t"))
    html += str(render_summary(summary(form, data, "vi"), language="vi"))
    html += str(render_changes(diff(form, {}, data), language="vi"))
    assert "<script" not in html and "<b>" not in html


def test_form_has_no_inline_script_or_style(load, registers, today):
    form, source, data = _opened(load, registers, today, "1.013225/application.json")
    html = str(render_form(layout(form, data, source=source), action="/", csrf_token="t", autosave_url="/nhap"))
    assert "<script" not in html and " style=" not in html and " on" + "click" not in html
    assert 'data-autosave-url="/nhap"' in html and 'enctype="multipart/form-data"' in html


def test_title_of_erroneous_page_begins_with_error(load, registers, today):
    form, source, data = _opened(load, registers, today, "2.000815/application.json")
    errors = validate(form, data, today=today)
    assert page_title(layout(form, data, source=source, errors=errors)).startswith("Lỗi: ")
    assert page_title(layout(form, data, source=source, errors=errors, language="en")).startswith("Error: ")
    assert not page_title(layout(form, data, source=source)).startswith("Lỗi")


def test_locked_parent_is_shown_as_facts_and_unknown_one_as_inputs(load, registers, today):
    form, source, data = _opened(load, registers, today, "1.001193/application.json")
    page = layout(form, data, source=source)
    mother = next(node for node in page.nodes if node.id == "f-me")
    father = next(node for node in page.nodes if node.id == "f-cha")
    assert "facts" in [node.view for node in mother.children]
    assert {node.view for node in father.children} >= {"text", "select"}


def test_summary_shows_words_not_codes(load, registers, today, files):
    form, source, data = _opened(load, registers, today, "2.000815/application.json")
    data["giay_to"][0] |= {
        "ten": "Bằng",
        "loai": "van_bang",
        "so_trang": 1200,
        "ngay_cap": "2012-06-12",
        "tep_quet": "file-1",
    }
    rows = {row.path: row for row in summary(form, data, "vi", source=source, files=files)}
    assert rows["giay_to.0.loai"].value == "Văn bằng, chứng chỉ"
    assert rows["giay_to.0.so_trang"].value == "1.200"
    assert rows["giay_to.0.ngay_cap"].value == "12/06/2012"
    assert rows["giay_to.0.ban_dien_tu"].value == "Không"
    assert (rows["giay_to.0.tep_quet"].value, rows["giay_to.0.tep_quet"].file) == ("bang-tot-nghiep.pdf", "file-1")
    assert rows["nyc.ho_ten"].origin == "Lấy từ CSDL quốc gia về dân cư"
    assert rows["giay_to.0.ten"].group == "Giấy tờ 1"
    english = {row.path: row for row in summary(form, data, "en")}
    assert english["giay_to.0.loai"].value == "Degree or certificate"


def test_diff_names_exactly_what_changed(load, registers, today):
    form, _, before = _opened(load, registers, today, "2.000815/application.json")
    after = json.loads(json.dumps(before))
    after["lien_he"]["dien_thoai"] = "0987654321"
    after["giay_to"].append({"ten": "Thêm"})
    changes = diff(form, before, after)
    assert [(change.path, change.before, change.after) for change in changes] == [
        ("lien_he.dien_thoai", "0912345678", "0987654321"),
        ("giay_to.1.ten", "", "Thêm"),
    ]
    assert diff(form, after, after) == ()
    assert [(change.path, change.after) for change in diff(form, after, before)][1] == ("giay_to.1.ten", "")


def test_prefill_takes_what_fits_and_leaves_the_rest_open(load, today):
    form = load("1.001193/application.json")
    mother = {"ho_ten": "Trần Thị Bé", "ngay_sinh": date(1995, 2, 3), "gioi_tinh": "nữ", "dan_toc": "Sao Hoả", "la": 1}
    source = prefill(form, {"mother": mother}, today=today)
    assert source == {"me": {"ho_ten": "Trần Thị Bé", "ngay_sinh": "1995-02-03", "gioi_tinh": "Nữ"}}


def test_prefill_of_a_list_keeps_its_items(load, today):
    form = load("2.000815/supplement.json")
    asked = {"ly_do": "Thiếu trang 2", "giay_to": [{"ma": "ban_chinh", "yeu_cau": "Quét đủ trang"}]}
    source = prefill(form, {"supplement": asked}, today=today)
    data = initial(form, source=source)
    assert data["giay_to"] == [{"ma": "ban_chinh", "yeu_cau": "Quét đủ trang"}]
    assert [error.path for error in validate(form, data, today=today)] == ["giay_to.0.tep"]


def test_papers_and_their_rules_follow_the_item(load, registers, today):
    form, _, data = _opened(load, registers, today, "2.000815/application.json")
    data["giay_to"] = [{"tep_quet": "file-1"}, {"tep_quet": "file-2", "so_hieu": "B 0012", "nguoi_duoc_cap": "Lê An"}]
    second = paper_files(form, data)[1]
    assert (second.paper, second.path, second.file, second.title.vi) == (
        "ban_chinh",
        "giay_to.1.tep_quet",
        "file-2",
        "Bản quét bản chính 2",
    )
    rules = extraction_rules(form, "ban_chinh", at=second.path)
    assert [rule["key"] for rule in rules] == [
        "giay_to.1.nguoi_duoc_cap",
        "giay_to.1.so_hieu",
        "giay_to.1.ngay_cap",
        "giay_to.1.tep_quet#co_quan_cap",
    ]
    assert all(FieldRule(**rule).labels for rule in rules)
    assert expected_values(form, "ban_chinh", data, at=second.path) == {
        "giay_to.1.nguoi_duoc_cap": "Lê An",
        "giay_to.1.so_hieu": "B 0012",
    }
    assert rule_title(form, "ban_chinh", rules[-1]["key"], at=second.path).vi == "Cơ quan cấp"


def test_birth_papers_are_read_for_their_own_fields(load):
    form = load("1.001193/application.json")
    keys = {rule["key"] for rule in extraction_rules(form, "giay_chung_sinh", at="chung_sinh.tep")}
    assert {"nks.ho_ten", "nks.ngay_sinh", "me.ho_ten", "chung_sinh.so"} <= keys
    assert {rule["key"] for rule in extraction_rules(form, "giay_ket_hon")} >= {"me.ho_ten", "cha.ho_ten", "ket_hon.so"}
    assert extraction_rules(form, "khong_co") == ()
