"""A journal executed again, event by event, and what each record of the process must then say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine import bpmn
from engine.bpmn.migration import migrate
from engine.model.calendar import Calendar
from engine.model.chain import Event
from engine.model.events import DRIVING
from engine.working_time import WorkingTime


class Replay:
    """Executes a journal again, event by event.

    ``definition`` is the one filed under; ``version`` finds, by its digest, another that the dossier was moved to.
    ``time`` is what the product's functions count with. ``calendar_of`` finds a calendar by the digest that an event
    names: what moved by it then moves by it now. Older events name none.
    """

    def __init__(
        self,
        definition: bpmn.Definition,
        version: Callable[[str], bpmn.Definition] | None = None,
        *,
        time: WorkingTime | None = None,
        calendar_of: Callable[[str], Calendar] | None = None,
    ) -> None:
        self.definition = definition
        self._time, self._calendar_of = time, calendar_of
        self._now_in_force = None if time is None else time.calendar
        self.instance: bpmn.Instance | None = None
        self._version = version
        self._former: bpmn.Instance | None = None  #: before the last move, until the first step after it

    def apply(self, event: Event) -> str:
        """Do what the event tells; why its record does not fit, or ''."""
        body = event.content()
        if event.kind in DRIVING or event.kind == "DossierMigrated":
            self._count_by(body.get("calendar"))
        if event.kind == "DossierFiled":
            if self.instance is not None:
                return "files the dossier a second time"
            functions = None if self._time is None else self._time.functions
            self.instance = bpmn.Instance.start(
                self.definition, body["variables"], now=event.at, seed=event.dossier, functions=functions
            )
        if self.instance is None:
            return "comes before the filing"
        if event.kind in {"DossierMigrated", "MigrationReverted"}:
            why = self._move(self.instance, event, body)
            if why:
                return why
        instance = self.instance
        _drive(instance, event, body)
        if event.kind in DRIVING:
            self._former = None
            changes: dict[str, object] = {}
            steps = []
            for step in instance.drain():
                steps.append([step.element, step.event, step.at.isoformat()])
                changes.update(step.changed)
            if steps != body.get("steps", []):
                return "the process takes another path when it is executed again"
            if changes != body.get("changes", {}):
                return "the data change otherwise when it is executed again"
        if "state" in body and body["state"] != instance.fingerprint():
            return "the process comes to another state when it is executed again"
        return ""

    def _move(self, instance: bpmn.Instance, event: Event, body: Mapping[str, Any]) -> str:
        """Go to the version that the event names, or back."""
        if event.kind == "MigrationReverted":
            if self._former is None:
                return "takes back a move after which the process has gone on"
            self.instance, self._former = self._former, None
            return ""
        if self._version is None:
            return "names a version that is not at hand"
        if body["before"] != instance.fingerprint():
            return "the process was in another state when it was moved"
        moved, shifts = migrate(instance, self._version(str(body["to"])), body["mapping"], now=event.at)
        if [[shift.element, shift.old.isoformat(), shift.new.isoformat()] for shift in shifts] != body["timers"]:
            return "its timers come out otherwise when it is moved again"
        self.instance, self._former = moved, instance
        return ""

    def _count_by(self, digest: str | None) -> None:
        if self._time is None or self._now_in_force is None:
            return
        self._time.calendar = self._now_in_force
        if self._calendar_of is not None and digest not in {None, self._now_in_force.digest}:
            self._time.calendar = self._calendar_of(str(digest))


def _drive(instance: bpmn.Instance, event: Event, body: Mapping[str, Any]) -> None:
    if event.kind == "TaskCompleted":
        instance.complete(event.task, body["data"], now=event.at)
    elif event.kind == "ServiceAnswered":
        instance.answer(event.task, body["result"], now=event.at)
    elif event.kind == "ServiceRefused":
        instance.fail(event.task, body["error"], body["message"], now=event.at)
    elif event.kind == "ProcessCancelled":
        instance.cancel(now=event.at)
    elif event.kind == "TimerFired":
        instance.advance(datetime.fromisoformat(body["until"]))
