"""The auditor's check: chain, files, definition, then the dossier is executed again and everything is compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import bpmn
from engine.definitions.package import unpack
from engine.errors import IntegrityBroken, MotcuaError, NotFound
from engine.feel import FunctionRegistry
from engine.model.chain import Event, first_break
from engine.ports import ObjectStore
from engine.store.records import Dossier
from engine.store.unit_of_work import UnitOfWork
from engine.values import Digest

#: Events that say who holds a task from then on.
_HOLDING = frozenset(
    {"TaskClaimed", "TaskReleased", "TaskAssigned", "TaskTransferred", "TaskDelegated", "TaskResolved"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place where the records do not hold."""

    dossier: str
    place: str  #: ``event 12``, ``file <digest>``, ``row task <id>`` …
    what: str

    def as_json(self) -> dict[str, str]:
        """The stable JSON form."""
        return {"dossier": self.dossier, "place": self.place, "what": self.what}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the check of one dossier came to."""

    dossier: str
    events: int
    files: int
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


class Verification:
    """Checks dossiers of one database and file store."""

    def __init__(self, uow: UnitOfWork, files: ObjectStore, *, functions: FunctionRegistry | None = None) -> None:
        self.uow, self.files, self.functions = uow, files, functions

    def verify(self, number: str) -> Verdict:
        """Every finding about one dossier; a broken chain stops the re-execution, for it has nothing to stand on."""
        dossier = self.uow.dossiers.get(number)
        events = self.uow.journal.of(number)
        findings: list[Finding] = []
        broken = first_break(number, events, head=dossier.head, length=dossier.seq)
        checked = 0
        if broken is not None:
            findings.append(Finding(dossier=number, place=f"event {broken.seq}", what=broken.why))
        else:
            checked = sum(1 for _ in self._documents(number, events, findings))
            self._execute_again(dossier, events, findings)
            findings.extend(self._rows(dossier, events))
        return Verdict(dossier=number, events=len(events), files=checked, findings=tuple(findings))

    # -- files ---------------------------------------------------------------------------------------------------

    def _documents(self, number: str, events: tuple[Event, ...], findings: list[Finding]) -> Iterator[str]:
        told = _told_documents(events)
        stored = {document.id: document for document in self.uow.documents.of(number)}
        for document_id, digest in told.items():
            row = stored.get(document_id)
            if row is None:
                findings.append(_row(number, "document", document_id, "is missing"))
                continue
            if row.digest != digest:
                findings.append(_row(number, "document", document_id, "names another file than the journal"))
            yield document_id
            try:
                self.files.get(Digest(digest))
            except (IntegrityBroken, NotFound) as error:
                findings.append(Finding(dossier=number, place=f"file {digest}", what=error.message("en")))

    # -- re-execution --------------------------------------------------------------------------------------------

    def _execute_again(self, dossier: Dossier, events: tuple[Event, ...], findings: list[Finding]) -> None:
        number = dossier.number
        try:
            definition = self._definition(dossier, events)
        except MotcuaError as error:
            findings.append(
                Finding(dossier=number, place=f"definition {dossier.digest[:12]}", what=error.message("en"))
            )
            return
        replay = Replay(definition)
        for event in events:
            try:
                difference = replay.apply(event)
            except MotcuaError as error:
                difference = f"cannot be executed again: {error.message('en')}"
            if difference:
                findings.append(Finding(dossier=number, place=f"event {event.seq}", what=difference))
                return
        if replay.instance is None:
            findings.append(Finding(dossier=number, place="event 1", what="the dossier was never filed"))
            return
        try:
            stored = bpmn.Instance.load(definition, dossier.state, now=events[-1].at)
            if stored.fingerprint() != replay.instance.fingerprint():
                findings.append(_row(number, "dossier", number, "process state differs from its re-execution"))
        except MotcuaError as error:
            findings.append(_row(number, "dossier", number, f"process state is unreadable: {error.message('en')}"))
        findings.extend(self._tasks(number, events, replay.instance))
        findings.extend(self._timers(number, replay.instance))

    def _definition(self, dossier: Dossier, events: tuple[Event, ...]) -> bpmn.Definition:
        bundle = self.uow.definitions.bundle(dossier.digest)
        told = events[0].content().get("digest")
        if told != dossier.digest:
            raise IntegrityBroken(what="definition", why=f"the dossier was filed under {str(told)[:12]}")
        package = unpack(bundle.files, digest=dossier.digest)
        return bpmn.define(package.diagrams(), process=package.manifest.process, functions=self.functions)

    def _tasks(self, number: str, events: tuple[Event, ...], instance: bpmn.Instance) -> Iterator[Finding]:
        rows = {task.id: task for task in self.uow.tasks.of(number)}
        completed = {event.task: event for event in events if event.kind == "TaskCompleted"}
        held: dict[str, str] = {}
        for event in events:
            if event.kind in _HOLDING:
                held[event.task] = str(event.content()["assignee"])
        open_now = {task.id for task in instance.open_tasks() if task.kind == "user"}
        for task_id in sorted(open_now - rows.keys()):
            yield _row(number, "task", task_id, "is missing though the process waits for it")
        for task in rows.values():
            expected = "open" if task.id in open_now else "completed" if task.id in completed else "cancelled"
            if task.state != expected:
                yield _row(number, "task", task.id, f"is {task.state} though the process says {expected}")
            if task.id in held and task.assignee != held[task.id]:
                yield _row(number, "task", task.id, "is held by somebody else than the journal says")
            done = completed.get(task.id)
            if done is not None and task.completed_at != done.at:
                yield _row(number, "task", task.id, "was completed at another moment than the journal says")

    def _timers(self, number: str, instance: bpmn.Instance) -> Iterator[Finding]:
        rows = {timer.id: timer.due_at for timer in self.uow.timers.of(number) if timer.kind == "process"}
        running = {timer.task_id: timer.due_at for timer in instance.timers()}
        for timer_id in sorted(running.keys() | rows.keys()):
            if rows.get(timer_id) != running.get(timer_id):
                yield _row(number, "timer", timer_id, "differs from the re-executed process")

    # -- rows ----------------------------------------------------------------------------------------------------

    def _rows(self, dossier: Dossier, events: tuple[Event, ...]) -> Iterator[Finding]:
        """What the journal tells of the dossier's columns, money, result and readings, against the rows."""
        number = dossier.number
        yield from _compare(number, dossier, _folded(events, "DossierChanged"))
        filed = events[0].content() if events else {}
        same = {"tracking": "tracking", "competent_unit": "competent_unit", "applicant": "applicant"}
        for column, key in {**same, "procedure": "procedure", "digest": "digest"}.items():
            if filed.get(key) != getattr(dossier, column):
                yield _row(number, "dossier", number, f"{column} differs from the journal")
        yield from self._money(number, events)
        told = next((event.content() for event in events if event.kind == "ResultSigned"), None)
        result = self.uow.results.of(number)
        if (result is None) != (told is None):
            yield _row(number, "result", number, "is missing, or was never signed")
        elif result is not None and told is not None:
            for key, value in (("number", result.number), ("digest", result.digest), ("code", result.verify_code)):
                if told[key] != value:
                    yield _row(number, "result", number, f"{key} differs from the journal")
        read = {entry["document"]: entry for event in events if event.kind == "PapersRead"
                for entry in event.content()["readings"]}  # fmt: skip
        for reading in self.uow.documents.readings(number):
            first = read.get(reading.document)
            if first is None or first["text"] != reading.text or first["fields"] != reading.fields:
                yield _row(number, "extraction", reading.document, "differs from what was read")

    def _money(self, number: str, events: tuple[Event, ...]) -> Iterator[Finding]:
        demanded = {body["charge"]: body for body in _bodies(events, "ChargeDemanded")}
        paid = {(body["gateway"], body["transaction"]): body for body in _bodies(events, "PaymentRecorded")}
        receipts = {body["number"]: body for body in _bodies(events, "ReceiptIssued")}
        charges = {charge.id: charge for charge in self.uow.money.charges(number)}
        for charge_id in sorted(charges.keys() | demanded.keys()):
            charge, told = charges.get(charge_id), demanded.get(charge_id)
            if charge is None or told is None:
                yield _row(number, "charge", charge_id, "is missing, or was never demanded")
            elif (charge.amount, charge.account, charge.bank) != (told["amount"], told["account"], told["bank"]):
                yield _row(number, "charge", charge_id, "differs from what was demanded")
            for payment in self.uow.money.payments(charge_id):
                body = paid.pop((payment.gateway, payment.transaction_no), None)
                if body is None or body["amount"] != payment.amount or body["outcome"] != payment.outcome:
                    yield _row(number, "payment", payment.transaction_no, "differs from the journal")
        for gateway, transaction in paid:
            yield _row(number, "payment", f"{gateway}:{transaction}", "is missing")
        for receipt in self.uow.money.receipts(number):
            body = receipts.pop(receipt.number, None)
            if body is None or body["amount"] != receipt.amount or body["charge"] != receipt.charge:
                yield _row(number, "receipt", receipt.number, "differs from the journal")
        for missing in receipts:
            yield _row(number, "receipt", missing, "is missing")


