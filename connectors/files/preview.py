"""Pictures of stored papers for an official's screen."""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

from connectors import pdfium
from connectors.files.pictures import upright
from engine.errors import InvalidInput

_MAX_WIDTH = 4000


def preview(content: bytes, media_type: str, page: int = 1, width: int = 1000) -> bytes:
    """Page ``page`` (from 1) as PNG, ``width`` pixels wide (16–4000; a small image is not enlarged).

    Raises ``PdfUnreadable`` or ``InvalidInput`` for a missing page or a file that was never inspected.
    """
    wide = max(16, min(width, _MAX_WIDTH))
    if media_type == "application/pdf":
        picture, _ = pdfium.render(content, page, width=wide)
    else:
        picture = _picture(content, page, wide)
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _picture(content: bytes, page: int, width: int) -> Image.Image:
    if page != 1:
        raise InvalidInput(what="page", why=f"an image has one page, not {page}")
    try:
        picture = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
        picture.draft("RGB", (width, round(picture.height * width / max(picture.width, 1))))
        shown = upright(picture)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise InvalidInput(what="image", why="it cannot be decoded") from error
    if shown.width > width:
        height = max(1, round(shown.height * width / shown.width))
        shown = shown.resize((width, height), Image.Resampling.LANCZOS)
    return shown
