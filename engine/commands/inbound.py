"""Answers of connectors come in as commands: what was delivered, what was refused, what has to wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import bpmn
from engine.commands import documents, errands
from engine.commands.context import Context
from engine.commands.operations import settle
from engine.commands.work import Work
from engine.errors import ConnectorRefused, NotFound, Text
from engine.model.check_code import check_code
from engine.model.queue import topic
from engine.model.status import Business
from engine.store.records import Extraction, OutboxRow, RegisterQueryRow, Result, StoredMessage
from engine.work_rows import row_told

Recorder = Callable[[Work, OutboxRow, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAnswer:
    """A connector did what an outbox row asked for."""

    row: str
    answer: dict[str, Any]


def record_answer(context: Context, command: RecordAnswer) -> dict[str, Any]:
    """Record the answer, let the process go on; an answer that came before is not recorded again."""
    row = context.uow.outbox.get(command.row)
    if row.state == "cancelled" and row.task:
        return _too_late(Work.open(context, context.uow.dossiers.get(row.dossier)), row, command.answer)
    if row.state != "waiting":
        return {"row": row.id, "recorded": False}
    recorded = _answered(context, row, command) if row.task else errands.record(context, row, command.answer)
    context.uow.outbox.let_next(row, at=context.now)
    return recorded


def _answered(context: Context, row: OutboxRow, command: RecordAnswer) -> dict[str, Any]:
    """An answer to a drawn step."""
    work = Work.open(context, context.uow.dossiers.get(row.dossier))
    task = task_of(work, row)
    if task is None:
        return _too_late(work, row, command.answer)
    try:
        result = RECORDERS[row.topic](work, row, command.answer)
    except ConnectorRefused as refusal:
        return _refuse(work, task, row, refusal.message("vi"))
    context.uow.outbox.finish(row.id, "done", at=context.now)
    if work.dossier.waiting_for:
        work.change(waiting_for="")
    work.answer(task, result)
    settle(work)
    return {"row": row.id, "recorded": True}


def _too_late(work: Work, row: OutboxRow, answer: dict[str, Any]) -> dict[str, Any]:
    """The step was cancelled meanwhile: the effect outside happened, stays on record, and an operator looks at it."""
    if work.context.uow.outbox.late(row.id, at=work.context.now):
        work.tell("AnswerTooLate", {"operation": row.topic, "answer": answer}, task=row.task)
        work.write()
    return {"row": row.id, "recorded": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRefusal:
    """A connector's final no."""

    row: str
    error: str
    message: str


def record_refusal(context: Context, command: RecordRefusal) -> dict[str, Any]:
    """Hand the refusal to the diagram if it catches it; otherwise it becomes an incident for an operator."""
    row = context.uow.outbox.get(command.row)
    if row.state != "waiting":
        return {"row": row.id, "recorded": False}
    recorded = _refused(context, row, command) if row.task else errands.refuse(context, row, command.message)
    context.uow.outbox.let_next(row, at=context.now)
    return recorded


def _refused(context: Context, row: OutboxRow, command: RecordRefusal) -> dict[str, Any]:
    """A no to a drawn step."""
    work = Work.open(context, context.uow.dossiers.get(row.dossier))
    task = task_of(work, row)
    if task is None:
        context.uow.outbox.finish(row.id, "cancelled", at=context.now, error=command.message)
        return {"row": row.id, "recorded": False}
    return _refuse(work, task, row, command.message, catch=command.error not in UNDECIDED)


