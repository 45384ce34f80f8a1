"""Who does a task: given by the unit's leader, handed to a colleague for a while, looked at again on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.commands import notices
from engine.commands.context import Context
from engine.commands.operations import ReasonMissing
from engine.commands.tasks import open_task
from engine.commands.work import Work
from engine.errors import DomainError, Forbidden, InvalidInput, Text
from engine.model.permission import APPLICANT, LEADER, Actor
from engine.store.organisation import Holder
from engine.store.records import Task


class NotOfTheRole(DomainError):
    """{name} does not hold the role {role} in {unit}, so the task cannot go there (roles of the procedure, I15)."""

    code = "not-of-the-role"
    vi = "{name} không giữ vai trò {role} tại {unit} nên không nhận được việc này (vai trò theo quy trình)."


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTask:
    """The unit's leader gives a task to somebody of its role; taking it from somebody needs a reason."""

    task: str
    to: str  #: login
    reason: str = ""
    revision: int | None = None


def assign_task(context: Context, command: AssignTask) -> dict[str, Any]:
    """The task's new revision."""
    task = open_task(context, command.task, command.revision)
    if task.role == APPLICANT or not context.actor.holds(LEADER, task.unit):
        raise Forbidden(why=Text(vi=f"việc của lãnh đạo {task.unit}", en=f"the work of a leader of {task.unit}"))
    if task.assignee == command.to:
        return {"task": task.id, "dossier": task.dossier, "revision": task.revision}
    taken = bool(task.assignee)
    if taken and not command.reason.strip():
        raise ReasonMissing(what=Text(vi="chuyển việc đang có người giữ", en="taking a task from its holder"))
    to = _colleague(context, task, command.to)
    body = {"assignee": to.login, "from": task.assignee, "reason": command.reason.strip()}
    work = _give(context, task, to, ("TaskTransferred" if taken else "TaskAssigned", body), role=LEADER)
    context.uow.tasks.own(task.id, "")
    _tell(work, to, task, command.reason.strip())
    return {"task": task.id, "dossier": task.dossier, "revision": task.revision + 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegateTask:
    """The holder lets a colleague of the same role work on it; the task comes back when that is done."""

    task: str
    to: str
    note: str
    revision: int | None = None


def delegate_task(context: Context, command: DelegateTask) -> dict[str, Any]:
    """The task's new revision."""
    task = open_task(context, command.task, command.revision)
    _held(context, task)
    if task.owner:
        raise Forbidden(why=Text(vi="việc này đã được ủy thác một lần", en="it was delegated once already"))
    to = _colleague(context, task, command.to)
    if to.login == task.assignee:
        raise InvalidInput(what="to", why=Text(vi="đang giữ việc này rồi", en="holds it already"))
    owner = task.assignee
    body = {"assignee": to.login, "owner": owner, "note": command.note.strip()[:2000]}
    work = _give(context, task, to, ("TaskDelegated", body), role=task.role)
    context.uow.tasks.own(task.id, owner)
    _tell(work, to, task, command.note.strip())
    return {"task": task.id, "dossier": task.dossier, "revision": task.revision + 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveTask:
    """The delegate is done: the task goes back to its owner, who decides."""

    task: str
    note: str
    revision: int | None = None


def resolve_task(context: Context, command: ResolveTask) -> dict[str, Any]:
    """The task's new revision."""
    task = open_task(context, command.task, command.revision)
    _held(context, task)
    if not task.owner:
        raise InvalidInput(what=task.name, why=Text(vi="việc này không được ủy thác", en="it was not delegated"))
    owner = context.uow.organisation.account(task.owner)
    assert owner is not None
    to = Holder(login=owner.login, name=owner.name, email=owner.email)
    note = command.note.strip()[:2000]
    work = _give(context, task, to, ("TaskResolved", {"assignee": to.login, "note": note}), role=task.role)
    context.uow.tasks.own(task.id, "")
    context.uow.tasks.note(task.id, note)
    _tell(work, to, task, note)
    return {"task": task.id, "dossier": task.dossier, "revision": task.revision + 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFollowUp:
    """The holder wants to look at a task again at a moment; it changes no due moment."""

    task: str
    at: datetime | None


def set_follow_up(context: Context, command: SetFollowUp) -> dict[str, Any]:
    """The task's id."""
    task = open_task(context, command.task, None)
    _held(context, task)
    if command.at is not None and command.at <= context.now:
        raise InvalidInput(what="at", why=Text(vi="ngày xem lại phải ở phía trước", en="a follow-up lies ahead"))
    body = {"at": command.at.isoformat() if command.at else None}
    _record(context, task, "FollowUpSet", body, role=task.role)
    context.uow.tasks.follow_up(task.id, command.at)
    return {"task": task.id, "dossier": task.dossier}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPriority:
    """The unit's leader orders work: 0 can wait, 50 is usual, 100 comes first."""

    task: str
    priority: int


def set_priority(context: Context, command: SetPriority) -> dict[str, Any]:
    """The task's id."""
    task = open_task(context, command.task, None)
    if task.role == APPLICANT or not context.actor.holds(LEADER, task.unit):
        raise Forbidden(why=Text(vi=f"việc của lãnh đạo {task.unit}", en=f"the work of a leader of {task.unit}"))
    if not 0 <= command.priority <= 100:
        raise InvalidInput(what="priority", why="0–100")
    _record(context, task, "TaskPrioritised", {"priority": command.priority, "from": task.priority}, role=LEADER)
    context.uow.tasks.prioritise(task.id, command.priority)
    return {"task": task.id, "dossier": task.dossier}


def _held(context: Context, task: Task) -> None:
    actor = context.actor
    own = task.assignee == actor.login or actor.stands_in_for(task.assignee, task.role, task.unit)
    if not task.assignee or not own or task.role == APPLICANT:
        raise Forbidden(why=Text(vi="chỉ người đang giữ việc mới làm được", en="only its holder may do this"))


def _colleague(context: Context, task: Task, login: str) -> Actor:
    """The person of ``login`` with the posts held now, as a substitute too; ``NotOfTheRole`` without the role."""
    person = context.uow.organisation.actor(login, context.now)
    if person is None or not person.holds(task.role, task.unit):
        raise NotOfTheRole(name=person.name if person else login, role=task.role, unit=task.unit)
    return person


def _give(context: Context, task: Task, to: Actor | Holder, fact: tuple[str, dict[str, Any]], *, role: str) -> Work:
    context.uow.tasks.assign(task, to.login, to.name)
    kind, body = fact
    return _record(context, task, kind, body | {"name": to.name}, role=role)


def _record(context: Context, task: Task, kind: str, body: dict[str, Any], *, role: str) -> Work:
    work = Work.open(context, context.uow.dossiers.get(task.dossier))
    work.acting(role, task.unit, holder="" if role == LEADER else task.assignee)
    work.tell(kind, body, node=task.node, task=task.id)
    work.write()
    return work


def _tell(work: Work, to: Actor | Holder, task: Task, note: str) -> None:
    by = work.context.actor.name
    said = f": {note}" if note else ""
    notices.tell_officials(
        work.context,
        work.dossier,
        (Holder(login=to.login, name=to.name, email=to.email),),
        Text(vi=f"Việc mới: {task.name}, hồ sơ {task.dossier}", en=f"New task: {task.name}, dossier {task.dossier}"),
        Text(vi=f"{by} giao việc “{task.name}” cho bạn{said}.", en=f"{by} gave you the task “{task.name}”{said}."),
    )
