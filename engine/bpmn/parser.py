"""From the XML of a diagram to the specs that run. Strict by position: what it does not know is not guessed.

The library's own parser is not used: it drops flows and boundary events without ids, lets elements named like its
built-in specs vanish, refuses flows that part at a task, and stops reading a condition at a comment. The guard compares
what is built here with an independent reading of the same file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from engine.bpmn.specs import Event, Flow, Loop, NodeConfig, NodeSpec, ScopeSpec

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
#: Namespaces of our own attributes and elements.
OWN = ("{urn:motcua:bpmn:1.0}",)
_CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
_ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"

_NODES = frozenset(
    {
        "task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "callActivity",
        "subProcess", "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent",
        "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway",
    }
)  # fmt: skip
_THROWING = frozenset({"endEvent", "intermediateThrowEvent"})
_EVENTS = {
    "messageEventDefinition": "message",
    "signalEventDefinition": "signal",
    "timerEventDefinition": "timer",
    "errorEventDefinition": "error",
    "escalationEventDefinition": "escalation",
    "conditionalEventDefinition": "conditional",
    "terminateEventDefinition": "terminate",
    "linkEventDefinition": "link",
}


def text_of(element: etree._Element | None) -> str:
    """All text inside ``element``, comments and instructions left out, without outer white space."""
    if element is None:
        return ""
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            parts.append(text_of(child))
        parts.append(child.tail or "")
    return "".join(parts).strip()


def feel(text: str) -> str:
    """A FEEL source without the ``=`` that Camunda 8 puts before it."""
    text = text.strip()
    return text[1:].strip() if text.startswith("=") else text


@dataclass(slots=True)
class Catalogue:
    """Messages, signals, errors and escalations of all files, by id."""

    names: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    #: Per message: property, FEEL over the message, FEEL over the data.
    correlations: dict[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)

    def read(self, root: etree._Element) -> None:
        """Add what one file declares."""
        for tag, code in (("message", ""), ("signal", ""), ("error", "errorCode"), ("escalation", "escalationCode")):
            for element in root.findall(f"{BPMN}{tag}"):
                identity = element.get("id", "")
                self.names[identity] = element.get("name", "")
                if code:
                    self.codes[identity] = element.get(code, "")
                keys = tuple(_own_keys(element))
                if keys:
                    self.correlations[identity] = keys
        for element in root.findall(f"{BPMN}correlationProperty"):
            for retrieval in element.findall(f"{BPMN}correlationPropertyRetrievalExpression"):
                key = (element.get("id", ""), feel(text_of(retrieval)), "")
                ref = retrieval.get("messageRef", "")
                self.correlations[ref] = (*self.correlations.get(ref, ()), key)


def parse(roots: Iterable[etree._Element]) -> dict[str, ScopeSpec]:
    """Every process and sub-process of the files, by id."""
    catalogue = Catalogue()
    trees = list(roots)
    for root in trees:
        catalogue.read(root)
    scopes: dict[str, ScopeSpec] = {}
    for root in trees:
        for process in root.findall(f"{BPMN}process"):
            reader = _Scope(process, catalogue, process.get("id", ""), _lanes(process), scopes)
            reader.read("process").executable = process.get("isExecutable", "true") != "false"
    return scopes


@dataclass(slots=True)
class _Scope:
    """Reads one process or sub-process and, through it, those inside."""

    element: etree._Element
    catalogue: Catalogue
    process: str
    lanes: Mapping[str, str]
    scopes: dict[str, ScopeSpec]

    def read(self, kind: str) -> ScopeSpec:
        identity = self.element.get("id", "")
        spec = ScopeSpec(identity, process=self.process, kind=kind, label=self.element.get("name", ""))
        self.scopes[identity] = spec
        for item in self.element.findall(f"{BPMN}dataObject"):
            spec.objects[item.get("id", "")] = item.get("name", "")
        if kind == "process":
            spec.takes, spec.gives = _declared(self.element)
        flows, incoming = self._flows()
        configs = {node.get("id", ""): self._node(node, flows, incoming) for node in self._nodes()}
        boundary: dict[str, list[str]] = {}
        for name, config in configs.items():
            if config.attached_to:
                boundary.setdefault(config.attached_to, []).append(name)
        links = self._links(configs)
        for name, config in configs.items():
            config = replace(config, boundary=tuple(boundary.get(name, ())), flows=links.get(name, config.flows))
            NodeSpec(spec, name, config)
            if config.kind == "subProcess":
                node = next(item for item in self._nodes() if item.get("id") == name)
                inner = "handler" if config.triggered else "subProcess"
                _Scope(node, self.catalogue, self.process, self.lanes, self.scopes).read(inner)
        _connect(spec)
        return spec

    def _nodes(self) -> Iterator[etree._Element]:
        for child in self.element:
            if isinstance(child.tag, str) and child.tag.startswith(BPMN) and child.tag[len(BPMN) :] in _NODES:
                yield child

    def _flows(self) -> tuple[dict[str, list[Flow]], dict[str, list[str]]]:
        """Outgoing and incoming flows by node. An exclusive gateway asks its flows in the order that it lists them in
        (8.4.13: ``outgoing`` is an ordered collection), those that it does not list after these as they stand."""
        outgoing: dict[str, list[Flow]] = {}
        incoming: dict[str, list[str]] = {}
        defaults = {node.get("default") for node in self._nodes() if node.get("default")}
        for element in self.element.findall(f"{BPMN}sequenceFlow"):
            identity, target = element.get("id", ""), element.get("targetRef", "")
            flow = Flow(
                id=identity,
                target=target,
                condition="" if identity in defaults else feel(text_of(element.find(f"{BPMN}conditionExpression"))),
                default=identity in defaults,
            )
            outgoing.setdefault(element.get("sourceRef", ""), []).append(flow)
            incoming.setdefault(target, []).append(identity)
        for gateway in self.element.findall(f"{BPMN}exclusiveGateway"):
            listed = [text_of(item) for item in gateway.findall(f"{BPMN}outgoing")]
            order = {identity: place for place, identity in enumerate(listed)}
            outgoing.get(gateway.get("id", ""), []).sort(key=lambda flow: order.get(flow.id, len(order)))
        return outgoing, incoming

    def _node(
        self, node: etree._Element, flows: Mapping[str, list[Flow]], incoming: Mapping[str, list[str]]
    ) -> NodeConfig:
        name, kind = node.get("id", ""), node.tag[len(BPMN) :]
        own = _own_attributes(node)
        inputs, outputs = _mappings(node)
        triggered = node.get("triggeredByEvent") == "true"
        reads, writes = self._objects(node)
        interrupting = node.get("cancelActivity" if kind == "boundaryEvent" else "isInterrupting", "true") != "false"
        return NodeConfig(
            kind=kind,
            label=node.get("name", ""),
            lane=self.lanes.get(name, ""),
            documentation=text_of(node.find(f"{BPMN}documentation")),
            attributes=own,
            inputs=inputs,
            outputs=outputs,
            flows=tuple(flows.get(name, ())),
            incoming=tuple(incoming.get(name, ())),
            event=self._event(node, kind),
            loop=_loop(node),
            attached_to=node.get("attachedToRef", ""),
            interrupting=interrupting,
            scope=name if kind == "subProcess" else _called(node) if kind == "callActivity" else "",
            triggered=triggered,
            passes=own.get("passes") or ("none" if inputs or outputs else "both") if kind == "callActivity" else "",
            decision=_decision(node, own),
            objects_in=reads,
            objects_out=writes,
        )

    def _event(self, node: etree._Element, kind: str) -> Event:
        for tag, event in _EVENTS.items():
            definition = node.find(f"{BPMN}{tag}")
            if definition is not None:
                return self._definition(node, definition, event)
        if kind in ("receiveTask", "sendTask"):
            ref = node.get("messageRef", "")
            name = self.catalogue.names.get(ref, "") or ref or node.get("name", "") or node.get("id", "")
            if ref or kind == "receiveTask":
                return Event(
                    kind="message", ref=ref or node.get("id", ""), name=name, correlation=self._keys(node, ref)
                )
        return Event(kind="none")

    def _definition(self, node: etree._Element, definition: etree._Element, kind: str) -> Event:
        ref = definition.get(f"{kind}Ref", "")
        if kind in ("message", "signal"):
            name = self.catalogue.names.get(ref, "") or ref or node.get("name", "")
            return Event(kind=kind, ref=ref, name=name, correlation=self._keys(node, ref))
        if kind in ("error", "escalation"):
            name, code = self.catalogue.names.get(ref, "") or ref, self.catalogue.codes.get(ref, "") or None
            if code is None and ref and node.tag[len(BPMN) :] in _THROWING:
                code = name  # without a code it is known by its name
            return Event(kind=kind, ref=ref, name=name, code=code)
        if kind == "timer":
            for tag, timer in (("timeDate", "date"), ("timeDuration", "duration"), ("timeCycle", "cycle")):
                found = definition.find(f"{BPMN}{tag}")
                if found is not None:
                    return Event(kind=kind, timer=timer, expression=feel(text_of(found)))
        if kind == "conditional":
            return Event(kind=kind, expression=feel(text_of(definition.find(f"{BPMN}condition"))))
        return Event(kind=kind, name=definition.get("name", ""))

    def _keys(self, node: etree._Element, ref: str) -> tuple[tuple[str, str, str], ...]:
        own = tuple(_own_keys(node))
        bound: dict[str, str] = {}
        for process in (self.element, *self.element.iterancestors(f"{BPMN}process")):
            for item in process.findall(f"{BPMN}correlationSubscription/{BPMN}correlationPropertyBinding"):
                bound[item.get("correlationPropertyRef", "")] = feel(text_of(item.find(f"{BPMN}dataPath")))
        drawn = self.catalogue.correlations.get(ref, ())
        if node.tag[len(BPMN) :] == "startEvent" and self.element.tag == f"{BPMN}process":
            drawn = tuple(key for key in drawn if not key[2])  # nothing has begun whose data could be compared
        return own or tuple((key, there, here or bound.get(key, "")) for key, there, here in drawn)

    def _objects(self, node: etree._Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
        reads = [text_of(item) for item in node.findall(f"{BPMN}dataInputAssociation/{BPMN}sourceRef")]
        writes = [text_of(item) for item in node.findall(f"{BPMN}dataOutputAssociation/{BPMN}targetRef")]
        return self._named(reads), self._named(writes)

    def _named(self, refs: Iterable[str]) -> tuple[str, ...]:
        wanted = tuple(refs)
        if not wanted:
            return ()
        root = self.element.getroottree().getroot()
        objects = {item.get("id"): item.get("id", "") for item in root.iter(f"{BPMN}dataObject")}
        for item in root.iter(f"{BPMN}dataObjectReference"):
            objects[item.get("id")] = item.get("dataObjectRef", "")
        return tuple(dict.fromkeys(objects[ref] for ref in wanted if objects.get(ref)))

    @staticmethod
    def _links(configs: Mapping[str, NodeConfig]) -> dict[str, tuple[Flow, ...]]:
        catches = {
            config.event.name: name
            for name, config in configs.items()
            if config.event.kind == "link" and config.kind == "intermediateCatchEvent"
        }
        return {
            name: (Flow(id=f"(link){config.event.name}", target=catches[config.event.name]),)
            for name, config in configs.items()
            if config.event.kind == "link" and config.kind == "intermediateThrowEvent" and config.event.name in catches
        }


def _declared(process: etree._Element) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Names and ids of what a process declares to take and to give; an empty declaration says nothing."""

    def names(tag: str) -> tuple[str, ...]:
        found = process.findall(f"{BPMN}ioSpecification/{BPMN}{tag}")
        return tuple(sorted({text for item in found for text in (item.get("name", ""), item.get("id", "")) if text}))

    takes, gives = names("dataInput"), names("dataOutput")
    return (takes, gives) if takes or gives else (None, None)


