"""PDF pages as pictures and text, by PDFium.

PDFium is not thread-safe: two threads inside it at once crash the process. Web requests (previews) and the
worker (reading papers) share one process, so every connector's call goes through this module's one lock.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
from PIL import Image

from engine.errors import InvalidInput

_LOCK = threading.Lock()

#: No rendered page is larger; a page with an enormous MediaBox is rendered coarser instead.
MAX_PIXELS = 40_000_000


class PdfUnreadable(InvalidInput):
    """The PDF cannot be shown: {why}"""

    code = "pdf-unreadable"
    vi = "Không hiển thị được tệp PDF: {why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerWord:
    """A word of a PDF's own text; its box in points from the top left of the visible page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLayer:
    """What a PDF page says about its own text. A file may say what it does not show: compare before trusting."""

    words: tuple[LayerWord, ...]
    image_share: float  #: share of the page's area under raster images, 0–1
    turned: bool  #: the page is shown rotated, boxes do not fit the picture


def page_count(content: bytes) -> int:
    """The number of pages; ``PdfUnreadable`` when PDFium cannot open the file."""
    with _LOCK, _open(content) as document:
        return len(document)


def render(content: bytes, page: int, *, dpi: float = 0.0, width: int = 0) -> tuple[Image.Image, float]:
    """Page ``page`` (from 1) as RGB, and the dpi it got; give either ``dpi`` or ``width`` in pixels."""
    with _LOCK, _open(content) as document:
        leaf = _leaf(document, page)
        points_wide, points_high = leaf.get_size()
        if points_wide <= 0 or points_high <= 0:
            raise PdfUnreadable(why=f"page {page} has no size")
        scale = width / points_wide if width else dpi / 72
        scale = min(scale, math.sqrt(MAX_PIXELS / (points_wide * points_high)))
        try:
            picture: Image.Image = leaf.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        except (pdfium.PdfiumError, ValueError, MemoryError) as error:
            raise PdfUnreadable(why=f"page {page}") from error
        return picture, scale * 72


def text_layer(content: bytes, page: int) -> TextLayer:
    """The embedded words of page ``page`` (from 1) and how much of the page is pictures."""
    with _LOCK, _open(content) as document:
        leaf = _leaf(document, page)
        points_wide, points_high = leaf.get_size()
        area = 0.0
        for thing in leaf.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
            left, bottom, right, top = thing.get_bounds()
            area += max(0.0, right - left) * max(0.0, top - bottom)
        return TextLayer(
            words=tuple(_words(leaf)),
            image_share=min(1.0, area / max(points_wide * points_high, 1)),
            turned=leaf.get_rotation() != 0,
        )


def _words(leaf: pdfium.PdfPage) -> Iterator[LayerWord]:
    text = leaf.get_textpage()
    x, _, _, y = leaf.get_bbox()
    letters: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    for index in range(text.count_chars() + 1):
        letter = text.get_text_range(index, 1) if index < text.count_chars() else " "
        if letter.strip():
            letters.append(letter)
            boxes.append(text.get_charbox(index, loose=True))
        elif letters:
            yield LayerWord(
                text="".join(letters),
                left=min(box[0] for box in boxes) - x,
                top=y - max(box[3] for box in boxes),
                right=max(box[2] for box in boxes) - x,
                bottom=y - min(box[1] for box in boxes),
            )
            letters, boxes = [], []


class _open:  # noqa: N801 - reads as a verb in a with statement
    def __init__(self, content: bytes) -> None:
        try:
            self._document = pdfium.PdfDocument(content)
        except pdfium.PdfiumError as error:
            raise PdfUnreadable(why="PDFium cannot open it") from error

    def __enter__(self) -> pdfium.PdfDocument:
        return self._document

    def __exit__(self, *_: object) -> None:
        self._document.close()


def _leaf(document: pdfium.PdfDocument, page: int) -> pdfium.PdfPage:
    if not 1 <= page <= len(document):
        raise PdfUnreadable(why=f"no page {page} of {len(document)}")
    try:
        return document[page - 1]
    except pdfium.PdfiumError as error:
        raise PdfUnreadable(why=f"page {page}") from error
