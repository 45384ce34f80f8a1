"""Drives a diagram with given answers, without any dossier: what ``motcua run`` prints.

A script is a list of steps, each one object:

* ``{"complete": element, "data": {…}}`` – a user or receive task is done
* ``{"service": element, "result": {…}}`` or ``{"service": element, "error": code, "message": text}``
* ``{"message": name, "data": {…}}`` and ``{"signal": name, "data": {…}}`` – reach what waits for them then
* ``{"advance": "PT2H"}`` – time passes; each timer fires at its own moment

The clock is virtual and starts at ``START``; a timer whose moment is there when it begins fires at once. Of several
open tasks of one element the earliest is taken. ``complete`` also answers a service task. Send tasks pass, also those
that an operation would carry out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.bpmn.definition import Definition, define
from engine.bpmn.incidents import BpmnErrorUncaught, StepBudgetExceeded, TaskNotOpen, not_open
from engine.bpmn.instance import Instance
from engine.bpmn.records import OpenTask
from engine.bpmn.schedule import duration
from engine.clock import ZONE
from engine.errors import DefinitionRefused, DomainError, InvalidInput, Text

#: The moment at which every script begins.
START = datetime(2026, 1, 5, 8, 0, tzinfo=ZONE)

_SEED = "run"
#: Send tasks that may pass in one step of a script.
_PASSES = 10_000


def run_script(
    files: Mapping[str, bytes],
    script: Sequence[Mapping[str, Any]],
    *,
    process: str | None = None,
    restart: bool = False,
) -> dict[str, Any]:
    """Trace, open elements, completion and data after the last step.

    ``restart`` saves and loads the instance between every two steps; the outcome is the same. A refused diagram gives
    ``{"problems": […]}``; a step that cannot be done adds ``problems`` to what was reached before it.
    """
    try:
        definition = define(files, process=process)
    except DefinitionRefused as refusal:
        return {"problems": [problem.as_json() for problem in refusal.problems]}
    run = _Run(definition, restart)
    try:
        run.begin()
        for step in script:
            run.step(step)
        run.refuse_uncaught()
    except DomainError as error:
        return run.outcome() | {"problems": [_problem(error)]}
    return run.outcome()


def _problem(error: DomainError) -> dict[str, Any]:
    return {
        "code": error.code,
        "element": str(error.facts.get("element") or error.facts.get("task") or ""),
        "message": error.message("en"),
        "message_vi": error.message("vi"),
    }


@dataclass(slots=True)
class _Run:
    definition: Definition
    restart: bool
    now: datetime = START
    trace: list[dict[str, str]] = field(default_factory=list)
    instance: Instance | None = None
    last: dict[str, Any] = field(default_factory=lambda: {"open": [], "completed": False, "data": {}})

    def begin(self) -> None:
        self.instance = Instance.start(self.definition, {}, now=self.now, seed=_SEED)
        self._pass_on(self.instance)
        self._note()

    def step(self, step: Mapping[str, Any]) -> None:
        """Do one step; the trace of a step that fails is not told, for it is void."""
        assert self.instance is not None  # ``begin`` was called
        if not isinstance(step, Mapping):
            raise InvalidInput(what="step", why=_no_object(step))
        if self.restart:
            self.instance = Instance.load(self.definition, self.instance.save(), now=self.now)
        verbs: dict[str, Callable[[Instance, Mapping[str, Any]], None]] = {
            "complete": self._complete,
            "service": self._service,
            "message": self._message,
            "signal": self._signal,
            "advance": self._advance,
        }
        named = [verb for verb in verbs if verb in step and not (verb == "message" and "service" in step)]
        if len(named) != 1:
            told, wanted = dict(step), ", ".join(verbs)
            why = Text(vi=f"cần đúng một trong {wanted} ở {told!r}", en=f"expected one of {wanted} in {told!r}")
            raise InvalidInput(what="step", why=why)
        self.refuse_uncaught()
        verbs[named[0]](self.instance, step)
        self._pass_on(self.instance)
        self._note()

    def refuse_uncaught(self) -> None:
        """An error end event that nobody caught has ended the process: told as an incident."""
        assert self.instance is not None  # ``begin`` was called
        code = self.instance.uncaught_error
        if code is not None:
            ends = self.definition.error_ends(code)
            reached = [entry["element"] for entry in self.trace if entry["element"] in ends]
            raise BpmnErrorUncaught(element=(reached or [self.definition.process_id])[-1], error=code, message="–")

    def _pass_on(self, instance: Instance) -> None:
        """What needs nobody: timers that are due already, and send tasks."""
        for _ in range(_PASSES):
            instance.advance(self.now)
            sent = [task for task in instance.open_tasks() if self.definition.elements[task.element].kind == "sendTask"]
            if not sent:
                return
            instance.answer(sent[0].id, {}, now=self.now)
        raise StepBudgetExceeded(
            element=self.definition.process_id, limit=_PASSES, what=Text(vi="việc gửi", en="send tasks")
        )

    def outcome(self) -> dict[str, Any]:
        """The document that is printed."""
        return {"trace": self.trace, **self.last}

    def _note(self) -> None:
        assert self.instance is not None  # ``begin`` was called
        self.trace.extend({"element": step.element, "event": step.event} for step in self.instance.drain())
        self.last = {
            "open": [task.element for task in self.instance.open_tasks()],
            "completed": self.instance.completed,
            "data": self.instance.data,
        }

    def _complete(self, instance: Instance, step: Mapping[str, Any]) -> None:
        task = _first(instance, step["complete"], ("user", "receive", "service"))
        act = instance.answer if task.kind == "service" else instance.complete
        act(task.id, _object(step, "data"), now=self.now)

    def _service(self, instance: Instance, step: Mapping[str, Any]) -> None:
        kinds = ("service", "user", "receive") if "error" in step else ("service",)
        task = _first(instance, step["service"], kinds)
        if "error" in step:
            instance.fail(task.id, _text(step, "error"), str(step.get("message", "")), now=self.now)
        else:
            instance.answer(task.id, _object(step, "result"), now=self.now)

    def _message(self, instance: Instance, step: Mapping[str, Any]) -> None:
        instance.message(_text(step, "message"), _object(step, "data"), now=self.now)

    def _signal(self, instance: Instance, step: Mapping[str, Any]) -> None:
        instance.signal(_text(step, "signal"), _object(step, "data"), now=self.now)

    def _advance(self, instance: Instance, step: Mapping[str, Any]) -> None:
        period = duration(str(step["advance"]))
        try:
            then = self.now if period is None else period.after(self.now)
        except (OverflowError, ValueError):  # beyond the year 9999
            period = None
        if period is None or then < self.now:
            told = step["advance"]
            why = Text(vi=f"không phải thời hạn ISO 8601: {told!r}", en=f"no ISO 8601 duration: {told!r}")
            raise InvalidInput(what="advance", why=why)
        self.now = then
        instance.advance(self.now)


def _no_object(value: Any) -> Text:
    return Text(vi=f"cần đối tượng JSON, không phải {value!r}", en=f"expected a JSON object, not {value!r}")


def _object(step: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = step.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInput(what=key, why=_no_object(value))
    return value


def _text(step: Mapping[str, Any], key: str) -> str:
    value = step[key]
    if not isinstance(value, str) or not value:
        raise InvalidInput(
            what=key, why=Text(vi=f"cần chuỗi, không phải {value!r}", en=f"expected a text, not {value!r}")
        )
    return value


def _first(instance: Instance, element: Any, kinds: tuple[str, ...]) -> OpenTask:
    for task in instance.open_tasks():
        if task.element == element and task.kind in kinds:
            return task
    raise TaskNotOpen(task=str(element), why=not_open(kinds))


__all__ = ["START", "run_script"]