def _refuse(work: Work, task: bpmn.OpenTask, row: OutboxRow, message: str, *, catch: bool = True) -> dict[str, Any]:
    """Hand a final no to the diagram's boundary event, or open an incident where it draws none."""
    context = work.context
    context.uow.outbox.finish(row.id, "failed", at=context.now, error=message)
    if catch and row.topic in CAUGHT:
        work = Work.open(context, context.uow.dossiers.get(row.dossier))
        try:
            work.note_next(message)
            work.change(waiting_for="")
            work.fail(task, CAUGHT[row.topic], message)
        except bpmn.BpmnErrorUncaught:
            work = Work.open(context, context.uow.dossiers.get(row.dossier))
        else:
            context.uow.outbox.settle(row.id, "refused", note="", at=context.now)
            settle(work)
            return {"row": row.id, "recorded": True, "caught": True}
    work.tell("IncidentOpened", {"operation": row.topic, "message": message}, node=task.element, task=task.id)
    work.change(waiting_for=message)
    work.write()
    return {"row": row.id, "recorded": True, "caught": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferDelivery:
    """A connector cannot be reached: the row waits, and everybody may see why."""

    row: str
    message: str
    retry_at: datetime
    owner: str = ""  #: who held the row; it is somebody else's when the lease ran out meanwhile


def defer_delivery(context: Context, command: DeferDelivery) -> dict[str, Any]:
    """Note the reason on row and dossier; the journal tells it once per reason."""
    row = context.uow.outbox.get(command.row)
    if row.state != "waiting" or (command.owner and row.lease_owner != command.owner):
        return {"row": row.id}
    context.uow.outbox.retry(row.id, command.message, at=command.retry_at)
    if row.topic == errands.MAIL or not row.dossier:
        return {"row": row.id}
    dossier = context.uow.dossiers.get(row.dossier)
    if dossier.waiting_for != command.message:
        work = Work.open(context, dossier)
        work.tell("DeliveryDeferred", {"operation": row.topic, "message": command.message}, task=row.task)
        work.change(waiting_for=command.message)
        work.write()
    return {"row": row.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDelivery:
    """An operator has repaired the cause of an incident."""

    row: str
    note: str


def retry_delivery(context: Context, command: RetryDelivery) -> dict[str, Any]:
    """Put a failed row back to waiting, with who and why in the journal."""
    row = context.uow.outbox.get(command.row)
    if not context.uow.outbox.revive(row, command.note, at=context.now):
        raise NotFound(what=Text(vi=f"việc lỗi {row.id}", en=f"failed delivery {row.id}"))
    context.uow.circuits.hurry(topic(row.topic).connector, context.now)
    if not row.dossier:
        return {"row": row.id}
    work = Work.open(context, context.uow.dossiers.get(row.dossier))
    work.tell("DeliveryRetried", {"operation": row.topic, "note": command.note}, task=row.task)
    work.change(waiting_for="")
    work.write()
    return {"row": row.id}


def task_of(work: Work, row: OutboxRow) -> bpmn.OpenTask | None:
    """The open service task that asked for ``row``; None when the process has left it."""
    return next((task for task in work.instance.open_tasks() if task.id == row.task), None)


# -- what each operation leaves behind ---------------------------------------------------------------------------


def _readings(work: Work, row: OutboxRow, answer: dict[str, Any]) -> dict[str, Any]:
    short = []
    for reading in answer["readings"]:
        work.context.uow.documents.record_reading(
            Extraction(
                document=reading["document"],
                dossier=work.dossier.number,
                text=reading["text"],
                confidence=reading["confidence"],
                fields=reading["fields"],
                codes=reading["codes"],
                steps=reading["steps"],
                read_at=work.context.now,
            )
        )
        fields = {field["key"]: field["value"] for field in reading["fields"]}
        short.append({"document": reading["document"], "confidence": round(reading["confidence"]), "fields": fields})
    work.tell("PapersRead", {"readings": answer["readings"]}, node=str(row.payload["element"]), task=row.task)
    return {"readings": short}


def _document(work: Work, row: OutboxRow, answer: dict[str, Any]) -> dict[str, Any]:
    usual = "draft-result" if row.topic == "copy.render" else "letter"  # an unsigned copy is nobody's letter
    document = documents.store(work, answer, kind=str(row.payload["inputs"].get("kind") or usual))
    return {"document": document.id, "digest": document.digest, "name": document.name}


def _signed(work: Work, row: OutboxRow, answer: dict[str, Any]) -> dict[str, Any]:
    """Store the result only if every signature is valid and was made by whom this dossier asks for (I1, I2)."""
    uow, now, inputs = work.context.uow, work.context.now, row.payload["inputs"]
    signer = documents.expect_signers(work, row, answer)
    reports = answer["signatures"]
    document = documents.store(work, answer, kind="result")
    result = Result(
        dossier=work.dossier.number,
        number=str(inputs["number"]),
        kind=str(inputs["kind"]),
        digest=document.digest,
        document=document.id,
        signatures=reports,
        signed_by=signer,
        signed_at=now,
        verify_code=check_code(work.dossier.tracking),  # the one in the QR code of the file just signed
    )
    uow.results.add(result)
    work.tell("ResultSigned", row_told(result, "dossier", "verify_code") | {"code": result.verify_code})
    work.change(business=Business.RESULT_SIGNED)
    return {"document": document.id, "digest": document.digest, "number": result.number}


def _letter_signed(work: Work, row: OutboxRow, answer: dict[str, Any]) -> dict[str, Any]:
    """A slip or notice that is no result: signed and sealed, stored beside its draft."""
    documents.expect_signers(work, row, answer)
    document = documents.store(work, answer, kind="letter")
    work.tell("LetterSigned", {"document": document.id, "digest": document.digest, "signatures": answer["signatures"]})
    return {"document": document.id, "digest": document.digest, "name": document.name}


def _notified(work: Work, row: OutboxRow, answer: dict[str, Any]) -> dict[str, Any]:
    work.context.uow.messages.add(
        [
            StoredMessage(
                id=row.id,
                dossier=work.dossier.number,
                recipient=work.dossier.applicant,
                address=answer["to"],
                subject=answer["subject"],
                body=answer["body"],
                created_at=work.context.now,
                sent_at=work.context.now if answer["sent"] else None,
                read_at=None,
            )
        ]
    )
    work.tell("ApplicantNotified", {"subject": answer["subject"], "sent": answer["sent"]})
    return {"sent": answer["sent"]}


def _looked_up(work: Work, row: OutboxRow, answer: dict[str, Any]) -> dict[str, Any]:
    inputs = row.payload["inputs"]
    work.context.uow.messages.log_query(
        RegisterQueryRow(
            id=row.id,
            dossier=work.dossier.number,
            register=str(inputs["register"]),
            subject=str(inputs["subject"]),
            purpose=str(inputs["purpose"]),
            officer="system",
            at=work.context.now,
        )
    )
    work.tell("RegisterQueried", {"register": inputs["register"], "purpose": inputs["purpose"]})
    return dict(answer)


def _registered(work: Work, row: OutboxRow, answer: dict[str, Any]) -> dict[str, Any]:
    inputs = row.payload["inputs"]
    told = {"register": inputs["register"], "purpose": inputs["purpose"], "given": answer["data"]}
    work.tell("RegisterEntered", told)
    return dict(answer)


#: One recorder per outside operation.
RECORDERS: dict[str, Recorder] = {
    "papers.read": _readings,
    "letter.render": _document,
    "copy.render": _document,
    "result.sign": _signed,
    "letter.sign": _letter_signed,
    "notify.send": _notified,
    "registry.look_up": _looked_up,
    "registry.register": _registered,
}

#: Errors that are no answer of the connector: only an operator can help, the diagram decides nothing on them.
UNDECIDED = frozenset({"fault", "tries-exhausted"})

#: BPMN error with which a diagram may catch an operation's refusal.
CAUGHT: dict[str, str] = {"result.sign": "signature-refused", "letter.sign": "signature-refused"}
