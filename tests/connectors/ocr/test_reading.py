from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import segno
from PIL import Image, ImageDraw

from connectors.ocr.tesseract import PaperUnreadable, TesseractReader
from engine.errors import ConnectorUnavailable
from engine.ports import FieldRule, ReadText, TextReader
from tests.connectors.ocr import papers
from tests.connectors.ocr.papers import BIRTH, Paper, birth_rules, character_error

GOOD = {key: value for _, _, key, _, value in BIRTH}


@pytest.fixture(scope="module")
def form() -> Paper:
    return papers.draw_birth_form(300)


@pytest.fixture(scope="module")
def letter() -> Paper:
    return papers.draw_letter(200)


def read(paper: Paper, damage: Callable[[Image.Image], Image.Image] | None = None, *, raw: bool = False) -> ReadText:
    reader: TextReader = TesseractReader(prepared=not raw)
    picture = damage(paper.picture) if damage else paper.picture
    return reader.read(paper.jpeg(picture), "image/jpeg", birth_rules())


def wrong(found: ReadText) -> dict[str, str]:
    return {field.key: field.value for field in found.fields if field.value != GOOD[field.key]}


def test_clean_paper_is_read_whole(form: Paper) -> None:
    found = read(form)
    assert wrong(found) == {}
    assert character_error(form.text, found.text) < 0.5
    assert found.mean_confidence > 90 and found.pages == 1


@pytest.mark.parametrize("damage", [papers.shadow, papers.stamp, papers.photographed])
def test_damaged_form_keeps_all_fields(form: Paper, damage: Callable[[Image.Image], Image.Image]) -> None:
    assert wrong(read(form, damage)) == {}


@pytest.mark.parametrize(("damage", "step"), [(papers.shadow, "flatten"), (papers.stamp, "red-ink")])
def test_preparation_beats_the_raw_page(letter: Paper, damage: Callable[[Image.Image], Image.Image], step: str) -> None:
    raw, prepared = read(letter, damage, raw=True), read(letter, damage)
    assert f"p1:{step}" in prepared.steps
    assert character_error(letter.text, raw.text) > 20
    assert character_error(letter.text, prepared.text) < 2


def test_noise_and_skew_do_little_harm(letter: Paper) -> None:
    found = read(letter, lambda page: papers.noisy(papers.skewed(page, 3.0)))
    assert character_error(letter.text, found.text) < 3
    assert any(step.startswith("p1:deskew") for step in found.steps) and "p1:denoise" in found.steps


def test_every_wrong_field_goes_to_a_person(form: Paper) -> None:
    """Also on a page that is half lost, where the recogniser itself is sure of what it did read."""
    for damage in (papers.shadow, papers.stamp):
        found = read(form, damage, raw=True)
        assert wrong(found)
        assert all(field.check for field in found.fields if field.value != GOOD[field.key])


def test_value_that_disagrees_with_the_form_goes_to_a_person(form: Paper) -> None:
    rules = [
        FieldRule(key="typed", labels=("Năm sinh của mẹ",), kind="number", expected="1969"),
        FieldRule(key="unknown", labels=("Năm sinh của cha",), kind="number"),
        FieldRule(key="same", labels=("Năm sinh của cha",), kind="number", expected="1993"),
    ]
    typed, unknown, same = TesseractReader().read(form.jpeg(), "image/jpeg", rules).fields
    assert (typed.value, typed.check) == ("1996", True)
    assert (unknown.value, unknown.check) == ("1993", True)
    assert (same.value, same.check) == ("1993", False)
    left, top, width, height = same.box
    assert left > 0 and top > 0 and width > height > 10


def test_qr_code_is_read_first_with_vietnamese_letters(letter: Paper) -> None:
    content = "038190001234|123456789|Nguyễn Thị Thu Hằng|21091990|Nữ|Xã Hoa Lộc|01072025"
    out = io.BytesIO()
    segno.make(content, error="m").save(out, kind="png", scale=6)
    page = letter.picture.copy()
    page.paste(Image.open(out).convert("RGB"), (1100, 1700))
    assert TesseractReader().read(letter.jpeg(page), "image/jpeg").codes == (content,)


def image_pdf(*pages: Image.Image, dpi: int = 200) -> bytes:
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=list(pages[1:]), resolution=dpi)
    return out.getvalue()


