"""Events: who listens for what, and what happens when it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.bpmn.joins import same
from engine.bpmn.schedule import Period, is_literal, schedule
from engine.bpmn.specs import Event, NodeSpec
from engine.bpmn.token_tree import remove, replace, with_records
from engine.bpmn.tokens import (
    APART,
    CANCELLED,
    COMPLETED,
    CYCLE,
    DUE,
    INSTANCE,
    LISTENER,
    STARTED,
    WAITING,
    WAS,
    Case,
    SubCase,
    Token,
    microseconds,
    moment_of,
)

if TYPE_CHECKING:
    from engine.bpmn.runtime import Runtime

Scope = Case | SubCase
#: The key that Camunda 8's senders tell beside a message. A message without it was brought here by other means.
SENT_BESIDE = "correlationKey"
_ABSENT: Any = object()


class Events:
    """The events of one running instance."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._error: Mapping[str, str] | None = None

    # Listening

    def listen_in(self, scope: Scope) -> None:
        """Listen for the event sub-processes of a scope that has just opened."""
        for node in scope.spec.handlers:
            self._listen(scope, node, scope.task_tree, "h")

    def listen_on(self, activity: Token) -> None:
        """Listen for the boundary events of an activity that has just begun."""
        scope = activity.workflow
        for name in activity.task_spec.config.boundary:
            self._listen(scope, scope.spec.task_specs[name], activity, "b")

    def await_start(self, scope: Scope) -> None:
        """No plain start event: wait for any of the others."""
        for node in scope.spec.start_events:
            self._listen(scope, node, scope.task_tree, "s")

    def offer(self, gateway: Token) -> None:
        """An event-based gateway: the first of its events decides."""
        gateway._state = STARTED
        scope = gateway.workflow
        for flow in gateway.task_spec.config.flows:
            self._listen(scope, scope.spec.task_specs[flow.target], gateway, "g")

    def wait(self, token: Token) -> None:
        """An intermediate catch event."""
        if token.task_spec.config.event.kind in ("none", "link"):
            token.run()
            return
        token._state = WAITING
        self._arm(token, token.data)

    def _listen(self, scope: Scope, node: NodeSpec, parent: Token, kind: str) -> Token:
        listener = self._runtime._token(scope, node)
        listener._parent = parent.id
        parent._children.append(listener.id)
        listener._state = WAITING
        listener.internal_data[LISTENER] = kind
        self._arm(listener, parent.data)
        return listener

    def stop_listening(self, token: Token) -> None:
        """The activity or gateway is done; nobody listens for its events any more."""
        for child in token.children:
            if LISTENER in child.internal_data:
                remove(child)

    def _arm(self, listener: Token, data: Mapping[str, Any]) -> None:
        event = self.event_of(listener)
        if event.kind == "conditional":
            listener.internal_data[WAS] = 0
        if event.kind != "timer":
            return
        runtime, source = self._runtime, event.expression.strip()
        value: Any = source
        if not is_literal(source):
            value = runtime.conditions.outcome(source, data, now=runtime.now, element=listener.element).value
        plan = schedule(value, event.timer, now=runtime.now, element=listener.element, source=source)
        listener.internal_data[DUE] = microseconds(plan.first)
        if plan.more:
            listener.internal_data[CYCLE] = [plan.more, plan.period.months, plan.period.microseconds]

    def event_of(self, listener: Token) -> Event:
        """What the token listens for."""
        return self.node_of(listener).config.event

    def node_of(self, listener: Token) -> NodeSpec:
        """The event's own node; for an event sub-process its start event."""
        if listener.internal_data.get(LISTENER) != "h":
            return listener.task_spec
        return self._runtime.case.subprocess_specs[listener.task_spec.config.scope].start_events[0]  # type: ignore[no-any-return]

    def listeners(self, kind: str) -> list[Token]:
        """All tokens that listen for events of ``kind``, in order of arrival."""
        found = [
            token
            for scope in self._runtime.case.scopes
            for token in scope.tasks.values()
            if token._state == WAITING and not token.task_spec.joins and self.event_of(token).kind == kind
        ]
        return sorted(found, key=lambda token: token.number)

    # What comes from outside

    def message(self, name: str, payload: Mapping[str, Any], correlation: Mapping[str, Any] | None) -> bool:
        """Give a message to the first token that waits for it and whose correlation agrees in every property."""
        for token in self.listeners("message"):
            event = self.event_of(token)
            if not self._is_meant(event, name):
                continue
            keys = self.keys(event, payload, correlation)
            if all(self._agrees(token, here, key, keys[key]) for key, _, here in event.correlation):
                if INSTANCE not in token.internal_data:  # an instance of a receive task ends with its message
                    self.remember(token.workflow, keys)
                self.trigger(token, payload)
                return True
        return False

    def _is_meant(self, event: Event, name: str) -> bool:
        """Whether ``name`` means what ``event`` waits for: its name, or its id where nothing has that name."""
        if event.name == name:
            return True
        return event.ref == name and not any(
            node.config.event.name == name and node.config.event.kind == event.kind
            for scope in self._runtime.case.subprocess_specs.values()
            for node in scope.nodes.values()
        )

    def keys(
        self, event: Event, payload: Mapping[str, Any], correlation: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """What a message says about the properties that ``event`` correlates by."""
        found: dict[str, Any] = {}
        for key, there, _ in event.correlation:
            if correlation is not None and key in correlation:
                found[key] = correlation[key]
            elif there:
                runtime = self._runtime
                found[key] = runtime.conditions.json(there, payload, now=runtime.now, element=event.name)
            else:
                found[key] = payload.get(key)
        return found

    def _agrees(self, token: Token, source: str, key: str, value: Any) -> bool:
        runtime = self._runtime
        if key == SENT_BESIDE and value is None:
            return True
        if not source:
            return bool(value == self._remembered(token.workflow, key, value))
        return bool(
            value == runtime.conditions.json(source, self._known(token), now=runtime.now, element=token.element)
        )

    def remember(self, scope: Scope, keys: Mapping[str, Any]) -> None:
        """The first message of a conversation says its keys (8.4.2); each instance of a repeated sub-process or call
        holds conversations of its own."""
        while isinstance(scope, SubCase):
            owner = self._runtime.owner(scope)
            if INSTANCE in owner.internal_data:
                break
            scope = owner.workflow
        scope.correlations.update({key: value for key, value in keys.items() if value is not None})

    def _remembered(self, scope: Scope, key: str, default: Any) -> Any:
        while key not in scope.correlations and isinstance(scope, SubCase):
            scope = self._runtime.owner(scope).workflow
        return scope.correlations.get(key, default)

    def _known(self, token: Token) -> Mapping[str, Any]:
        """The data that a waiting token compares with: its own, or those of what it listens for."""
        kind = token.internal_data.get(LISTENER)
        if kind is None or token.parent is None:
            return token.data
        return self._runtime.view(token.workflow) if kind == "h" else token.parent.data

    def signal(self, name: str, payload: Mapping[str, Any]) -> bool:
        """Give a signal to every token that waits for it now."""
        reached = False
        for token in self.listeners("signal"):
            event = self.event_of(token)
            if token._state == WAITING and self._is_meant(event, name):
                self.trigger(token, payload)
                reached = True
        return reached

    def next_timer(self) -> Token | None:
        """The timer that is due first; of equals the one that started first."""
        timers = [
            token
            for scope in self._runtime.case.scopes
            for token in scope.tasks.values()
            if token._state == WAITING and DUE in token.internal_data
        ]
        return min(timers, key=lambda token: (token.internal_data[DUE], token.number), default=None)

    def fire(self, timer: Token) -> None:
        """The timer's moment has come."""
        self.trigger(timer, {})

    def watch(self) -> bool:
        """Fire the first watched condition that has become true; False when there is none."""
        views: dict[int, Mapping[str, Any]] = {}
        runtime = self._runtime
        for token in self.listeners("conditional"):
            scope = token.workflow
            if id(scope) not in views:
                views[id(scope)] = self._around(scope)
            node = self.node_of(token)
            data = views[id(scope)]
            now = runtime.conditions.holds(node.config.event.expression, data, now=runtime.now, element=node.name)
            rises = now and not token.internal_data[WAS]
            token.internal_data[WAS] = int(now)
            if rises:
                self.trigger(token, {})
                return True
        return False

    def _around(self, scope: Scope) -> dict[str, Any]:
        """What is known in ``scope`` and, of what nobody wrote in it, around it up to the next border of a call."""
        runtime, known = self._runtime, self._runtime.view(scope)
        if not isinstance(scope, SubCase):
            return known
        owner = runtime.owner(scope)
        if owner.task_spec.kind == "callActivity":
            return known
        loop = owner.task_spec.config.loop
        local = {"loopCounter", loop.item if loop else "", *(name for name, _ in owner.task_spec.config.inputs)}
        entry = scope.task_tree.data
        for key, value in self._around(owner.workflow).items():
            if key not in local and same(known.get(key, _ABSENT), entry.get(key, _ABSENT)):
                known[key] = value
        return known

    # What happens then

    def trigger(
        self,
        listener: Token,
        payload: Mapping[str, Any],
        *,
        thrower: Token | None = None,
        error: Mapping[str, str] | None = None,
        code: str | None = None,
    ) -> None:
        """The event that ``listener`` waits for has come, from ``thrower`` if it came from within the process.

        ``error`` (code, message) is told in the step that records it, and reaches the data where the event asks for it
        (``motcua:result`` or outputs). ``code`` is that of a thrown error or escalation; the outputs of the event know
        it as ``thrown.code`` whoever threw.
        """
        node = self.node_of(listener)
        if error is not None:
            self._error = dict(error)
            if node.result_key or node.config.outputs:
                payload = {**payload, **error}
        if node.config.outputs and not node.result_key and (error is not None or code is not None):
            payload = {**payload, "thrown": {"message": "", **(error or {"code": code})}}
        kind = listener.internal_data.get(LISTENER)
        if kind == "b":
            self._boundary(listener, payload, thrower)
        elif kind == "h":
            self._handler(listener, payload, thrower)
        elif kind == "s":
            self._start(listener, payload)
        elif kind == "g":
            self._chosen(listener, payload)
        else:
            self._caught(listener, payload)

    def _caught(self, token: Token, payload: Mapping[str, Any]) -> None:
        runtime = self._runtime
        if token.task_spec.kind == "receiveTask":
            runtime.activities.finish(token, payload)
            return
        runtime.emit(token, "fired")
        token.internal_data = {}
        runtime.activities.apply(token, payload)
        token.run()

    def _chosen(self, listener: Token, payload: Mapping[str, Any]) -> None:
        runtime, gateway = self._runtime, listener.parent
        assert gateway is not None  # it hangs below its gateway
        runtime.emit(gateway, "completed")
        node = listener.task_spec
        self.stop_listening(gateway)
        token = runtime.place(gateway.workflow, node, gateway.data, parent=gateway, entered=False)
        gateway._state = COMPLETED
        replace(gateway, token)
        runtime.emit(token, "entered")
        if node.kind == "receiveTask":
            self.listen_on(token)
        token._state = WAITING
        self._caught(token, payload)

    def _start(self, listener: Token, payload: Mapping[str, Any]) -> None:
        runtime, scope = self._runtime, listener.workflow
        root = scope.task_tree
        for other in root.children:
            if other.internal_data.get(LISTENER) == "s":
                remove(other)
        token = runtime.place(scope, listener.task_spec, dict(root.data), parent=root, entered=False)
        runtime.emit(token, "entered")
        runtime.emit(token, "fired")
        runtime.activities.apply(token, payload)
        token.run()

    def _boundary(self, listener: Token, payload: Mapping[str, Any], thrower: Token | None) -> None:
        runtime, activity = self._runtime, listener.parent
        assert activity is not None  # it hangs below its activity
        scope, node = listener.workflow, listener.task_spec
        runtime.emit(listener, "fired", error=self._taken())
        inner = runtime.inside(activity, thrower)
        data = dict(activity.data if inner is None else inner)
        if node.config.interrupting:
            runtime.cancel(activity)
            token = runtime.place(scope, node, data, parent=activity, entered=False)
            activity._state = CANCELLED
            replace(activity, token)
        else:
            self._listen_again(listener)
            parent = activity.parent
            assert parent is not None  # an activity is never the root
            data = with_records(parent, data)
            token = runtime.place(scope, node, data, parent=self._apart(parent, node, data), entered=False)
        runtime.activities.apply(token, payload)
        token.run()

    def _handler(self, listener: Token, payload: Mapping[str, Any], thrower: Token | None) -> None:
        runtime, scope, start = self._runtime, listener.workflow, self.node_of(listener)
        root, node = scope.task_tree, listener.task_spec
        runtime.emit(listener, "fired", start.name, error=self._taken())
        data = runtime.view(scope, thrower)
        if start.config.interrupting:
            runtime.cancel_scope(scope)
            parent = root
        else:
            self._listen_again(listener)
            parent = self._apart(root, node, dict(data))
        token = runtime.place(scope, node, data, parent=parent)
        runtime.activities.apply(token, payload, node=start)
        token.effect = ({}, ())

    def _taken(self) -> Mapping[str, str] | None:
        error, self._error = self._error, None
        return error

    def _apart(self, parent: Token, node: NodeSpec, data: dict[str, Any]) -> Token:
        runtime = self._runtime
        apart = runtime._token(parent.workflow, node)
        apart.data, apart._state = dict(data), COMPLETED
        apart.internal_data[APART] = 1
        apart._parent = parent.id
        parent._children.append(apart.id)
        return apart

    def _listen_again(self, listener: Token) -> None:
        cycle = listener.internal_data.get(CYCLE)
        if DUE not in listener.internal_data:
            return
        if cycle is None:
            remove(listener)
            return
        more, months, length = cycle
        due = moment_of(listener.internal_data[DUE])
        listener.internal_data[DUE] = microseconds(Period(months=months, microseconds=length).after(due))
        if more == 1:
            del listener.internal_data[CYCLE]
        elif more > 0:
            cycle[0] -= 1
