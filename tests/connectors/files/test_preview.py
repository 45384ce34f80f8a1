from __future__ import annotations

import io
import threading

import pytest
from PIL import Image

from connectors.files.preview import preview
from connectors.pdfium import PdfUnreadable
from engine.errors import InvalidInput
from tests.connectors.files.uploads import pdf, picture


def size(content: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(content), formats=("PNG",)).size


def test_pdf_page_has_the_asked_width() -> None:
    assert size(preview(pdf(2), "application/pdf", 2, 595)) == (595, 842)


def test_large_picture_is_reduced_and_small_one_kept() -> None:
    assert size(preview(picture("JPEG", (2000, 1000)), "image/jpeg", 1, 500)) == (500, 250)
    assert size(preview(picture("PNG", (320, 200)), "image/png", 1, 500)) == (320, 200)


def test_absurd_width_is_bounded() -> None:
    assert size(preview(pdf(), "application/pdf", 1, 10**9))[0] <= 4000
    assert size(preview(pdf(), "application/pdf", 1, -5))[0] == 16


def test_huge_page_is_rendered_within_bounds() -> None:
    tall = pdf(1, lambda made: made.pages[0].obj.__setitem__("/MediaBox", [0, 0, 10, 14_000]))
    wide, high = size(preview(tall, "application/pdf", 1, 4000))
    assert wide * high <= 41_000_000


def test_missing_page_is_a_clear_no() -> None:
    with pytest.raises(PdfUnreadable, match="no page 3 of 2"):
        preview(pdf(2), "application/pdf", 3)
    with pytest.raises(InvalidInput):
        preview(picture(), "image/png", 2)


def test_damaged_files_are_a_clear_no() -> None:
    with pytest.raises(InvalidInput):
        preview(b"%PDF-1.7 nothing", "application/pdf")
    with pytest.raises(InvalidInput):
        preview(b"nothing", "image/png")


def test_many_threads_may_preview_at_once() -> None:
    paper, results = pdf(6), []

    def show(page: int) -> None:
        results.append(size(preview(paper, "application/pdf", page, 300)))

    threads = [threading.Thread(target=show, args=(n % 6 + 1,)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [(300, 425)] * 24
