"""One dossier being worked on in one transaction: the process instance moves, the journal and all rows follow.

Every change goes through ``Work``, so that state, history, inbox, timers and outbox can never disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine import bpmn
from engine.commands import notices
from engine.commands.context import Context
from engine.definitions.operations import CATALOGUE, Operation
from engine.errors import DomainError, Text
from engine.model.queue import topic
from engine.procedures import Procedure
from engine.store.journal import Fact, Head
from engine.store.records import Dossier, OutboxRow
from engine.work_rows import errand, plain, row_told, task_row, timer_row
from engine.working_time import WorkingTime

#: What a dossier's standing is told by.
_STANDING = frozenset({"business", "finance", "delivery"})
#: Columns of a dossier that its filing does not tell: the chain's own, and what ``variables`` hold already.
_MOVING = ("number", "revision", "state", "seq", "head", "data")


class ClosedWithoutResult(DomainError):
    """Dossier {number} would end without a signed result, though it was not refused, stopped or withdrawn."""

    code = "closed-without-result"
    vi = "Quy trình kết thúc khi hồ sơ {number} chưa có kết quả đã ký và cũng không bị từ chối, dừng hay rút."


class OperationRefused(DomainError):
    """{why}"""

    code = "operation-refused"
    vi = "{why_vi}"

    def __init__(self, *, error: str, why: Text) -> None:
        self.error = error  #: BPMN error code for the diagram's boundary event
        super().__init__(why=why.en, why_vi=why.vi)


class Work:
    """A dossier, its process instance and what this command changes of them."""

    def __init__(
        self,
        context: Context,
        dossier: Dossier,
        procedure: Procedure,
        instance: bpmn.Instance,
        time: WorkingTime | None = None,
    ) -> None:
        self.context = context
        self.dossier = dossier
        self.procedure = procedure
        self.instance = instance
        self._time = time  #: what the instance's functions count with
        self._was = dossier
        self._revision = dossier.revision
        self._facts: list[Fact] = []
        self._changed: dict[str, Any] = {}
        self._before = instance.open_elements()
        self._timers_before = {timer.task_id: timer for timer in instance.timers()}
        self._completed: set[str] = set()
        self._answered: set[str] = set()
        self._note = ""

    @classmethod
    def open(cls, context: Context, dossier: Dossier) -> Work:
        """Load the instance of a stored dossier."""
        procedure = context.library.get(context.uow, dossier.digest)
        time = context.working_time()
        instance = bpmn.Instance.load(procedure.definition, dossier.state, now=context.now, functions=time.functions)
        return cls(context, dossier, procedure, instance, time)

    def acting(self, role: str, unit: str, *, holder: str = "") -> Work:
        """This work, done in the post that entitles the actor: a substitute's events name both persons."""
        self.context = replace(self.context, actor=self.context.actor.acting(role, unit, holder=holder))
        return self

    # -- facts ---------------------------------------------------------------------------------------------------

    def tell(self, kind: str, body: dict[str, Any], *, node: str = "", task: str = "") -> None:
        """Add a fact to the dossier's history."""
        self._facts.append(Fact(kind=kind, body=body, node=node, task=task))

    def change(self, **fields: Any) -> None:
        """Change columns of the dossier; the difference becomes a ``DossierChanged`` fact."""
        different = {name: value for name, value in fields.items() if getattr(self.dossier, name) != value}
        if different:
            self.dossier = replace(self.dossier, **different)
            self._changed.update(different)
            self.tell("DossierChanged", {name: plain(value) for name, value in different.items()})

    def note_next(self, note: str) -> None:
        """Show ``note`` at the tasks that open next: why the work is back."""
        self._note = note

    # -- driving the process -------------------------------------------------------------------------------------

    def started(self, body: dict[str, Any]) -> None:
        """Tell the first fact of the chain after ``Instance.start``."""
        self._drive("DossierFiled", body | {"columns": row_told(self.dossier, *_MOVING)})
        self._before = {}
        self._timers_before = {}

    def complete(self, task_id: str, data: dict[str, Any], *, node: str) -> None:
        """Complete a user task with the official's (or the citizen's) data."""
        self.instance.complete(task_id, data, now=self.context.now)
        self._completed.add(task_id)
        self._drive("TaskCompleted", {"data": data}, node=node, task=task_id)

    def answer(self, task: bpmn.OpenTask, result: dict[str, Any]) -> None:
        """Give a waiting service task its result."""
        self.instance.answer(task.id, result, now=self.context.now)
        self._answered.add(task.id)
        body = {"operation": task.attributes.get("operation", ""), "result": result}
        self._drive("ServiceAnswered", body, node=task.element, task=task.id)

    def fail(self, task: bpmn.OpenTask, error: str, message: str) -> None:
        """Give a waiting service task a business error; the diagram must catch it."""
        self.instance.fail(task.id, error, message, now=self.context.now)
        self._answered.add(task.id)
        body = {"operation": task.attributes.get("operation", ""), "error": error, "message": message}
        self._drive("ServiceRefused", body, node=task.element, task=task.id)

    def cancel(self, reason: str) -> None:
        """End the process from outside (rút, dừng): every open task, timer and delivery of the dossier ends with it."""
        self.instance.cancel(now=self.context.now)
        self._drive("ProcessCancelled", {"reason": reason})

    def advance(self, moment: datetime) -> None:
        """Let every timer up to ``moment`` fire."""
        self.instance.advance(moment)
        self._drive("TimerFired", {"until": moment.isoformat()})

    def _drive(self, kind: str, body: dict[str, Any], *, node: str = "", task: str = "") -> None:
        steps = self.instance.drain()
        changes: dict[str, Any] = {}
        for step in steps:
            changes.update(step.changed)
        body = body | {"steps": [[step.element, step.event, step.at.isoformat()] for step in steps]}
        if changes:
            body["changes"] = changes
        self.tell(kind, body | self.counted_by(), node=node, task=task)

    def counted_by(self) -> dict[str, str]:
        """The calendar on which the last movement may depend, kept on file; nothing when no term was counted."""
        time = self._time
        if time is None or not time.used:
            return {}
        time.used = False
        self.context.uow.calendars.keep(time.calendar, self.context.now)
        return {"calendar": time.calendar.digest}

    # -- coming to rest ------------------------------------------------------------------------------------------

    def inside_task(self) -> bpmn.OpenTask | None:
        """The first service task whose operation runs in this transaction, None when the process is at rest."""
        for task_id, (kind, element) in self.instance.open_elements().items():
            operation = self._operation(element)
            if kind == "service" and operation is not None and operation.mode == "inside":
                return self.instance.open_task(task_id)
        return None

    def _operation(self, element: str) -> Operation | None:
        return CATALOGUE.get(self.procedure.definition.elements[element].attributes.get("operation", ""))

    def write(self) -> Dossier:
        """Write state, journal, inbox, outbox and timers; the stored dossier. A process never ends open.

        When nothing was told nothing has happened, and nothing is written.
        """
        if not self._facts:
            return self.dossier
        if self.instance.completed and not self.dossier.business.closed:
            raise ClosedWithoutResult(number=self.dossier.number)
        uow, now = self.context.uow, self.context.now
        open_now = self.instance.open_elements()
        opened = {task_id: self.instance.look_at(task_id) for task_id in open_now if task_id not in self._before}
        self._write_tasks(open_now, opened)
        self._write_outbox(open_now, opened)
        self._write_timers()
        state, self._facts[-1].body["state"] = self.instance.snapshot()
        new = self._revision == 0
        head = Head(dossier=self.dossier.number, seq=self.dossier.seq, hash=self.dossier.head)
        if new:
            uow.dossiers.add(self.dossier)
        head = uow.journal.append(head, self._facts, actor=self.context.actor, at=now)
        self.dossier = replace(self.dossier, state=state, seq=head.seq, head=head.hash, revision=self._revision + 1)
        self.dossier = uow.dossiers.save(self.dossier, revision=self._revision, columns=self._changed)
        if self._changed.keys() & {"due_at", "lateness"}:
            uow.tasks.set_due(self.dossier.number, self.dossier.due_at, self.dossier.lateness)
        if not new and not _STANDING.isdisjoint(self._changed):
            others = any(kind == "user" and task in open_now for task, (kind, _) in self._before.items())
            notices.status_changed(self.context, self._was, self.dossier, others=others)
        return self.dossier

    def _write_tasks(self, open_now: Collection[str], opened: Mapping[str, bpmn.OpenTask]) -> None:
        tasks, actor, now = self.context.uow.tasks, self.context.actor, self.context.now
        for task_id, (kind, _) in self._before.items():
            if kind != "user" or task_id in open_now:
                continue
            state = "completed" if task_id in self._completed else "cancelled"
            tasks.close(task_id, state, at=now, by=actor.name if state == "completed" else "")
        rows = [task_row(task, self.dossier, self._note, now) for task in opened.values() if task.kind == "user"]
        for row in rows:
            if row.unit and "unit" in opened[row.id].attributes:  # one that is not there is refused: no task is lost
                self.context.uow.organisation.unit(row.unit, now)
        tasks.add(rows)
        elsewhere = {row.unit for row in rows} - {"", self.dossier.competent_unit, self.dossier.receiving_unit}
        if elsewhere:
            self.context.uow.dossiers.concern(self.dossier, sorted(elsewhere))

    def _write_outbox(self, open_now: Collection[str], opened: Mapping[str, bpmn.OpenTask]) -> None:
        outbox, now = self.context.uow.outbox, self.context.now
        for task_id, (kind, _) in self._before.items():
            if kind == "service" and task_id not in open_now and task_id not in self._answered:
                outbox.cancel(self.dossier.number, task_id)
        rows = []
        for task in opened.values():
            operation = self._operation(task.element)
            if task.kind != "service" or operation is None or operation.mode != "outside":
                continue
            rows.append(
                OutboxRow(
                    id=task.id,
                    dossier=self.dossier.number,
                    topic=operation.id,
                    task=task.id,
                    payload=errand(self.procedure.definition, task),
                    state="waiting",
                    attempts=0,
                    priority=topic(operation.id).priority,
                    due_at=now,
                    lease_until=None,
                    lease_owner="",
                    error="",
                    note="",
                    created_at=now,
                    done_at=None,
                )
            )
        outbox.add(rows)

    def _write_timers(self) -> None:
        timers = self.context.uow.timers
        after = {timer.task_id: timer for timer in self.instance.timers()}
        for task_id in self._timers_before.keys() - after.keys():
            timers.close(task_id, "cancelled")
        timers.put(
            timer_row(self.dossier.number, timer)
            for timer in after.values()
            if timer != self._timers_before.get(timer.task_id)
        )
