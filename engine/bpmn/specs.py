"""The specifications that the library's task tree runs on: one ``NodeSpec`` per flow node, one ``ScopeSpec`` per scope.

A scope is a process, an embedded sub-process or an event sub-process. Specs are built once per definition, shared by
all its instances and never changed afterwards; nothing that happens to an instance can reach them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.bpmn.library import BpmnTaskSpec, WorkflowSpec

if TYPE_CHECKING:
    from engine.bpmn.tokens import Token

#: Name of the root of every scope; brackets cannot occur in an XML id, so no element can carry it.
ROOT = "(root)"

ACTIVITIES = frozenset(
    {
        "task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "callActivity",
        "subProcess",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A sequence flow. The jump of a link is a flow whose id starts with ``(link)``."""

    id: str
    target: str
    condition: str = ""  #: FEEL, empty = unconditional
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The event definition of an event, or the message of a send or receive task."""

    kind: str  #: none, message, signal, timer, error, escalation, conditional, terminate, link
    name: str = ""  #: name of the message, signal or link
    ref: str = ""  #: its id in the file
    code: str | None = None  #: of an error or escalation; None catches every code
    timer: str = ""  #: date, duration or cycle
    expression: str = ""  #: FEEL or ISO of a timer, FEEL of a condition
    #: Each: property, FEEL over the message (empty = its value of that name), FEEL over the data (empty = what the
    #: first message of the conversation said).
    correlation: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """How an activity repeats."""

    kind: str  #: standard, sequential or parallel
    cardinality: str = ""
    collection: str = ""  #: FEEL
    item: str = ""  #: variable of one item
    results: str = ""  #: variable that receives the list of results
    result: str = ""  #: FEEL of one result; empty = the data the instance wrote
    completion: str = ""  #: FEEL: stop when true
    condition: str = ""  #: FEEL of a standard loop: go on while true
    test_before: bool = False
    maximum: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConfig:
    """Everything the diagram says of a node; plain values only, so that it can be exported."""

    kind: str
    label: str = ""
    lane: str = ""
    documentation: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()
    flows: tuple[Flow, ...] = ()
    incoming: tuple[str, ...] = ()  #: ids of the flows that end here
    event: Event = Event(kind="none")
    loop: Loop | None = None
    boundary: tuple[str, ...] = ()
    attached_to: str = ""
    interrupting: bool = True
    scope: str = ""  #: the scope that a sub-process or call runs
    triggered: bool = False  #: an event sub-process
    passes: str = ""  #: of a call: which data go through beside the declared ones: both, in, out or none
    decision: str = ""
    objects_in: tuple[str, ...] = ()  #: data objects read
    objects_out: tuple[str, ...] = ()  #: data objects written


class NodeSpec(BpmnTaskSpec):  # type: ignore[misc]  # the library is untyped
    """A flow node. The library's state machine calls it; what it means is decided by the instance's runtime."""

    def __init__(self, wf_spec: ScopeSpec, name: str, config: NodeConfig) -> None:
        super().__init__(wf_spec, name, lane=config.lane, documentation=config.documentation)
        self.bpmn_id = name
        self.bpmn_name = config.label
        self.description = config.kind
        self.config = config
        self.kind = config.kind
        self.manual = config.kind in ("userTask", "receiveTask")
        self.is_activity = config.kind in ACTIVITIES
        self.joins = config.kind in ("parallelGateway", "inclusiveGateway") and len(config.incoming) > 1
        self.done_by = _done_by(config)
        self.result_key = config.attributes.get("result", "")

    @property
    def scope(self) -> ScopeSpec:
        """The scope in which the node is drawn."""
        return self._wf_spec  # type: ignore[no-any-return]

    def _predict(self, my_task: Token, *args: Any, **kwargs: Any) -> None:
        """Tokens are placed when they arrive and never before; there is nothing to predict."""

    def _update(self, my_task: Token) -> None:
        """Nothing is polled."""

    def _on_ready(self, my_task: Token) -> None:
        my_task.workflow.top_workflow.runtime.arrive(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        """True = done, None = something outside has to finish it."""
        return my_task.workflow.top_workflow.runtime.perform(my_task)  # type: ignore[no-any-return]

    def _on_complete(self, my_task: Token) -> None:
        my_task.workflow.top_workflow.runtime.leave(my_task)

    def _on_cancel(self, my_task: Token) -> None:
        """The runtime clears up itself."""


def _done_by(config: NodeConfig) -> str:
    """Who outside the engine finishes a token at the node: user, receive, service, or nobody."""
    if config.kind in ("userTask", "receiveTask"):
        return config.kind.removesuffix("Task")
    service = config.kind in ("serviceTask", "businessRuleTask")
    return "service" if service or (config.kind == "sendTask" and "operation" in config.attributes) else ""


class RootSpec(BpmnTaskSpec):  # type: ignore[misc]
    """The root of a scope's token tree."""

    kind = "root"
    done_by = ""

    def _predict(self, my_task: Token, *args: Any, **kwargs: Any) -> None:
        """See ``NodeSpec``."""


