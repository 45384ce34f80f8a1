"""From the tree of a BPMN file to its ``Diagram``. Reads what is there and judges nothing."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from lxml import etree

from engine.bpmn.diagram import (
    CONTAINERS,
    EVENT_KINDS,
    NODES,
    DataMapping,
    DataObject,
    Diagram,
    Event,
    Flow,
    Loop,
    Node,
    Process,
)
from engine.bpmn.xml import MOTCUA, bpmn, children, local, motcua, text_of

_REFS: Final = {
    "message": "messageRef",
    "signal": "signalRef",
    "error": "errorRef",
    "escalation": "escalationRef",
}
_TIMERS: Final = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


def read(root: etree._Element, *, file: str = "") -> Diagram:
    """The diagram below ``root`` (``definitions``). Normalise first: what has no id gets the empty one here."""
    errors = {e.get("id", ""): (e.get("name", ""), e.get("errorCode", "")) for e in root.iterfind(bpmn("error"))}
    escalations = {
        e.get("id", ""): (e.get("name", ""), e.get("escalationCode", "")) for e in root.iterfind(bpmn("escalation"))
    }
    messages = {e.get("id", ""): e.get("name", "") for e in root.iterfind(bpmn("message"))}
    signals = {e.get("id", ""): e.get("name", "") for e in root.iterfind(bpmn("signal"))}
    names = {
        "message": {key: (name, "") for key, name in messages.items()},
        "signal": {key: (name, "") for key, name in signals.items()},
        "error": errors,
        "escalation": escalations,
    }
    reader = _Reader(names)
    return Diagram(
        file=file,
        processes=tuple(reader.process(element) for element in root.iterfind(bpmn("process"))),
        messages=MappingProxyType(messages),
        signals=MappingProxyType(signals),
        errors=MappingProxyType(errors),
        escalations=MappingProxyType(escalations),
        language=root.get("expressionLanguage", ""),
    )


def flag(element: etree._Element, attribute: str, default: bool) -> bool:
    """An ``xsd:boolean`` attribute."""
    value = element.get(attribute, "").strip()
    return value in {"true", "1"} if value else default


class _Reader:
    def __init__(self, names: dict[str, dict[str, tuple[str, str]]]) -> None:
        self._names = names

    def process(self, element: etree._Element) -> Process:
        nodes: list[Node] = []
        flows: list[Flow] = []
        data: list[DataObject] = []
        lanes = _lanes(element)
        pending = [element]
        while pending:
            scope = pending.pop()
            inner: list[etree._Element] = []
            for child in children(scope):
                tag = local(child)
                if tag in NODES:
                    nodes.append(self._node(child, scope.get("id", ""), lanes))
                    inner.extend([child] if tag in CONTAINERS else [])
                elif tag == "sequenceFlow":
                    flows.append(_flow(child, scope.get("id", "")))
                elif tag == "dataObject":
                    data.append(
                        DataObject(id=child.get("id", ""), name=child.get("name", ""), scope=scope.get("id", ""))
                    )
            pending.extend(reversed(inner))
        return Process(
            id=element.get("id", ""),
            name=element.get("name", ""),
            executable=flag(element, "isExecutable", False),
            nodes=tuple(nodes),
            flows=tuple(flows),
            data_objects=tuple(data),
            lanes=tuple(dict.fromkeys(lanes.values())),
            takes=_declared(element, "dataInput"),
            gives=_declared(element, "dataOutput"),
        )

    def _node(self, element: etree._Element, scope: str, lanes: dict[str, str]) -> Node:
        interrupting = "cancelActivity" if local(element) == "boundaryEvent" else "isInterrupting"
        return Node(
            id=element.get("id", ""),
            kind=local(element),
            scope=scope,
            name=element.get("name", ""),
            lane=lanes.get(element.get("id", ""), ""),
            events=self._events(element),
            loop=_loop(element),
            attached_to=element.get("attachedToRef", ""),
            interrupting=flag(element, interrupting, True),
            default=element.get("default", ""),
            event_subprocess=flag(element, "triggeredByEvent", False),
            called=element.get("calledElement", ""),
            mappings=_mappings(element),
            attributes=MappingProxyType({_short(str(key)): str(value) for key, value in element.attrib.items()}),
        )

    def _events(self, element: etree._Element) -> tuple[Event, ...]:
        found = [
            self._event(child, local(child).removesuffix("EventDefinition"))
            for child in children(element)
            if local(child).removesuffix("EventDefinition") in EVENT_KINDS
        ]
        if local(element) in {"receiveTask", "sendTask"} and element.get("messageRef"):
            found.append(self._reference("message", element.get("messageRef", "")))
        return tuple(found)

    def _reference(self, kind: str, ref: str) -> Event:
        name, code = self._names[kind].get(ref, ("", ""))
        return Event(kind=kind, ref=ref, name=name or ref, code=code)

    def _event(self, definition: etree._Element, kind: str) -> Event:
        if kind in _REFS:
            return self._reference(kind, definition.get(_REFS[kind], ""))
        if kind == "link":
            return Event(kind=kind, name=definition.get("name", ""))
        if kind == "conditional":
            condition = definition.find(bpmn("condition"))
            return Event(kind=kind, text=text_of(condition), language=_language(condition))
        for child in children(definition):
            if kind == "timer" and local(child) in _TIMERS:
                return Event(kind=kind, timer=_TIMERS[local(child)], text=text_of(child), language=_language(child))
        return Event(kind=kind)


def _declared(process: etree._Element, tag: str) -> frozenset[str]:
    """Names and ids of what the process itself declares as its inputs or outputs."""
    found = [item for spec in process.iterfind(bpmn("ioSpecification")) for item in spec.iterfind(bpmn(tag))]
    return frozenset(value for item in found for value in (item.get("id"), item.get("name")) if value)


def _short(attribute: str) -> str:
    return attribute.replace(f"{{{MOTCUA}}}", "motcua:")


def _language(element: etree._Element | None) -> str:
    return "" if element is None else element.get("language", "")


def _flow(element: etree._Element, scope: str) -> Flow:
    condition = element.find(bpmn("conditionExpression"))
    return Flow(
        id=element.get("id", ""),
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        scope=scope,
        condition=None if condition is None else text_of(condition),
        language=_language(condition),
        name=element.get("name", ""),
    )


def _lanes(process: etree._Element) -> dict[str, str]:
    """The name of the innermost lane of each node."""
    lanes: dict[str, str] = {}
    for lane in process.iter(bpmn("lane")):
        for ref in lane.iterfind(bpmn("flowNodeRef")):
            lanes[text_of(ref)] = lane.get("name", "") or lane.get("id", "")
    return lanes


def _loop(element: etree._Element) -> Loop | None:
    standard = element.find(bpmn("standardLoopCharacteristics"))
    if standard is not None:
        return Loop(
            kind="standard",
            condition=text_of(standard.find(bpmn("loopCondition"))),
            test_before=flag(standard, "testBefore", False),
            maximum=standard.get("loopMaximum", ""),
        )
    multi = element.find(bpmn("multiInstanceLoopCharacteristics"))
    if multi is None:
        return None
    item, result = multi.find(bpmn("inputDataItem")), multi.find(bpmn("outputDataItem"))
    return Loop(
        kind="sequential" if flag(multi, "isSequential", False) else "parallel",
        cardinality=text_of(multi.find(bpmn("loopCardinality"))),
        collection=multi.get(motcua("collection")) or text_of(multi.find(bpmn("loopDataInputRef"))),
        element=multi.get(motcua("elementVariable")) or _item(item),
        output_collection=multi.get(motcua("outputCollection")) or text_of(multi.find(bpmn("loopDataOutputRef"))),
        output_element=multi.get(motcua("outputElement")) or _item(result),
        completion=text_of(multi.find(bpmn("completionCondition"))),
    )


def _item(element: etree._Element | None) -> str:
    return "" if element is None else element.get("name", "") or element.get("id", "")


def _mappings(element: etree._Element) -> tuple[DataMapping, ...]:
    extension = element.find(bpmn("extensionElements"))
    if extension is None:
        return ()
    return tuple(
        DataMapping(
            direction=local(child),
            source=child.get("source") or text_of(child),
            target=child.get("target") or child.get("name") or "",
        )
        for child in extension
        if child.tag in {motcua("input"), motcua("output")}
    )
