"""Normalising writes a diagram differently and never changes what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.diagram import Diagram
from engine.bpmn.diagram_reader import read
from engine.bpmn.foreign import NotPlain, to_feel
from engine.bpmn.normalise import normalise
from engine.bpmn.xml import BPMN, parse
from tests.bpmn.gate.drawing import around, chosen, definitions, flow, process, task

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.bpmn"))


def _read(source: bytes) -> Diagram:
    return read(parse(normalise(source).xml))


def _bpmn_facts(source: bytes) -> list[tuple[str, dict[str, str]]]:
    root = parse(source)
    return [
        (str(element.tag), {str(key): str(value) for key, value in element.attrib.items() if "{" not in str(key)})
        for element in root.iter(etree.Element)
        if etree.QName(element).namespace == BPMN and etree.QName(element).localname != "extensionElements"
    ]


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_normalising_again_changes_nothing(path: Path) -> None:
    first = normalise(path.read_bytes())
    again = normalise(first.xml)
    assert again.xml == first.xml
    assert not again.changes


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_normalising_keeps_every_bpmn_attribute(path: Path) -> None:
    source = path.read_bytes()
    before = [fact for fact in _bpmn_facts(source) if not fact[0].endswith("}conditionExpression")]
    after = [fact for fact in _bpmn_facts(normalise(source).xml) if not fact[0].endswith("}conditionExpression")]
    assert [tag for tag, _ in before] == [tag for tag, _ in after]
    for (_, old), (_, new) in zip(before, after, strict=True):
        assert old.keys() <= new.keys()


def test_missing_ids_are_generated_without_collision() -> None:
    source = process(
        '<startEvent id="s"/><endEvent id="Flow_s_e"/><sequenceFlow sourceRef="s" targetRef="Flow_s_e"/>'
        '<userTask id="Flow_s_Flow_s_e"/><userTask/><userTask/>'
    )
    ids = [node.id for node in _read(source).processes[0].nodes] + [f.id for f in _read(source).processes[0].flows]
    assert len(set(ids)) == len(ids)
    assert all(ids)


def test_boundary_without_id_is_kept() -> None:
    source = around(
        '<userTask id="t"/><boundaryEvent attachedToRef="t"><timerEventDefinition><timeDuration>P5D</timeDuration>'
        "</timerEventDefinition></boundaryEvent>"
    )
    boundaries = _read(source).processes[0].boundaries["t"]
    assert [event.event.text for event in boundaries if event.event] == ["P5D"]


def test_comment_inside_a_condition_cuts_nothing() -> None:
    source = chosen("a &gt; 5 <!-- and not less --> and b", "c")
    conditions = {flow.id: flow.condition for flow in _read(source).processes[0].flows}
    assert conditions["g-a"] == "a > 5  and b"


def test_processing_instruction_inside_a_condition_cuts_nothing() -> None:
    conditions = {f.id: f.condition for f in _read(chosen("a <?x y?>and b", "c")).processes[0].flows}
    assert conditions["g-a"] == "a and b"


@pytest.mark.parametrize("value", ["0", "false", " false "])
def test_boolean_is_read_as_xml_schema_does(value: str) -> None:
    source = around(
        f'<userTask id="t"/><boundaryEvent id="b" attachedToRef="t" cancelActivity="{value}">'
        "<escalationEventDefinition/></boundaryEvent>"
    )
    assert not _read(source).processes[0].node["b"].interrupting


def test_prefix_of_a_reference_is_resolved() -> None:
    source = task('messageRef="camunda:m"', tag="receiveTask", roots='<message id="m" name="M"/>')
    event = _read(source).processes[0].node["t"].event
    assert event is not None
    assert event.name == "M"


def test_id_with_a_colon_is_kept() -> None:
    source = task('messageRef="camunda:m"', tag="receiveTask", roots='<message id="camunda:m" name="M"/>')
    event = _read(source).processes[0].node["t"].event
    assert event is not None
    assert event.ref == "camunda:m"


@pytest.mark.parametrize(
    ("attributes", "executable"),
    [
        (("", ""), [True, True]),
        (('isExecutable="true"', ""), [True, False]),
        (('isExecutable="false"', ""), [False, True]),
    ],
)
def test_silence_about_executable_means_all_or_what_others_say(
    attributes: tuple[str, str], executable: list[bool]
) -> None:
    source = definitions("".join(f'<process id="p{n}" {text}/>' for n, text in enumerate(attributes)))
    assert [item.executable for item in _read(source).processes] == executable


def test_form_field_named_like_a_task_does_not_hide_it() -> None:
    inside = '<extensionElements><camunda:formData><camunda:formField id="t"/></camunda:formData></extensionElements>'
    normalised = normalise(task(inside=inside))
    assert normalised.xml.count(b'id="t"') == 1


@pytest.mark.parametrize(
    ("foreign", "feel"),
    [
        ("${x == 'a'}", 'x = "a"'),
        ("#{a.b != 1.5}", "a.b != 1.5"),
        ("${!ok}", "not(ok)"),
        ("${a &lt; 1 || b &gt;= 2 &amp;&amp; c}", "a < 1 or b >= 2 and c"),
        ("${(a or b) and not c}", "(a or b) and not(c)"),
        ("${x eq null}", "x = null"),
        ("${x == -1}", "x = -1"),
        ("= x > 3", "x > 3"),
        ('${x == "é\\"\\\\"}', 'x = "é\\"\\\\"'),
    ],
)
def test_plain_comparison_is_translated(foreign: str, feel: str) -> None:
    assert to_feel(foreign.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")) == feel


@pytest.mark.parametrize(
    "foreign",
    ["${f(x)}",
     "${a + b}", "${a ? b : c}", "${a[0]}", "${a == b == c}", "${execution.x}", "a ${b}", "${}", "${empty a}",
     "${a b}", "${'unclosed}", "${if}", "${a == 'x\\q'}"],
)  # fmt: skip
def test_more_than_a_comparison_is_left_alone(foreign: str) -> None:
    with pytest.raises(NotPlain):
        to_feel(foreign)


@st.composite
def _sources(draw: st.DrawFn) -> bytes:
    """Any diagram: ids may be missing, steps and flows of all kinds."""
    tags = ["task", "userTask", "serviceTask", "manualTask", "exclusiveGateway", "parallelGateway", "endEvent"]
    count = draw(st.integers(1, 8))
    steps = "".join(
        f'<{draw(st.sampled_from(tags))} {draw(st.sampled_from([f"""id="n{n}" """, ""]))} name="N{n}"/>'
        for n in range(count)
    )
    ends, texts = st.integers(0, count), [None, "", "x", "${y == 'z'}", "= z"]
    flows = "".join(
        flow(
            f"n{draw(ends)}",
            f"n{draw(ends)}",
            draw(st.sampled_from(texts)),
            identity=key,
        )
        if key
        else f'<sequenceFlow sourceRef="n{draw(ends)}" targetRef="n{draw(ends)}"/>'
        for key in draw(st.lists(st.sampled_from(["", "f1", "f2", "Flow_n0_n1", "Task_auto"]), max_size=6))
    )
    return process(steps + flows)


@settings(max_examples=60, deadline=None)
@given(_sources())
def test_any_diagram_normalises_once_and_loses_nothing(source: bytes) -> None:
    first = normalise(source)
    assert normalise(source).xml == first.xml
    assert normalise(first.xml).xml == first.xml
    before, after = read(parse(source)).processes[0], read(parse(first.xml)).processes[0]
    assert [(node.kind, node.name) for node in after.nodes] == [(node.kind, node.name) for node in before.nodes]
    assert [(f.source, f.target) for f in after.flows] == [(f.source, f.target) for f in before.flows]
    assert all(new.id == old.id for old, new in zip(before.nodes, after.nodes, strict=True) if old.id)
