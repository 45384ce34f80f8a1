"""A certified electronic copy: the original's pages, stamped, followed by the certification page."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Object, Page, Pdf
from PIL import Image, ImageOps, UnidentifiedImageError

from connectors.letters.layout import to_pdf
from connectors.letters.refusals import OriginalUnusable
from connectors.letters.wording import moment_of

_A4 = (595.28, 841.89)
_MARGIN = 28.35
_STAMP = (92.0, 30.0)  # width and height in points
_STAMP_HTML = """<html lang="vi"><style>@page{size:92pt 30pt;margin:0}body{margin:0;font-family:Tinos}
div{box-sizing:border-box;width:90pt;height:28pt;margin:1pt;border:1.6pt solid #b3121d;border-radius:3pt;color:#b3121d;
font:bold 16pt/24pt Tinos;text-align:center;letter-spacing:.6pt}</style><div>BẢN SAO</div></html>"""


def bind_copy(original: bytes, media_type: str, certification: bytes, *, issued_at: Any) -> bytes:
    """One unencrypted PDF without forms, scripts, attachments or annotations; equal input gives equal bytes.

    Rotated pages come out upright, so the stamp stands at the top right of what a person sees. Raises
    ``OriginalUnusable`` for an original that was never inspected: damaged, encrypted or of another type.
    """
    try:
        with _as_pdf(original, media_type) as source, Pdf.open(io.BytesIO(certification)) as last:
            if any("/Annots" in page.obj for page in source.pages):
                # Filled fields and the pictures of signatures are part of what a person sees.
                source.generate_appearance_streams()
                source.flatten_annotations("screen")
            result = Pdf.new()
            with Pdf.open(io.BytesIO(_stamp())) as drawn:
                stamp = result.copy_foreign(drawn.pages[0].as_form_xobject())
            for page in source.pages:
                _add_stamped(result, page, stamp)
            result.pages.extend(last.pages)
            _drop_leftovers(result, certification=len(last.pages))
            _describe(result, issued_at)
            return _bytes(result)
    except pikepdf.PasswordError as error:
        raise OriginalUnusable(why="it asks for a password") from error
    except (
        pikepdf.PdfError,
        pikepdf.DataDecodingError,
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        ValueError,
        RuntimeError,
    ) as error:
        raise OriginalUnusable(why=f"it cannot be read ({type(error).__name__})") from error


def _as_pdf(original: bytes, media_type: str) -> Pdf:
    if media_type == "application/pdf":
        return Pdf.open(io.BytesIO(original))
    if media_type in {"image/png", "image/jpeg"}:
        return _image_pdf(original, media_type)
    raise OriginalUnusable(why=f"its type is {media_type}")


def _image_pdf(original: bytes, media_type: str) -> Pdf:
    """The picture on one A4 page, upright, in portrait or landscape as it is; a JPEG keeps its own bytes."""
    picture = Image.open(io.BytesIO(original), formats=("PNG", "JPEG"))
    turned = picture.getexif().get(0x0112, 1) != 1
    pdf = Pdf.new()
    plain_jpeg = media_type == "image/jpeg" and picture.mode in {"RGB", "L"} and not turned
    shown = picture if plain_jpeg else _flat(ImageOps.exif_transpose(picture))
    stream = pdf.make_stream(original if plain_jpeg else shown.tobytes())
    stream.Type, stream.Subtype = Name.XObject, Name.Image
    stream.Width, stream.Height, stream.BitsPerComponent = shown.width, shown.height, 8
    stream.ColorSpace = Name.DeviceGray if shown.mode == "L" else Name.DeviceRGB
    if plain_jpeg:
        stream.Filter = Name.DCTDecode
    wide, high = _A4 if shown.height >= shown.width else _A4[::-1]
    scale = min((wide - 2 * _MARGIN) / shown.width, (high - 2 * _MARGIN) / shown.height)
    drawn_wide, drawn_high = shown.width * scale, shown.height * scale
    left, bottom = (wide - drawn_wide) / 2, (high - drawn_high) / 2
    page = pdf.add_blank_page(page_size=(wide, high))
    page.obj.Resources = Dictionary(XObject=Dictionary(Scan=stream))
    page.obj.Contents = pdf.make_stream(
        f"q {drawn_wide:.3f} 0 0 {drawn_high:.3f} {left:.3f} {bottom:.3f} cm /Scan Do Q".encode()
    )
    return pdf


def _flat(picture: Image.Image) -> Image.Image:
    """Grey or RGB on white; 16-bit samples keep their upper byte."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        paper.alpha_composite(layer)
        return paper.convert("RGB")
    return picture.convert("L" if picture.mode in {"1", "L"} else "RGB")


