"""The action panel: what this person may do now, and why the rest is not possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import ngettext

from engine import bpmn
from engine.commands.tasks import task_source
from engine.forms import Form
from engine.model.permission import APPLICANT, DESK, Actor
from engine.model.status import Business, Delivery
from engine.procedures import Procedure
from engine.queries.dossier_page import DossierWork
from engine.store.records import OutboxRow, Task
from engine.store.unit_of_work import UnitOfWork
from webapp import web
from webapp.standing import role_name, waiting_words
from webapp.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An open task of the dossier as this person sees it. ``may`` is work, claim or nothing; ``why`` says why not."""

    task: Task
    name: str
    who: str  #: the role and unit whose work it is
    may: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """Something that connectors do now or wait for."""

    name: str
    signing: bool
    waiting: str  #: why it has to wait, empty while it simply runs
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The panel of one page."""

    jobs: tuple[Job, ...]
    underway: tuple[Underway, ...]
    waiting: str
    closed: bool
    hand_over: bool  #: the desk may hand the result over now

    @property
    def busy(self) -> bool:
        """Whether the page will change by itself soon."""
        return bool(self.underway)

    @property
    def mine(self) -> Job | None:
        """The task that this person works on."""
        return next((job for job in self.jobs if job.may == "work"), None)


def panel(uow: UnitOfWork, page: DossierWork, procedure: Procedure, person: Actor) -> Panel:
    """What can be done to the dossier now."""
    dossier = page.dossier
    issued = dossier.business is Business.RESULT_ISSUED and dossier.delivery is not Delivery.DELIVERED
    return Panel(
        jobs=tuple(_job(uow, page, procedure, person, task) for task in page.open_tasks),
        underway=tuple(_underway(procedure, row) for row in page.under_way if row.topic != "payment.await"),
        waiting=waiting_words(dossier.business, dossier.finance, dossier.waiting_for),
        closed=dossier.business.closed,
        hand_over=issued and person.holds(DESK, dossier.receiving_unit),
    )


def _job(uow: UnitOfWork, page: DossierWork, procedure: Procedure, person: Actor, task: Task) -> Job:
    name = procedure.element_name(task.node).in_(web.language())
    if task.role == APPLICANT:
        who = _("Người nộp: %(name)s", name=page.dossier.applicant_name)
        return Job(task=task, name=name, who=who, why=_("Đang chờ người nộp trả lời."))
    unit = uow.organisation.unit(task.unit, web.product().clock.now()).short_name
    job = Job(task=task, name=name, who=f"{role_name(task.role)}, {unit}")
    may = allowed(page, procedure, task, person)
    if may:
        return _with(job, may=may)
    if task.assignee and not person.stands_in_for(task.assignee, task.role, task.unit):
        why = _("%(name)s đang giữ việc này. Muốn làm thay, hãy nhờ người đó trả lại.", name=task.claimed_by)
        return _with(job, why=why)
    before = _done_by(page, procedure, task, person)
    if before is None or not person.holds(task.role, task.unit):
        holders = uow.organisation.holders(task.unit, task.role, web.product().clock.now())
        names = ", ".join(holder.name for holder in holders) or _("chưa có ai giữ vai trò này")
        return _with(job, why=_("Chưa ai nhận. Người có thể nhận: %(names)s.", names=names))
    step = procedure.element_name(before.node).in_(web.language())
    return _with(
        job,
        why=_("Bạn đã làm bước “%(step)s” nên không được ký: người soạn và người ký phải là hai người.", step=step),
    )


def allowed(page: DossierWork, procedure: Procedure, task: Task, person: Actor) -> str:
    """What this person may do with an open task now: ``work``, ``claim`` or nothing."""
    if task.role == APPLICANT:
        return ""
    if task.assignee == person.login:
        return "work"
    if task.assignee and not person.stands_in_for(task.assignee, task.role, task.unit):
        return ""
    if not person.holds(task.role, task.unit) or _done_by(page, procedure, task, person) is not None:
        return ""
    return "claim"


def is_signing(page: DossierWork) -> bool:
    """Whether a result is being signed."""
    return any(row.topic == "result.sign" for row in page.under_way)


def _with(job: Job, *, may: str = "", why: str = "") -> Job:
    return Job(task=job.task, name=job.name, who=job.who, may=may, why=why)


def _done_by(page: DossierWork, procedure: Procedure, task: Task, person: Actor) -> Task | None:
    """The step whose doer may not do ``task``, if this person did it (I15)."""
    element = procedure.definition.elements.get(task.node)
    others = (element.attributes.get("differentFrom", "") if element else "").split()
    done = (found for found in page.tasks if found.node in others and found.state == "completed")
    return next((found for found in done if found.completed_by == person.name), None)


def _underway(procedure: Procedure, row: OutboxRow) -> Underway:
    return Underway(
        name=procedure.element_name(str(row.payload.get("element", ""))).in_(web.language()),
        signing=row.topic == "result.sign",
        waiting=row.error,
        attempts=row.attempts,
    )


def opened(
    page: DossierWork, procedure: Procedure, task: Task
) -> tuple[Form, dict[str, Any], Mapping[str, Any]] | None:
    """The form of an open task, the values it takes from its step, and the step's inputs; None without a form."""
    if not task.form:
        return None
    now = web.product().clock.now()
    instance = bpmn.Instance.load(procedure.definition, page.dossier.state, now=now)
    form = procedure.form(task.form)
    found = next((waiting for waiting in instance.open_tasks() if waiting.id == task.id), None)
    inputs: Mapping[str, Any] = {} if found is None else {**found.data, **found.inputs}
    return form, task_source(form, instance, task.id, today=now.date()), inputs


def summary_line(count: int, to_check: int) -> str:
    """How much of a paper needs a look."""
    parts = []
    if count:
        parts.append(ngettext("%(num)d chỗ lệch", "%(num)d chỗ lệch", count))
    if to_check:
        parts.append(ngettext("%(num)d chỗ cần xem", "%(num)d chỗ cần xem", to_check))
    return ", ".join(parts) or _("Khớp hết")
