"""A tiny token game over the gate's own reading of a diagram: what BPMN 2.0 says, written without any engine.

It shares nothing with the runtime. Data are versioned key by key, so that a join takes the newest value;
diagrams on which two branches write one key are not for it. Conditions are variables or their negation.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from typing import Any

from engine.bpmn.diagram import Diagram, Event, Flow, Node, Process
from tests.bpmn.token_board import (
    Data,
    Frame,
    Listener,
    NoWay,
    Token,
    armed,
    event_of,
    held_up,
    holds,
    is_a,
    merged,
    seen_at,
    timers,
    view,
    waiting,
)

_OPEN = frozenset({"userTask", "serviceTask", "receiveTask"})
_LISTENING = frozenset({"boundaryEvent", "startEvent"})


class Oracle:
    """One instance of ``process``; minutes are counted from its start."""

    def __init__(self, diagram: Diagram, process: str) -> None:
        self._processes = {item.id: item for item in diagram.processes}
        self.completed: Counter[str] = Counter()
        self.now = 0
        self.finished = False
        self.result: Data = {}
        self._stamp = self._number = 0
        self._queue: deque[Token] = deque()
        self._frames: list[Frame] = []
        self._open_frame(self._processes[process], process, {}, None)
        self._settle()

    # What is seen

    def open(self) -> Counter[str]:
        """Tasks that wait for somebody, by id."""
        return Counter(token.node.id for token in waiting(self._frames) if token.node.kind in _OPEN)

    def due(self) -> list[int]:
        """When timers are due."""
        return sorted(due for _, _, due in timers(self._frames))

    # What comes from outside

    def complete(self, element: str, data: dict[str, Any]) -> None:
        """Finish the task of that id that has waited longest."""
        token = min((t for t in waiting(self._frames) if t.node.id == element), key=lambda t: t.number)
        self._write(token, data)
        self._finish(token)
        self._settle()

    def fail(self, element: str, code: str) -> bool:
        """End the task of that id by an error; false, and nothing done, when nobody catches it."""
        token = min((t for t in waiting(self._frames) if t.node.id == element), key=lambda t: t.number)
        caught = self._catch("error", code, token.frame, token.host or token)
        self._settle()
        return caught

    def message(self, name: str) -> None:
        """Give a message to the first that waits for it."""
        self._message(name)
        self._settle()

    def signal(self, name: str) -> None:
        """Give a signal to all that wait for it."""
        self._signal(name)
        self._settle()

    def advance(self, minutes: int) -> None:
        """Let time pass; every timer fires at its own moment."""
        until = self.now + minutes
        while True:
            ready = [entry for entry in timers(self._frames) if entry[2] <= until]
            if not ready:
                self.now = until
                return
            token, listener, due = min(ready, key=lambda entry: entry[2])
            self.now = due
            if listener is None:
                assert isinstance(token, Token)
                self._finish(token)
            else:
                self._fire(token, listener)
            self._settle()

    # Scopes

    def _open_frame(self, process: Process, scope: str, data: Data, owner: Token | None) -> Frame:
        frame = Frame(process, scope, dict(data), owner)
        self._frames.append(frame)
        inside = process.within(scope)
        for node in inside:
            if node.event_subprocess:
                start = next(item for item in process.within(node.id) if item.kind == "startEvent")
                frame.handlers.append(self._listener(node, start.event))
        starts = [node for node in inside if node.kind == "startEvent" and not node.events]
        free = [
            n for n in inside if not process.incoming.get(n.id) and n.kind not in _LISTENING and not n.event_subprocess
        ]
        if not any(node.kind == "startEvent" for node in inside):
            starts = [node for node in free if not is_a(node, "intermediateCatchEvent", "link")]
        for node in starts:
            self._place(node, frame, data)
        return frame

    def _close(self, frame: Frame, data: Data) -> None:
        frame.done = True
        frame.tokens.clear()
        self._frames.remove(frame)
        owner = frame.owner
        if owner is None:
            self.finished, self.result = True, data
        elif owner.node.event_subprocess:
            self.completed[owner.node.id] += 1
            owner.data = data
            self._end(owner)
        else:
            owner.data = data
            self._finish(owner)

    def _cancel_frame(self, frame: Frame) -> None:
        for token in list(frame.tokens):
            self._cancel(token)

    def _cancel(self, token: Token) -> None:
        for other in [t for frame in self._frames for t in frame.tokens if t.host is token]:
            self._cancel(other)
        if token.inner is not None and token.inner in self._frames:
            self._cancel_frame(token.inner)
            token.inner.done = True
            self._frames.remove(token.inner)
        self._remove(token)

    def _remove(self, token: Token) -> None:
        token.state = "gone"
        if token in token.frame.tokens:
            token.frame.tokens.remove(token)

    # Tokens

    def _place(self, node: Node, frame: Frame, data: Data, flow: str = "") -> Token:
        self._number += 1
        token = Token(node, frame, dict(data), flow, self._number)
        frame.tokens.append(token)
        self._queue.append(token)
        return token

    def _write(self, token: Token, data: dict[str, Any]) -> None:
        self._stamp += 1
        token.data = {**token.data, **{key: (self._stamp, value) for key, value in data.items()}}

    def _settle(self) -> None:
        while True:
            while self._queue:
                token = self._queue.popleft()
                if token.state == "coming":
                    self._arrive(token)
            frame = next((f for f in self._frames if not f.tokens), None)
            if frame is not None:
                self._close(frame, merged([frame.base, *frame.ended]))
            elif not self._inclusive():
                return

    def _arrive(self, token: Token) -> None:
        node, process = token.node, token.frame.process
        incoming = process.incoming.get(node.id, ())
        if node.kind in {"parallelGateway", "inclusiveGateway"} and len(incoming) > 1:
            token.state = "parked"
            if node.kind == "parallelGateway":
                self._join(token.frame, node, {flow.id for flow in incoming})
        elif node.is_activity:
            self._activity(token)
        elif node.kind == "eventBasedGateway":
            token.state = "waiting"
            for flow in process.outgoing[node.id]:
                target = process.node[flow.target]
                token.listeners.append(self._listener(target, target.event))
        elif node.kind == "intermediateCatchEvent" and not is_a(node, node.kind, "link"):
            token.state, token.due = "waiting", self._due(node.event)
        elif node.kind == "intermediateThrowEvent":
            self._throw(token)
        elif node.kind == "endEvent":
            self._end_event(token)
        else:
            self._finish(token)

    def _activity(self, token: Token) -> None:
        node, loop = token.node, token.node.loop
        for boundary in token.frame.process.boundaries.get(node.id, ()) if token.host is None else ():
            token.listeners.append(self._listener(boundary, boundary.event))
        if loop is None or token.host is not None:
            self._work(token)
            return
        token.state = "running"
        token.instances = int(loop.cardinality or loop.maximum)
        if token.instances == 0:
            self._finish(token)
        for _ in range(token.instances if loop.kind == "parallel" else min(1, token.instances)):
            self._instance(token)

    def _instance(self, host: Token) -> None:
        token = self._place(host.node, host.frame, host.data)
        token.host = host

    def _work(self, token: Token) -> None:
        node = token.node
        token.state = "waiting"
        if node.kind == "subProcess":
            token.inner = self._open_frame(token.frame.process, node.id, token.data, token)
        elif node.kind == "callActivity":
            token.inner = self._open_frame(self._processes[node.called], node.called, token.data, token)
        elif node.kind not in _OPEN:
            self._finish(token)

    def _finish(self, token: Token) -> None:
        """The node is done: on along its flows."""
        if token.host is not None:
            self._instance_finished(token, token.host)
            return
        self.completed[token.node.id] += not token.instances
        self._leave(token, self._chosen(token))

    def _instance_finished(self, token: Token, host: Token) -> None:
        host.finished += 1
        self.completed[host.node.id] += 1  # each instance is told, the activity as a whole is not
        host.data = merged([host.data, token.data])
        self._remove(token)
        if host.finished >= host.instances:
            self._finish(host)
        elif host.node.loop is not None and host.node.loop.kind != "parallel":
            self._instance(host)

    def _leave(self, token: Token, flows: list[Flow]) -> None:
        self._remove(token)
        if not flows:
            token.frame.ended.append(token.data)
        for flow in flows:
            self._place(token.frame.process.node[flow.target], token.frame, token.data, flow.id)

    def _end(self, token: Token) -> None:
        self._remove(token)
        token.frame.ended.append(token.data)

    def _chosen(self, token: Token) -> list[Flow]:
        node = token.node
        flows = list(token.frame.process.outgoing.get(node.id, ()))
        taken = [f for f in flows if f.id != node.default and (f.condition is None or holds(f.condition, token.data))]
        if node.kind == "exclusiveGateway":
            taken = taken[:1]
        asked = any(flow.condition is not None for flow in taken)
        if not asked and (node.default or node.kind == "exclusiveGateway"):
            taken += [flow for flow in flows if flow.id == node.default]
        if flows and not taken:
            raise NoWay(node.id)
        return taken

    # Joins

    def _join(self, frame: Frame, node: Node, wanted: set[str]) -> bool:
        parked: dict[str, Token] = {}
        for token in sorted(frame.tokens, key=lambda t: t.number):
            if token.node is node and token.state == "parked":
                parked.setdefault(token.flow, token)
        if not wanted <= parked.keys():
            return False
        for token in parked.values():
            self._remove(token)
        joined = Token(node, frame, merged([token.data for token in parked.values()]))
        frame.tokens.append(joined)
        self._finish(joined)
        return True

    def _inclusive(self) -> bool:
        for frame in self._frames:
            for node in frame.process.within(frame.scope):
                parked = [t for t in frame.tokens if t.node is node and t.state == "parked"]
                if node.kind != "inclusiveGateway" or not parked:
                    continue
                filled = {token.flow for token in parked}
                if not held_up(frame, node, filled) and self._join(frame, node, filled):
                    return True
        return False

    # Events

    def _due(self, event: Event | None) -> int | None:
        if event is None or event.kind != "timer":
            return None
        return self.now + int(re.sub(r"\D", "", event.text.rpartition("/")[2]))

    def _listener(self, node: Node, event: Event | None) -> Listener:
        self._number += 1
        due = self._due(event)
        listener = Listener(node, due, self._number)
        if event is not None and event.timer == "cycle" and due is not None:
            times = event.text.partition("/")[0][1:]
            listener.more, listener.period = int(times) - 1 if times else -1, due - self.now
        return listener

    @staticmethod
    def _again(listener: Listener, among: list[Listener]) -> None:
        """A timer that does not interrupt has fired."""
        if listener.due is None:
            return
        if listener.more == 0:
            among.remove(listener)
        else:
            listener.due += listener.period
            listener.more -= listener.more > 0

    def _message(self, name: str) -> None:
        for where, listener in armed(self._frames, "message", name)[:1]:
            self._take(where, listener)

    def _signal(self, name: str) -> None:
        for where, listener in armed(self._frames, "signal", name):
            gone = where.done if isinstance(where, Frame) else where.state == "gone"
            if not gone:
                self._take(where, listener)

    def _take(self, where: Token | Frame, listener: Listener | None) -> None:
        if listener is not None:
            self._fire(where, listener)
        else:
            assert isinstance(where, Token)
            self._finish(where)

    def _fire(self, where: Token | Frame, listener: Listener) -> None:
        node = listener.node
        if isinstance(where, Frame):
            start = next(item for item in where.process.within(node.id) if item.kind == "startEvent")
            data = view(where)
            if start.interrupting:
                self._cancel_frame(where)
                where.handlers.clear()
            else:
                self._again(listener, where.handlers)
            token = self._place(node, where, data)
            token.state = "waiting"
            token.inner = self._open_handler(where.process, node, start, data, token)
        elif where.node.kind == "eventBasedGateway":
            self.completed[where.node.id] += 1
            self._remove(where)
            self._finish(self._bare(node, where.frame, where.data))
        else:
            data = seen_at(where)
            if node.interrupting:
                self._cancel(where)
            else:
                self._again(listener, where.listeners)
            self._finish(self._bare(node, where.frame, data))

    def _bare(self, node: Node, frame: Frame, data: Data) -> Token:
        token = Token(node, frame, dict(data))
        frame.tokens.append(token)
        return token

    def _open_handler(self, process: Process, node: Node, start: Node, data: Data, owner: Token) -> Frame:
        frame = Frame(process, node.id, dict(data), owner)
        self._frames.append(frame)
        self._finish(self._bare(start, frame, data))
        return frame

    def _throw(self, token: Token) -> None:
        event = token.node.event
        if event is not None and event.kind == "link":
            self.completed[token.node.id] += 1
            self._remove(token)
            targets = [
                node
                for node in token.frame.process.within(token.node.scope)
                if is_a(node, "intermediateCatchEvent", "link") and node.event and node.event.name == event.name
            ]
            self._place(targets[0], token.frame, token.data)
            return
        self._send(event, token)
        if token.state != "gone":
            self._finish(token)

    def _send(self, event: Event | None, token: Token) -> None:
        if event is None:
            return
        if event.kind == "signal":
            self._signal(event.name)
        elif event.kind == "message":
            self._message(event.name)
        elif event.kind == "escalation":
            self._catch("escalation", event.code, token.frame, None)

    def _end_event(self, token: Token) -> None:
        event, frame = token.node.event, token.frame
        self.completed[token.node.id] += 1
        if event is not None and event.kind == "terminate":
            data = view(frame)
            self._remove(token)
            self._cancel_frame(frame)
            self._close(frame, data)
            return
        self._end(token)
        if event is None:
            return
        if event.kind != "error":
            self._send(event, token)
        elif not self._catch("error", event.code, frame, None):
            self.result = view(self._frames[0])
            for other in list(self._frames):
                other.tokens.clear()
                other.done = True
            self._frames.clear()
            self.finished = True

    def _catch(self, kind: str, code: str, frame: Frame, thrower: Token | None) -> bool:
        """From inside out: boundary events of the thrower, then event sub-processes, then around the frame's owner."""
        while True:
            if thrower is not None and thrower.listeners and self._caught_by(thrower, thrower.listeners, kind, code):
                return True
            own = thrower.node if thrower is not None else None
            handlers = [item for item in frame.handlers if item.node is not own]
            if self._caught_by(frame, handlers, kind, code):
                return True
            if frame.owner is None:
                return False
            owner = frame.owner
            thrower, frame = owner.host or owner, owner.frame

    def _caught_by(self, where: Token | Frame, listeners: list[Listener], kind: str, code: str) -> bool:
        process = where.process if isinstance(where, Frame) else where.frame.process
        events = [(listener, event_of(listener, process)) for listener in listeners]
        exact = [item for item, event in events if event and event.kind == kind and event.code == code]
        anything = [item for item, event in events if event and event.kind == kind and not event.code]
        for listener in (exact or anything)[:1]:
            self._fire(where, listener)
            return True
        return False