class Replay:
    """Executes a journal again, event by event."""

    def __init__(self, definition: bpmn.Definition) -> None:
        self.definition = definition
        self.instance: bpmn.Instance | None = None

    def apply(self, event: Event) -> str:
        """Do what the event tells; why its record does not fit, or ''."""
        body = event.content()
        if event.kind == "DossierFiled":
            self.instance = bpmn.Instance.start(self.definition, body["variables"], now=event.at, seed=event.dossier)
        elif self.instance is None:
            return "comes before the filing"
        elif event.kind == "TaskCompleted":
            self.instance.complete(event.task, body["data"], now=event.at)
        elif event.kind == "ServiceAnswered":
            self.instance.answer(event.task, body["result"], now=event.at)
        elif event.kind == "ServiceRefused":
            self.instance.fail(event.task, body["error"], body["message"], now=event.at)
        elif event.kind == "ProcessCancelled":
            self.instance.cancel(now=event.at)
        elif event.kind == "TimerFired":
            self.instance.advance(datetime.fromisoformat(body["until"]))
        steps = [[step.element, step.event, step.at.isoformat()] for step in self.instance.drain()]
        if steps != body.get("steps", []):
            return "the process takes another path when it is executed again"
        if "state" in body and body["state"] != self.instance.fingerprint():
            return "the process comes to another state when it is executed again"
        return ""


def _told_documents(events: tuple[Event, ...]) -> dict[str, str]:
    told: dict[str, str] = {}
    for event in events:
        body = event.content()
        if event.kind == "DossierFiled":
            told.update({entry["id"]: entry["digest"] for entry in body["documents"]})
        elif event.kind == "DocumentStored":
            told[body["id"]] = body["digest"]
    return told


def _bodies(events: tuple[Event, ...], kind: str) -> list[dict[str, Any]]:
    return [event.content() for event in events if event.kind == kind]


def _folded(events: tuple[Event, ...], kind: str) -> dict[str, Any]:
    folded: dict[str, Any] = {}
    for body in _bodies(events, kind):
        folded.update({name: value for name, value in body.items() if name != "state"})
    return folded


def _compare(number: str, dossier: Dossier, told: Mapping[str, Any]) -> Iterator[Finding]:
    for name, value in told.items():
        found = getattr(dossier, name)
        plain = found.isoformat() if isinstance(found, datetime) else getattr(found, "value", found)
        if plain != value:
            yield _row(number, "dossier", number, f"{name} differs from the journal")


def _row(number: str, table: str, key: str, what: str) -> Finding:
    return Finding(dossier=number, place=f"row {table} {key}", what=what)
