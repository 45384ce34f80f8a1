"""G4: what was loaded to run is what was drawn, step by step, flow by flow, event by event.

Two readings of one file are compared: the gate's own ``Diagram`` and the specs the runtime built. They share no code,
so a fault of one shows as a difference and the definition is refused before it can run wrongly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from engine.bpmn.diagram import EVENTS, Diagram, Flow, Node, Process
from engine.bpmn.rules_catalogue import finding
from engine.bpmn.specs import NodeSpec, ScopeSpec
from engine.errors import Problem

_SHOWN: Final = 5

#: One fact about a step or flow: (scope, id, aspect, value).
Fact = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Graph:
    """All facts of a graph with how often each holds; equal graphs run equally."""

    facts: Counter[Fact]

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Graph:
        """The graph of ``facts``."""
        return cls(Counter(facts))


def loaded_graph(scopes: Mapping[str, ScopeSpec]) -> Graph:
    """The graph of the specs that will run (scopes by id); processes that are not executable are left out."""
    running = {name for name, scope in scopes.items() if scope.name == scope.process and scope.executable}
    return Graph.of(fact for scope in scopes.values() if scope.process in running for fact in _loaded_scope(scope))


def drawn_graph(diagrams: Sequence[Diagram]) -> Graph:
    """The graph of the executable processes as the gate reads them."""
    processes = [process for diagram in diagrams for process in diagram.processes if process.executable]
    return Graph.of(fact for process in processes for fact in _drawn_process(process))


def compare(diagrams: Sequence[Diagram], loaded: Graph, *, file: str = "") -> tuple[Problem, ...]:
    """One problem for each of the first differences; empty when the graphs are equal."""
    drawn = drawn_graph(diagrams).facts
    differences = [("-", fact) for fact in drawn - loaded.facts] + [("+", fact) for fact in loaded.facts - drawn]
    return tuple(
        finding(
            "bpmn-graph-differs",
            file=file,
            element=fact[1],
            facts={"difference": f"{sign}{fact[2]} {fact[3]}".strip()},
        )
        for sign, fact in islice(sorted(differences, key=lambda item: (item[1], item[0])), _SHOWN)
    )


def _facts(scope: str, element: str, aspects: Mapping[str, object]) -> Iterator[Fact]:
    for aspect, value in aspects.items():
        yield scope, element, aspect, str(value)


def _drawn_process(process: Process) -> Iterator[Fact]:
    takes, gives = sorted(process.takes), sorted(process.gives)
    yield from _facts(process.id, process.id, {"scope": process.executable, "takes": takes, "gives": gives})
    for node in process.nodes:
        if node.kind == "subProcess":
            yield from _facts(node.id, node.id, {"scope": True})
        yield from _facts(node.scope, node.id, _drawn_node(node, process))
    for flow in process.flows:
        yield from _facts(flow.scope, flow.id, _drawn_flow(flow, process))


def _drawn_flow(flow: Flow, process: Process) -> dict[str, object]:
    source = process.node.get(flow.source)
    return {
        "flow": f"{flow.source} → {flow.target}",
        "condition": flow.condition or "",
        "default": source is not None and source.default == flow.id,
    }


def _drawn_node(node: Node, process: Process) -> dict[str, object]:
    aspects: dict[str, object] = {
        "step": node.kind,
        "attached": node.attached_to,
        "interrupting": node.interrupting,
        "triggered": node.event_subprocess,
        "called": node.called if node.kind == "callActivity" else "",
        "passes": _passes(node) if node.kind == "callActivity" else "",
        "inputs": [(m.target, m.source) for m in node.mappings if m.direction == "input"],
        "outputs": [(m.target, m.source) for m in node.mappings if m.direction == "output"],
        "boundary": sorted(event.id for event in process.boundaries.get(node.id, ())),
    }
    if node.kind in EVENTS:
        event = node.event
        aspects["event"] = (event.kind, event.ref, event.timer, event.text) if event else ("none", "", "", "")
    if node.loop is not None:
        loop = node.loop
        aspects["loop"] = (loop.kind, loop.cardinality, loop.collection, loop.element, loop.output_collection)
        aspects["loop ends"] = (loop.completion, loop.condition, loop.test_before, loop.maximum)
    return aspects


def _passes(call: Node) -> str:
    return call.attributes.get("motcua:passes", "") or ("none" if call.mappings else "both")


def _loaded_scope(scope: ScopeSpec) -> Iterator[Fact]:
    yield from _facts(scope.name, scope.name, {"scope": scope.executable})
    if scope.kind == "process":
        takes, gives = list(scope.takes or ()), list(scope.gives or ())
        yield from _facts(scope.name, scope.name, {"takes": takes, "gives": gives})
    for node in scope.nodes.values():
        yield from _facts(scope.name, node.name, _loaded_node(node))
        for flow in node.config.flows:
            if flow.id.startswith("(link)"):
                continue
            aspects = {
                "flow": f"{node.name} → {flow.target}",
                "condition": flow.condition,
                "default": flow.default,
            }
            yield from _facts(scope.name, flow.id, aspects)


def _loaded_node(node: NodeSpec) -> dict[str, object]:
    config = node.config
    aspects: dict[str, object] = {
        "step": config.kind,
        "attached": config.attached_to,
        "interrupting": config.interrupting,
        "triggered": config.triggered,
        "called": config.scope if config.kind == "callActivity" else "",
        "passes": config.passes,
        "inputs": list(config.inputs),
        "outputs": list(config.outputs),
        "boundary": sorted(config.boundary),
    }
    if config.kind in EVENTS:
        event = config.event
        aspects["event"] = (event.kind, event.ref, event.timer, event.expression)
    if config.loop is not None:
        loop = config.loop
        maximum = "" if loop.maximum is None else str(loop.maximum)
        aspects["loop"] = (loop.kind, loop.cardinality, loop.collection, loop.item, loop.results)
        aspects["loop ends"] = (loop.completion, loop.condition, loop.test_before, maximum)
    return aspects
