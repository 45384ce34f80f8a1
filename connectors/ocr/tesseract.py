"""Papers read by Tesseract."""

from __future__ import annotations

import io
import os
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytesseract
from PIL import Image, ImageOps, UnidentifiedImageError

from connectors import pdfium
from connectors.ocr.codes import read_codes
from connectors.ocr.fields import SURE, find_fields
from connectors.ocr.ink import STRAY, stray_ink
from connectors.ocr.lines import in_lines, page_text
from connectors.ocr.preparation import guess_dpi, prepare
from connectors.ocr.values import normalise
from engine.errors import ConnectorUnavailable, InvalidInput
from engine.ports import FieldRule, ReadField, ReadText, ReadWord

_SYSTEM = "Tesseract OCR"
_DPI = 300
#: A born-digital page has text objects and at least this many letters, and no picture over most of it.
_LEAST_LETTERS = 40
_MOST_IMAGE = 0.5


class PaperUnreadable(InvalidInput):
    """The paper cannot be opened for reading: {why}"""

    code = "paper-unreadable"
    vi = "Không mở được giấy tờ để đọc: {why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTimes:
    """Milliseconds spent on one page."""

    prepare: float
    recognise: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    words: tuple[ReadWord, ...]
    codes: tuple[str, ...]
    steps: tuple[str, ...]
    times: PageTimes
    grey: npt.NDArray[np.uint8]  #: what was recognised
    layer: Image.Image | None = None  #: the page as shown, when its words come from the file's own text


class TesseractReader:
    """Port ``TextReader`` by the program ``tesseract``; one process and one thread a page.

    ``languages`` as Tesseract names them (``vie``, ``vie+eng``); ``timeout`` in seconds a page; ``max_pages``
    bounds the work on one paper, and the steps say when pages were left out. ``prepared`` off reads the raw page,
    for comparison only.
    """

    def __init__(
        self, languages: str = "vie", *, timeout: float = 60.0, max_pages: int = 20, prepared: bool = True
    ) -> None:
        self._languages = languages
        self._timeout = timeout
        self._max_pages = max_pages
        self._prepared = prepared
        # A second thread is 26 % slower and takes 53 % more CPU; Tesseract reads this from its environment.
        os.environ["OMP_THREAD_LIMIT"] = "1"

    def read(self, content: bytes, media_type: str, rules: Sequence[FieldRule] = ()) -> ReadText:
        """Text, codes and the asked fields of a PNG, JPEG or PDF; boxes are pixels of the prepared page.

        ``ConnectorUnavailable`` when Tesseract is missing, lacks the language or takes too long.
        """
        count = self._count(content, media_type)
        pages = [self._page(content, media_type, n) for n in range(1, min(count, self._max_pages) + 1)]
        steps = [f"p{n}:{step}" for n, page in enumerate(pages, start=1) for step in page.steps]
        if count > len(pages):
            steps.append(f"pages {len(pages) + 1}-{count} not read")
        words = tuple(word for page in pages for word in page.words)
        fields = find_fields([page.words for page in pages], rules)
        return ReadText(
            text="\f".join(page_text(page.words) for page in pages),
            mean_confidence=round(sum(w.confidence for w in words) / len(words), 1) if words else 0.0,
            pages=count,
            fields=tuple(self._judged(field, rules, pages) for field in fields),
            codes=tuple(dict.fromkeys(code for page in pages for code in page.codes)),
            words=words,
            steps=tuple(steps),
        )

    def measure(self, content: bytes, media_type: str) -> tuple[PageTimes, ...]:
        """Milliseconds of preparation and recognition of each page, really run, text layers left aside."""
        count = min(self._count(content, media_type), self._max_pages)
        return tuple(self._scanned(*_picture(content, media_type, n)).times for n in range(1, count + 1))

    def _count(self, content: bytes, media_type: str) -> int:
        return pdfium.page_count(content) if media_type == "application/pdf" else 1

    def _page(self, content: bytes, media_type: str, number: int) -> _Page:
        picture, dpi = _picture(content, media_type, number)
        if media_type != "application/pdf":
            return self._scanned(picture, dpi)
        layer = pdfium.text_layer(content, number)
        if not _born_digital(layer):
            return self._scanned(picture, dpi)
        words = tuple(_layer_word(word, dpi / 72) for word in layer.words)
        return _Page(
            words=in_lines(words),
            codes=read_codes(picture),
            steps=("text-layer",),
            times=PageTimes(prepare=0.0, recognise=0.0),
            grey=np.asarray(picture.convert("L")),
            layer=picture,
        )

    def _scanned(self, picture: Image.Image, dpi: float) -> _Page:
        codes = read_codes(picture)
        begun = time.perf_counter()
        if self._prepared:
            ready = prepare(picture, dpi=dpi)
            image, resolution, steps = Image.fromarray(ready.grey), ready.dpi, ready.steps
        else:
            image, steps = picture.convert("RGB"), ("raw",)
            resolution = round(dpi or guess_dpi(picture.width, picture.height))
        prepared = time.perf_counter()
        words = in_lines(self._recognise(image, f"--oem 1 --psm 3 --dpi {resolution}"))
        done = time.perf_counter()
        times = PageTimes(prepare=(prepared - begun) * 1000, recognise=(done - prepared) * 1000)
        steps = (*steps, f"tesseract {resolution} dpi")
        return _Page(words=words, codes=codes, steps=steps, times=times, grey=np.asarray(image.convert("L")))

    def _recognise(self, image: Image.Image, options: str) -> tuple[ReadWord, ...]:
        try:
            table = pytesseract.image_to_data(
                image,
                lang=self._languages,
                config=options,
                timeout=self._timeout,
                output_type=pytesseract.Output.DICT,
            )
        except pytesseract.TesseractNotFoundError as error:
            raise ConnectorUnavailable(system=_SYSTEM, why="the program tesseract is not installed") from error
        except pytesseract.TesseractError as error:
            raise ConnectorUnavailable(system=_SYSTEM, why=_plain(error, self._languages)) from error
        except RuntimeError as error:
            raise ConnectorUnavailable(system=_SYSTEM, why=f"no answer in {self._timeout:.0f} s") from error
        except OSError as error:
            raise ConnectorUnavailable(system=_SYSTEM, why=error.strerror or "cannot start") from error
        return tuple(_table_words(table))

    def _judged(self, field: ReadField, rules: Sequence[FieldRule], pages: Sequence[_Page]) -> ReadField:
        """Two doubts that words alone do not show: lost ink beside the value, and text that is not what is seen."""
        if not field.value:
            return field
        page = pages[field.page - 1]
        if stray_ink(page.grey, field.box, page.words) > STRAY:
            field = replace(field, check=True)
        return field if page.layer is None else self._seen(field, page.layer, rules)

    def _seen(self, field: ReadField, shown: Image.Image, rules: Sequence[FieldRule]) -> ReadField:
        """A value from a file's own text is believed only as far as the picture of it reads the same."""
        left, top, width, height = field.box
        crop = shown.crop((left - 4, top - 4, left + width + 4, top + height + 4))
        words = self._recognise(ImageOps.expand(crop, 20, "white"), f"--oem 1 --psm 7 --dpi {_DPI}")
        kind = next(rule.kind for rule in rules if rule.key == field.key)
        reading = normalise(" ".join(word.text for word in words), kind)
        confidence = min((word.confidence for word in words), default=0.0)
        if reading.value != field.value:
            return replace(field, confidence=0.0, check=True)
        return replace(field, confidence=round(confidence, 1), check=field.check or confidence < SURE)


