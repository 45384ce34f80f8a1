"""Which nodes and flows of a procedure's diagrams were passed, from the steps that journals tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from engine import bpmn


@dataclass(slots=True)
class Coverage:
    """Nodes and flows of one procedure, called processes included, and those that scenarios passed."""

    nodes: frozenset[str]
    flows: frozenset[tuple[str, str, str]]  #: source, target, id
    passed: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, definition: bpmn.Definition) -> Coverage:
        """Nothing passed yet."""
        graph = bpmn.loaded_graph(definition).values()
        return cls(
            nodes=frozenset(node for process in graph for node in process["nodes"]),
            flows=frozenset(tuple(flow) for process in graph for flow in process["flows"]),
        )

    def add(self, steps: Iterable[list[Any]]) -> None:
        """Take in one dossier's steps ``[element, event, at]`` in their order.

        A flow counts as taken when its target is entered and, of all its sources, it left the one that ended last.
        """
        ended: dict[str, int] = {}
        into: dict[str, list[tuple[str, str]]] = {}
        for source, target, flow in self.flows:
            into.setdefault(target, []).append((source, flow))
        for place, (element, event, _) in enumerate(steps):
            if event in {"entered", "completed", "fired"}:
                self.passed.add(element)
            if event == "entered" or (event == "completed" and element not in ended):
                sources = [(ended[source], flow) for source, flow in into.get(element, ()) if source in ended]
                if sources:
                    self.taken.add(max(sources)[1])
            if event in {"completed", "fired"}:
                ended[element] = place

    def as_json(self) -> dict[str, Any]:
        """Counts and what is missing."""
        return {
            "nodes": len(self.nodes),
            "nodes_passed": len(self.nodes & self.passed),
            "flows": len(self.flows),
            "flows_taken": len(self.taken),
            "nodes_missing": sorted(self.nodes - self.passed),
            "flows_missing": sorted(flow for _, _, flow in self.flows if flow not in self.taken),
        }
