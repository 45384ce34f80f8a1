"""What a BPMN file draws, as an immutable graph of our own: independent of SpiffWorkflow, so that it can judge it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final

#: Elements that a token can visit. Boundary events are among them.
TASKS: Final = frozenset(
    {
        "task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "scriptTask",
    }
)  # fmt: skip
CONTAINERS: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES: Final = TASKS | CONTAINERS | {"callActivity"}
GATEWAYS: Final = frozenset(
    {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway"}
)
EVENTS: Final = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
NODES: Final = ACTIVITIES | GATEWAYS | EVENTS

#: ``xEventDefinition`` → x
EVENT_KINDS: Final = (
    "message", "timer", "error", "escalation", "cancel", "compensate", "conditional", "link", "signal", "terminate",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event definition. ``ref`` is the id of the message, signal, error or escalation it names, else empty."""

    kind: str  #: one of ``EVENT_KINDS``
    ref: str = ""
    name: str = ""  #: the link's name, or the name of what ``ref`` refers to
    code: str = ""  #: errorCode or escalationCode of what ``ref`` refers to
    timer: str = ""  #: ``date``, ``duration`` or ``cycle``
    text: str = ""  #: the timer's expression or the condition
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """How an activity repeats."""

    kind: str  #: ``standard``, ``sequential`` or ``parallel``
    cardinality: str = ""
    collection: str = ""  #: FEEL
    element: str = ""  #: variable that carries one item
    output_collection: str = ""
    output_element: str = ""  #: FEEL
    completion: str = ""
    condition: str = ""
    test_before: bool = False
    maximum: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataMapping:
    """One ``motcua:input`` or ``motcua:output``: the value of the FEEL ``source`` goes to the variable ``target``."""

    direction: str  #: ``input`` or ``output``
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A step. ``scope`` is the id of the process or sub-process that holds it directly."""

    id: str
    kind: str  #: the BPMN tag
    scope: str
    name: str = ""
    lane: str = ""
    events: tuple[Event, ...] = ()
    loop: Loop | None = None
    attached_to: str = ""
    interrupting: bool = True  #: cancelActivity of a boundary event, isInterrupting of a start event
    default: str = ""
    event_subprocess: bool = False
    called: str = ""
    mappings: tuple[DataMapping, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def event(self) -> Event | None:
        """The event definition, where there is exactly one."""
        return self.events[0] if len(self.events) == 1 else None

    @property
    def is_activity(self) -> bool:
        """Whether it is a task, a sub-process or a call."""
        return self.kind in ACTIVITIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A sequence flow; ``condition`` is ``None`` where none is drawn and may be empty where it is drawn empty."""

    id: str
    source: str
    target: str
    scope: str
    condition: str | None = None
    language: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataObject:
    """A data object (not the references that draw it)."""

    id: str
    name: str
    scope: str


@dataclass(frozen=True, kw_only=True)
class Process:
    """A process with everything inside, nested scopes included; ``nodes`` and ``flows`` are in document order."""

    id: str
    name: str
    executable: bool
    nodes: tuple[Node, ...] = ()
    flows: tuple[Flow, ...] = ()
    data_objects: tuple[DataObject, ...] = ()
    lanes: tuple[str, ...] = ()
    #: Names and ids of declared data inputs and outputs.
    takes: frozenset[str] = frozenset()
    gives: frozenset[str] = frozenset()

    @cached_property
    def node(self) -> Mapping[str, Node]:
        """Nodes by id (of equal ids, the last)."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def outgoing(self) -> Mapping[str, tuple[Flow, ...]]:
        """Flows by source."""
        return _grouped(self.flows, "source")

    @cached_property
    def incoming(self) -> Mapping[str, tuple[Flow, ...]]:
        """Flows by target."""
        return _grouped(self.flows, "target")

    @cached_property
    def boundaries(self) -> Mapping[str, tuple[Node, ...]]:
        """Boundary events by the activity they sit on."""
        hosts: dict[str, list[Node]] = {}
        for node in self.nodes:
            if node.kind == "boundaryEvent":
                hosts.setdefault(node.attached_to, []).append(node)
        return {host: tuple(events) for host, events in hosts.items()}

    @cached_property
    def scopes(self) -> tuple[str, ...]:
        """The process itself and each sub-process inside it."""
        return (self.id, *(node.id for node in self.nodes if node.kind in CONTAINERS))

    def within(self, scope: str) -> tuple[Node, ...]:
        """The nodes directly in ``scope``."""
        return self._by_scope.get(scope, ())

    @cached_property
    def _by_scope(self) -> Mapping[str, tuple[Node, ...]]:
        scopes: dict[str, list[Node]] = {}
        for node in self.nodes:
            scopes.setdefault(node.scope, []).append(node)
        return {scope: tuple(nodes) for scope, nodes in scopes.items()}


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """One file. The four tables map ids to names (and to codes for errors and escalations)."""

    file: str
    processes: tuple[Process, ...]
    messages: Mapping[str, str]
    signals: Mapping[str, str]
    errors: Mapping[str, tuple[str, str]]
    escalations: Mapping[str, tuple[str, str]]
    language: str = ""  #: in which expressions are written that name no language themselves

    @cached_property
    def scope_of(self) -> Mapping[str, str]:
        """The scope of every node, by id."""
        return {node.id: node.scope for node in self.nodes}

    @property
    def nodes(self) -> Iterator[Node]:
        """The nodes of every process."""
        return (node for process in self.processes for node in process.nodes)

    def process(self, process_id: str) -> Process | None:
        """The process of that id, if there is one."""
        return next((process for process in self.processes if process.id == process_id), None)


def _grouped(flows: tuple[Flow, ...], end: str) -> dict[str, tuple[Flow, ...]]:
    groups: dict[str, list[Flow]] = {}
    for flow in flows:
        groups.setdefault(getattr(flow, end), []).append(flow)
    return {key: tuple(members) for key, members in groups.items()}
