"""A definition: the files of one bundle read once per process, immutable, found again by content digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from lxml import etree

from engine.bpmn import graph_equality, guard, normalise, xml
from engine.bpmn.conditions import Conditions
from engine.bpmn.parser import parse
from engine.bpmn.records import Element
from engine.bpmn.rulings import DecisionPort, Rulings
from engine.bpmn.specs import ROOT, NodeSpec, ScopeSpec
from engine.errors import DefinitionRefused, Problem, Text
from engine.feel import FunctionRegistry

#: Part of every digest: library, adapter and normaliser. A change means that stored instances must be replayed first.
ENGINE_ABI = f"SpiffWorkflow-3.2.0/motcua-1/normalise-{normalise.VERSION}"

_BPMN_ENDINGS = (".bpmn", ".bpmn2", ".bpmn20.xml", ".xml")


class Definition:
    """A process that can be started, with everything that it calls."""

    def __init__(self, *, digest: str, process_id: str, scopes: Mapping[str, ScopeSpec], rulings: Rulings) -> None:
        self.digest = digest
        self.process_id = process_id
        self.elements: Mapping[str, Element] = {
            node.name: _element(node) for scope in scopes.values() for node in scope.nodes.values()
        }
        self._scopes = dict(scopes)
        self._names = tuple(sorted(scopes))
        self._index = {name: at for at, name in enumerate(self._names)}
        self._element_names = tuple(sorted(self.elements))
        self._element_index = {name: at for at, name in enumerate(self._element_names)}
        self._rulings = rulings
        self._conditions = Conditions(rulings.functions)

    @property
    def unresolved_decisions(self) -> tuple[tuple[str, str], ...]:
        """Business rule tasks whose decision is not in the bundle, as (element, decision); they wait for an answer."""
        named = ((node.name, node.config.decision) for scope in self._scopes.values() for node in scope.nodes.values())
        return tuple((name, decision) for name, decision in named if decision and not self._rulings.knows(decision))

    def error_ends(self, code: str) -> frozenset[str]:
        """The error end events that throw ``code``."""
        nodes = (node for scope in self._scopes.values() for node in scope.nodes.values())
        return frozenset(
            node.name
            for node in nodes
            if node.kind == "endEvent" and node.config.event.kind == "error" and (node.config.event.code or "") == code
        )

    def __repr__(self) -> str:
        return f"<Definition {self.process_id} {self.digest[:12]}>"


_CACHE: dict[tuple[str, int, int], Definition] = {}
_CACHE_SIZE = 256


def digest_of(files: Mapping[str, bytes], process: str | None) -> str:
    """SHA-256 over the engine's version, the chosen process and every file with its name."""
    state = hashlib.sha256(f"{ENGINE_ABI}\0{process or ''}\0".encode())
    for name in sorted(files):
        state.update(f"{name}\0{len(files[name])}\0".encode())
        state.update(files[name])
    return state.hexdigest()


def define(
    files: Mapping[str, bytes],
    *,
    process: str | None = None,
    decisions: DecisionPort | None = None,
    functions: FunctionRegistry | None = None,
) -> Definition:
    """The definition in ``files`` (BPMN and DMN by name). Raises ``DefinitionRefused`` with every problem found.

    The process that runs is the executable one that no other calls; ``process`` picks another.
    """
    digest = digest_of(files, process)
    key = (digest, id(decisions), id(functions))
    known = _CACHE.get(key)
    if known is not None:
        return known
    diagrams = {name: content for name, content in files.items() if name.lower().endswith(_BPMN_ENDINGS)}
    checked = guard.inspect(diagrams, process=process)
    _refuse(checked.problems)
    scopes = parse(_root(diagrams[name], name) for name in sorted(diagrams))
    _refuse(graph_equality.compare(checked.diagrams, graph_equality.loaded_graph(scopes)))
    rulings = Rulings(files, port=decisions, functions=functions)
    definition = Definition(
        digest=digest,
        process_id=process if process is not None and _exists(scopes, process) else _main(scopes, process),
        scopes=scopes,
        rulings=rulings,
    )
    if len(_CACHE) >= _CACHE_SIZE:
        _CACHE.pop(next(iter(_CACHE)))
    _CACHE[key] = definition
    return definition


def _refuse(problems: Iterable[Problem]) -> None:
    errors = tuple(problem for problem in problems if problem.severity == "error")
    if errors:
        raise DefinitionRefused(problems=errors)


def loaded_graph(definition: Definition) -> dict[str, dict[str, Any]]:
    """What was loaded, per process: ``nodes`` {id: kind}, ``flows`` sorted (source, target, id), ``boundaries``
    {event: activity}, ``scopes`` {node: scope it is drawn in}. For comparison with what was drawn."""
    graph: dict[str, dict[str, Any]] = {}
    for scope in definition._scopes.values():
        process = graph.setdefault(scope.process, {"nodes": {}, "flows": [], "boundaries": {}, "scopes": {}})
        for node in scope.nodes.values():
            process["nodes"][node.name] = node.kind
            process["scopes"][node.name] = scope.name
            process["flows"].extend(
                (node.name, flow.target, flow.id) for flow in node.config.flows if not flow.id.startswith("(link)")
            )
            if node.config.attached_to:
                process["boundaries"][node.name] = node.config.attached_to
    for process in graph.values():
        process["flows"].sort()
    return graph


def _root(content: bytes, name: str) -> etree._Element:
    return xml.parse(normalise.normalise(content, file=name).xml, file=name)


def _exists(scopes: Mapping[str, ScopeSpec], process: str) -> bool:
    return process in scopes and scopes[process].kind == "process"


def _main(scopes: Mapping[str, ScopeSpec], process: str | None) -> str:
    if process is not None:
        raise DefinitionRefused(problems=(_no_process(process),))
    executable = [scope.name for scope in scopes.values() if scope.kind == "process" and scope.executable]
    if not executable:
        raise DefinitionRefused(problems=(_no_process(""),))
    called = {
        node.config.scope
        for scope in scopes.values()
        for node in scope.nodes.values()
        if node.kind == "callActivity" and scope.process in executable and scope.process != node.config.scope
    }
    return next((name for name in executable if name not in called), executable[0])  # type: ignore[no-any-return]


def _no_process(process: str) -> Problem:
    return Problem(
        code="bpmn-no-process",
        message=Text(
            vi=f"Không có quy trình {process} trong sơ đồ.", en=f"There is no process {process} in the diagram."
        ),
        remedy=Text(vi="Chọn một quy trình có trong tệp.", en="Choose a process that the file contains."),
        element=process,
    )


def _element(node: NodeSpec) -> Element:
    config = node.config
    return Element(
        id=node.name,
        name=config.label,
        kind=config.kind,
        process=node.scope.process,
        lane=config.lane,
        documentation=config.documentation,
        attributes=dict(config.attributes),
        inputs=config.inputs,
        outputs=config.outputs,
    )


__all__ = ["ENGINE_ABI", "ROOT", "DecisionPort", "Definition", "define", "digest_of", "loaded_graph"]
