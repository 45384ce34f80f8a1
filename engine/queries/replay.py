"""A journal executed again, event by event, and what each record of the process must then say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine import bpmn
from engine.model.chain import Event

#: Kinds by which the process itself moves; all others leave it where it is.
DRIVING = frozenset(
    {"DossierFiled", "TaskCompleted", "ServiceAnswered", "ServiceRefused", "ProcessCancelled", "TimerFired"}
)


class Replay:
    """Executes a journal again, event by event."""

    def __init__(self, definition: bpmn.Definition) -> None:
        self.definition = definition
        self.instance: bpmn.Instance | None = None

    def apply(self, event: Event) -> str:
        """Do what the event tells; why its record does not fit, or ''."""
        body = event.content()
        if event.kind == "DossierFiled":
            if self.instance is not None:
                return "files the dossier a second time"
            self.instance = bpmn.Instance.start(self.definition, body["variables"], now=event.at, seed=event.dossier)
        instance = self.instance
        if instance is None:
            return "comes before the filing"
        _drive(instance, event, body)
        if event.kind in DRIVING:
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