class ScopeSpec(WorkflowSpec):  # type: ignore[misc]
    """A process or sub-process."""

    def __init__(self, name: str, *, process: str, kind: str = "process", label: str = "") -> None:
        super().__init__(name=name)
        self.process, self.kind, self.label = process, kind, label
        self.executable = True
        self.objects: dict[str, str] = {}  #: data objects: id → name
        #: What a called process takes and gives by its own declaration; None = it declares nothing.
        self.takes: tuple[str, ...] | None = None
        self.gives: tuple[str, ...] | None = None
        self.start = RootSpec(self, ROOT)
        # What the library's serializer expects of a process:
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []

    @cached_property
    def nodes(self) -> dict[str, NodeSpec]:
        """Flow nodes by id, in document order."""
        return {name: spec for name, spec in self.task_specs.items() if isinstance(spec, NodeSpec)}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All spec names in the order that the codec numbers them."""
        return tuple(sorted(self.task_specs))

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each name in ``names``."""
        return {name: at for at, name in enumerate(self.names)}

    @cached_property
    def handlers(self) -> tuple[NodeSpec, ...]:
        """The event sub-processes drawn in this scope."""
        return tuple(node for node in self.nodes.values() if node.config.triggered)

    @cached_property
    def start_events(self) -> tuple[NodeSpec, ...]:
        """The start events drawn in this scope."""
        return tuple(node for node in self.nodes.values() if node.kind == "startEvent")

    @cached_property
    def entrances(self) -> tuple[NodeSpec, ...]:
        """Where a token begins when no start event is drawn: nodes that neither flow nor link nor event reaches."""
        return tuple(
            node
            for node in self.nodes.values()
            if not node.config.incoming
            and node.kind != "boundaryEvent"
            and not (node.kind == "intermediateCatchEvent" and node.config.event.kind == "link")
            and not node.config.triggered
        )

    @cached_property
    def reach(self) -> dict[str, dict[str, frozenset[str]]]:
        """For each inclusive join: per incoming flow, the nodes from which it can be reached without that join."""
        return {
            node.name: {flow: self._sources(node.name, flow) for flow in node.config.incoming}
            for node in self.nodes.values()
            if node.kind == "inclusiveGateway" and node.joins
        }

    def _sources(self, join: str, flow_id: str) -> frozenset[str]:
        before: dict[str, list[str]] = {}
        first: list[str] = []
        for node in self.nodes.values():
            for flow in node.config.flows:
                before.setdefault(flow.target, []).append(node.name)
                if flow.id == flow_id:
                    first.append(node.name)
            for event in node.config.boundary:
                before.setdefault(event, []).append(node.name)
        found: set[str] = set()
        while first:
            name = first.pop()
            if name not in found and name != join:
                found.add(name)
                first.extend(before.get(name, ()))
        return frozenset(found)


def plain(config: NodeConfig) -> dict[str, Any]:
    """``config`` as JSON for the library's own serializer."""
    return asdict(config) | {"attributes": dict(config.attributes)}


def from_plain(record: Mapping[str, Any]) -> NodeConfig:
    """The inverse of ``plain``."""
    fields: dict[str, Any] = dict(record)
    for name in ("inputs", "outputs"):
        fields[name] = tuple((key, source) for key, source in fields[name])
    for name in ("incoming", "boundary", "objects_in", "objects_out"):
        fields[name] = tuple(fields[name])
    fields["flows"] = tuple(Flow(**flow) for flow in fields["flows"])
    event = dict(fields["event"])
    event["correlation"] = tuple((key, there, here) for key, there, here in event["correlation"])
    fields["event"] = Event(**event)
    fields["loop"] = Loop(**fields["loop"]) if fields["loop"] else None
    return NodeConfig(**fields)
