"""Moves tokens: which flows are taken, where branches part and meet, when a scope is finished.

The library's state machine (ready → run → complete) calls ``arrive``, ``perform`` and ``leave`` through the specs; what
an activity or an event does in between is in ``activities`` and ``events``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.bpmn.activities import Activities
from engine.bpmn.codec import copy_of
from engine.bpmn.conditions import Conditions
from engine.bpmn.events import Events
from engine.bpmn.incidents import NoFlowTaken, StepBudgetExceeded
from engine.bpmn.joins import Merge, inclusive_ready, meeting_point, parallel_ready
from engine.bpmn.records import Step
from engine.bpmn.rulings import Rulings
from engine.bpmn.specs import Flow, NodeSpec, ScopeSpec
from engine.bpmn.throwing import Throwing
from engine.bpmn.token_tree import absorb, remove, replace, shrunk
from engine.bpmn.tokens import (
    COMPLETED,
    ENDED,
    FLOW,
    FUTURE,
    INSTANCE,
    LISTENER,
    LOOP,
    WAITING,
    Case,
    SubCase,
    Token,
    microseconds,
    moment_of,
    token_id,
)
from engine.clock import ZONE
from engine.errors import Text

Scope = Case | SubCase

#: Tokens that may be placed in one command before the process counts as endless.
STEP_BUDGET = 150_000
#: Passes of one token through one choice with unchanged data in one command.
CIRCLE_BUDGET = 2_000
#: Scopes inside scopes.
DEPTH_BUDGET = 60
STEPS = Text(vi="bước", en="steps")
PASSES = Text(vi="lượt đi với dữ liệu không đổi", en="passes with unchanged data")
NESTED = Text(vi="quy trình con lồng nhau", en="nested scopes")


class Runtime:
    """Runs one instance in memory."""

    def __init__(self, case: Case, *, seed: str, now: datetime, conditions: Conditions, decisions: Rulings) -> None:
        self.case, self.seed = case, seed
        self.conditions, self.decisions = conditions, decisions
        self.clock = microseconds(now)
        self._told = (self.clock, now.astimezone(ZONE))  #: the last moment asked for, as number and as moment
        self.steps: list[Step] = []
        self.activities = Activities(self)
        self.events = Events(self)
        self.throwing = Throwing(self, self.events)
        self.queue: deque[Token] = deque()
        self._closing: list[Scope] = []
        self._placed = 0
        self._choices: dict[str, tuple[dict[str, Any], int]] = {}
        case.runtime = self

    @property
    def now(self) -> datetime:
        """The moment of the command."""
        told, moment = self._told
        if told != self.clock:
            moment = moment_of(self.clock)
            self._told = (self.clock, moment)
        return moment

    # Scopes

    def open_scope(self, scope: Scope, data: dict[str, Any], *, trigger: bool = False) -> None:
        """Put the first tokens into ``scope``; ``trigger`` = an event sub-process, whose start event has fired."""
        if scope.depth > DEPTH_BUDGET:
            raise StepBudgetExceeded(element=scope.spec.name, limit=DEPTH_BUDGET, what=NESTED)
        root = self._token(scope, scope.spec.start)
        root.data, root._state = data, COMPLETED
        scope.task_tree = root
        self.events.listen_in(scope)
        starts = scope.spec.start_events
        plain = [node for node in starts if node.config.event.kind == "none"]
        if trigger:
            self.place(scope, starts[0], dict(data), parent=root, entered=False)._ready()
        elif plain:
            self.place(scope, plain[0], dict(data), parent=root)
        elif starts:
            self.events.await_start(scope)
        else:
            for node in scope.spec.entrances:
                self.place(scope, node, dict(data), parent=root)
        self._closing.append(scope)

    def _close(self, scope: Scope) -> bool:
        """Finish ``scope`` if no token is left in it."""
        if scope.completed or any(_keeps_open(token) for token in scope.tasks.values()):
            return False
        self.finish(scope, Merge(scope.spec.name).fold(scope.task_tree))
        return True

    def finish(self, scope: Scope, data: dict[str, Any]) -> None:
        """End ``scope`` with ``data``; whoever started it goes on."""
        scope.completed = True
        scope.data = data
        root = scope.task_tree
        scope.tasks.clear()
        scope.tasks[root.id] = root
        root._children, root.data = [], data
        if isinstance(scope, SubCase):
            owner = self.owner(scope)
            del self.case.subprocesses[owner.id]
            self.activities.scope_done(owner, data)

    def owner(self, scope: SubCase) -> Token:
        """The activity that runs ``scope``."""
        for outer in self.case.scopes:
            token = outer.tasks.get(scope.parent_task_id)
            if token is not None:
                return token  # type: ignore[no-any-return]
        raise LookupError(scope.parent_task_id)

    def sub_scope(self, token: Token) -> SubCase | None:
        """The scope that ``token`` runs, if it is open."""
        return self.case.subprocesses.get(token.id)  # type: ignore[no-any-return]

    def start_sub_scope(self, token: Token, data: dict[str, Any]) -> None:
        """Run the scope of a sub-process or call for ``token``."""
        spec: ScopeSpec = self.case.subprocess_specs[token.task_spec.config.scope]
        scope = SubCase(spec, token.id, self.case)
        self.case.subprocesses[token.id] = scope
        self.open_scope(scope, data, trigger=token.task_spec.config.triggered)

    # Tokens

    def _token(self, scope: Scope, spec: Any) -> Token:
        self.case.counter += 1
        number = self.case.counter
        return Token(scope, spec, identity=token_id(self.seed, number), number=number, since=self.clock)

    def place(
        self,
        scope: Scope,
        node: NodeSpec,
        data: dict[str, Any],
        *,
        parent: Token,
        entered: bool = True,
    ) -> Token:
        """A new token at ``node`` below ``parent``; an ``entered`` one will be run."""
        self._placed += 1
        if self._placed > STEP_BUDGET:
            raise StepBudgetExceeded(element=node.name, limit=STEP_BUDGET, what=STEPS)
        token = self._token(scope, node)
        token.data = data
        token._parent = parent.id
        parent._children.append(token.id)
        if entered:
            self.queue.append(token)
            if node.config.loop is None:
                self.emit(token, "entered")
        return token

    def emit(self, token: Token, event: str, element: str = "", error: Mapping[str, str] | None = None) -> None:
        """Record what happened at a token's element."""
        element = element or token.task_spec.name
        self.case.visited.add(element)
        changed, deleted = token.effect if event == "completed" else ({}, ())
        if error:
            changed = {"error": dict(error)}
        elif changed:
            changed = copy_of(changed)
        self.steps.append(
            Step(element=element, event=event, task_id=token.id, at=self.now, changed=changed, deleted=deleted)
        )

    def settle(self) -> None:
        """Run until nothing can move by itself."""
        while True:
            while self.queue:
                token = self.queue.popleft()
                if token._state == FUTURE:
                    token._ready()
            if not (self._close_scopes() or self._pass_inclusive_joins() or self.events.watch()):
                self._placed = 0
                self._choices.clear()
                return

    def _close_scopes(self) -> bool:
        closing, self._closing = self._closing, []
        closed = False
        for scope in closing:
            closed = self._close(scope) or closed
        return closed

    # Called by the specs

    def arrive(self, token: Token) -> None:
        """A token has come to its node."""
        node = token.task_spec
        if node.joins:
            token._state = WAITING
            if node.kind == "parallelGateway":
                self._pass(node, token.workflow, parallel_ready(node, self._waiting(token.workflow, node)))
        elif node.is_activity:
            self.activities.begin(token)
        elif node.kind == "eventBasedGateway":
            self.events.offer(token)
        elif node.kind == "intermediateCatchEvent":
            self.events.wait(token)
        else:
            token.run()

    def perform(self, token: Token) -> bool | None:
        """What the node does; None when it waits or when it has already gone."""
        node = token.task_spec
        if node.is_activity:
            return self.activities.perform(token)
        if node.kind == "endEvent":
            self.throwing.end(token)
            return None
        if node.kind == "intermediateThrowEvent":
            return self.throwing.throw(token)
        return True

    def leave(self, token: Token) -> None:
        """A token is done at its node: take the flows that go on from here."""
        if token.workflow.tasks.get(token.id) is not token:
            return
        if INSTANCE in token.internal_data:
            self.activities.instance_done(token)
            return
        flows = self._choose(token)
        self.events.stop_listening(token)
        if token.reported:
            self.emit(token, "completed")
        self._advance(token, flows)

    def _advance(self, token: Token, flows: Sequence[Flow]) -> None:
        if not flows:
            self.end(token)
            return
        scope, single = token.workflow, len(flows) == 1
        for flow in flows:
            node = scope.spec.task_specs[flow.target]
            data = token.data if single else dict(token.data)
            successor = self.place(scope, node, data, parent=token)
            if node.joins:
                successor.internal_data[FLOW] = flow.id
        if single:
            replace(token, successor)
        else:
            token.internal_data = {}

    def end(self, token: Token) -> None:
        """A branch has ended; its data wait for the end of the scope."""
        token._state = COMPLETED
        token.internal_data = {ENDED: 1}
        absorb(token)
        self._closing.append(token.workflow)

    def _choose(self, token: Token) -> Sequence[Flow]:
        node = token.task_spec
        flows = node.config.flows
        if not any(flow.condition or flow.default for flow in flows):
            return flows[:1] if node.kind == "exclusiveGateway" else flows
        self._refuse_circling(token)
        taken: list[Flow] = []
        conditional = False
        for flow in flows:
            if flow.default:
                continue
            if not flow.condition or self._true(flow.condition, token):
                taken.append(flow)
                conditional = conditional or bool(flow.condition)
                if node.kind == "exclusiveGateway":
                    return taken
        if not conditional:
            taken.extend(flow for flow in flows if flow.default)
        if not taken:
            raise NoFlowTaken(element=node.name)
        return taken

    def _refuse_circling(self, token: Token) -> None:
        """A token that comes to the same choice with the very same data again and again will do so for ever."""
        data, passes = self._choices.get(token.element, (token.data, 0))
        passes = passes + 1 if data is token.data else 0
        self._choices[token.element] = (token.data, passes)
        if passes > CIRCLE_BUDGET:
            raise StepBudgetExceeded(element=token.element, limit=CIRCLE_BUDGET, what=PASSES)

    def _true(self, source: str, token: Token) -> bool:
        return self.conditions.decide(source, token.data, now=self.now, element=token.element)

    # Joins

    def _waiting(self, scope: Scope, node: NodeSpec) -> list[Token]:
        return [token for token in scope.tasks.values() if token.task_spec is node and token._state == WAITING]

    def _pass(self, node: NodeSpec, scope: Scope, tokens: Sequence[Token] | None) -> bool:
        if tokens is None:
            return False
        above = meeting_point(tokens)
        data = Merge(node.name).fold(above, frozenset(tokens))
        joined = self.place(scope, node, data, parent=above, entered=False)
        for token in tokens:
            parent = token.parent
            remove(token)
            shrunk(parent)
        joined.complete()
        return True

    def _pass_inclusive_joins(self) -> bool:
        for scope in self.case.scopes:
            for name in scope.spec.reach:
                node = scope.spec.task_specs[name]
                waiting = self._waiting(scope, node)
                if waiting and self._pass(node, scope, inclusive_ready(node, waiting, scope)):
                    return True
        return False

    # Interruption

    def cancel(self, token: Token) -> None:
        """Interrupt an open token and everything that hangs on it, inside out."""
        for child in token.children:
            if INSTANCE in child.internal_data:
                self.cancel(child)
        scope = self.sub_scope(token)
        if scope is not None:
            self.cancel_scope(scope)
            scope.completed = True
            del self.case.subprocesses[token.id]
        if token.reported:
            self.emit(token, "cancelled")
        for child in token.children:
            remove(child)

    def cancel_scope(self, scope: Scope) -> None:
        """Interrupt every open token of ``scope`` and empty its tree."""
        for token in sorted(scope.tasks.values(), key=lambda item: item.number):
            attached = LISTENER in token.internal_data or INSTANCE in token.internal_data
            if token.is_open and not attached:
                self.cancel(token)
        root = scope.task_tree
        for token in list(scope.tasks.values()):
            if token is not root:
                remove(token, force=True)
        root._children = []

    def view(self, scope: Scope, thrower: Token | None = None) -> dict[str, Any]:
        """What is known in ``scope`` now: all branches merged for looking.

        A contested key has the value that the ``thrower``'s branch wrote, who ends the others; without one it keeps its
        older value.
        """
        return self._view(scope, self._deciding(thrower))

    def inside(self, token: Token, thrower: Token | None = None) -> dict[str, Any] | None:
        """What is known inside an open token, beyond the data it came with; None when it has no inside."""
        return self._inner(token, self._deciding(thrower))

    def _deciding(self, thrower: Token | None) -> Collection[Token]:
        """The thrower and the activities in which it is."""
        deciding = [] if thrower is None else [thrower]
        while deciding and isinstance(deciding[-1].workflow, SubCase):
            deciding.append(self.owner(deciding[-1].workflow))
        return deciding

    def _view(self, scope: Scope, deciding: Collection[Token]) -> dict[str, Any]:
        def inner(token: Token) -> dict[str, Any] | None:
            return self._inner(token, deciding)

        return Merge(scope.spec.name, lenient=True, inner=inner, deciding=deciding).fold(scope.task_tree)

    def _inner(self, token: Token, deciding: Collection[Token]) -> dict[str, Any] | None:
        """Nothing of a call, which is a border."""
        if LOOP in token.internal_data:
            return self.activities.known(token)
        scope = self.sub_scope(token)
        return None if scope is None or token.task_spec.kind == "callActivity" else self._view(scope, deciding)


def _keeps_open(token: Token) -> bool:
    return token.is_open and token.internal_data.get(LISTENER) != "h"