def _born_digital(layer: pdfium.TextLayer) -> bool:
    letters = "".join(word.text for word in layer.words)
    strange = sum(unicodedata.category(letter) in {"Co", "Cn", "Cc"} or letter == "�" for letter in letters)
    enough = len(letters) >= _LEAST_LETTERS and strange * 20 <= len(letters)
    return enough and layer.image_share <= _MOST_IMAGE and not layer.turned


def _picture(content: bytes, media_type: str, number: int) -> tuple[Image.Image, float]:
    """One page and its resolution, 0 when unknown."""
    if media_type == "application/pdf":
        return pdfium.render(content, number, dpi=_DPI)
    try:
        picture = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
        dpi = float(picture.info.get("dpi", (0, 0))[0])
        return ImageOps.exif_transpose(picture).convert("RGB"), dpi if _fits_paper(picture, dpi) else 0.0
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise PaperUnreadable(why="the image cannot be decoded") from error


def _fits_paper(picture: Image.Image, dpi: float) -> bool:
    """Cameras and editors write 72 or 96 dpi without meaning it; a page is no larger than A3."""
    return dpi >= 100 and max(picture.size) / dpi <= 17


def _layer_word(word: pdfium.LayerWord, scale: float) -> ReadWord:
    return ReadWord(
        text=unicodedata.normalize("NFC", word.text),
        confidence=100.0,
        left=round(word.left * scale),
        top=round(word.top * scale),
        width=round((word.right - word.left) * scale),
        height=round((word.bottom - word.top) * scale),
    )


def _table_words(table: dict[str, list[Any]]) -> Iterator[ReadWord]:
    for index, text in enumerate(table["text"]):
        confidence = float(table["conf"][index])
        if confidence >= 0 and str(text).strip():
            yield ReadWord(
                text=unicodedata.normalize("NFC", str(text).strip()),
                confidence=confidence,
                left=int(table["left"][index]),
                top=int(table["top"][index]),
                width=int(table["width"][index]),
                height=int(table["height"][index]),
            )


def _plain(error: pytesseract.TesseractError, languages: str) -> str:
    text = str(error.message)
    if "Failed loading language" in text or "Error opening data file" in text:
        return f"the language data {languages!r} is not installed (Debian: tesseract-ocr-vie)"
    return text[:160]
