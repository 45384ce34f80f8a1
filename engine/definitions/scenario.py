"""Scenarios: what happens to an invented dossier, step by step, and what has to be true after each step. Pure data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import orjson

from engine.errors import DefinitionRefused, InvalidInput, Problem, Text
from engine.values import aware

#: What a step may do. Exactly one of these stands in a step.
ACTS = ("file", "pay", "complete", "advance", "fault", "repair", "hand_over")
#: What may be broken. No answer of a person or agency needs no fault: advance the clock.
FAULTS = ("ocr", "signature", "time-stamps", "register")

_TEXT = {"type": "string", "minLength": 1}
_PAPERS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["title"],
        "additionalProperties": False,
        "properties": {
            "title": _TEXT,
            "lines": {"type": "array", "items": {"type": "string"}},
            "type": {"enum": ["png", "pdf"]},
        },
    },
}
_EXPECT = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "open": {"type": "array", "items": _TEXT},
        "portal": {"type": "integer"},
        "business": _TEXT,
        "finance": _TEXT,
        "delivery": _TEXT,
        "lateness": {"type": "string"},
        "waiting": {"type": "string"},
        "fee": {"type": "integer"},
        "refunds": {"type": "integer"},
        "receipts": {"type": "integer"},
        "due": {"type": ["string", "null"]},
        "letters": {"type": "array", "items": _TEXT},
        "events": {"type": "array", "items": _TEXT},
        "result": {"type": ["string", "null"]},
        "signatures": {"type": "integer"},
        "read": {"type": "object", "additionalProperties": {"type": "string"}},
        "registers": {"type": "array", "items": _TEXT},
    },
}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["title", "start", "steps"],
    "additionalProperties": False,
    "properties": {
        "title": {
            "type": "object",
            "required": ["vi", "en"],
            "additionalProperties": False,
            "properties": {"vi": _TEXT, "en": _TEXT},
        },
        "start": _TEXT,
        "fast": {"type": "boolean"},
        "steps": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "file": _TEXT,
                    "pay": {"enum": ["once", "twice", "fail"]},
                    "complete": _TEXT,
                    "advance": _TEXT,
                    "fault": {"enum": list(FAULTS)},
                    "repair": {"enum": list(FAULTS)},
                    "hand_over": {"enum": ["online", "desk", "post"]},
                    "as": _TEXT,
                    "unit": _TEXT,
                    "channel": {"enum": ["online", "desk", "post"]},
                    "registers": {"type": "object"},
                    "data": {"type": "object"},
                    "papers": _PAPERS,
                    "evidence": _TEXT,
                    "late_reason": {"type": "string"},
                    "refused": _TEXT,
                    "expect": _EXPECT,
                },
                "oneOf": [{"required": [act]} for act in ACTS],
            },
        },
    },
}
_VALIDATOR = jsonschema.Draft202012Validator(_SCHEMA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper to be drawn: a title and lines, as a picture or a PDF."""

    title: str
    lines: tuple[str, ...] = ()
    type: str = "png"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioStep:
    """One thing that happens, and what has to be true after it."""

    number: int  #: from 1
    act: str  #: one of ``ACTS``
    value: str  #: procedure code, mode of paying, element of a task, moment or duration, fault, way
    who: str = ""  #: login or role; empty = whoever the task is for
    unit: str = ""
    channel: str = "online"
    registers: Mapping[str, tuple[str, str]] = field(default_factory=dict)  #: root → (register, subject)
    data: Mapping[str, Any] = field(default_factory=dict)
    papers: Mapping[str, Paper] = field(default_factory=dict)  #: dotted place of the file field → paper
    evidence: str = ""
    late_reason: str | None = None  #: said with a step that is completed late; None = that it is a scenario
    refused: str = ""  #: code of the error that has to come; nothing may have changed then
    expect: Mapping[str, Any] = field(default_factory=dict)

    def says(self, vi: str, en: str) -> Text:
        """A sentence about the step, beginning with the step as a person reads it."""
        what = f"{self.number} ({self.act} {self.value})"
        return Text(vi=f"bước {what}: {vi}", en=f"step {what}: {en}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One story of a procedure."""

    file: str
    title: Text
    start: datetime
    fast: bool  #: letters are checked as HTML and papers are not read; signatures are real
    steps: tuple[ScenarioStep, ...]

    @property
    def procedure(self) -> str:
        """Code of the procedure that is filed."""
        return next(step.value for step in self.steps if step.act == "file")


def read_scenario(source: bytes, *, file: str) -> Scenario:
    """The scenario, or ``DefinitionRefused`` naming each place that is wrong."""
    try:
        data = orjson.loads(source)
    except orjson.JSONDecodeError as error:
        raise DefinitionRefused(problems=(_problem(file, "", str(error)),)) from error
    problems = tuple(_problem(file, error.json_path, error.message) for error in _VALIDATOR.iter_errors(data))
    if problems:
        raise DefinitionRefused(problems=problems)
    try:
        start = aware(datetime.fromisoformat(data["start"]), what="start")
    except (ValueError, InvalidInput) as error:
        raise DefinitionRefused(problems=(_problem(file, "$.start", str(error)),)) from error
    steps = tuple(_step(number, step) for number, step in enumerate(data["steps"], start=1))
    if next((step.act for step in steps if step.act != "fault"), "") != "file":
        raise DefinitionRefused(problems=(_problem(file, "$.steps[0]", "first of all a dossier has to be filed"),))
    return Scenario(file=file, title=Text(**data["title"]), start=start, fast=data.get("fast", False), steps=steps)


def _step(number: int, data: Mapping[str, Any]) -> ScenarioStep:
    act = next(name for name in ACTS if name in data)
    papers = {
        place: Paper(title=paper["title"], lines=tuple(paper.get("lines", ())), type=paper.get("type", "png"))
        for place, paper in data.get("papers", {}).items()
    }
    return ScenarioStep(
        number=number,
        act=act,
        value=str(data[act]),
        who=data.get("as", ""),
        unit=data.get("unit", ""),
        channel=data.get("channel", "online"),
        registers={root: (found[0], found[1]) for root, found in data.get("registers", {}).items()},
        data=data.get("data", {}),
        papers=papers,
        evidence=data.get("evidence", ""),
        late_reason=data.get("late_reason"),
        refused=data.get("refused", ""),
        expect=data.get("expect", {}),
    )


def scenario_files(path: Path) -> Iterator[Path]:
    """The scenario files that a path means: itself, those of a procedure, or those of all procedures below."""
    if path.is_file():
        yield path
        return
    for pattern in ("*.json", "scenarios/*.json", "*/scenarios/*.json"):
        found = sorted(path.glob(pattern)) if pattern != "*.json" or path.name == "scenarios" else []
        if found:
            yield from found
            return
    raise InvalidInput(what=str(path), why=Text(vi="không có kịch bản nào", en="it holds no scenario"))


def differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[Text, ...]:
    """What is not as expected, one sentence each. Lists of letters and events need to be contained, others equal.

    An event with ``!`` before its name must not have happened.
    """
    said: list[Text] = []
    for name, wanted in expected.items():
        value = found[name]
        if name in {"letters", "events", "registers"}:
            said += _contained(name, wanted, value)
        elif name == "read":
            wrong = {key: value.get(key) for key, text in wanted.items() if value.get(key) != text}
            said += [_other(f"read {key}", wanted[key], text) for key, text in wrong.items()]
        elif name == "waiting":
            if (wanted not in value) if wanted else value:
                said.append(_other("waiting", wanted, value))
        elif sorted(wanted) != sorted(value) if isinstance(wanted, list) else wanted != value:
            said.append(_other(name, wanted, value))
    return tuple(said)


def _contained(name: str, wanted: list[str], value: list[str]) -> Iterator[Text]:
    missing = ", ".join(entry for entry in wanted if not entry.startswith("!") and entry not in value)
    present = ", ".join(entry[1:] for entry in wanted if entry.startswith("!") and entry[1:] in value)
    if missing:
        yield Text(
            vi=f"{name}: thiếu {missing}; có {', '.join(value) or '–'}",
            en=f"{name}: {missing} missing; there are {', '.join(value) or 'none'}",
        )
    if present:
        yield Text(vi=f"{name}: không được có {present}", en=f"{name}: {present} must not be there")


def _other(name: str, wanted: Any, value: Any) -> Text:
    return Text(vi=f"{name}: mong {wanted!r}, thấy {value!r}", en=f"{name}: expected {wanted!r}, found {value!r}")


def _problem(file: str, place: str, why: str) -> Problem:
    return Problem(
        code="scenario-invalid",
        file=file,
        element=place.removeprefix("$").lstrip("."),
        message=Text(vi=f"Kịch bản không đúng: {why}", en=f"The scenario is wrong: {why}"),
        remedy=Text(vi="Sửa theo docs/procedures.md.", en="Correct it as docs/procedures.md describes."),
    )
