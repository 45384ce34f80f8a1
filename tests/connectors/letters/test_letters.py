"""Every shipped template, rendered with its sample of invented data and looked at with poppler's tools."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import pdfium
from connectors.letters import tinos
from connectors.letters.refusals import DataMissing, FetchRefused, FontMissing, TemplateBroken, TemplateMissing
from connectors.letters.renderer import Renderer
from engine.ports import LetterRenderer

TEMPLATES = Path(__file__).parents[3] / "processes" / "_shared" / "letters"
NAMES = sorted(file.name.removesuffix(".sample.json") for file in TEMPLATES.glob("*.sample.json"))
RENDERER: LetterRenderer = Renderer(TEMPLATES)


def sample(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((TEMPLATES / f"{name}.sample.json").read_text())
    return data


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("letters")
    made = {}
    for name in NAMES:
        made[name] = folder / f"{name}.pdf"
        made[name].write_bytes(RENDERER.render(name, sample(name)))
    return made


def poppler(tool: str, *arguments: str | Path) -> str:
    return subprocess.run([tool, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def test_every_template_has_its_sample() -> None:
    pages = {file.stem for file in TEMPLATES.glob("*.html")} - {"base", "parts"}
    assert pages == set(NAMES) and len(NAMES) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_only_tinos_is_embedded(name: str, pdfs: dict[str, Path]) -> None:
    rows = poppler("pdffonts", pdfs[name]).splitlines()[2:]
    assert rows
    for row in rows:
        assert row.split()[0].split("+")[-1].startswith("Tinos"), row
        assert row.split()[-5:-2] == ["yes", "yes", "yes"], row  # embedded, subset, with Unicode


@pytest.mark.parametrize("name", NAMES)
def test_national_heading_stands_on_one_line_each(name: str, pdfs: dict[str, Path]) -> None:
    text = poppler("pdftotext", "-layout", pdfs[name], "-")
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert "Độc lập - Tự do - Hạnh phúc" in text
    assert "{{" not in text and "None" not in text and "□" not in text


@pytest.mark.parametrize("name", NAMES)
def test_letter_declares_pdf_a(name: str, pdfs: dict[str, Path]) -> None:
    with pikepdf.open(pdfs[name]) as pdf:
        assert pdf.open_metadata().pdfa_status == "2U"
        assert "/AcroForm" not in pdf.Root and "/OpenAction" not in pdf.Root and "/Names" not in pdf.Root
        assert "/OutputIntents" in pdf.Root and str(pdf.Root.Lang) == "vi"
    assert "No syntax or stream encoding errors" in poppler("qpdf", "--check", pdfs[name])


@pytest.mark.parametrize("name", [name for name in NAMES if sample(name).get("qr_url")])
def test_code_in_the_margin_reads_as_its_address(name: str, pdfs: dict[str, Path]) -> None:
    picture, _ = pdfium.render(pdfs[name].read_bytes(), 1, dpi=200)
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [sample(name)["qr_url"]]


@pytest.mark.parametrize("name", ["intake-slip", "certified-copy"])
def test_equal_data_gives_equal_bytes(name: str, pdfs: dict[str, Path]) -> None:
    assert RENDERER.render(name, sample(name)) == pdfs[name].read_bytes()


def test_date_of_the_file_is_the_date_of_the_letter(pdfs: dict[str, Path]) -> None:
    with pikepdf.open(pdfs["intake-slip"]) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20261123081230+07")


@pytest.mark.parametrize("name", NAMES)
def test_missing_data_names_the_key(name: str) -> None:
    data = sample(name)
    del data["unit"]
    with pytest.raises(DataMissing, match="unit"):
        RENDERER.render(name, data)


def test_unknown_template_lists_the_known() -> None:
    with pytest.raises(TemplateMissing, match="intake-slip"):
        RENDERER.html("no-such", {})


def test_template_cannot_leave_its_folder() -> None:
    with pytest.raises(TemplateMissing):
        RENDERER.html("../../../setup", {})


def test_procedure_letter_extends_the_shared_layout() -> None:
    own = {"note": '{% extends "base.html" %}{% block title %}T{% endblock %}{% block letter %}{{ x }}{% endblock %}'}
    html = RENDERER.html("note", {**sample("decision"), "x": "Điều riêng"}, sources=own)
    assert "Điều riêng" in html and "CỘNG HÒA" in html


def test_data_is_always_escaped() -> None:
    data = sample("intake-slip")
    data["applicant"]["name"] = "<script>alert(1)</script><img src=x onerror=y>"
    html = RENDERER.html("intake-slip", data)
    assert "<script>" not in html and "<img" not in html


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("{% if %}", "1"),
        ("x\n{{ a | nofilter }}", "2"),
        ("{{ ''.__class__.__mro__ }}", ""),
        ("{{ lipsum.__globals__['os'].popen('id').read() }}", ""),
        ("{% for x in range(10000000) %}{% endfor %}", ""),
        ("{{ 1 / 0 }}", ""),
        ("{{ 'x' + 1 }}", ""),
    ],
)
def test_bad_template_is_a_clear_no(source: str, line: str) -> None:
    with pytest.raises((TemplateBroken, DataMissing)) as caught:
        RENDERER.html("own", {}, sources={"own": source})
    assert line in str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        "<img src='http://127.0.0.1:1/x.png'>",
        "<img src='file:///etc/passwd'>",
        "<link rel=stylesheet href='https://example.vn/a.css'>",
        "<style>@import url(http://127.0.0.1:1/a.css);</style>",
        "<style>body{background:url(file:///etc/hostname)}</style>x",
        "<style>@font-face{font-family:F;src:url(http://127.0.0.1:1/f.ttf)}</style>",
    ],
)
def test_letter_fetches_nothing(source: str) -> None:
    with pytest.raises(FetchRefused):
        RENDERER.render("own", {}, sources={"own": f"<html><body>{source}"})


def test_data_address_is_allowed() -> None:
    pixel = (
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
        "rkJggg=="
    )
    assert RENDERER.render("own", {}, sources={"own": f"<p>Ảnh</p><img src='{pixel}'>"}).startswith(b"%PDF")


def test_foreign_letters_become_boxes_not_foreign_fonts(tmp_path: Path) -> None:
    data = sample("intake-slip")
    data["applicant"]["name"] = "阮文安 😀 Nguyễn"  # also in decomposed form
    place = tmp_path / "a.pdf"
    place.write_bytes(RENDERER.render("intake-slip", data))
    assert all("Tinos" in row for row in poppler("pdffonts", place).splitlines()[2:])
    assert "□□□ □ Nguyễn" in poppler("pdftotext", place, "-")


def test_missing_font_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tinos.tinos_files.cache_clear()
    monkeypatch.setattr(tinos, "_FOLDERS", (tmp_path,))
    try:
        with pytest.raises(FontMissing, match="fonts-croscore"):
            RENDERER.render("intake-slip", sample("intake-slip"))
    finally:
        tinos.tinos_files.cache_clear()


def test_tinos_has_every_vietnamese_letter() -> None:
    alphabet = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"
    text = alphabet + alphabet.upper() + "“”–—…₫"
    assert tinos.printable(text) == text


@given(text=st.text(max_size=30))
@settings(max_examples=25, deadline=None)
def test_any_name_renders(text: str) -> None:
    data = sample("hand-over")
    data["receiver"]["name"] = text
    assert RENDERER.render("hand-over", data).startswith(b"%PDF")


def test_long_data_stays_clear_of_the_signatures(tmp_path: Path) -> None:
    data = sample("birth-certificate")
    home = "Số 128 ngõ 15 đường Nguyễn Thị Minh Khai, tổ dân phố Hồng Phong, phường Hạc Thành, tỉnh Thanh Hóa"
    data["child"]["place_of_birth"] = data["mother"]["address"] = data["father"]["address"] = home
    place = tmp_path / "b.pdf"
    place.write_bytes(RENDERER.render("birth-certificate", data))
    with pikepdf.open(place) as pdf:
        assert len(pdf.pages) == 1
    text = poppler("pdftotext", "-layout", place, "-")
    assert text.index("Số đăng ký") < text.index("CHỮ KÝ SỐ CỦA CƠ QUAN")


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("control-slip", 7),
        ("control-slip", 9),
        ("control-slip", 21),
        ("dossier-book", 8),
        ("dossier-book", 12),
        ("dossier-book", 27),
    ],
)
def test_signatures_never_stand_alone_on_a_page(name: str, rows: int, tmp_path: Path) -> None:
    data, key = sample(name), {"control-slip": "handovers", "dossier-book": "rows"}[name]
    data[key] = [data[key][at % len(data[key])] for at in range(rows)]
    place = tmp_path / f"{name}.pdf"
    place.write_bytes(RENDERER.render(name, data))
    with pikepdf.open(place) as pdf:
        last = len(pdf.pages)
    assert last > 1
    text = poppler("pdftotext", "-layout", "-f", str(last), place, "-")
    signed = text.index("NGƯỜI LẬP")
    for row in (rows - 1, rows):
        assert re.search(rf"^\s*{row}\s", text[:signed], re.MULTILINE), text
