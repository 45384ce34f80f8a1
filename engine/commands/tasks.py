"""What an official (or the applicant) does with a user task: claim, release, complete."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine import bpmn
from engine.commands import alerts
from engine.commands.context import Context
from engine.commands.intake import ApplicationInvalid, may_work_on, papers
from engine.commands.operations import settle
from engine.commands.work import Work
from engine.errors import Conflict, DomainError, Forbidden, StaleRevision, TaskAlreadyCompleted, Text
from engine.forms import Form, check_locked, fill_locked, paper_files, prefill, validate
from engine.model.permission import APPLICANT, DESK
from engine.store.records import Document, Task


class TaskTaken(Conflict):
    """{by} has this task. Ask them, or wait until they release it."""

    code = "task-taken"
    vi = "{by} đang giữ việc này. Hãy trao đổi với người đó hoặc chờ họ trả lại."


class SamePerson(DomainError):
    """Who prepared a decision may not sign it: {name} did the step {step} (one-stop rules, I15)."""

    code = "same-person"
    vi = "Người soạn không được ký: {name} đã làm bước {step}."


class DelegationOpen(DomainError):
    """This task was delegated by {owner}; say what was found and give it back, its owner decides."""

    code = "delegation-open"
    vi = "Việc này do {owner} ủy thác; hãy ghi kết quả và trả lại, người ủy thác sẽ quyết định."


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTask:
    """Take an open task of one's role and unit."""

    task: str
    revision: int | None = None