def _add_stamped(result: Pdf, page: Page, stamp: Object) -> None:
    """The visible part of ``page``, annotations flattened away, drawn upright on a fresh page with the stamp."""
    box = page.cropbox
    left, bottom, right, top = (float(value) for value in box)
    wide, high = abs(right - left), abs(top - bottom)
    turn = int(page.obj.get("/Rotate", 0)) % 360
    size = (high, wide) if turn in {90, 270} else (wide, high)
    if min(size) < 36 or not all(math.isfinite(side) for side in size):
        raise OriginalUnusable(why="a page has no usable size")
    fresh = result.add_blank_page(page_size=size)
    scale = min(1.0, size[0] / 3 / _STAMP[0])
    x, y = size[0] - 17 - _STAMP[0] * scale, size[1] - 14 - _STAMP[1] * scale
    fresh.obj.Resources = Dictionary(
        XObject=Dictionary(
            Original=result.copy_foreign(page.as_form_xobject(handle_transformations=False)), Stamp=stamp
        )
    )
    fresh.obj.Contents = result.make_stream(
        f"q {_upright(turn, size, (left, bottom))} cm /Original Do Q\n"
        f"q {scale:.4f} 0 0 {scale:.4f} {x:.3f} {y:.3f} cm /Stamp Do Q".encode()
    )


def _upright(turn: int, size: tuple[float, float], origin: tuple[float, float]) -> str:
    """The matrix that draws the page's own coordinates upright on a page of ``size`` from 0, 0."""
    x, y = origin
    wide, high = size
    matrix = {
        0: (1, 0, 0, 1, -x, -y),
        90: (0, -1, 1, 0, -y, high + x),
        180: (-1, 0, 0, -1, wide + x, high + y),
        270: (0, 1, -1, 0, wide + y, -x),
    }[turn]
    return " ".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in matrix)


@cache
def _stamp() -> bytes:
    return to_pdf(_STAMP_HTML, variant=None)


def _drop_leftovers(result: Pdf, *, certification: int) -> None:
    """Original pages keep only what they show; links of the certification page stay."""
    for key in ("/AcroForm", "/OpenAction", "/AA", "/Names", "/AF", "/Perms"):
        if key in result.Root:
            del result.Root[key]
    for page in _but_last(result, certification):
        for key in ("/Annots", "/AA", "/AF", "/StructParents"):
            if key in page.obj:
                del page.obj[key]


def _but_last(result: Pdf, count: int) -> Iterator[Page]:
    yield from list(result.pages)[: len(result.pages) - count]


def _describe(result: Pdf, issued_at: Any) -> None:
    moment = moment_of(issued_at)
    stamp = moment.strftime("D:%Y%m%d%H%M%S") + "+07'00'"
    result.Root.Lang = pikepdf.String("vi")
    result.docinfo["/Title"] = "Bản sao điện tử có chứng thực"
    result.docinfo["/CreationDate"] = stamp
    result.docinfo["/ModDate"] = stamp
    result.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)


def _bytes(result: Pdf) -> bytes:
    result.remove_unreferenced_resources()
    out = io.BytesIO()
    result.save(
        out,
        encryption=False,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        min_version="1.7",
    )
    return out.getvalue()
