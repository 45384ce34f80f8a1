"""The gate for uploads: extension, magic number, full parse and virus scan have to agree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

import magic

from connectors.files.pdf_papers import parse_pdf
from connectors.files.pictures import hidden_content, parse_picture
from connectors.files.refusals import (
    UploadEmpty,
    UploadPolyglot,
    UploadTooLarge,
    UploadType,
    UploadVirus,
)
from connectors.files.scanner import ClamdScanner
from engine.ports import InspectedUpload

_EXTENSIONS = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jfif": "image/jpeg",
    ".pdf": "application/pdf",
}
_NAMES = {"image/png": "PNG", "image/jpeg": "JPEG", "application/pdf": "PDF"}
_STARTS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "application/pdf": b"%PDF-"}


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """What is accepted. Bytes, pages and pixels are upper limits, inclusive."""

    max_bytes: int = 20 * 1024 * 1024
    max_pages: int = 200
    max_pixels: int = 40_000_000
    accepted: tuple[str, ...] = ("application/pdf", "image/png", "image/jpeg")


class Scanner(Protocol):
    """A virus scanner."""

    def scan(self, content: bytes) -> str:
        """The name of the virus found, empty when clean."""
        ...


class Inspector:
    """Port ``UploadInspector``. Without a scanner the note ``not-scanned`` says so on every upload."""

    def __init__(self, limits: UploadLimits | None = None, *, scanner: Scanner | None = None) -> None:
        self._limits = limits or UploadLimits()
        self._scanner = scanner

    @classmethod
    def with_clamd(cls, socket: Path | None, limits: UploadLimits | None = None) -> Inspector:
        """The inspector that settings ask for; ``socket`` is clamd's, None when there is no scanner."""
        return cls(limits, scanner=ClamdScanner(socket) if socket else None)

    def inspect(self, name: str, content: bytes) -> InspectedUpload:
        """Accept the upload, or raise the ``UploadRefused`` that fits (``UploadQuarantined``: no scanner).

        Cheap checks come first, and the scan before the parse: no parser sees a file the scanner knows.
        """
        shown = printable_name(name)
        self._check_size(shown, content)
        media_type = self._media_type(shown, content)
        notes = self._scan(shown, content)
        if media_type != "application/pdf":
            picture = parse_picture(shown, content, media_type, max_pixels=self._limits.max_pixels)
            return InspectedUpload(
                media_type=media_type,
                pages=1,
                width=picture.width,
                height=picture.height,
                safe_view=picture.safe_view,
                notes=notes,
            )
        hidden = hidden_content(content, media_type)
        if hidden:
            raise UploadPolyglot(name=shown, found=hidden)
        limits = self._limits
        paper = parse_pdf(shown, content, max_pages=limits.max_pages, max_pixels=limits.max_pixels)
        if paper.owner_password:
            notes += ("owner-password",)
        notes += tuple(f"removed:{found[1:]}" for found in paper.removed)
        return InspectedUpload(
            media_type=media_type,
            pages=paper.pages,
            signed=paper.signed,
            safe_view=paper.safe_view,
            notes=notes,
        )

    def _check_size(self, name: str, content: bytes) -> None:
        if not content:
            raise UploadEmpty(name=name)
        limit = self._limits.max_bytes
        if len(content) > limit:
            raise UploadTooLarge(name=name, size=f"{len(content) / 2**20:.1f}", limit=f"{limit / 2**20:.0f}")

    def _media_type(self, name: str, content: bytes) -> str:
        by_name = _EXTENSIONS.get(PurePath(name).suffix.lower(), "")
        by_magic = str(magic.from_buffer(content[: 1 << 16], mime=True))
        good = by_name in self._limits.accepted and by_name == by_magic and content.startswith(_STARTS[by_name])
        if good:
            return by_name
        accepted = ", ".join(_NAMES[kind] for kind in self._limits.accepted)
        suffix = PurePath(name).suffix or "?"
        raise UploadType(
            name=name,
            accepted=accepted,
            found=f"its name ends in {suffix}, its content is {by_magic}",
            found_vi=f"đuôi tệp là {suffix}, nội dung là {by_magic}",
        )

    def _scan(self, name: str, content: bytes) -> tuple[str, ...]:
        if self._scanner is None:
            return ("not-scanned",)
        virus = self._scanner.scan(content)
        if virus:
            raise UploadVirus(name=name, found=virus)
        return ()


def printable_name(name: str) -> str:
    """The last part of a file name without control characters, at most 120 long; for messages and records."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(letter for letter in last if letter.isprintable()).strip()
    if len(clean) > 120:
        suffix = PurePath(clean).suffix[:10]
        clean = clean[: 119 - len(suffix)] + "…" + suffix
    return clean
