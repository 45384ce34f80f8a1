"""PNG and JPEG uploads: parsed to the last byte, and encoded anew for showing."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from connectors.files.refusals import UploadBroken, UploadPixels, UploadPolyglot

#: Pillow's names of what each media type may really be; a phone's multi-picture JPEG is ``MPO``.
_FORMATS = {"image/png": ("PNG",), "image/jpeg": ("JPEG", "MPO")}
_SCRIPT = re.compile(rb"<script|<\?php|<html[ >]|<!doctype html|<iframe", re.IGNORECASE)
_MARGIN = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A parsed image: its size as shown (turned upright) and its fresh encoding."""

    width: int
    height: int
    safe_view: bytes


def parse_picture(name: str, content: bytes, media_type: str, *, max_pixels: int) -> Picture:
    """Decode the whole image; raise the refusal that fits: damaged, too large, more than an image."""
    hidden = hidden_content(content, media_type)
    if hidden:
        raise UploadPolyglot(name=name, found=hidden)
    try:
        _check_chunks(content, media_type)
        with warnings.catch_warnings():
            # Our own, smaller limit is applied right after opening, before any pixel is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
        if picture.format not in _FORMATS[media_type]:
            raise UploadBroken(name=name)
        pixels = picture.width * picture.height
        if pixels > max_pixels:
            raise UploadPixels(name=name, pixels=f"{pixels / 1e6:.0f}", limit=f"{max_pixels / 1e6:.0f}")
        # Another library may have told Pillow to take truncated images for whole ones (WeasyPrint does).
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        picture.load()
    except Image.DecompressionBombError as error:
        raise UploadPixels(name=name, pixels="> 150", limit=f"{max_pixels / 1e6:.0f}") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise UploadBroken(name=name) from error
    shown = upright(picture)
    return Picture(width=shown.width, height=shown.height, safe_view=_encode(shown, media_type))


def upright(picture: Image.Image) -> Image.Image:
    """The picture turned as its camera noted, in grey or RGB, on white, without metadata."""
    turned = ImageOps.exif_transpose(picture)
    if turned.mode in {"RGBA", "LA", "PA"} or "transparency" in turned.info:
        layer = turned.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        paper.alpha_composite(layer)
        return paper.convert("RGB")
    if turned.mode.startswith("I;16") or turned.mode in {"I", "F"}:
        # Pillow clips 16-bit samples on conversion; the upper byte is the picture.
        return turned.convert("I").point(lambda value: value / 256).convert("L")
    return turned.convert("L" if turned.mode in {"1", "L"} else "RGB")


def hidden_content(content: bytes, media_type: str) -> str:
    """What other kind of file these bytes also are, empty when none: ZIP, PDF, HTML or script."""
    if _ends_as_zip(content):
        return "ZIP"
    if media_type == "application/pdf":
        tail = content[content.rfind(b"%%EOF") :]
        return "HTML" if _SCRIPT.search(content[:_MARGIN]) or _SCRIPT.search(tail) else ""
    if b"%PDF-" in content[: _MARGIN + 8]:
        return "PDF"
    return "HTML" if _SCRIPT.search(content) else ""


def _ends_as_zip(content: bytes) -> bool:
    """A ZIP end record whose directory really lies before it (four stray letters do not count)."""
    at = content.rfind(b"PK\x05\x06", max(0, len(content) - 66_000))
    while at >= 0:
        record = content[at : at + 22]
        size = int.from_bytes(record[12:16], "little")
        if len(record) == 22 and content[at - size : at - size + 4] in {b"PK\x01\x02", b"PK\x05\x06"}:
            return True
        at = content.rfind(b"PK\x05\x06", max(0, len(content) - 66_000), at)
    return False


def _check_chunks(content: bytes, media_type: str) -> None:
    """Checksums of every PNG chunk; Pillow alone accepts a damaged one in places."""
    if media_type == "image/png":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            Image.open(io.BytesIO(content), formats=("PNG",)).verify()


def _encode(picture: Image.Image, media_type: str) -> bytes:
    out = io.BytesIO()
    if media_type == "image/png":
        picture.save(out, "PNG", compress_level=4)
    else:
        picture.save(out, "JPEG", quality=88)
    return out.getvalue()
