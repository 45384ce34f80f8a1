"""What the passing of time does to a dossier: process timers, warnings, and the moment it becomes overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.commands import alerts
from engine.commands.context import Context
from engine.commands.operations import settle
from engine.commands.work import Work
from engine.store.records import Dossier, Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class FireTimer:
    """A timer's moment has come."""

    timer: str
    dossier: str


def fire_timer(context: Context, command: FireTimer) -> dict[str, Any]:
    """Fire a waiting timer; nothing happens when it was fired or cancelled before."""
    dossier = context.uow.dossiers.get(command.dossier)
    timer = next((timer for timer in context.uow.timers.of(dossier.number) if timer.id == command.timer), None)
    if timer is None or timer.due_at > context.now:
        return {"fired": False}
    context.uow.timers.close(timer.id, "fired")
    work = Work.open(context, dossier)
    if timer.kind == "process":
        work.advance(context.now)
        settle(work)
    elif not dossier.business.closed and dossier.due_at is not None:
        _announce(work, dossier, timer)
        work.write()
    return {"fired": True}


def _announce(work: Work, dossier: Dossier, timer: Timer) -> None:
    """Record that the dossier is due soon, or overdue; only progress takes it back."""
    if timer.kind == "due":
        work.tell("DossierOverdue", {"due_at": _iso(dossier.due_at)})
        work.change(lateness="overdue")
        alerts.climb(work, alerts.UNIT)
    elif timer.kind == "climb":
        alerts.climb(work, alerts.PROVINCE)
    elif dossier.lateness != "overdue":
        known = work.context.uow.alerts.of(dossier.number)
        again = known is not None and known.ended_at is None
        work.tell("DueSoonWarned", {"due_at": _iso(dossier.due_at), "warning": timer.ref})
        work.change(lateness="due_soon")
        alerts.climb(work, alerts.UNIT if again else alerts.PERSON)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailTimer:
    """A timer could not be fired; it is tried again and its error stays in sight (I23: others go on)."""

    timer: str
    message: str
    retry_at: datetime


def fail_timer(context: Context, command: FailTimer) -> dict[str, Any]:
    """Note the error on the timer."""
    context.uow.timers.fail(command.timer, command.message, retry_at=command.retry_at)
    return {"timer": command.timer}
