"""Deriving a dossier's deadline and keeping its timers in step. Nobody types a due moment: it follows from facts."""

from __future__ import annotations

from typing import Any

from engine.clock import ZONE
from engine.commands.work import Work
from engine.errors import DomainError, InvalidInput, Text
from engine.model.convention import in_force
from engine.model.deadline import Deadline
from engine.model.duration import Limit, select_limit
from engine.model.pause import PauseReason
from engine.model.recorded_deadline import deadline_of
from engine.model.schedule import WorkSchedule
from engine.work_rows import alarms


class PauseOpen(DomainError):
    """The clock of {number} stands still already ({document}); one consolidated request at a time (I9)."""

    code = "pause-open"
    vi = "Thời hạn của hồ sơ {number} đang tạm dừng ({document}); mỗi lần chỉ có một yêu cầu bổ sung."


def derive(work: Work) -> dict[str, Any]:
    """Compute the deadline from the facts recorded so far and set due moment and timers; what a diagram may show."""
    dossier = work.dossier
    if dossier.clock_from is None:
        return {"due_at": None}
    calendar, before = work.context.rules.calendar, work.dossier.due_at
    work.context.uow.calendars.keep(calendar, work.context.now)
    work.change(deadline=_bound(work) | {"calendar": calendar.digest})
    deadline = preview(work, work.dossier.deadline)
    work.tell(
        "DeadlineDerived",
        {
            "from": dossier.clock_from.isoformat(),
            "due_at": deadline.due_at.isoformat() if deadline.due_at else None,
            "calendar": calendar.digest,
            "paused_minutes": deadline.paused_minutes,
        },
    )
    work.change(
        due_at=deadline.due_at,
        promised_at=deadline.due_without_extension,
        lateness=_lateness(work, deadline, moved=deadline.due_at != before),
    )
    if deadline.due_at != before:  # otherwise nothing has moved, and no warning is silenced
        _set_timers(work, deadline)
    return {"due_at": deadline.due_at.isoformat() if deadline.due_at else None}


def _bound(work: Work) -> dict[str, Any]:
    """The dossier's facts with what reception binds for good: the limit and the conventions of counting (I7)."""
    dossier = work.dossier
    if dossier.clock_from is None or "limit" in dossier.deadline:
        return dossier.deadline
    limit = select_limit(
        [Limit.from_json(limit) for limit in work.procedure.manifest.limits],
        channel=_channel(dossier.channel),
        case=dossier.deadline.get("case"),
        unit_class=dossier.deadline.get("unit_class"),
    )
    conventions = in_force(dossier.clock_from.astimezone(ZONE).date())
    return dossier.deadline | {"limit": limit.as_json(), "conventions": conventions.name}


def preview(work: Work, recorded: dict[str, Any]) -> Deadline:
    """The deadline that would follow from ``recorded`` facts; nothing is changed."""
    dossier = work.dossier
    if dossier.clock_from is None:
        raise InvalidInput(what=dossier.number, why=Text(vi="thời hạn chưa bắt đầu tính", en="its clock has not begun"))
    return deadline_of(dossier.clock_from, recorded, work.context.rules.calendar, schedule_of(work))


def schedule_of(work: Work) -> WorkSchedule:
    """The working hours of the unit that settles the dossier, as of the reception event."""
    moment = work.dossier.clock_from or work.context.now
    unit = work.context.uow.organisation.unit(work.dossier.competent_unit, moment)
    return WorkSchedule.from_json(unit.schedule)


def pause(work: Work, reason: PauseReason, document: str, **counters: Any) -> None:
    """Stop the clock on an issued document (I5). Before filing is complete there is nothing to stop.

    One supplement request at a time (I9); opinions of several agencies may be awaited together and count once.
    """
    pauses = list(work.dossier.deadline.get("pauses", ()))
    for entry in pauses:
        alike = entry["document"] == document or reason.value == entry["reason"] == PauseReason.SUPPLEMENT.value
        if entry["end"] is None and alike:
            raise PauseOpen(number=work.dossier.number, document=entry["document"])
    pauses.append({"start": work.context.now.isoformat(), "end": None, "document": document, "reason": reason.value})
    work.change(deadline=work.dossier.deadline | {"pauses": pauses} | counters)
    work.tell("ClockPaused", {"document": document, "reason": reason.value})
    derive(work)


def resume(work: Work, document: str = "") -> dict[str, Any]:
    """Start the clock again at the recorded answer to ``document``; without one, to the open supplement request."""
    pauses = [dict(entry) for entry in work.dossier.deadline.get("pauses", ())]
    for entry in pauses:
        answered = entry["document"] == document if document else entry["reason"] == PauseReason.SUPPLEMENT.value
        if entry["end"] is None and answered:
            entry["end"] = work.context.now.isoformat()
            work.change(deadline=work.dossier.deadline | {"pauses": pauses})
            work.tell("ClockResumed", {"document": entry["document"]})
    return derive(work)


def awaits(work: Work, reason: PauseReason) -> bool:
    """Whether the clock stands still for ``reason``."""
    return any(
        entry["end"] is None and entry["reason"] == reason.value for entry in work.dossier.deadline.get("pauses", ())
    )


def extend(work: Work, extension: dict[str, Any]) -> dict[str, Any]:
    """Add an extension to the facts (form 04). ``ExtensionLate`` and ``ExtensionLimitReached`` refuse it."""
    given = list(work.dossier.deadline.get("extensions", ()))
    old = work.dossier.due_at
    work.change(deadline=work.dossier.deadline | {"extensions": [*given, extension]})
    work.tell("DeadlineExtended", dict(extension))
    derive(work)
    new = work.dossier.due_at
    return {
        "document": extension["document"],
        "old_due": old.isoformat() if old else None,
        "new_due": new.isoformat() if new else None,
        "count": len(given),
    }


def end(work: Work) -> None:
    """Nothing is due any more, or not as it was: timers and alert end. The due moment stays on record (statistics)."""
    for timer in work.context.uow.timers.of(work.dossier.number):
        if timer.kind != "process":
            work.context.uow.timers.close(timer.id, "cancelled")
    work.context.uow.alerts.end(work.dossier.number, work.context.now)


def _set_timers(work: Work, deadline: Deadline) -> None:
    end(work)
    context = work.context
    found = alarms(work.dossier.number, deadline, context.rules.calendar, schedule_of(work))
    context.uow.timers.put(timer for timer in found if timer.due_at > context.now or timer.kind != "warning")


def _lateness(work: Work, deadline: Deadline, *, moved: bool) -> str:
    """What was announced holds until the due moment moves; then it is what the new moment says."""
    if not moved:
        return work.dossier.lateness
    now = work.context.now
    if deadline.due_at is None:
        return ""
    if deadline.due_at <= now:
        return work.dossier.lateness
    return "due_soon" if any(warning.at <= now for warning in deadline.warnings) else ""


def _channel(channel: str) -> Any:
    return {"online": "ONLINE", "desk": "DIRECT", "post": "POSTAL"}[channel]
