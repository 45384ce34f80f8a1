"""What operators do about incidents: say something, try again, give up. Who and why stays in the dossier's journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.bpmn import BpmnErrorUncaught
from engine.commands import inbound
from engine.commands.context import Context
from engine.commands.operations import ReasonMissing, settle
from engine.commands.work import Work
from engine.errors import DomainError, Forbidden, NotFound, Text
from engine.model.permission import OPERATOR
from engine.store.records import OutboxRow

#: What a step is told that goes on without its operation, where it can: nothing was read, nothing was sent.
GOES_ON: dict[str, dict[str, Any]] = {"papers.read": {"readings": []}, "notify.send": {"sent": False}}


class CannotAbandon(DomainError):
    """The step of {operation} cannot go on without its answer; repair the cause and retry, or end the dossier."""

    code = "cannot-abandon"
    vi = "Bước {operation} không thể bỏ qua kết quả; hãy sửa nguyên nhân rồi thử lại, hoặc dừng giải quyết hồ sơ."


def operator(context: Context) -> None:
    """Refuse whoever is neither an operator nor the system."""
    if not (context.actor.is_system or context.actor.holds(OPERATOR)):
        raise Forbidden(why=Text(vi="việc của người vận hành", en="an operator's work"))


def _text(text: str, what: Text) -> str:
    kept = text.strip()[:500]
    if not kept:
        raise ReasonMissing(what=what)
    return kept


def _place(context: Context, incident: str) -> tuple[str, str]:
    """What the incident is of (delivery or timer), and its dossier, empty for none; ``NotFound`` otherwise."""
    place = context.uow.incident_notes.place(incident)
    if place is None:
        raise _unknown(incident)
    return place


def _unknown(incident: str) -> NotFound:
    return NotFound(what=Text(vi=f"sự cố {incident}", en=f"incident {incident}"))


def _tell(context: Context, dossier: str, kind: str, body: dict[str, Any], task: str = "") -> None:
    if dossier:
        work = Work.open(context, context.uow.dossiers.get(dossier))
        work.tell(kind, body, task=task)
        work.write()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotateIncident:
    """An operator says what is known about an incident."""

    incident: str
    text: str


def annotate_incident(context: Context, command: AnnotateIncident) -> dict[str, Any]:
    """The note's id."""
    operator(context)
    text = _text(command.text, Text(vi="nội dung ghi chú", en="what is noted"))
    _kind, dossier = _place(context, command.incident)
    actor = context.actor
    note = context.uow.incident_notes.add(
        command.incident, author=actor.login, name=actor.name, text=text, at=context.now
    )
    _tell(context, dossier, "IncidentNoted", {"incident": command.incident, "text": text})
    return {"note": note.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryIncident:
    """An operator has repaired the cause of an incident, whatever it is of."""

    incident: str
    note: str


def retry_incident(context: Context, command: RetryIncident) -> dict[str, Any]:
    """Try a failed delivery or a failing timer again, now."""
    operator(context)
    note = _text(command.note, Text(vi="đã sửa gì", en="what was repaired"))
    kind, dossier = _place(context, command.incident)
    if kind == "delivery":
        return inbound.retry_delivery(context, inbound.RetryDelivery(row=command.incident, note=note))
    if not context.uow.timers.hurry(command.incident):
        raise _unknown(command.incident)
    _tell(context, dossier, "DeliveryRetried", {"operation": "timer", "note": note})
    return {"row": command.incident}


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonDelivery:
    """An operator gives a failed delivery up."""

    row: str
    reason: str


def abandon_delivery(context: Context, command: AbandonDelivery) -> dict[str, Any]:
    """Close the row. A drawn step goes on as its diagram draws a refusal, or without what can be missed."""
    operator(context)
    reason = _text(command.reason, Text(vi="bỏ một việc đã lỗi", en="giving a failed delivery up"))
    row = context.uow.outbox.get(command.row)
    if row.state == "late":
        return _acknowledge(context, row, reason)
    if row.state != "failed":
        raise NotFound(what=Text(vi=f"việc lỗi {row.id}", en=f"failed delivery {row.id}"))
    told = {"operation": row.topic, "reason": reason}
    if not row.task:
        context.uow.outbox.settle(row.id, "cancelled", note=reason, at=context.now)
        _tell(context, row.dossier, "DeliveryAbandoned", told)
        return {"row": row.id}
    work = Work.open(context, context.uow.dossiers.get(row.dossier))
    task = inbound.task_of(work, row)
    work.tell("DeliveryAbandoned", told, task=row.task)
    work.change(waiting_for="")
    if task is None:
        context.uow.outbox.settle(row.id, "cancelled", note=reason, at=context.now)
        work.write()
        return {"row": row.id}
    if row.topic in GOES_ON:
        context.uow.outbox.settle(row.id, "done", note=reason, at=context.now)
        work.answer(task, GOES_ON[row.topic])
    else:
        try:
            work.note_next(reason)
            work.fail(task, inbound.CAUGHT.get(row.topic, "abandoned"), reason)
        except BpmnErrorUncaught as uncaught:
            raise CannotAbandon(operation=row.topic) from uncaught
        context.uow.outbox.settle(row.id, "refused", note=reason, at=context.now)
    settle(work)
    return {"row": row.id}


def _acknowledge(context: Context, row: OutboxRow, reason: str) -> dict[str, Any]:
    """An answer that came after its step had been cancelled was seen, and dealt with outside."""
    context.uow.outbox.settle(row.id, "cancelled", note=reason, at=context.now)
    _tell(context, row.dossier, "IncidentNoted", {"incident": row.id, "text": reason}, task=row.task)
    return {"row": row.id}
