"""Diagrams in a few words, for tests."""

from __future__ import annotations

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:flowable="http://flowable.org/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:drools="http://www.jboss.org/drools" xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'xmlns:motcua="urn:motcua:bpmn:1.0" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" targetNamespace="urn:x">'
)


def definitions(inside: str) -> bytes:
    """A file around ``inside``."""
    return f"{_HEAD}{inside}</definitions>".encode()


def process(inside: str, *, roots: str = "", identity: str = "P") -> bytes:
    """A file with one executable process."""
    return definitions(f'{roots}<process id="{identity}" isExecutable="true">{inside}</process>')


def flow(source: str, target: str, condition: str | None = None, *, identity: str = "") -> str:
    """A sequence flow named after its ends."""
    identity = identity or f"{source}-{target}"
    inner = "" if condition is None else f"<conditionExpression>{condition}</conditionExpression>"
    return f'<sequenceFlow id="{identity}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def around(inside: str, *, first: str = "t", last: str = "t", roots: str = "") -> bytes:
    """Start and end event around steps that begin with ``first`` and end with ``last``."""
    ends = f'<startEvent id="s"/><endEvent id="e"/>{flow("s", first)}{flow(last, "e")}'
    return process(f"{ends}{inside}", roots=roots)


def task(attributes: str = "", inside: str = "", *, tag: str = "userTask", roots: str = "") -> bytes:
    """A process of one task."""
    return around(f'<{tag} id="t" {attributes}>{inside}</{tag}>', roots=roots)


def caught(definition: str, *, roots: str = "") -> bytes:
    """A process of one intermediate catch event."""
    return around(f'<intermediateCatchEvent id="t">{definition}</intermediateCatchEvent>', roots=roots)


def timer(kind: str, text: str) -> bytes:
    """A process that waits for a timer."""
    return caught(f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>")


def chosen(first: str | None, second: str | None, *, tag: str = "exclusiveGateway", attributes: str = "") -> bytes:
    """A gateway ``g`` with two flows ``g-a`` and ``g-b`` and these conditions."""
    steps = f'<{tag} id="g" {attributes}/><userTask id="a"/><userTask id="b"/><endEvent id="z"/>'
    flows = flow("g", "a", first) + flow("g", "b", second) + flow("a", "z")
    return around(steps + flows, first="g", last="b")
