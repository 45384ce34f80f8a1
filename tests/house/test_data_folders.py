"""Procedures are data: no code below ``processes`` and ``forms``, and everything in them fits together."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest

from engine.commands.definitions import check_package
from engine.definitions.package import read_folder
from engine.procedures import compile_package
from webapp.calendar_files import read_functions
from webapp.demo.people import UNITS

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(path.parent for path in (ROOT / "processes").glob("*/procedure.json"))
_LITERAL = re.compile(r'"([\w-]+)"')


def test_data_folders_hold_no_code() -> None:
    allowed = {".json", ".bpmn", ".dmn", ".html", ".css", ".md"}
    found = [path for folder in ("processes", "forms") for path in (ROOT / folder).rglob("*") if path.is_file()]
    assert len(found) > 50
    assert [str(path) for path in found if path.suffix not in allowed] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_procedure_passes_the_gate(folder: Path) -> None:
    assert check_package(read_folder(folder), functions=read_functions()) == ()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_named_element_has_an_english_name(folder: Path) -> None:
    procedure = compile_package(read_folder(folder))
    english = procedure.texts["elements"]
    lacking = [name for name, element in procedure.definition.elements.items() if element.name and name not in english]
    assert lacking == []


def test_english_names_belong_to_elements() -> None:
    known = {name for folder in FOLDERS for name in compile_package(read_folder(folder)).definition.elements}
    for file in (ROOT / "processes").glob("*/texts/en.json"):
        assert sorted(set(orjson.loads(file.read_bytes())["elements"]) - known) == [], file


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_template_and_message_named_exists(folder: Path) -> None:
    package = read_folder(folder)
    letters = {name.removesuffix(".html") for name in package.letters()}
    messages = package.texts("messages")
    for element in compile_package(package).definition.elements.values():
        operation, inputs = element.attributes.get("operation", ""), dict(element.inputs)
        if operation in {"letter.render", "copy.render"}:
            assert _text(inputs["template"]) in letters, element.id
        elif operation == "notify.send":
            assert _text(inputs["template"]) in messages, element.id


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_diagrams_read_from_left_to_right_without_overlap(folder: Path) -> None:
    bounds = re.compile(
        r'<bpmndi:BPMNShape[^>]*bpmnElement="(\w+)"[^>]*>\s*<dc:Bounds x="([\d.]+)" y="([\d.]+)" width="(\d+)" '
        r'height="(\d+)"'
    )
    for name, content in read_folder(folder).diagrams().items():
        shapes = [(found[0], *map(float, found[1:])) for found in bounds.findall(content.decode())]
        if name.endswith(".dmn"):
            continue
        attached = set(re.findall(r'<bpmn:boundaryEvent id="(\w+)"', content.decode()))
        for place, (one, x, y, w, h) in enumerate(shapes):
            for other, u, v, s, t in shapes[place + 1 :]:
                apart = x + w <= u or u + s <= x or y + h <= v or v + t <= y
                assert apart or {one, other} & attached, (name, one, other)


def test_communes_offered_in_forms_are_the_installation_s() -> None:
    offered = orjson.loads((ROOT / "forms/_shared/units.json").read_bytes())["unit"]["oneOf"]
    communes = {unit.code: unit.name for unit in UNITS if unit.kind == "commune"}
    assert {option["const"]: option["title"] for option in offered} == communes


def _text(expression: str) -> str:
    match = _LITERAL.fullmatch(expression)
    assert match, expression
    return match[1]