def _connect(spec: ScopeSpec) -> None:
    for node in spec.nodes.values():
        for flow in node.config.flows:
            if flow.target in spec.task_specs:
                node.connect(spec.task_specs[flow.target])


def _lanes(process: etree._Element) -> dict[str, str]:
    lanes: dict[str, str] = {}
    for lane in process.iter(f"{BPMN}lane"):
        for ref in lane.findall(f"{BPMN}flowNodeRef"):
            lanes[text_of(ref)] = lane.get("name", "") or lane.get("id", "")
    return lanes


def _own_attributes(element: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in element.attrib.items():
        for space in OWN:
            if str(name).startswith(space):
                found[str(name)[len(space) :]] = str(value)
    renamed = {"decisionRef": "decision", "resultVariable": "result"}
    return {renamed.get(name, name): value for name, value in found.items()}


def _own_elements(node: etree._Element, tag: str) -> Iterator[etree._Element]:
    for extension in node.findall(f"{BPMN}extensionElements"):
        for space in OWN:
            yield from extension.findall(f"{space}{tag}")


def _own_keys(element: etree._Element) -> Iterator[tuple[str, str, str]]:
    """What a message or a receiving element correlates by."""
    for item in _own_elements(element, "correlation"):
        yield item.get("name", ""), "", feel(text_of(item))


def _mappings(node: etree._Element) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    def pairs(tag: str) -> tuple[tuple[str, str], ...]:
        return tuple(
            (item.get("name") or item.get("target") or "", feel(item.get("source") or text_of(item)))
            for item in _own_elements(node, tag)
        )

    return pairs("input"), pairs("output")


def _called(node: etree._Element) -> str:
    called = node.get("calledElement", "")
    for item in node.iter(f"{_ZEEBE}calledElement"):
        called = called or item.get("processId", "")
    return called.rsplit(":", 1)[-1]


def _decision(node: etree._Element, own: Mapping[str, str]) -> str:
    decision = own.get("decision", "") or node.get(f"{_CAMUNDA}decisionRef", "")
    for item in node.iter(f"{_ZEEBE}calledDecision"):
        decision = decision or item.get("decisionId", "")
    return decision


def _loop(node: etree._Element) -> Loop | None:
    standard = node.find(f"{BPMN}standardLoopCharacteristics")
    if standard is not None:
        maximum = standard.get("loopMaximum")
        return Loop(
            kind="standard",
            condition=feel(text_of(standard.find(f"{BPMN}loopCondition"))),
            test_before=standard.get("testBefore") == "true",
            maximum=int(maximum) if maximum else None,
        )
    repeated = node.find(f"{BPMN}multiInstanceLoopCharacteristics")
    if repeated is None:
        return None
    own: dict[str, Any] = _own_attributes(repeated)

    def inner(tag: str) -> str:
        return text_of(repeated.find(f"{BPMN}{tag}"))

    def name_of(tag: str) -> str:
        item = repeated.find(f"{BPMN}{tag}")
        return "" if item is None else item.get("name", "") or item.get("id", "")

    return Loop(
        kind="sequential" if repeated.get("isSequential") == "true" else "parallel",
        cardinality=feel(inner("loopCardinality")),
        collection=feel(own.get("collection", "")) or inner("loopDataInputRef"),
        item=own.get("elementVariable", "") or name_of("inputDataItem"),
        results=own.get("outputCollection", "") or inner("loopDataOutputRef"),
        result=feel(own.get("outputElement", "")) or name_of("outputDataItem"),
        completion=feel(inner("completionCondition")),
    )