def test_scanned_pdf_is_read_page_by_page(letter: Paper) -> None:
    found = TesseractReader().read(image_pdf(letter.picture, letter.picture), "application/pdf")
    assert found.pages == 2 and found.text.count("\f") == 1
    assert found.text.count("Quỳnh") == 2
    assert not any("text-layer" in step for step in found.steps)


def test_long_pdf_says_which_pages_were_left_out(letter: Paper) -> None:
    blank = Image.new("RGB", (300, 400), "white")
    found = TesseractReader(max_pages=1).read(image_pdf(blank, blank, blank), "application/pdf")
    assert found.pages == 3 and found.steps[-1] == "pages 2-3 not read"


def test_blank_page_is_no_text_and_no_field() -> None:
    blank = Paper(picture=Image.new("RGB", (800, 1100), "white"), text="", dpi=100)
    found = TesseractReader().read(blank.jpeg(), "image/jpeg", birth_rules())
    assert found.text == "" and found.mean_confidence == 0
    assert all(field.check and not field.label_found and field.value == "" for field in found.fields)


def test_missing_program_waits_with_a_clear_reason(
    letter: Paper, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConnectorUnavailable, match="not installed"):
        TesseractReader().read(letter.jpeg(), "image/jpeg")


def test_missing_language_waits_with_a_clear_reason(letter: Paper) -> None:
    with pytest.raises(ConnectorUnavailable, match="tesseract-ocr-vie"):
        TesseractReader("xyz").read(letter.jpeg(), "image/jpeg")


def test_slow_page_times_out(letter: Paper) -> None:
    with pytest.raises(ConnectorUnavailable, match="no answer"):
        TesseractReader(timeout=0.05).read(letter.jpeg(), "image/jpeg")


def test_damaged_paper_is_a_clear_no() -> None:
    with pytest.raises(PaperUnreadable):
        TesseractReader().read(b"nothing", "image/png")


def test_measure_prints_real_figures(letter: Paper) -> None:
    (times,) = TesseractReader().measure(letter.jpeg(), "image/jpeg")
    assert 0 < times.prepare < times.recognise < 60_000


def born_digital(visible: str, *, hidden: str = "") -> bytes:
    """A PDF whose text layer says ``hidden`` where the page shows ``visible``."""
    from connectors.letters.layout import to_pdf

    over = f"<p style='position:absolute;top:60mm;left:0;opacity:0'>{hidden}</p>" if hidden else ""
    body = "<p>Cộng hòa xã hội chủ nghĩa Việt Nam, Độc lập - Tự do - Hạnh phúc, xã Hoa Lộc</p>"
    shown = f"<p style='position:absolute;top:60mm;left:0'>{visible}</p>" if not hidden else ""
    html = f"<html lang=vi><body style='font:16pt Tinos'>{body}{shown}{over}</body></html>"
    return to_pdf(html, variant=None)


RULE = FieldRule(key="year", labels=("Năm sinh của mẹ",), kind="number", expected="1996")


def test_born_digital_pdf_uses_its_own_text() -> None:
    found = TesseractReader().read(born_digital("Năm sinh của mẹ: 1996"), "application/pdf", [RULE])
    assert found.steps == ("p1:text-layer",)
    assert (found.fields[0].value, found.fields[0].check) == ("1996", False)


def test_text_that_is_not_shown_is_not_believed() -> None:
    found = TesseractReader().read(born_digital("", hidden="Năm sinh của mẹ: 1996"), "application/pdf", [RULE])
    assert found.fields[0].check


def test_ink_beside_a_value_that_no_word_explains_goes_to_a_person(form: Paper) -> None:
    page = form.picture.copy()
    at = next(
        f.box for f in TesseractReader().read(form.jpeg(), "image/jpeg", birth_rules()).fields if f.key == "mother_year"
    )
    scale = 300 / 240
    x, y, height = (at[0] + at[2]) * scale + 40, at[1] * scale, at[3] * scale
    pen = ImageDraw.Draw(page)
    for step in range(0, 120, 9):
        pen.line((x + step, y + height, x + step + 30, y), fill="black", width=4)
    found = TesseractReader().read(form.jpeg(page), "image/jpeg", birth_rules())
    field = next(field for field in found.fields if field.key == "mother_year")
    assert field.check


def test_preparation_never_binarises(form: Paper) -> None:
    from connectors.ocr.preparation import prepare

    grey = prepare(papers.noisy(papers.shadow(form.picture), 0.05), dpi=300).grey
    assert len(np.unique(grey)) > 100