def claim_task(context: Context, command: ClaimTask) -> dict[str, Any]:
    """The dossier's number and the task's new revision."""
    task = open_task(context, command.task, command.revision)
    if task.assignee == context.actor.login:
        return {"number": task.dossier, "task": task.id, "revision": task.revision}
    if task.assignee and not context.actor.stands_in_for(task.assignee, task.role, task.unit):
        raise TaskTaken(by=task.claimed_by)
    if not context.actor.holds(task.role, task.unit):
        raise Forbidden(
            why=Text(
                vi=f"việc của vai trò {task.role} tại {task.unit}", en=f"needs the role {task.role} in {task.unit}"
            )
        )
    _assign(in_post(context, task), task, context.actor.login, "TaskClaimed")
    return {"number": task.dossier, "task": task.id, "revision": task.revision + 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTask:
    """Give a claimed task back to its group."""

    task: str
    revision: int | None = None


def release_task(context: Context, command: ReleaseTask) -> dict[str, Any]:
    """The dossier's number and the task's new revision."""
    task = open_task(context, command.task, command.revision)
    if task.assignee != context.actor.login or task.role == APPLICANT:
        raise Forbidden(why=Text(vi="chỉ người đang giữ việc được trả lại", en="only its holder may release a task"))
    if task.owner:
        raise DelegationOpen(owner=task.owner)
    _assign(context, task, "", "TaskReleased")
    return {"number": task.dossier, "task": task.id, "revision": task.revision + 1}


def _assign(context: Context, task: Task, assignee: str, kind: str) -> None:
    by = context.actor.name if assignee else ""
    context.uow.tasks.assign(task, assignee, by)
    work = Work.open(context, context.uow.dossiers.get(task.dossier))
    work.tell(kind, {"assignee": assignee, "name": by}, node=task.node, task=task.id)
    work.write()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteTask:
    """Complete a task with the data of its form."""

    task: str
    data: dict[str, Any]
    revision: int | None = None  #: of the task as it was shown
    late_reason: str = ""  #: why the dossier is late, needed once after its due moment has passed


def complete_task(context: Context, command: CompleteTask) -> dict[str, Any]:
    """The dossier's number. ``ApplicationInvalid`` tells every mistake; ``LatenessUnexplained`` asks why it is late."""
    task = open_task(context, command.task, command.revision)
    if not may_do(context, task):
        if task.assignee and task.assignee != context.actor.login:
            raise TaskTaken(by=task.claimed_by or task.assignee)
        raise Forbidden(
            why=Text(
                vi=f"việc của vai trò {task.role} tại {task.unit}", en=f"needs the role {task.role} in {task.unit}"
            )
        )
    if task.owner:
        raise DelegationOpen(owner=task.owner)
    context = in_post(context, task)
    dossier = context.uow.dossiers.get(task.dossier)
    work = Work.open(context, dossier)
    _separation_of_duties(context, work, task)
    data = _checked(work, task, command.data)
    if task.role != APPLICANT:
        alerts.account_for(work, command.late_reason)
    actor = context.actor
    signature = {"by": actor.login, "by_name": actor.name, "at": context.now.isoformat()}
    if actor.on_behalf_of:
        signature["on_behalf_of"] = actor.on_behalf_of
    work.complete(task.id, data | signature, node=task.node)
    settle(work)
    return {"number": dossier.number, "task": task.id}


def _checked(work: Work, task: Task, data: dict[str, Any]) -> dict[str, Any]:
    if not task.form:
        return {}
    form = work.procedure.form(task.form)
    documents = {document.id: document for document in work.context.uow.documents.of(task.dossier)}
    source = task_source(form, work.instance, task.id, today=work.context.now.date())
    forged = check_locked(form, data, source)
    data = fill_locked(form, data, source)
    errors = validate(form, data, today=work.context.now.date(), files=set(documents))
    errors = (*forged, *errors)
    if errors:
        raise ApplicationInvalid(errors=errors)
    used: list[Document] = [documents[paper.file] for paper in paper_files(form, data)]
    return data | ({"papers": papers(form, data, used)} if used else {})


def task_source(form: Form, instance: bpmn.Instance, task: str, *, today: date) -> dict[str, Any]:
    """The values a task's form takes from the inputs of its step: locked where the form says so, else proposed."""
    inputs = next((dict(found.inputs) for found in instance.open_tasks() if found.id == task), {})
    return prefill(form, inputs, today=today)


def _separation_of_duties(context: Context, work: Work, task: Task) -> None:
    """Neither the person nor whom the person stands in for has done one of the steps that must be somebody else's."""
    element = work.procedure.definition.elements[task.node]
    others = element.attributes.get("differentFrom", "").split()
    if not others:
        return
    actor = context.actor
    here = {actor.login, actor.on_behalf_of} - {""}
    for event in context.uow.journal.of(task.dossier):
        if event.kind == "TaskCompleted" and event.node in others and here & {event.actor, event.on_behalf_of}:
            raise SamePerson(name=actor.name, step=work.procedure.element_name(event.node).vi)


def may_do(context: Context, task: Task) -> bool:
    """Whether the actor may complete the task: as its role, or at the desk for the applicant who came there."""
    if may_work_on(context, task.assignee, task.role, task.unit):
        return True
    return task.role == APPLICANT and serves(context, task)


def serves(context: Context, task: Task) -> bool:
    """Whether the actor is the desk at which the applicant filed, and so writes down what the applicant brings."""
    dossier = context.uow.dossiers.get(task.dossier)
    return dossier.channel == "desk" and context.actor.holds(DESK, dossier.receiving_unit)


def in_post(context: Context, task: Task) -> Context:
    """The same with the actor in the post that entitles to the task: substitutes and the desk act on behalf."""
    actor = context.actor
    if task.role != APPLICANT:
        return replace(context, actor=actor.acting(task.role, task.unit, holder=task.assignee))
    if task.assignee == actor.login:
        return context
    dossier = context.uow.dossiers.get(task.dossier)
    return replace(context, actor=replace(actor, on_behalf_of=dossier.applicant or dossier.holder_name))


def open_task(context: Context, task_id: str, revision: int | None) -> Task:
    """The open task, its dossier held; ``TaskAlreadyCompleted`` or ``StaleRevision`` otherwise."""
    # The dossier is locked first: from there on nobody else changes its tasks.
    task: Task
    _, task = context.uow.together(lambda uow: uow.dossiers.of_task(task_id), lambda uow: uow.tasks.get(task_id))
    if task.state == "completed":
        raise TaskAlreadyCompleted(by=task.completed_by, at=f"{task.completed_at:%H:%M %d/%m/%Y}")
    if task.state != "open" or (revision is not None and revision != task.revision):
        raise StaleRevision(what=Text(vi=f"việc “{task.name}”", en=f"the task “{task.name}”"))
    return task
