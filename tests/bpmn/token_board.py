"""What the oracle's token game is played with: tokens, scopes, armed events, and what is read off them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.diagram import Event, Node, Process

#: A value with the moment it was written; the newest wins where branches meet.
Data = dict[str, tuple[int, Any]]
_CATCHING = frozenset({"intermediateCatchEvent", "receiveTask"})


@dataclass(eq=False)
class Listener:
    """An armed event: a boundary event, the start of an event sub-process, or a branch behind an event gateway."""

    node: Node
    due: int | None = None
    number: int = 0
    more: int = 0  # how often a cycle fires after this, -1 = for ever
    period: int = 0


@dataclass(eq=False)
class Token:
    """A token at a node; ``frame`` is the scope it is in."""

    node: Node
    frame: Frame
    data: Data
    flow: str = ""
    number: int = 0
    state: str = "coming"  # coming, waiting, parked, running, gone
    due: int | None = None
    listeners: list[Listener] = field(default_factory=list)
    inner: Frame | None = None
    host: Token | None = None  # the repeated activity that this is an instance of
    instances: int = 0
    finished: int = 0


@dataclass(eq=False)
class Frame:
    """A running process, sub-process or event sub-process."""

    process: Process
    scope: str
    base: Data
    owner: Token | None = None
    tokens: list[Token] = field(default_factory=list)
    ended: list[Data] = field(default_factory=list)
    handlers: list[Listener] = field(default_factory=list)
    done: bool = False


class NoWay(Exception):
    """No condition of a gateway held; an incident and no result."""


def _arrival(entry: tuple[Token | Frame, Listener | None]) -> int:
    where, listener = entry
    if listener is not None:
        return listener.number
    assert isinstance(where, Token)
    return where.number


def is_a(node: Node, kind: str, event: str) -> bool:
    """Whether a node is of that kind and has that kind of event."""
    return node.kind == kind and node.event is not None and node.event.kind == event


def _means(event: Event | None, kind: str, name: str) -> bool:
    return event is not None and event.kind == kind and event.name == name


def merged(parts: list[Data]) -> Data:
    """Of each key the newest value."""
    newest: Data = {}
    for part in parts:
        for key, value in part.items():
            if key not in newest or newest[key][0] < value[0]:
                newest[key] = value
    return newest


def view(frame: Frame) -> Data:
    """All that is known in a scope: sub-processes share the data of the process around them."""
    return merged([frame.base, *frame.ended, *(_seen(token) for token in frame.tokens)])


def _seen(token: Token) -> Data:
    inner = token.inner if token.inner is not None and not token.inner.done else None
    shared = inner is not None and token.node.kind == "subProcess"
    return view(inner) if inner is not None and shared else token.data


def holds(condition: str, data: Data) -> bool:
    """Whether a condition, a variable or its negation, is true."""
    name = condition.removeprefix("not(").removesuffix(")")
    value = data[name][1]
    return not value if condition.startswith("not(") else bool(value)


def _ahead(start: Node, avoid: Node, process: Process) -> set[str]:
    """The nodes that a token at ``start`` may come to without passing ``avoid``, ``start`` included."""
    found: set[str] = set()
    pending = [start]
    while pending:
        node = pending.pop()
        if node.id in found or node is avoid:
            continue
        found.add(node.id)
        pending.extend(process.node[flow.target] for flow in process.outgoing.get(node.id, ()))
        pending.extend(process.boundaries.get(node.id, ()))
        if is_a(node, "intermediateThrowEvent", "link") and node.event is not None:
            name = node.event.name
            pending.extend(
                n
                for n in process.within(node.scope)
                if is_a(n, "intermediateCatchEvent", "link") and n.event and n.event.name == name
            )
    return found


def event_of(listener: Listener, process: Process) -> Event | None:
    """The event that a listener waits for; of an event sub-process that of its start."""
    if not listener.node.event_subprocess:
        return listener.node.event
    return next(n for n in process.within(listener.node.id) if n.kind == "startEvent").event


def waiting(frames: list[Frame]) -> list[Token]:
    """Tokens at which something is waited for."""
    return [token for frame in frames for token in frame.tokens if token.state == "waiting"]


def timers(frames: list[Frame]) -> list[tuple[Token | Frame, Listener | None, int]]:
    """What waits for a moment: where, by which listener (none: the token itself), and when it is due."""
    found: list[tuple[Token | Frame, Listener | None, int]] = []
    for frame in frames:
        found.extend((frame, listener, listener.due) for listener in frame.handlers if listener.due is not None)
        for token in frame.tokens:
            found.extend((token, item, item.due) for item in token.listeners if item.due is not None)
            if token.state == "waiting" and token.due is not None:
                found.append((token, None, token.due))
    return found


def armed(frames: list[Frame], kind: str, name: str) -> list[tuple[Token | Frame, Listener | None]]:
    """What waits for an event of that kind and name, whoever came first before."""
    found: list[tuple[Token | Frame, Listener | None]] = []
    for frame in frames:
        for listener in frame.handlers:
            if _means(event_of(listener, frame.process), kind, name):
                found.append((frame, listener))
        for token in frame.tokens:
            found.extend((token, item) for item in token.listeners if _means(item.node.event, kind, name))
            if token.state == "waiting" and token.node.kind in _CATCHING and _means(token.node.event, kind, name):
                found.append((token, None))
    return sorted(found, key=_arrival)


def seen_at(host: Token) -> Data:
    """What is known at an activity: of a repeated one also what its unfinished instances know."""
    instances = [token for token in host.frame.tokens if token.host is host]
    return merged([_seen(host), *(_seen(token) for token in instances)])


def held_up(frame: Frame, node: Node, filled: set[str]) -> bool:
    """Whether a token may still come to a flow of the inclusive join that none has come by."""
    incoming = {flow.id: flow.source for flow in frame.process.incoming[node.id]}
    for token in frame.tokens:
        if token.node is node or token.host is not None:
            continue
        reach = _ahead(token.node, node, frame.process)
        to_empty = any(source in reach for flow, source in incoming.items() if flow not in filled)
        to_filled = any(source in reach for flow, source in incoming.items() if flow in filled)
        if to_empty and not to_filled:
            return True
    return False
