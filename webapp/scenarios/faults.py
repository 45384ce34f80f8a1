"""What a scenario may break, and the shorter ways of a fast one. All stand before the real connectors."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from engine.errors import ConnectorRefused, ConnectorUnavailable, Text
from engine.ports import Box, FieldRule, LetterRenderer, ReadText, SignatureRequest, Signer, TextReader


@dataclass(slots=True)
class Broken:
    """What is broken now."""

    now: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class FaultyReader:
    """Port ``TextReader`` that can be down; a fast one reads nothing."""

    inner: TextReader
    broken: Broken
    fast: bool

    def read(self, content: bytes, media_type: str, rules: Sequence[FieldRule] = ()) -> ReadText:
        """As the real reader, unless it is down."""
        if "ocr" in self.broken.now:
            raise ConnectorUnavailable(system="OCR", why=Text(vi="không trả lời", en="no answer"))
        if self.fast:
            return ReadText(text="", mean_confidence=0, pages=1)
        return self.inner.read(content, media_type, rules)


@dataclass(frozen=True, slots=True)
class FaultySigner:
    """Port ``Signer`` that can refuse, as a token with a wrong PIN does."""

    inner: Signer
    broken: Broken

    def sign(self, pdf: bytes, request: SignatureRequest) -> bytes:
        """As the real signer, unless it refuses."""
        if "signature" in self.broken.now:
            raise ConnectorRefused(
                system=Text(vi="Ký số", en="signing"), why=Text(vi="thiết bị ký từ chối", en="the token refuses")
            )
        return self.inner.sign(pdf, request)

    def seal_for_archive(self, pdf: bytes) -> bytes:
        """As the real signer."""
        return self.inner.seal_for_archive(pdf)


@dataclass(frozen=True, slots=True)
class FastLetters:
    """Port ``LetterRenderer`` that makes every letter as HTML, so that missing data is found, and leaves PDF out."""

    inner: LetterRenderer

    def render(self, template: str, data: Mapping[str, Any], *, sources: Mapping[str, str] | None = None) -> bytes:
        """An empty page, after the letter was made as HTML."""
        self.inner.html(template, data, sources=sources)
        return _empty_page()

    def html(self, template: str, data: Mapping[str, Any], *, sources: Mapping[str, str] | None = None) -> str:
        """The letter as HTML."""
        return self.inner.html(template, data, sources=sources)

    def certified_copy(self, original: bytes, media_type: str, template: str, data: Mapping[str, Any]) -> bytes:
        """An empty page, after the certification was made as HTML."""
        return self.render(template, data)

    def join(self, parts: Sequence[bytes]) -> bytes:
        """One PDF of all parts."""
        return self.inner.join(parts)

    def page_count(self, pdf: bytes) -> int:
        """How many pages a PDF has."""
        return self.inner.page_count(pdf)

    def signature_boxes(self, *, result: bool) -> tuple[Box, Box]:
        """Where signatures are shown."""
        return self.inner.signature_boxes(result=result)


def _empty_page() -> bytes:
    with pikepdf.new() as whole:
        whole.add_blank_page(page_size=(595, 842))
        out = io.BytesIO()
        whole.save(out, deterministic_id=True)
    return out.getvalue()
