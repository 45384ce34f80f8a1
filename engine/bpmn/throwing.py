"""What a process throws itself: messages, signals, errors, escalations, termination; and who catches them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.bpmn.specs import Event
from engine.bpmn.tokens import COMPLETED, ENDED, INSTANCE, LISTENER, Case, SubCase, Token

if TYPE_CHECKING:
    from engine.bpmn.events import Events
    from engine.bpmn.runtime import Runtime

Scope = Case | SubCase


class Throwing:
    """The throwing side of one running instance."""

    def __init__(self, runtime: Runtime, events: Events) -> None:
        self._runtime, self._events = runtime, events

    def throw(self, token: Token) -> bool | None:
        """An intermediate throw event or a send task."""
        event = token.task_spec.config.event
        if token.task_spec.kind == "intermediateThrowEvent" and event.kind != "none":
            self._runtime.emit(token, "fired")
        self._send(token, event)
        return True if token.workflow.tasks.get(token.id) is token else None

    def end(self, token: Token) -> None:
        """An end event: the token ends here, then the event takes effect."""
        runtime, scope, event = self._runtime, token.workflow, token.task_spec.config.event
        runtime.emit(token, "completed")
        if event.kind == "terminate":
            self._terminate(token)
            return
        token._state = COMPLETED
        token.internal_data = {ENDED: 1}
        if event.kind == "error":
            self._fail_scope(token, event)
            return
        payload = self._payload(token)
        runtime.end(token)
        self._send(token, event, payload, scope)

    def _payload(self, token: Token) -> dict[str, Any]:
        config = token.task_spec.config
        return self._runtime.activities.inputs(token) if config.inputs else {}

    def _send(
        self, token: Token, event: Event, payload: dict[str, Any] | None = None, scope: Scope | None = None
    ) -> None:
        payload = self._payload(token) if payload is None else payload
        if event.kind == "message":
            self._events.remember(scope or token.workflow, self._events.keys(event, payload))
            self._events.message(event.name or event.ref, payload, None)
        elif event.kind == "signal":
            self._events.signal(event.name or event.ref, payload)
        elif event.kind == "escalation":
            catcher = self.catcher("escalation", event.code or "", scope or token.workflow, None)
            if catcher is not None:
                self._events.trigger(catcher, payload, thrower=token, code=event.code or "")

    def _fail_scope(self, token: Token, event: Event) -> None:
        catcher = self.catcher("error", event.code or "", token.workflow, None)
        if catcher is not None:
            self._events.trigger(catcher, self._payload(token), thrower=token, code=event.code or "")
            return
        case = self._runtime.case
        data = self._runtime.view(case, token)
        self._runtime.cancel_scope(case)
        case.uncaught = event.code or ""
        self._runtime.finish(case, data)

    def _terminate(self, token: Token) -> None:
        runtime, scope = self._runtime, token.workflow
        data = runtime.view(scope, token)
        token._state = COMPLETED
        runtime.cancel_scope(scope)
        runtime.finish(scope, data)

    def catcher(self, kind: str, code: str, scope: Scope, activity: Token | None) -> Token | None:
        """Who catches what is thrown in ``scope`` (by ``activity``): the innermost, there the one of that code."""
        while True:
            for candidates in self._around(scope, activity):
                found = self._best(candidates, kind, code)
                if found is not None:
                    return found
            if not isinstance(scope, SubCase):
                return None
            activity = self._runtime.owner(scope)
            scope = activity.workflow

    def _around(self, scope: Scope, activity: Token | None) -> Iterator[list[Token]]:
        if activity is not None:
            host = activity.parent if INSTANCE in activity.internal_data else activity
            assert host is not None  # an instance hangs below its frame
            yield [child for child in host.children if child.internal_data.get(LISTENER) == "b"]
        own = activity.task_spec if activity is not None else None
        yield [
            child
            for child in scope.task_tree.children
            if child.internal_data.get(LISTENER) == "h" and child.task_spec is not own
        ]

    def _best(self, candidates: list[Token], kind: str, code: str) -> Token | None:
        matching = [token for token in candidates if self._events.event_of(token).kind == kind]
        exact = [token for token in matching if self._events.event_of(token).code == code]
        catch_all = [token for token in matching if not self._events.event_of(token).code]
        named = [token for token in catch_all if code and self._events.event_of(token).name == code]
        return next(iter(exact or named or catch_all), None)
