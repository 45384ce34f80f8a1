"""G3 and G6: ids are unique, flows connect what exists, and conditions stand where they count and nowhere else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from engine.bpmn.diagram import ACTIVITIES, Diagram, Flow, Node, Process
from engine.bpmn.rules_catalogue import finding
from engine.bpmn.xml import bpmn, is_bpmn, local, text_of
from engine.errors import Problem

MAX_NODES: Final = 2_000
#: Gateways that choose by condition.
_CHOOSING: Final = frozenset({"exclusiveGateway", "inclusiveGateway"})
_ID: Final = re.compile(r"[\w.:\-·]{1,255}")


def check_ids(root: etree._Element, *, file: str) -> Iterator[Problem]:
    """Ids of BPMN elements are unique in the file and are names as XML Schema means them."""
    counts = Counter(str(e.get("id")) for e in root.iter(etree.Element) if is_bpmn(e) and e.get("id"))
    for identity, count in counts.items():
        if count > 1:
            yield finding("bpmn-id-duplicate", file=file, element=identity)
        if not _ID.fullmatch(identity):
            yield finding("bpmn-id-invalid", file=file, element=identity[:80])


def check_lists(root: etree._Element, diagram: Diagram) -> Iterator[Problem]:
    """``incoming`` and ``outgoing`` of what runs agree with the flows, where a tool wrote them at all."""
    running = [process for process in diagram.processes if process.executable]
    nodes = {node.id for process in running for node in process.nodes}
    ends = {flow.id: {"outgoing": flow.source, "incoming": flow.target} for item in running for flow in item.flows}
    for element in root.iter(bpmn("incoming"), bpmn("outgoing")):
        node = element.getparent()
        if node is None or node.get("id", "") not in nodes:
            continue
        direction, flow = local(element), text_of(element)
        if ends.get(flow, {}).get(direction) != node.get("id"):
            facts = {"direction": direction, "flow": flow}
            yield finding("bpmn-flow-list-differs", file=diagram.file, element=node.get("id", ""), facts=facts)


def check(process: Process, diagram: Diagram) -> Iterator[Problem]:
    """Problems of the flows of ``process``."""
    file = diagram.file
    if len(process.nodes) > MAX_NODES:
        facts: dict[str, object] = {"count": len(process.nodes), "limit": MAX_NODES}
        yield finding("bpmn-too-large", file=file, element=process.id, facts=facts)
    for flow in process.flows:
        yield from _ends(flow, process, diagram.scope_of, file)
    for node in process.nodes:
        yield from _defaults(node, process, file)
        yield from _conditions(node, process, file)
        yield from _direction(node, process, file)


def _ends(flow: Flow, process: Process, known: Mapping[str, str], file: str) -> Iterator[Problem]:
    for end, name in ((flow.source, "sourceRef"), (flow.target, "targetRef")):
        if end not in known:
            yield finding("bpmn-flow-dangling", file=file, element=flow.id, facts={"missing": end, "end": name})
    if flow.source not in known or flow.target not in known:
        return
    if known[flow.source] != known[flow.target] or flow.source not in process.node:
        facts = {"from_scope": known[flow.source], "to_scope": known[flow.target]}
        yield finding("bpmn-flow-crosses", file=file, element=flow.id, facts=facts)
        return
    source, target = process.node[flow.source], process.node[flow.target]
    for node, wrong, vi, en in (
        (source, source.kind == "endEvent", "rời sự kiện kết thúc", "leaves the end event"),
        (source, _is_link(source, "intermediateThrowEvent"), "rời sự kiện link (gửi)", "leaves the throwing link"),
        (source, source.event_subprocess, "rời event sub-process", "leaves the event sub-process"),
        (target, target.kind == "startEvent", "đi vào sự kiện bắt đầu", "enters the start event"),
        (target, target.kind == "boundaryEvent", "đi vào sự kiện biên", "enters the boundary event"),
        (target, _is_link(target, "intermediateCatchEvent"), "đi vào sự kiện link (nhận)", "enters the catching link"),
        (target, target.event_subprocess, "đi vào event sub-process", "enters the event sub-process"),
    ):
        if wrong:
            facts = {"node": node.id, "what_vi": vi, "what_en": en}
            yield finding("bpmn-flow-forbidden", file=file, element=flow.id, facts=facts)


def _is_link(node: Node, kind: str) -> bool:
    return node.kind == kind and node.event is not None and node.event.kind == "link"


def _defaults(node: Node, process: Process, file: str) -> Iterator[Problem]:
    if not node.default:
        return
    outgoing = process.outgoing.get(node.id, ())
    if node.kind not in _CHOOSING | ACTIVITIES:
        facts = {"kind": node.kind}
        yield finding("bpmn-default-misplaced", file=file, element=node.id, facts=facts)
    elif node.default not in {flow.id for flow in outgoing}:
        yield finding("bpmn-default-unknown", file=file, element=node.id, facts={"flow": node.default})
    elif len(outgoing) > 1 and all(flow.condition is None for flow in outgoing) and node.kind in ACTIVITIES:
        yield finding("bpmn-default-alone", file=file, element=node.id)


def _conditions(node: Node, process: Process, file: str) -> Iterator[Problem]:
    outgoing = process.outgoing.get(node.id, ())
    if node.kind in _CHOOSING:
        for flow in outgoing if len(outgoing) > 1 else ():
            if flow.condition is None and flow.id != node.default:
                yield finding("bpmn-condition-missing", file=file, element=flow.id, facts={"gateway": node.id})
    elif node.kind not in ACTIVITIES:
        for flow in outgoing:
            if flow.condition is not None:
                facts = {"node": node.id, "kind": node.kind}
                yield finding("bpmn-condition-misplaced", file=file, element=flow.id, facts=facts)


def _direction(node: Node, process: Process, file: str) -> Iterator[Problem]:
    direction = node.attributes.get("gatewayDirection", "Unspecified")
    incoming, outgoing = len(process.incoming.get(node.id, ())), len(process.outgoing.get(node.id, ()))
    wrong = {
        "Diverging": incoming > 1,
        "Converging": outgoing > 1,
        "Mixed": False,  # a mixed gateway with one flow on a side is a plain one
    }.get(direction, False)
    if wrong:
        facts: dict[str, object] = {"direction": direction, "incoming": incoming, "outgoing": outgoing}
        yield finding("bpmn-gateway-direction", file=file, element=node.id, facts=facts)
