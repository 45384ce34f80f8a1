"""G11: calls name one executable process of the bundle, ids are unique in it, and no circle calls without waiting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.bpmn.diagram import CONTAINERS, Diagram, Node, Process
from engine.bpmn.foreign import is_foreign
from engine.bpmn.rules_catalogue import finding
from engine.bpmn.soundness import waits
from engine.errors import Problem


def check(diagrams: Sequence[Diagram]) -> Iterator[Problem]:
    """Problems between the processes of all files."""
    yield from _duplicates(diagrams)
    processes = {process.id: process for diagram in diagrams for process in diagram.processes}
    for diagram in diagrams:
        for process in diagram.processes:
            for node in process.nodes if process.executable else ():
                if node.kind == "callActivity":
                    yield from _call(node, processes, diagram.file)
    running = [process for diagram in diagrams for process in diagram.processes if process.executable]
    at_once = {process.id: _immediate_calls(process) for process in running}  # of equal ids one may not run
    known: set[str] = set()
    for diagram in diagrams:
        for process in diagram.processes:
            if process.executable and process.id not in known:
                yield from _recursion(process, at_once, known, diagram.file)


def _duplicates(diagrams: Sequence[Diagram]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for diagram in diagrams:
        own: set[str] = set()
        for process in diagram.processes:
            for scope in process.scopes:
                if scope in seen:
                    yield finding(
                        "bpmn-process-duplicate", file=diagram.file, element=scope, facts={"other": seen[scope]}
                    )
                own.add(scope)
        seen.update(dict.fromkeys(own, diagram.file))


def _call(node: Node, processes: dict[str, Process], file: str) -> Iterator[Problem]:
    facts = {"called": node.called}
    if not node.called:
        yield finding("bpmn-called-missing", file=file, element=node.id)
    elif is_foreign(node.called) or node.called.startswith("="):
        yield finding("bpmn-called-dynamic", file=file, element=node.id, facts=facts)
    elif node.called not in processes:
        yield finding("bpmn-called-unknown", file=file, element=node.id, facts=facts)
    elif not processes[node.called].executable:
        yield finding("bpmn-called-not-executable", file=file, element=node.id, facts=facts)


def _recursion(process: Process, at_once: dict[str, list[Node]], known: set[str], file: str) -> Iterator[Problem]:
    """A circle of calls in which each is reached before anything waits; each circle is told once."""
    pending = [(process.id, iter(at_once[process.id]))]
    path = {process.id}
    while pending:
        name, calls = pending[-1]
        call = next(calls, None)
        if call is None:
            pending.pop()
            path.discard(name)
            known.add(name)
        elif call.called in path:
            yield finding("bpmn-call-recursion", file=file, element=call.id, facts={"process": call.called})
        elif call.called in at_once and call.called not in known:
            path.add(call.called)
            pending.append((call.called, iter(at_once[call.called])))


def _immediate_calls(process: Process) -> list[Node]:
    """Call activities that a new instance certainly reaches at once: along single unconditional flows."""
    found: list[Node] = []
    scopes = [process.id]
    while scopes:
        inside = process.within(scopes.pop())
        pending = [n for n in inside if n.kind == "startEvent" and not n.events] or [
            n for n in inside if not process.incoming.get(n.id) and n.kind != "boundaryEvent" and not n.event_subprocess
        ]
        seen: set[str] = set()
        while pending:
            node = pending.pop()
            if node.id in seen:
                continue
            seen.add(node.id)
            if node.kind == "callActivity":
                found.append(node)
            if node.kind in CONTAINERS:
                scopes.append(node.id)
            joins = "Gateway" in node.kind and len(process.incoming.get(node.id, ())) > 1
            if waits(node) or joins or node.loop or node.kind in CONTAINERS | {"callActivity"}:
                continue
            flows = process.outgoing.get(node.id, ())
            sure = node.kind == "parallelGateway" or all(flow.condition is None for flow in flows)
            if sure and (len(flows) == 1 or node.kind not in {"exclusiveGateway", "inclusiveGateway"}):
                pending.extend(process.node[flow.target] for flow in flows if flow.target in process.node)
    return found
