"""Letters from Jinja templates to PDF/A-2u by WeasyPrint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import segno
from jinja2 import BaseLoader, ChoiceLoader, DictLoader, FileSystemLoader, StrictUndefined
from jinja2.exceptions import SecurityError, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from connectors.letters import wording
from connectors.letters.certified import bind_copy
from connectors.letters.compiled import CompiledTemplates
from connectors.letters.layout import ForeignAddress, to_pdf
from connectors.letters.places import LETTER_BOXES, OFFICER_BOX, SEAL_BOX
from connectors.letters.refusals import DataMissing, FetchRefused, TemplateBroken, TemplateMissing
from connectors.letters.tinos import printable, tinos_files
from engine.ports import Box

_SUFFIX = ".html"


class Renderer:
    """Port ``LetterRenderer``. Templates are ``<name>.html`` below ``templates``; names are given without suffix.

    Templates are authored data: they run in Jinja's sandbox with automatic escaping, an undefined name is an error,
    and nothing outside the template can be loaded. Equal input gives equal bytes.
    """

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._compiled = CompiledTemplates()

    def render(self, template: str, data: Mapping[str, Any], *, sources: Mapping[str, str] | None = None) -> bytes:
        """The letter as PDF/A-2u with Tinos embedded; see ``html`` for what is refused."""
        tinos_files()
        page = printable(self.html(template, data, sources=sources))
        try:
            return to_pdf(page)
        except ForeignAddress as refused:
            raise FetchRefused(name=template, url=refused.url[:120]) from None

    def html(self, template: str, data: Mapping[str, Any], *, sources: Mapping[str, str] | None = None) -> str:
        """The letter as HTML; ``TemplateMissing``, ``TemplateBroken`` or ``DataMissing`` say what is wrong."""
        loaders: list[BaseLoader] = [DictLoader({_file(k): v for k, v in (sources or {}).items()})]
        loaders.append(FileSystemLoader(self._templates))
        environment = _environment(ChoiceLoader(loaders), self._compiled)
        try:
            return environment.get_template(_file(template)).render(**data)
        except TemplateNotFound as error:
            known = sorted(name.removesuffix(_SUFFIX) for name in environment.list_templates([_SUFFIX[1:]]))
            raise TemplateMissing(name=error.name, known=", ".join(known)) from error
        except TemplateSyntaxError as error:
            raise TemplateBroken(name=error.name or template, line=error.lineno, why=error.message) from error
        except UndefinedError as error:
            raise DataMissing(name=template, why=error.message) from error
        except (SecurityError, TypeError, ValueError, OverflowError, ArithmeticError, LookupError) as error:
            raise TemplateBroken(name=template, line="?", why=str(error)) from error

    def certified_copy(self, original: bytes, media_type: str, template: str, data: Mapping[str, Any]) -> bytes:
        """The original's pages, each stamped BẢN SAO, then the certification page: a plain PDF ready to sign."""
        return bind_copy(original, media_type, self.render(template, data), issued_at=data["issued_at"])

    def join(self, parts: Sequence[bytes]) -> bytes:
        """One PDF with the pages of all parts in order; equal parts give equal bytes."""
        with pikepdf.new() as whole, ExitStack() as opened:
            for part in parts:
                whole.pages.extend(opened.enter_context(pikepdf.open(BytesIO(part))).pages)
            out = BytesIO()
            whole.save(out, deterministic_id=True)
        return out.getvalue()

    def page_count(self, pdf: bytes) -> int:
        """How many pages a PDF has."""
        with pikepdf.open(BytesIO(pdf)) as opened:
            return len(opened.pages)

    def signature_boxes(self, *, result: bool) -> tuple[Box, Box]:
        """The official's and the unit's; no printed text of the shared templates lies inside."""
        return (OFFICER_BOX, SEAL_BOX) if result else LETTER_BOXES


def _file(template: str) -> str:
    return template if template.endswith(_SUFFIX) else template + _SUFFIX


class _Sandbox(ImmutableSandboxedEnvironment):
    """Data comes first: ``receipt.items`` is the key of the record, not the method of a Python dictionary."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The entry of a record, or what the sandbox allows."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def _environment(loader: BaseLoader, compiled: CompiledTemplates) -> ImmutableSandboxedEnvironment:
    environment = _Sandbox(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=compiled,
    )
    environment.filters.update(
        qr=qr,
        in_words=wording.in_words,
        number_words=wording.number_words,
        money=wording.money,
        long_date=wording.long_date,
        short_date=wording.short_date,
        clock_time=wording.clock_time,
        short_time=wording.short_time,
        date_words=wording.date_words,
        iso=lambda value: wording.moment_of(value).isoformat(timespec="seconds"),
    )
    environment.globals["qr"] = qr
    return environment


@lru_cache(maxsize=256)  # a dossier's letters have the same code, and choosing its mask costs more than the letter
def qr(text: str) -> Markup:
    """A QR code (error correction M) as inline SVG that fills its box."""
    code = segno.make(text, error="m", micro=False)
    drawing = code.svg_inline(border=2, omitsize=True, lineclass=None, svgclass="qr")
    return Markup(drawing)  # noqa: S704 - made here from modules alone, no text of the data is in it
