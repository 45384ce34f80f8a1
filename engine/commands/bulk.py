"""One action on many dossiers: each is checked, done and recorded by itself; one that fails harms no other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.commands import batches, incidents
from engine.commands.assignments import AssignTask
from engine.commands.context import Context
from engine.commands.migration import MigrateDossier, UndoMigration
from engine.commands.operations import ReasonMissing
from engine.commands.tasks import ClaimTask, CompleteTask, ReleaseTask
from engine.errors import Forbidden, InvalidInput, Text
from engine.store.desk_records import Batch, BatchItem

#: Dossiers in one go.
MOST = 200
#: Where a batch of decisions keeps the reason of lateness, beside the form's own fields.
_LATE = "=late_reason"
KINDS = ("claim", "release", "assign", "complete")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartBatch:
    """Do the same to many open tasks, in the order given, with the rights that the person has when each is done."""

    kind: str  #: claim, release, assign or complete
    tasks: tuple[tuple[str, int], ...]  #: task and the revision that was shown
    data: dict[str, Any] = field(default_factory=dict)  #: the decision's form, or {"to", "reason"} for assign
    late_reason: str = ""  #: for those of the dossiers that are past due and not explained yet


def start_batch(context: Context, command: StartBatch) -> dict[str, Any]:
    """The batch's id; a worker does its items, each in a transaction of its own."""
    if not context.actor.official:
        raise Forbidden(why=Text(vi="việc của cán bộ", en="officials' work"))
    if command.kind not in KINDS:
        raise InvalidInput(what="kind", why=", ".join(KINDS))
    chosen = dict(command.tasks)
    if not 1 <= len(chosen) <= MOST:
        raise InvalidInput(
            what="tasks",
            why=Text(vi=f"chọn 1–{MOST} việc ({len(chosen)})", en=f"choose 1–{MOST} tasks ({len(chosen)})"),
        )
    if command.kind == "assign" and not str(command.data.get("to") or ""):
        raise InvalidInput(what="to", why=Text(vi="chọn người nhận việc", en="choose who gets the work"))
    items = [(task, context.uow.tasks.get(task).dossier, revision) for task, revision in chosen.items()]
    late = {_LATE: command.late_reason} if command.kind == "complete" and command.late_reason else {}
    return batches.begin(context, command.kind, command.data | late, items)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryMany:
    """An operator has repaired what many incidents have in common."""

    incidents: tuple[str, ...]
    note: str


def retry_many(context: Context, command: RetryMany) -> dict[str, Any]:
    """The batch's id; a worker retries one after the other, each in a transaction of its own."""
    incidents.operator(context)
    chosen, note = dict.fromkeys(command.incidents), command.note.strip()[:500]
    if not 1 <= len(chosen) <= MOST:
        why = Text(vi=f"chọn 1–{MOST} sự cố ({len(chosen)})", en=f"choose 1–{MOST} incidents ({len(chosen)})")
        raise InvalidInput(what="incidents", why=why)
    if not note:
        raise ReasonMissing(what=Text(vi="đã sửa gì", en="what was repaired"))
    places = [(incident, context.uow.incident_notes.place(incident)) for incident in chosen]
    items = [(incident, place[1] if place else "", 0) for incident, place in places]
    return batches.begin(context, "retry", {"note": note}, items)


def command_of(batch: Batch, item: BatchItem) -> object:
    """The command that one item stands for: the same as when it is done alone, with all its checks."""
    if batch.kind == "migrate":
        return MigrateDossier(plan=str(batch.data["plan"]), dossier=item.dossier)
    if batch.kind == "undo_migration":
        plan, reason = str(batch.data["plan"]), str(batch.data["reason"])
        return UndoMigration(plan=plan, dossier=item.dossier, reason=reason)
    if batch.kind == "retry":
        return incidents.RetryIncident(incident=item.task, note=str(batch.data["note"]))
    if batch.kind == "claim":
        return ClaimTask(task=item.task, revision=item.revision)
    if batch.kind == "release":
        return ReleaseTask(task=item.task, revision=item.revision)
    if batch.kind == "assign":
        reason = str(batch.data.get("reason") or "")
        return AssignTask(task=item.task, to=str(batch.data["to"]), reason=reason, revision=item.revision)
    data = {name: value for name, value in batch.data.items() if name != _LATE}
    late = str(batch.data.get(_LATE) or "")
    return CompleteTask(task=item.task, data=data, revision=item.revision, late_reason=late)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBatchItem:
    """What came of one item."""

    row: str  #: the outbox row that asked for it
    batch: str
    position: int
    code: str = ""  #: of the error; empty when done
    message: str = ""


def record_batch_item(context: Context, command: RecordBatchItem) -> dict[str, Any]:
    """Keep the outcome, once."""
    context.uow.outbox.finish(command.row, "done", at=context.now)
    item = context.uow.batches.item(command.batch, command.position)
    state = "refused" if command.code else "done"
    context.uow.batches.record(item, state=state, code=command.code, message=command.message, at=context.now)
    return {"batch": command.batch, "position": command.position, "state": state}
