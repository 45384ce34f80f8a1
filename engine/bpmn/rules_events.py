"""Events say what they wait for or throw, refer to what exists, and stand where they may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.bpmn.diagram import ACTIVITIES, CONTAINERS, Diagram, Event, Node, Process
from engine.bpmn.foreign import is_foreign
from engine.bpmn.rules_catalogue import finding
from engine.bpmn.rules_vocabulary import EVENTS_AT
from engine.errors import Problem

#: Kind of event → attribute, and what it refers to in Vietnamese and English.
_REFERENCES: Final = {
    "message": ("messageRef", "thông điệp (message)", "message"),
    "signal": ("signalRef", "tín hiệu (signal)", "signal"),
    "error": ("errorRef", "lỗi (error)", "error"),
    "escalation": ("escalationRef", "leo thang (escalation)", "escalation"),
}
_AFTER_GATEWAY: Final = frozenset({"message", "timer", "signal", "conditional"})
_THROWING: Final = frozenset({"intermediateThrowEvent", "endEvent", "sendTask"})


def check(process: Process, diagram: Diagram) -> Iterator[Problem]:
    """Problems of the events of ``process``."""
    for node in process.nodes:
        for event in node.events:
            yield from _reference(node, event, diagram)
        place = place_of(node, process)
        if place:
            yield from _definition(node, place, diagram.file)
        if node.kind == "boundaryEvent":
            yield from _boundary(node, process, diagram.file)
        if node.kind == "eventBasedGateway":
            yield from _event_gateway(node, process, diagram.file)
        if node.kind in CONTAINERS:
            yield from _starts(node, process, diagram.file)
    yield from _doubled(process, diagram.file)
    yield from _process_starts(process, diagram.file)
    yield from _links(process, diagram.file)


def place_of(node: Node, process: Process) -> str:
    """Where the event stands, as ``EVENTS_AT`` names it; empty for what is no event."""
    if node.kind == "startEvent" and node.scope != process.id:
        scope = process.node.get(node.scope)
        inside = scope is not None and scope.event_subprocess
        return "start event of an event sub-process" if inside else "start event of a sub-process"
    return {
        "startEvent": "start event",
        "endEvent": "end event",
        "intermediateCatchEvent": "catching intermediate event",
        "intermediateThrowEvent": "throwing intermediate event",
        "boundaryEvent": "boundary event",
    }.get(node.kind, "")


def _definition(node: Node, place: str, file: str) -> Iterator[Problem]:
    allowed = EVENTS_AT[place]
    facts = {"place": place, "allowed": ", ".join(kind for kind in allowed if kind) or "none"}
    if len(node.events) > 1:
        yield finding("bpmn-multiple-event", file=file, element=node.id)
    elif not node.events and "" not in allowed:
        yield finding("bpmn-event-definition-missing", file=file, element=node.id, facts=facts)
    elif node.event is not None and node.event.kind not in allowed:
        if node.event.kind in {"cancel", "compensate"}:
            return  # refused by name already
        facts["event"] = node.event.kind
        yield finding("bpmn-event-unsupported", file=file, element=node.id, facts=facts)
    starts_handler = place == "start event of an event sub-process"
    catches = node.kind == "boundaryEvent" or starts_handler
    if catches and not node.interrupting and node.event is not None and node.event.kind == "error":
        yield finding("bpmn-boundary-interrupting", file=file, element=node.id)


def _reference(node: Node, event: Event, diagram: Diagram) -> Iterator[Problem]:
    if event.kind not in _REFERENCES:
        return
    attribute, vi, en = _REFERENCES[event.kind]
    facts = {"attribute": attribute, "what_vi": vi, "what_en": en, "ref": event.ref}
    if not event.ref:
        if event.kind == "signal" or (event.kind == "message" and node.kind not in _THROWING | {"receiveTask"}):
            yield finding("bpmn-reference-missing", file=diagram.file, element=node.id, facts=facts)
        return
    known = {
        "message": diagram.messages,
        "signal": diagram.signals,
        "error": diagram.errors,
        "escalation": diagram.escalations,
    }[event.kind]
    if event.ref not in known:
        yield finding("bpmn-reference-unknown", file=diagram.file, element=node.id, facts=facts)
        return
    told = event.code if event.kind in {"error", "escalation"} else event.name
    if is_foreign(told) or told.lstrip().startswith("="):
        expression: dict[str, object] = {"text": told, "hint_vi": "", "hint_en": ""}
        yield finding("bpmn-expression-foreign", file=diagram.file, element=event.ref, facts=expression)


def _boundary(node: Node, process: Process, file: str) -> Iterator[Problem]:
    host = process.node.get(node.attached_to)
    if host is None or host.kind not in ACTIVITIES or host.scope != node.scope or host.event_subprocess:
        yield finding("bpmn-boundary-unattached", file=file, element=node.id, facts={"host": node.attached_to})


def _doubled(process: Process, file: str) -> Iterator[Problem]:
    """Two catchers of one error or escalation at one place: BPMN does not say which of them it reaches."""
    first: dict[tuple[str, str, str], str] = {}
    for node in process.nodes:
        event = node.event
        inside = process.node.get(node.scope)
        handles = node.kind == "startEvent" and inside is not None and inside.event_subprocess
        if event is None or event.kind not in {"error", "escalation"} or not (handles or node.kind == "boundaryEvent"):
            continue
        place = f"in {inside.scope}" if handles and inside is not None else f"on {node.attached_to}"
        other = first.setdefault((place, event.kind, event.code or event.ref), node.id)
        if other != node.id:
            facts = {"other": other, "what": event.code or event.name or event.kind}
            yield finding("bpmn-catch-doubled", file=file, element=node.id, facts=facts)


def _event_gateway(gateway: Node, process: Process, file: str) -> Iterator[Problem]:
    outgoing = process.outgoing.get(gateway.id, ())
    if len(outgoing) < 2:
        yield finding("bpmn-event-gateway-branches", file=file, element=gateway.id)
    for flow in outgoing:
        target = process.node.get(flow.target)
        if target is None:
            continue
        kind = target.event.kind if target.event else ""
        waits = target.kind == "intermediateCatchEvent" and kind in _AFTER_GATEWAY
        receives = target.kind == "receiveTask" and not target.loop and target.id not in process.boundaries
        if not (waits or receives) or len(process.incoming.get(target.id, ())) > 1:
            yield finding("bpmn-event-gateway-target", file=file, element=target.id, facts={"gateway": gateway.id})


def _starts(container: Node, process: Process, file: str) -> Iterator[Problem]:
    inside = process.within(container.id)
    count = sum(node.kind == "startEvent" for node in inside)
    if container.event_subprocess:
        if count != 1:
            facts: dict[str, object] = {"count": count, "wanted": "1"}
            yield finding("bpmn-start-count", file=file, element=container.id, facts=facts)
        if container.loop is not None:
            yield finding("bpmn-loop-unsupported", file=file, element=container.id, facts={"what": "event sub-process"})
    elif count > 1:
        facts = {"count": count, "wanted": "≤ 1"}
        yield finding("bpmn-start-count", file=file, element=container.id, facts=facts)


def _process_starts(process: Process, file: str) -> Iterator[Problem]:
    plain = [node for node in process.within(process.id) if node.kind == "startEvent" and not node.events]
    if len(plain) > 1:
        facts: dict[str, object] = {"count": len(plain), "wanted": "≤ 1 (none)"}
        yield finding("bpmn-start-count", file=file, element=process.id, facts=facts)


def _links(process: Process, file: str) -> Iterator[Problem]:
    for scope in process.scopes:
        links = [(node, node.event.name) for node in process.within(scope) if node.event and node.event.kind == "link"]
        caught = [(node, name) for node, name in links if node.kind == "intermediateCatchEvent"]
        thrown = [(node, name) for node, name in links if node.kind == "intermediateThrowEvent"]
        targets = {name for _, name in caught}
        seen: set[str] = set()
        for node, name in caught:
            if name in seen:
                yield finding("bpmn-link-duplicate", file=file, element=node.id, facts={"link": name})
            seen.add(name)
        for node, name in thrown:
            if name not in targets or not name:
                yield finding("bpmn-link-unmatched", file=file, element=node.id, facts={"link": name})
        sources = {name for _, name in thrown}
        for node, name in caught:
            if name not in sources:
                yield finding("bpmn-link-unmatched", file=file, element=node.id, facts={"link": name})
