"""A drawing for diagrams without one: everything is drawn, nothing covers anything, and nothing else changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.drawing import MOST, drawn
from engine.bpmn.layout import Box, Line, Placed, Step, arrange
from engine.bpmn.xml import BPMN, BPMNDI
from engine.errors import DefinitionRefused

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *sorted((ROOT / "processes").glob("*/process.bpmn")),
    *sorted((ROOT / "processes/_shared").glob("*.bpmn")),
    *sorted((ROOT / "tests/bpmn/gate/corpus").glob("*.bpmn")),
]
_DIAGRAM = re.compile(rb"<((?:[\w.-]+:)?)BPMNDiagram\b.*?</\1BPMNDiagram\s*>", re.DOTALL)
_ADDED = re.compile(rb"<bpmndi:BPMNDiagram xmlns:bpmndi=.*?</bpmndi:BPMNDiagram>", re.DOTALL)


def undrawn(file: Path) -> bytes:
    return _DIAGRAM.sub(b"", file.read_bytes())


def boxes(root: etree._Element) -> dict[str, Box]:
    found = {}
    for shape in root.iter(f"{{{BPMNDI}}}BPMNShape"):
        bounds = shape[0]
        x, y, width, height = (round(float(bounds.get(key, "0"))) for key in ("x", "y", "width", "height"))
        found[shape.get("bpmnElement", "")] = Box(x=x, y=y, width=width, height=height)
    return found


def joins(flow: etree._Element, shapes: dict[str, Box]) -> bool:
    """Whether both ends of a flow are drawn; a file of the corpus has blanks around an id."""
    return bool(flow.get("id")) and {str(flow.get(end)) for end in ("sourceRef", "targetRef")} <= shapes.keys()


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_only_the_drawing_is_added(file: Path) -> None:
    source = undrawn(file)
    whole = drawn(source)
    assert _ADDED.sub(b"", whole) == source
    assert drawn(whole) == whole
    root = etree.fromstring(whole)
    ids = [str(element.get("id")) for element in root.iter(f"{{{BPMNDI}}}*") if element.get("id")]
    assert len(ids) == len(set(ids))
    assert not set(ids) & {element.get("id") for element in etree.fromstring(source).iter(etree.Element)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_step_and_flow_is_drawn_and_no_step_covers_another(file: Path) -> None:
    root = etree.fromstring(drawn(undrawn(file)))
    shapes = boxes(root)
    edges = {edge.get("bpmnElement") for edge in root.iter(f"{{{BPMNDI}}}BPMNEdge")}
    for process in root.iter(f"{{{BPMN}}}process", f"{{{BPMN}}}subProcess"):
        nodes = [child for child in process if isinstance(child.tag, str) and child.get("id") in shapes]
        told = {
            child.get("id") for child in process if re.search(r"(Task|Event|Gateway|Process|Activity)$", str(child.tag))
        }
        assert told - {None} <= shapes.keys()  # what has no id cannot be pointed at
        flows = [flow for flow in process.findall(f"{{{BPMN}}}sequenceFlow") if joins(flow, shapes)]
        assert {flow.get("id") for flow in flows} <= edges
        standing = [shapes[str(node.get("id"))] for node in nodes if "boundaryEvent" not in str(node.tag)]
        for number, one in enumerate(standing):
            assert not any(overlap(one, other) for other in standing[number + 1 :])


def test_lanes_hold_their_steps_and_pools_their_lanes() -> None:
    root = etree.fromstring(drawn(undrawn(ROOT / "tests/bpmn/gate/corpus/bpmn_io.bpmn")))
    shapes = boxes(root)
    lanes = list(root.iter(f"{{{BPMN}}}lane"))
    assert len(lanes) == 2
    for lane in lanes:
        around = shapes[str(lane.get("id"))]
        for named in lane.findall(f"{{{BPMN}}}flowNodeRef"):
            within = shapes[str(named.text)]
            assert around.x <= within.x
            assert around.y <= within.y
            assert within.x + within.width <= around.x + around.width
            assert within.y + within.height <= around.y + around.height
    one, other = (shapes[str(lane.get("id"))] for lane in lanes)
    assert (one.y + one.height, one.x, one.width) == (other.y, other.x, other.width)
    for participant in root.iter(f"{{{BPMN}}}participant"):
        assert str(participant.get("id")) in shapes


def test_empty_drawing_is_replaced_and_other_encodings_are_read() -> None:
    text = (
        '<?xml version="1.0" encoding="UTF-16"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        f'xmlns:di="{BPMNDI}"><process id="p"><startEvent id="s" name="Nộp hồ sơ"/></process>'
        '<di:BPMNDiagram id="d"><di:BPMNPlane id="q" bpmnElement="p"/></di:BPMNDiagram></definitions>'
    )
    root = etree.fromstring(drawn(text.encode("utf-16")))
    assert boxes(root).keys() == {"s"}
    assert len(root.findall(f"{{{BPMNDI}}}BPMNDiagram")) == 1
    assert root[0][0].get("name") == "Nộp hồ sơ"


def test_file_full_of_the_word_is_answered_at_once() -> None:
    noise = "<!--" + "<BPMNDiagram " * 200_000 + "-->"
    source = f'<definitions xmlns="{BPMN}"><process id="p"><task id="t"/></process>{noise}</definitions>'.encode()
    assert drawn(source) == source


@pytest.mark.parametrize("source", [b"<broken", b"<!DOCTYPE a><a/>", b"<a/>"])
def test_what_cannot_be_read_is_refused(source: bytes) -> None:
    with pytest.raises(DefinitionRefused):
        drawn(source)


def test_what_nobody_could_read_is_left_undrawn() -> None:
    tasks = "".join(f'<task id="t{number}"/>' for number in range(MOST + 1))
    source = f'<definitions xmlns="{BPMN}"><process id="p">{tasks}</process></definitions>'.encode()
    assert drawn(source) == source
    smaller = source.replace(b'<task id="t0"/>', b"").replace(b'<task id="t1"/>', b"")
    assert drawn(smaller).count(b"BPMNShape id=") == MOST - 1


# -- the layout alone, of any graph


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Step], list[Line], int]:
    bands = draw(st.integers(1, 3))
    count = draw(st.integers(1, 14))
    steps = [
        Step(id=f"n{number}", width=width, height=height, band=draw(st.integers(0, bands - 1)))
        for number, (width, height) in enumerate(
            draw(st.lists(st.sampled_from([(36, 36), (50, 50), (100, 80), (300, 200)]), min_size=count, max_size=count))
        )
    ]
    hosts = [step for step in steps if step.width >= 100]
    for number, host in enumerate(draw(st.lists(st.sampled_from(hosts), max_size=3, unique=True)) if hosts else []):
        steps.append(Step(id=f"b{number}", width=36, height=36, band=host.band, attached_to=host.id))
    names = [step.id for step in steps]
    ends = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names[:count])), max_size=22))
    return steps, [Line(id=f"f{number}", source=one, target=other) for number, (one, other) in enumerate(ends)], bands


def crossed(placed: Placed, steps: list[Step], lines: list[Line]) -> Iterator[tuple[str, str]]:
    """Each way that runs through a step which it neither leaves nor enters."""
    attached = {step.id: step.attached_to or step.id for step in steps}
    for line in lines:
        ends = {line.source, line.target, attached[line.source], attached[line.target]}
        for (x1, y1), (x2, y2) in pairwise(placed.ways[line.id]):
            for step in steps:
                box = placed.boxes[step.id]
                if step.id in ends or step.attached_to:
                    continue
                if min(x1, x2) < box.x + box.width and box.x < max(x1, x2) and box.y < y1 == y2 < box.y + box.height:
                    yield line.id, step.id
                if min(y1, y2) < box.y + box.height and box.y < max(y1, y2) and box.x < x1 == x2 < box.x + box.width:
                    yield line.id, step.id


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_any_graph_is_laid_out_without_covering_or_crossing(graph: tuple[list[Step], list[Line], int]) -> None:
    steps, lines, bands = graph
    placed = arrange(steps, lines, bands=bands)
    standing = [step for step in steps if not step.attached_to]
    for number, one in enumerate(standing):
        box = placed.boxes[one.id]
        assert not any(overlap(box, placed.boxes[other.id]) for other in standing[number + 1 :])
        top = sum(placed.bands[: one.band])
        assert top <= box.y
        assert box.y + box.height <= top + placed.bands[one.band]
        assert box.x + box.width <= placed.width
    assert list(crossed(placed, steps, lines)) == []
    for line in lines:
        way, source, target = placed.ways[line.id], placed.boxes[line.source], placed.boxes[line.target]
        assert source.x <= way[0][0] <= source.x + source.width
        assert way[-1] == (target.x, target.middle[1])
        assert all(x1 == x2 or y1 == y2 for (x1, y1), (x2, y2) in pairwise(way))
        assert all(0 <= x <= placed.width and 0 <= y <= placed.height for x, y in way)


def test_chain_runs_from_left_to_right_in_one_row() -> None:
    steps = [Step(id=name, width=100, height=80) for name in "abcd"]
    placed = arrange(steps, [Line(id=f"{a}{b}", source=a, target=b) for a, b in pairwise("abcd")])
    assert sorted("abcd", key=lambda name: placed.boxes[name].x) == list("abcd")
    assert len({box.y for box in placed.boxes.values()}) == 1
    assert all(len(way) == 2 for way in placed.ways.values())
