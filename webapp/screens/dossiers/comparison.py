"""Papers beside what was read from them and what was typed: where they differ, and how far the reading is to be
trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.forms import PaperFile, expected_values, paper_files, prefill, rule_title
from engine.procedures import Procedure
from engine.queries.dossier_page import DossierPage
from engine.store.records import Document, Extraction
from webapp import web

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Preparation that moves pixels: a place on the prepared page is then no place on the picture that is shown.
_MOVING = re.compile(r"resize|deskew|rotate|perspective|crop|turn|flat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One value. ``state`` is agree, differ, check (nobody can say yet) or missing (not found on the paper)."""

    label: str
    typed: str
    registered: str  #: what a register said of it; empty when none did
    read: str
    confidence: int
    state: str
    page: int
    box: str  #: "left,top,width,height" on the page that is shown, empty when unknown

    @property
    def unlike_register(self) -> bool:
        """Whether the paper, or the form, says something else than the register."""
        told = _plain(self.registered)
        return bool(told) and any(said and _plain(said) != told for said in (self.typed, self.read))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One paper of the dossier."""

    document: Document
    title: str
    lines: tuple[Line, ...]
    confidence: int | None  #: of the whole text; None while it has not been read

    @property
    def has_register(self) -> bool:
        """Whether a register said anything of it."""
        return any(line.registered for line in self.lines)

    @property
    def differences(self) -> int:
        """How many values differ."""
        return sum(line.state == "differ" or line.unlike_register for line in self.lines)

    @property
    def to_check(self) -> int:
        """How many values a person has to look at."""
        return sum(line.state in {"check", "missing"} for line in self.lines)


def compared_papers(page: DossierPage, procedure: Procedure) -> tuple[Compared, ...]:
    """Every paper of the application in its order, then papers that came later."""
    form, data = procedure.form(procedure.manifest.application_form), page.dossier.data
    answers = {name: answer["data"] for name, answer in page.registers.items() if answer.get("data")}
    told = prefill(form, answers, today=page.dossier.filed_at.date())
    readings = {reading.document: reading for reading in page.readings}
    shown: list[Compared] = []
    for paper in paper_files(form, data):
        document = page.document(paper.file)
        if document is None:
            continue
        reading = readings.get(document.id)
        lines = _lines(procedure, data, told, paper, reading) if reading else ()
        shown.append(_paper(document, paper.title.in_(web.language()), lines, reading))
    known = {paper.document.id for paper in shown}
    later = (document for document in page.documents if document.kind == "paper" and document.id not in known)
    shown += [_paper(document, document.name, (), readings.get(document.id)) for document in later]
    return tuple(shown)


def _paper(document: Document, title: str, lines: Iterable[Line], reading: Extraction | None) -> Compared:
    confidence = round(reading.confidence) if reading else None
    return Compared(document=document, title=title, lines=tuple(lines), confidence=confidence)


def _lines(
    procedure: Procedure, data: Mapping[str, Any], known: Mapping[str, Any], paper: PaperFile, reading: Extraction
) -> Iterable[Line]:
    form, language = procedure.form(procedure.manifest.application_form), web.language()
    typed = expected_values(form, paper.paper, data, at=paper.path)
    registered = expected_values(form, paper.paper, known, at=paper.path)
    moved = {step.partition(":")[0] for step in map(str, reading.steps) if _MOVING.search(step)}
    for found in reading.fields:
        key = str(found["key"])
        expected, value = typed.get(key, str(found.get("expected") or "")), str(found["value"])
        box = found.get("box") or [0, 0, 0, 0]
        placed = any(box) and f"p{found.get('page', 1)}" not in moved
        yield Line(
            label=rule_title(form, paper.paper, key, at=paper.path).in_(language),
            typed=_shown(expected),
            registered=_shown(registered.get(key, "")),
            read=_shown(value),
            confidence=round(found["confidence"]),
            state=_state(expected, value, bool(found.get("check", True))),
            page=int(found.get("page", 1)),
            box=",".join(str(part) for part in box) if placed else "",
        )


def _state(expected: str, value: str, check: bool) -> str:
    if not value:
        return "missing"
    if not expected:
        return "check"
    if _plain(expected) != _plain(value):
        return "differ"
    return "check" if check else "agree"


def _plain(value: str) -> str:
    return " ".join(value.casefold().split())


def _shown(value: str) -> str:
    if _ISO.fullmatch(value):
        try:
            return f"{date.fromisoformat(value):%d/%m/%Y}"
        except ValueError:
            return value
    return value
