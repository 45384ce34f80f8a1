"""What modellers write is accepted and loads as drawn; whatever is broken in it is refused or loads as broken."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from engine.bpmn.graph_equality import compare, loaded_graph
from engine.bpmn.guard import inspect
from engine.bpmn.normalise import normalise
from engine.bpmn.parser import parse as load
from engine.bpmn.xml import BPMN, parse
from engine.errors import Problem
from tests.bpmn.gate.drawing import task

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.bpmn"))
_MUTATIONS = int(os.environ.get("MOTCUA_TEST_MUTATIONS", "25"))


def _differences(source: bytes) -> tuple[Problem, ...]:
    checked = inspect({"x": source})
    return compare(checked.diagrams, loaded_graph(load([parse(normalise(source).xml)])))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_dialect_is_accepted(path: Path) -> None:
    errors = [p for p in inspect({path.name: path.read_bytes()}).problems if p.severity == "error"]
    assert errors == []


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_dialect_loads_as_drawn(path: Path) -> None:
    assert _differences(path.read_bytes()) == ()


def test_difference_of_the_loaded_graph_is_refused() -> None:
    path = next(path for path in CORPUS if path.stem == "bpmn_io")
    checked = inspect({path.name: path.read_bytes()})
    changed = normalise(path.read_bytes()).xml.replace(b'targetRef="Event_end"', b'targetRef="Activity_fix"')
    problems = compare(checked.diagrams, loaded_graph(load([parse(changed)])))
    assert {problem.code for problem in problems} == {"bpmn-graph-differs"}
    assert {problem.element for problem in problems} == {"Flow_3"}


def test_document_beside_a_process_may_show_anything() -> None:
    document = '<process id="Q" isExecutable="false"><scriptTask id="q"/><complexGateway id="g"/></process>'
    source = task(roots=document)
    errors = {problem.code for problem in inspect({"x": source}).problems}
    assert errors == set()
    assert _differences(source) == ()


def _drop_attribute(element: etree._Element, rng: random.Random) -> None:
    if element.attrib:
        del element.attrib[rng.choice(sorted(map(str, element.attrib)))]


def _drop_element(element: etree._Element, rng: random.Random) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _duplicate(element: etree._Element, rng: random.Random) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.append(etree.fromstring(etree.tostring(element)))


def _swap(element: etree._Element, rng: random.Random) -> None:
    names = [n for n in ("sourceRef", "targetRef", "attachedToRef", "default", "messageRef", "id") if element.get(n)]
    others = [e.get("id", "") for e in element.getroottree().getroot().iter(etree.Element) if e.get("id")]
    if names and others:
        element.set(rng.choice(names), rng.choice(others))


def _rename(element: etree._Element, rng: random.Random) -> None:
    tags = ["userTask", "boundaryEvent", "parallelGateway", "transaction", "unheardOf", "startEvent", "sequenceFlow"]
    element.tag = f"{{{BPMN}}}{rng.choice(tags)}"


def _wrap(element: etree._Element, rng: random.Random) -> None:
    etree.SubElement(element, f"{{{BPMN}}}{rng.choice(['subProcess', 'timerEventDefinition', 'incoming', 'oddity'])}")


_CHANGES: list[Callable[[etree._Element, random.Random], None]] = [
    _drop_attribute, _drop_element, _duplicate, _swap, _rename, _wrap,
]  # fmt: skip


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_mutated_dialect_is_refused_or_loads_as_drawn(path: Path) -> None:
    rng = random.Random(path.stem)
    for _ in range(_MUTATIONS):
        root = parse(path.read_bytes())
        elements = [e for e in root.iter(etree.Element) if etree.QName(e).namespace == BPMN and e is not root]
        for _ in range(rng.randint(1, 2)):
            rng.choice(_CHANGES)(rng.choice(elements), rng)
        source = etree.tostring(root)
        checked = inspect({"x": source})
        assert checked.refused or _differences(source) == (), source.decode()
