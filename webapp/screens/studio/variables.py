"""The variables that an expression of a diagram may name, each with what it is, and values to try one on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from engine.bpmn import guard
from engine.bpmn.diagram import Node
from engine.decisions import read_model
from engine.errors import DefinitionRefused
from engine.forms import Form, load_form
from webapp import web
from webapp.screens.studio.blueprint import Bench
from webapp.words import gettext as _


def variables(work: Bench, file: str) -> list[dict[str, str]]:
    """Name and label of what a dossier begins with and of what each step of the diagram leaves, by name.

    A file that cannot be read adds nothing; what is wrong with it is told elsewhere.
    """
    found = _beginning() | dict(_of_form("form", _("Tờ khai"), _form(work, "application")))
    decisions = _decisions(work)
    for node in _nodes(work, file):
        for name, label in _of_step(work, node, decisions):
            found.setdefault(name, label)
    return [{"id": name, "label": found[name]} for name in sorted(found)]


def sample(work: Bench, file: str) -> dict[str, Any]:
    """Data to try an expression on: what the scenarios say, each step's answers from the first that gives any."""
    found: dict[str, Any] = {
        "number": "H56.12-261110-0001",
        "channel": "online",
        "unit": {"code": "H56.12", "name": "UBND xã Hoa Lộc"},
        "papers": [],
    }
    results = {node.id: _said(node, "result", "resultVariable") for node in _nodes(work, file)}
    for step in _steps(work):
        if "file" in step:
            found.setdefault("form", step.get("data", {}))
        elif "complete" in step:
            task = str(step["complete"])
            found.setdefault(results.get(task) or task, step.get("data", {}))
    return found | {"form": found.get("form", {}), "outcome": "accept", "approval": "approve"}


def _steps(work: Bench) -> Iterator[dict[str, Any]]:
    for name in work.names("scenarios/", ".json"):
        try:
            steps = orjson.loads(work.files[name])["steps"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            continue
        yield from (step for step in steps if isinstance(step, dict)) if isinstance(steps, list) else ()


def _nodes(work: Bench, file: str) -> Iterator[Node]:
    if file in work.files:
        for diagram in guard.inspect({file: work.files[file]}).diagrams:
            yield from diagram.nodes


def _beginning() -> dict[str, str]:
    return {
        "number": _("Mã hồ sơ"),
        "channel": _("Kênh nộp"),
        "unit.code": _("Mã cơ quan giải quyết"),
        "unit.name": _("Tên cơ quan giải quyết"),
        "filed_at": _("Thời điểm nộp"),
        "applicant.name": _("Tên người nộp"),
        "applicant.id": _("Số định danh người nộp"),
        "form": _("Tờ khai"),
        "papers": _("Giấy tờ đã nộp"),
    }


def _of_step(work: Bench, node: Node, decisions: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    label = node.name or node.id
    result = _said(node, "result", "resultVariable")
    if result:
        yield result, label
        yield from _of_form(result, label, _form(work, _said(node, "form")))
        for output in decisions.get(_said(node, "decision", "decisionRef"), ()):
            yield f"{result}.{output}", f"{label}: {output}"
    for mapping in node.mappings:
        if mapping.direction == "output":
            yield mapping.target, label
    if node.loop:
        for name in (node.loop.element, node.loop.output_collection):
            if name:
                yield name, label


def _said(node: Node, *names: str) -> str:
    """The first of our attributes that the step has."""
    return next((node.attributes[f"motcua:{name}"] for name in names if node.attributes.get(f"motcua:{name}")), "")


def _of_form(prefix: str, label: str, form: Form | None) -> Iterator[tuple[str, str]]:
    for field in form.fields() if form else ():
        if "[]" not in field.path:
            yield ".".join((prefix, *field.path)), f"{label}: {field.title.in_(web.language())}"


def _form(work: Bench, name: str) -> Form | None:
    file = f"forms/{name}.json"
    if not name or file not in work.files:
        return None
    shared = {
        other.removeprefix("forms/"): content
        for other, content in work.files.items()
        if other.startswith("forms/_shared/")
    }
    try:
        return load_form(work.files[file], file=file, shared=shared)
    except DefinitionRefused:
        return None


def _decisions(work: Bench) -> dict[str, tuple[str, ...]]:
    """The outputs of each decision table by the decision's name."""
    found: dict[str, tuple[str, ...]] = {}
    for name in work.names("", ".dmn"):
        try:
            model = read_model(work.files[name], file=name)
        except DefinitionRefused:
            continue
        found |= {decision.name: decision.outputs for decision in model.decisions}
    return found
