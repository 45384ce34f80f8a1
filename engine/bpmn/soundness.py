"""G9: every step can be reached, every scope can begin, no join waits for ever, no loop runs without end.

Only what is certain is an error. What may go wrong for some choices is a warning, because the choices may depend on
each other in ways that a drawing does not show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from engine.bpmn.diagram import CONTAINERS, Node, Process
from engine.bpmn.rules_catalogue import finding
from engine.bpmn.soundness_tokens import explore
from engine.errors import Problem

#: Kinds of node at which a token stops until something outside happens.
WAITING: Final = frozenset({"userTask", "serviceTask", "receiveTask", "eventBasedGateway"})
#: Kinds that may write data or wait, depending on what is inside.
_OPAQUE: Final = CONTAINERS | {"callActivity", "businessRuleTask"}
_THROWING: Final = frozenset({"intermediateThrowEvent", "sendTask"})
_JOINING: Final = frozenset({"parallelGateway", "inclusiveGateway"})


def check(process: Process, *, file: str) -> Iterator[Problem]:
    """Problems of every scope of ``process``."""
    for scope in process.scopes:
        inside = process.within(scope)
        if not inside:
            yield finding("bpmn-process-empty", file=file, element=scope)
            continue
        roots = entrances(inside, process)
        if not roots:
            yield finding("bpmn-no-start", file=file, element=scope)
            continue
        yield from _reach(inside, roots, process, file)
        yield from _endless(inside, process, file)
        yield from _deadlocks(inside, process, file)


def waits(node: Node) -> bool:
    """Whether a token certainly stops at ``node`` until something outside happens."""
    return node.kind in WAITING or (
        node.kind == "intermediateCatchEvent" and node.event is not None and node.event.kind != "link"
    )


def entrances(inside: Iterable[Node], process: Process) -> list[Node]:
    """Where tokens of a scope begin: its start events, or without any, every node that no flow reaches."""
    nodes = list(inside)
    starts = [node for node in nodes if node.kind == "startEvent"]
    return starts or [node for node in nodes if _is_free(node, process)]


def _is_free(node: Node, process: Process) -> bool:
    caught = node.kind == "intermediateCatchEvent" and node.event is not None and node.event.kind == "link"
    return not (process.incoming.get(node.id) or node.kind == "boundaryEvent" or node.event_subprocess or caught)


def successors(node: Node, process: Process) -> list[Node]:
    """Where a token can go from ``node``: along flows, out of its boundary events, over a link."""
    reached = [process.node[flow.target] for flow in process.outgoing.get(node.id, ()) if flow.target in process.node]
    reached.extend(process.boundaries.get(node.id, ()))
    if node.kind == "intermediateThrowEvent" and node.event is not None and node.event.kind == "link":
        reached.extend(link_targets(node, process))
    return reached


def link_targets(node: Node, process: Process) -> list[Node]:
    """The catching link events that the throwing ``node`` jumps to."""
    return [
        other
        for other in process.within(node.scope)
        if other.kind == "intermediateCatchEvent" and other.event is not None and node.event is not None
        and (other.event.kind, other.event.name) == ("link", node.event.name)
    ]  # fmt: skip


def _reach(inside: tuple[Node, ...], roots: list[Node], process: Process, file: str) -> Iterator[Problem]:
    reached: set[str] = set()
    pending = roots + [node for node in inside if node.event_subprocess]
    before: dict[str, list[str]] = {}
    while pending:
        node = pending.pop()
        if node.id in reached:
            continue
        reached.add(node.id)
        for after in successors(node, process):
            before.setdefault(after.id, []).append(node.id)
            pending.append(after)
    for node in inside:
        if node.id not in reached:
            yield finding("bpmn-unreachable", file=file, element=node.id)
    ends = [node.id for node in inside if node.id in reached and not _goes_on(node, process)]
    finishing: set[str] = set()
    while ends:
        name = ends.pop()
        if name not in finishing:
            finishing.add(name)
            ends.extend(before.get(name, ()))
    for node in inside:
        if node.id in reached and node.id not in finishing:
            yield finding("bpmn-no-end", file=file, element=node.id, severity="warning")
            return


def _goes_on(node: Node, process: Process) -> bool:
    link = node.kind == "intermediateThrowEvent" and node.event is not None and node.event.kind == "link"
    return bool(process.outgoing.get(node.id)) or link


def _endless(inside: tuple[Node, ...], process: Process, file: str) -> Iterator[Problem]:
    """Circles of steps that neither wait nor change data. Certain where no choice leads out; else the data with which
    a token comes may lead it out at once, and only a warning is due."""
    inert = {node.id: node for node in inside if _is_inert(node, process)}
    after = {
        name: {flow.target for flow in process.outgoing.get(name, ())} | {n.id for n in _jumps(node, process)}
        for name, node in inert.items()
    }
    circle = _circles(after)
    if not circle:
        return
    sure = _circles({name: targets for name, targets in after.items() if not _chooses(inert[name], process)})
    shut = all(after[name] <= circle.keys() for name in circle)
    if sure or shut:
        yield finding("bpmn-endless-loop", file=file, element=next(iter(sure or circle)))
    else:
        yield finding("bpmn-endless-loop-possible", file=file, element=next(iter(circle)), severity="warning")


def _circles(after: dict[str, set[str]]) -> dict[str, set[str]]:
    """What is left of ``after`` (node → its successors) without nodes that lie on no way from circle to circle."""
    left = dict(after)
    trimmed = True
    while trimmed and left:
        entered = {target for name in left for target in after[name]}
        gone = [name for name in left if name not in entered or not after[name] & left.keys()]
        for name in gone:
            del left[name]
        trimmed = bool(gone)
    return left


def _chooses(node: Node, process: Process) -> bool:
    flows = process.outgoing.get(node.id, ())
    return any(flow.condition is not None or flow.id == node.default for flow in flows) and len(flows) > 1


def _jumps(node: Node, process: Process) -> list[Node]:
    is_throw = node.kind == "intermediateThrowEvent" and node.event is not None and node.event.kind == "link"
    return link_targets(node, process) if is_throw else []


def _is_inert(node: Node, process: Process) -> bool:
    joins = node.kind in _JOINING and len(process.incoming.get(node.id, ())) > 1
    writes = bool(node.mappings) or node.loop is not None or node.kind in _OPAQUE
    throws = node.kind in _THROWING and node.event is not None and node.event.kind != "link"  # may end the scope
    return not (joins or writes or throws or waits(node))


def _deadlocks(inside: tuple[Node, ...], process: Process, file: str) -> Iterator[Problem]:
    joins = [n for n in inside if n.kind == "parallelGateway" and len(process.incoming.get(n.id, ())) > 1]
    if not joins:
        return
    result = explore(inside, process, [[root] for root in _alternatives(inside, process)] or [[]])
    for join in joins:
        facts: dict[str, object] = {"count": len(process.incoming[join.id])}
        if result.complete and join.id in result.waited and join.id not in result.fired:
            yield finding("bpmn-deadlock", file=file, element=join.id, facts=facts)
        elif join.id in result.stuck:
            yield finding("bpmn-deadlock-possible", file=file, element=join.id, facts=facts, severity="warning")


def _alternatives(inside: tuple[Node, ...], process: Process) -> list[tuple[Node, ...]]:
    """The sets of nodes that begin together: each start event alone, or all free nodes at once."""
    starts = [node for node in inside if node.kind == "startEvent"]
    return [(node,) for node in starts] or [tuple(entrances(inside, process))]
