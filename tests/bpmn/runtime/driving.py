"""Small diagrams in a few words, and a driver that can restart the instance before every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from engine.bpmn import Definition, Instance, define
from engine.bpmn.records import OpenTask

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:motcua="urn:motcua:bpmn:1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:x">'
)


def flows(*pairs: tuple[str, ...]) -> str:
    """Sequence flows (source, target[, condition]); the id is ``source-target``."""
    drawn = []
    for source, target, *condition in pairs:
        inner = f"<conditionExpression>{condition[0]}</conditionExpression>" if condition else ""
        drawn.append(
            f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
        )
    return "".join(drawn)


def path(*nodes: str) -> str:
    """Plain flows from each node to the next."""
    return flows(*pairwise(nodes))


def nodes(tag: str, *names: str) -> str:
    """Empty elements of one tag."""
    return "".join(f'<{tag} id="{name}"/>' for name in names)


def users(*names: str) -> str:
    """User tasks."""
    return nodes("userTask", *names)


def event(tag: str, name: str, definition: str, **attributes: str) -> str:
    """An event with one definition, ``definition`` being for example ``message:M`` or ``timeDuration:PT1H``."""
    extra = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<{tag} id="{name}"{extra}>{_definition(definition)}</{tag}>'


def _definition(text: str) -> str:
    kind, _, value = text.partition(":")
    if kind.startswith("time"):
        return f"<timerEventDefinition><{kind}>{value}</{kind}></timerEventDefinition>"
    if kind == "conditional":
        return f"<conditionalEventDefinition><condition>{value}</condition></conditionalEventDefinition>"
    if kind == "link":
        return f'<linkEventDefinition name="{value}"/>'
    if kind == "none":
        return ""
    reference = f' {kind}Ref="{value}"' if value else ""
    return f"<{kind}EventDefinition{reference}/>"


ROOTS = (
    '<message id="M" name="go"/><message id="M2" name="stop"/><signal id="S" name="alarm"/>'
    '<error id="E1" name="bad" errorCode="BAD"/><error id="E2" name="worse" errorCode="WORSE"/>'
    '<escalation id="X1" name="up" escalationCode="UP"/>'
)


def diagram(inside: str, *, others: str = "") -> bytes:
    """A file with the executable process ``P``; ``others`` are further processes."""
    return f'{_HEAD}{ROOTS}<process id="P" isExecutable="true">{inside}</process>{others}</definitions>'.encode()


def other(name: str, inside: str) -> str:
    """A further process."""
    return f'<process id="{name}" isExecutable="true">{inside}</process>'


def defined(inside: str, *, others: str = "", **files: bytes) -> Definition:
    """The definition of ``diagram``."""
    extra = {name.replace("_", "."): content for name, content in files.items()}
    return define({"p.bpmn": diagram(inside, others=others), **extra})


@dataclass
class Drive:
    """One instance. With ``restart`` it is saved and loaded before every step, and nothing may change by that."""

    definition: Definition
    data: Mapping[str, Any] = field(default_factory=dict)
    restart: bool = True
    seed: str = "test"

    def __post_init__(self) -> None:
        self.now = NOW
        self.trace: list[str] = []
        self.instance = Instance.start(self.definition, self.data, now=self.now, seed=self.seed)
        self._note()

    def _note(self) -> None:
        self.last = [f"{step.element}.{step.event}" for step in self.instance.drain()]
        self.trace.extend(self.last)
        if self.restart:
            before = self.instance.fingerprint()
            self.instance = Instance.load(self.definition, self.instance.save(), now=self.now)
            assert self.instance.fingerprint() == before

    def task(self, element: str, at: int = 0) -> OpenTask:
        """The open task of that element."""
        return [task for task in self.instance.open_tasks() if task.element == element][at]

    def do(self, element: str, at: int = 0, **data: Any) -> Drive:
        """Complete a user or receive task, or answer a service task."""
        task = self.task(element, at)
        act = self.instance.answer if task.kind == "service" else self.instance.complete
        act(task.id, data, now=self.now)
        self._note()
        return self

    def fail(self, element: str, code: str, message: str = "broken") -> Drive:
        """Let a task end with a business error."""
        self.instance.fail(self.task(element).id, code, message, now=self.now)
        self._note()
        return self

    def message(self, name: str, **data: Any) -> bool:
        """Send a message."""
        taken = self.instance.message(name, data, now=self.now)
        self._note()
        return taken

    def signal(self, name: str, **data: Any) -> bool:
        """Send a signal."""
        taken = self.instance.signal(name, data, now=self.now)
        self._note()
        return taken

    def wait(self, **length: float) -> Drive:
        """Let time pass."""
        self.now = self.now + timedelta(**length)
        self.instance.advance(self.now)
        self._note()
        return self

    @property
    def open(self) -> list[str]:
        """Elements of the open tasks in order of arrival."""
        return [task.element for task in self.instance.open_tasks()]

    @property
    def done(self) -> bool:
        """Whether the process is completed."""
        return self.instance.completed

    @property
    def result(self) -> dict[str, Any]:
        """The data."""
        return self.instance.data


def drive(inside: str, *, data: Mapping[str, Any] | None = None, others: str = "", **files: bytes) -> Drive:
    """Start an instance of the diagram."""
    return Drive(defined(inside, others=others, **files), data or {})
