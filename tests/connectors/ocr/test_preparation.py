from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from connectors.ocr.preparation import background_deviation, guess_dpi, page_quad, prepare, skew
from tests.connectors.ocr import papers


@pytest.fixture(scope="module")
def letter() -> papers.Paper:
    return papers.draw_letter(150)


@pytest.mark.parametrize("angle", [-7.0, -3.0, -0.4, 0.4, 2.5, 7.5])
def test_skew_is_measured(letter: papers.Paper, angle: float) -> None:
    turned = papers.skewed(letter.picture, angle)
    assert skew(np.asarray(turned.convert("L"))) == pytest.approx(-angle, abs=0.15)


def test_level_page_is_not_turned(letter: papers.Paper) -> None:
    assert not any("deskew" in step for step in prepare(letter.picture, dpi=150).steps)


def test_sheet_on_a_table_is_cut_out(letter: papers.Paper) -> None:
    photo = papers.photographed(letter.picture)
    quad = page_quad(np.asarray(photo))
    assert quad is not None
    width, height = letter.picture.size
    truth = [(0.09 * width, 0.05 * height), (1.05 * width, 0.07 * height)]
    assert np.abs(quad[:2] - np.array(truth)).max() < 0.02 * width


def test_scan_has_no_sheet_to_cut_out(letter: papers.Paper) -> None:
    assert page_quad(np.asarray(letter.picture)) is None
    assert "page-quad" not in prepare(papers.shadow(letter.picture), dpi=150).steps


def test_shadow_is_flattened(letter: papers.Paper) -> None:
    dark = papers.shadow(letter.picture)
    ready = prepare(dark, dpi=150)
    assert "flatten" in ready.steps
    assert background_deviation(np.asarray(dark.convert("L"))) > 12 > background_deviation(ready.grey)


def test_seal_vanishes_from_the_page(letter: papers.Paper) -> None:
    sealed = papers.stamp(letter.picture, ((0.5, 0.85),))
    ready = prepare(sealed, dpi=150)
    assert "red-ink" in ready.steps
    height, width = ready.grey.shape
    assert (ready.grey[int(height * 0.78) : int(height * 0.92), int(width * 0.3) : int(width * 0.7)] > 200).all()


@pytest.mark.parametrize(("dpi", "ready"), [(100, 225), (150, 225), (200, 200), (240, 240), (300, 240), (600, 240)])
def test_page_reaches_the_size_that_reads_best(dpi: int, ready: int) -> None:
    page = Image.new("L", (round(4 * dpi), round(5 * dpi)), 255)
    prepared = prepare(page, dpi=dpi)
    assert prepared.dpi == ready
    assert prepared.grey.shape[1] == pytest.approx(4 * ready, abs=2)


def test_resolution_of_a_sheet_is_guessed_within_bounds() -> None:
    assert guess_dpi(2480, 3508) == pytest.approx(300, abs=1)
    assert (guess_dpi(10, 10), guess_dpi(10**5, 10**5)) == (70, 600)


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (17, 23)])
def test_tiny_pictures_do_not_break(size: tuple[int, int]) -> None:
    assert prepare(Image.new("RGB", size, "red")).grey.size > 0
