"""A running process: commands in, tasks and steps out. The face of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import Any, NamedTuple, Self

from engine.bpmn import codec
from engine.bpmn.definition import Definition
from engine.bpmn.incidents import BpmnErrorUncaught, InstanceVoid, StepBudgetExceeded, TaskNotOpen, not_open
from engine.bpmn.records import OpenTask, Step, Wait, WaitingTimer
from engine.bpmn.runtime import Runtime
from engine.bpmn.tokens import DUE, INSTANCE, LISTENER, READY, STARTED, WAITING, Case, Token, microseconds, moment_of
from engine.errors import Text
from engine.feel import FunctionRegistry
from engine.values import aware

_Copy = Callable[[Mapping[str, Any]], Mapping[str, Any]]
#: Timers that may fire in one ``advance``.
TIMER_BUDGET = 100_000


class _Standing(NamedTuple):
    """What an instance at rest waits for."""

    open: tuple[tuple[Token, str], ...]  #: tokens that somebody outside finishes and who, in order of arrival
    timers: tuple[Token, ...]  #: the next one first


class Instance:
    """One instance of a definition, in memory.

    Data are JSON values; what goes in and out is copied. Every command runs until nothing can move by itself. A command
    that raises leaves the instance void: load the last saved state again.
    """

    def __init__(
        self, definition: Definition, case: Case, *, seed: str, now: datetime, functions: FunctionRegistry | None = None
    ) -> None:
        self._definition, self._case, self._seed = definition, case, seed
        self._runtime = Runtime(
            case,
            seed=seed,
            now=aware(now),
            conditions=definition._conditions.calling(functions),
            decisions=definition._rulings.calling(functions),
        )
        self._void = False
        self._standing: _Standing | None = None  #: of the state between two commands
        self.functions = functions  #: the product functions it was given, None for the definition's

    @classmethod
    def start(
        cls,
        definition: Definition,
        data: Mapping[str, Any],
        *,
        now: datetime,
        seed: str,
        functions: FunctionRegistry | None = None,
    ) -> Self:
        """A new instance, run until it waits. Ids of tasks follow from ``seed`` and their order.

        ``functions`` are the product's FEEL functions to use instead of the definition's.
        """
        scope = definition._scopes[definition.process_id]
        instance = cls(definition, Case(scope, definition._scopes), seed=seed, now=now, functions=functions)
        with instance._command(now):
            instance._runtime.open_scope(instance._case, codec.json_value(dict(data)))
        return instance

    @classmethod
    def load(
        cls, definition: Definition, state: bytes, *, now: datetime, functions: FunctionRegistry | None = None
    ) -> Self:
        """The instance that ``save`` wrote. Raises ``StateUnreadable``."""
        case, seed = codec.load(definition, state)
        return cls(definition, case, seed=seed, now=now, functions=functions)

    def save(self) -> bytes:
        """The state in the compact form; see ``engine.bpmn.codec``."""
        self._refuse_void()
        return codec.dump(self._definition, self._case, self._seed)

    def snapshot(self) -> tuple[bytes, str]:
        """What ``save`` and ``fingerprint`` give, for the price of one."""
        self._refuse_void()
        return codec.snapshot(self._definition, self._case, self._seed)

    # Commands

    def complete(self, task_id: str, data: Mapping[str, Any], *, now: datetime) -> None:
        """A person has done a user task (or a receive task's message was handed over by hand)."""
        token = self._open(task_id, ("user", "receive"))
        result = codec.json_value(dict(data))
        with self._command(now):
            self._finish(token, result)

    def answer(self, task_id: str, result: Mapping[str, Any], *, now: datetime) -> None:
        """The operation of a service task has answered."""
        token = self._open(task_id, ("service",))
        result = codec.json_value(dict(result))
        with self._command(now):
            self._finish(token, result)

    def fail(self, task_id: str, code: str, message: str, *, now: datetime) -> None:
        """The task ended with the BPMN error ``code``. ``BpmnErrorUncaught``, and nothing done, if none catches it."""
        token = self._open(task_id, ("user", "service", "receive"))
        self._refuse_void()
        catcher = self._runtime.throwing.catcher("error", code, token.workflow, token)
        if catcher is None:
            raise BpmnErrorUncaught(element=token.element, error=code, message=message)
        with self._command(now):
            self._runtime.events.trigger(catcher, {}, thrower=token, error={"code": code, "message": message})

    def message(
        self,
        name: str,
        data: Mapping[str, Any] | None = None,
        *,
        now: datetime,
        correlation: Mapping[str, Any] | None = None,
    ) -> bool:
        """Give a message to the first element that waits for it; False when none does."""
        payload = codec.json_value(dict(data or {}))
        with self._command(now):
            return self._runtime.events.message(name, payload, correlation)

    def signal(self, name: str, data: Mapping[str, Any] | None = None, *, now: datetime) -> bool:
        """Give a signal to everything that waits for it now; False when nothing does."""
        payload = codec.json_value(dict(data or {}))
        with self._command(now):
            return self._runtime.events.signal(name, payload)

    def cancel(self, *, now: datetime) -> None:
        """End the whole instance from outside: every open token is cancelled, nothing is thrown and nothing caught.

        What was known stays as the instance's data. A completed instance is left as it is.
        """
        self._refuse_void()
        if self.completed:
            return
        with self._command(now):
            data = self._runtime.view(self._case)
            self._runtime.cancel_scope(self._case)
            self._runtime.finish(self._case, data)

    def advance(self, now: datetime) -> None:
        """Fire every timer that is due up to and including ``now``, each at its own moment, in order."""
        limit = microseconds(aware(now))
        for _ in range(TIMER_BUDGET):
            timer = self._runtime.events.next_timer()
            if timer is None or timer.internal_data[DUE] > limit:
                return
            with self._command(moment_of(timer.internal_data[DUE])):
                self._runtime.events.fire(timer)
        raise StepBudgetExceeded(
            element=self._definition.process_id, limit=TIMER_BUDGET, what=Text(vi="đồng hồ", en="timers")
        )

    def reschedule(self, task_id: str, due_at: datetime, *, now: datetime) -> None:
        """Let a running timer be due at another moment."""
        self._refuse_void()
        token = self._find(task_id)
        if token is None or DUE not in token.internal_data:
            raise TaskNotOpen(task=task_id, why=Text(vi="không có đồng hồ đang chạy", en="no running timer"))
        with self._command(now):
            token.internal_data[DUE] = microseconds(aware(due_at))

    # What is to be seen

    @property
    def definition(self) -> Definition:
        """What the instance runs."""
        return self._definition

    @property
    def completed(self) -> bool:
        """Whether nothing is left to do."""
        return bool(self._case.completed)

    @property
    def uncaught_error(self) -> str | None:
        """Code of the error end event that ended the process without being caught, if one did."""
        return self._case.uncaught

    @property
    def data(self) -> dict[str, Any]:
        """The result when completed, else what all branches know together."""
        data = self._case.data if self.completed else self._runtime.view(self._case)
        return codec.copy_of(data)

    def open_tasks(self) -> tuple[OpenTask, ...]:
        """The tasks that wait for somebody outside, in order of arrival."""
        return tuple(self._task(token, kind) for token, kind in self._stands().open)

    def open_elements(self) -> dict[str, tuple[str, str]]:
        """Task id → (kind, element) of the open tasks in order of arrival: which they are, without their data."""
        return {token.id: (kind, token.element) for token, kind in self._stands().open}

    def open_task(self, task_id: str) -> OpenTask:
        """One open task; ``TaskNotOpen`` otherwise."""
        token = self._open(task_id, ("user", "service", "receive"))
        return self._task(token, _kind(token))

    def look_at(self, task_id: str) -> OpenTask:
        """As ``open_task``, but its data are the instance's own: to be read before anything moves, never changed."""
        token = self._open(task_id, ("user", "service", "receive"))
        return self._task(token, _kind(token), copy=_same)

    def first_open(self) -> OpenTask:
        """The task that has waited longest, as ``look_at`` shows it; ``TaskNotOpen`` when none waits."""
        found = self._stands().open
        if not found:
            raise TaskNotOpen(task="", why=Text(vi="không có việc nào đang mở", en="nothing is open"))
        return self._task(*found[0], copy=_same)

    def timers(self) -> tuple[WaitingTimer, ...]:
        """The timers that run, the next one first."""
        return tuple(
            WaitingTimer(
                task_id=token.id,
                element=self._runtime.events.node_of(token).name,
                due_at=moment_of(token.internal_data[DUE]),
            )
            for token in self._stands().timers
        )

    def waits(self) -> tuple[Wait, ...]:
        """The messages and signals that would be taken now."""
        events = self._runtime.events
        return tuple(
            Wait(task_id=token.id, element=events.node_of(token).name, kind=kind, name=events.event_of(token).name)
            for kind in ("message", "signal")
            for token in events.listeners(kind)
        )

    def drain(self) -> tuple[Step, ...]:
        """What has happened since the last call (or since it was started or loaded)."""
        steps = tuple(self._runtime.steps)
        self._runtime.steps.clear()
        return steps

    @property
    def visited(self) -> frozenset[str]:
        """The elements that a token has reached so far."""
        return frozenset(self._case.visited)

    def fingerprint(self) -> str:
        """A hash over token states and data; equal for two instances in the same state."""
        return codec.fingerprint(self._definition, self._case, self._seed)

    # Inside

    def _command(self, now: datetime) -> AbstractContextManager[None]:
        self._refuse_void()
        self._runtime.clock = microseconds(aware(now))
        self._standing = None
        return _Command(self._runtime.settle, self._spoil)

    def _spoil(self) -> None:
        self._void = True

    def _refuse_void(self) -> None:
        if self._void:
            raise InstanceVoid

    def _stands(self) -> _Standing:
        """Who and what is waited for, found once between two commands."""
        if self._standing is None:
            found: list[tuple[Token, str]] = []
            timers: list[Token] = []
            for scope in self._case.scopes:
                for token in scope.tasks.values():
                    if kind := _kind(token):
                        found.append((token, kind))
                    if DUE in token.internal_data and token._state == WAITING:
                        timers.append(token)
            found.sort(key=lambda entry: entry[0].number)
            timers.sort(key=lambda token: (token.internal_data[DUE], token.number))
            self._standing = _Standing(tuple(found), tuple(timers))
        return self._standing

    def _find(self, task_id: str) -> Token | None:
        return next((scope.tasks[task_id] for scope in self._case.scopes if task_id in scope.tasks), None)

    def _open(self, task_id: str, kinds: tuple[str, ...]) -> Token:
        token = self._find(task_id)
        if token is None or _kind(token) not in kinds:
            raise TaskNotOpen(task=task_id, why=not_open(kinds))
        return token

    def _finish(self, token: Token, result: Mapping[str, Any]) -> None:
        if token.internal_data.get(LISTENER):
            self._runtime.events.trigger(token, result)
        else:
            self._runtime.activities.finish(token, result)

    def _task(self, token: Token, kind: str, *, copy: _Copy = codec.copy_of) -> OpenTask:
        config = token.task_spec.config
        runtime = self._runtime
        data = token.data if LISTENER not in token.internal_data else token.parent.data  # type: ignore[union-attr]
        inputs = data = copy(data)
        if config.inputs:
            clock, runtime.clock = runtime.clock, token.since
            inputs = copy(runtime.activities.inputs(token))
            runtime.clock = clock
        return OpenTask(
            id=token.id,
            element=token.element,
            kind=kind,
            name=config.label,
            lane=config.lane,
            attributes=dict(config.attributes),
            inputs=inputs,
            data=data,
            created_at=moment_of(token.since),
            number=token.number,
        )


def _same(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return data


#: In which state a token waits for somebody outside, by who that is.
_WAITS_IN = {"user": READY, "receive": WAITING, "service": STARTED}


def _kind(token: Token) -> str:
    """How somebody may finish the token: user, service, receive, or not at all."""
    spec = token.task_spec
    if not spec.done_by or token._state != _WAITS_IN[spec.done_by]:
        return ""
    if spec.config.loop is not None and INSTANCE not in token.internal_data:
        return ""
    return spec.done_by


class _Command:
    """Settles what a command set going; any error spoils the instance."""

    def __init__(self, settle: Callable[[], None], spoil: Callable[[], None]) -> None:
        self._settle, self._spoil = settle, spoil

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._spoil()
            return
        try:
            self._settle()
        except BaseException:
            self._spoil()
            raise
