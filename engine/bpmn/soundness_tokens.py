"""A token game over one scope in which every choice is open: what joins can ever do, seen from above.

It allows more than any real run (events fire whenever they like, terminate ends nothing), so a join that never fires
here never fires at all. A flow has one target, hence steps of different nodes cannot disturb one another and it is
enough to follow one node at a time, and another when that leads nowhere new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from engine.bpmn.diagram import ACTIVITIES, Flow, Node, Process

_MAX_STATES: Final = 4_000
#: Places looked at in all states together; bounds the time for very wide diagrams.
_MAX_WORK: Final = 150_000
_MAX_TOKENS: Final = 3
#: Above this number of conditional flows only each alone and all together are tried.
_MAX_SUBSETS: Final = 4

#: Tokens per place. A place is a flow id, or ``@`` and the id of a node that begins or is jumped to.
_Marking = tuple[tuple[str, int], ...]
_Option = frozenset[str]


@dataclass(slots=True)
class Exploration:
    """What was seen. ``complete`` is false when the game was cut short, and then absence proves nothing."""

    waited: set[str] = field(default_factory=set)  #: joins at which a token arrived
    fired: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)  #: joins left with a token when nothing could move
    complete: bool = True


def explore(inside: Sequence[Node], process: Process, starts: Iterable[Sequence[tuple[Node, ...]]]) -> Exploration:
    """Play from every alternative of ``starts`` over the nodes ``inside`` one scope."""
    game = _Game(inside, process)
    for alternative in starts:
        for nodes in alternative:
            game.play({f"@{node.id}": 1 for node in nodes})
    return game.result


class _Game:
    def __init__(self, inside: Sequence[Node], process: Process) -> None:
        self.result = Exploration()
        self._process = process
        self._nodes = {node.id: node for node in inside}
        self._target = {f"@{node.id}": node.id for node in inside}
        self._target.update(
            {
                flow.id: flow.target
                for flow in process.flows
                if flow.target in self._nodes and flow.source in self._nodes
            }
        )
        self._options = {node.id: self._outcomes(node) for node in inside}
        self._seen: set[_Marking] = set()
        self._work = 0

    def play(self, start: dict[str, int]) -> None:
        first = tuple(sorted(start.items()))
        pending = [first]
        while pending:
            marking = pending.pop()
            if marking in self._seen:
                continue
            self._work += len(marking)
            if len(self._seen) >= _MAX_STATES or self._work > _MAX_WORK:
                self.result.complete = False
                return
            self._seen.add(marking)
            pending.extend(self._next(dict(marking)))

    def _next(self, marking: dict[str, int]) -> list[_Marking]:
        by_node: dict[str, list[str]] = {}
        for place in marking:
            by_node.setdefault(self._target[place], []).append(place)
        reached: list[_Marking] = []
        for name, places in by_node.items():
            moves = self._moves(name, places)
            fresh = [new for taken in moves for new in self._fire(marking, name, taken) if new not in self._seen]
            reached.extend(fresh)
            if fresh:
                return reached
        if not any(self._moves(name, places) for name, places in by_node.items()):
            self.result.stuck.update(by_node)
        return reached

    def _moves(self, name: str, places: list[str]) -> list[list[str]]:
        """The sets of places from which the node takes one token each; none while a join has to wait."""
        node = self._nodes[name]
        incoming = [flow.id for flow in self._process.incoming.get(name, ())]
        if len(incoming) < 2 or node.kind not in {"parallelGateway", "inclusiveGateway"}:
            return [[place] for place in places]
        self.result.waited.add(name)
        if node.kind == "inclusiveGateway":
            return [places]
        return [incoming] if set(incoming) <= set(places) else []

    def _fire(self, marking: dict[str, int], name: str, taken: list[str]) -> list[_Marking]:
        if len(taken) > 1:
            self.result.fired.add(name)
        reached = []
        for option in self._options[name]:
            after = dict(marking)
            for place in taken:
                after[place] -= 1
                if not after[place]:
                    del after[place]
            for place in option:
                after[place] = after.get(place, 0) + 1
                if after[place] > _MAX_TOKENS:
                    after[place] = _MAX_TOKENS
                    self.result.complete = False
            reached.append(tuple(sorted(after.items())))
        return reached

    def _outcomes(self, node: Node) -> list[_Option]:
        """The sets of places that can receive a token when the node is done."""
        flows = [flow for flow in self._process.outgoing.get(node.id, ()) if flow.id in self._target]
        if node.kind in {"exclusiveGateway", "eventBasedGateway"}:
            return [frozenset({flow.id}) for flow in flows] or [frozenset()]
        if node.kind == "inclusiveGateway":
            return _subsets(flows, [])
        if node.kind == "intermediateThrowEvent" and node.event is not None and node.event.kind == "link":
            return [frozenset({f"@{other.id}" for other in self._nodes.values() if _catches(other, node)})]
        if node.kind not in ACTIVITIES:
            return [frozenset(flow.id for flow in flows)]
        sure = [flow.id for flow in flows if flow.condition is None and flow.id != node.default]
        normal = _subsets([flow for flow in flows if flow.id not in sure], sure)
        return self._with_boundaries(node, normal)

    def _with_boundaries(self, node: Node, normal: list[_Option]) -> list[_Option]:
        events = [event for event in self._process.boundaries.get(node.id, ()) if event.id in self._nodes]
        beside = frozenset(f"@{event.id}" for event in events if not event.interrupting)
        instead = [frozenset({f"@{event.id}"}) for event in events if event.interrupting]
        options = [*normal, *instead]
        for extra in [beside, *(frozenset({place}) for place in beside)] if beside else []:
            options.extend([option | extra for option in (*normal, *instead)])
        return list(dict.fromkeys(options))


def _subsets(open_flows: Sequence[Flow], sure: Sequence[str]) -> list[_Option]:
    """Every choice among conditional flows, beside those that are always taken."""
    names = [flow.id for flow in open_flows]
    if not names:
        return [frozenset(sure)]
    sizes = range(0 if sure else 1, len(names) + 1) if len(names) <= _MAX_SUBSETS else (1, len(names))
    return [frozenset({*chosen, *sure}) for size in sizes for chosen in combinations(names, size)]


def _catches(other: Node, thrower: Node) -> bool:
    return (
        other.kind == "intermediateCatchEvent"
        and other.event is not None
        and other.event.kind == "link"
        and thrower.event is not None
        and other.event.name == thrower.event.name
    )
