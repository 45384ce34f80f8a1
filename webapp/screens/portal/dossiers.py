"""A citizen's own dossiers: the list, one dossier with what happens and what to do, and tasks of the applicant's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as BaseResponse

from engine import bpmn
from engine.commands.intake import ApplicationInvalid
from engine.commands.tasks import CompleteTask, task_source
from engine.errors import Forbidden, NotFound, TaskAlreadyCompleted
from engine.forms import FieldError, Form, initial, layout, read_post, summary
from engine.procedures import Procedure
from engine.queries.applications import applications_of, drafts_of
from engine.store.moments import stored
from engine.store.records import Document, Dossier, Task
from webapp import web
from webapp.acts_allowed import acts_of
from webapp.eforms import page_title, render_errors, render_form, render_summary
from webapp.letter_words import letter_title
from webapp.progress import progress
from webapp.screens.portal import uploads
from webapp.screens.portal.blueprint import screen
from webapp.screens.portal.telling import timeline
from webapp.words import gettext as _

PAGE = 25


@screen.get("/my")
@web.needs_sign_in
def dossiers() -> str:
    """Drafts and dossiers, newest first, each with its status and what to do next."""
    login, after = web.signed_in().login, request.args.get("after", "")
    at, _sep, number = after.partition("-")
    before = (int(at), number) if at.isascii() and at.isdecimal() and len(at) < 19 else None
    with web.reading() as uow:
        drafts = drafts_of(uow.connection, login) if before is None else ()
        rows = applications_of(uow.connection, login, before=before, limit=PAGE + 1)
        names = {row.id: web.procedure(uow, row.digest).manifest.short_name for row in drafts}
        names |= {row.number: web.procedure(uow, row.digest).manifest.short_name for row in rows}
    shown = rows[:PAGE]
    following = f"{stored(shown[-1].filed_at)}-{shown[-1].number}" if len(rows) > PAGE else ""
    return render_template(
        "portal/dossiers.html",
        drafts=drafts,
        rows=[(row, progress(row.business, row.finance, row.delivery, row.lateness)) for row in shown],
        names=names,
        following=following,
    )


class Own:
    """A dossier of the signed-in person with all that its page shows."""

    def __init__(self, number: str) -> None:
        login, self.now = web.signed_in().login, web.product().clock.now()
        with web.reading() as uow:
            self.dossier: Dossier = uow.dossiers.get(number)
            if self.dossier.applicant != login:
                raise Forbidden(why=_("hồ sơ của người khác"))
            self.procedure: Procedure = web.procedure(uow, self.dossier.digest)
            self.unit = uow.organisation.unit(self.dossier.competent_unit, self.now)
            self.documents = web.own_documents(uow, self.dossier)
            self.charges, self.receipts = uow.money.charges(number), uow.money.receipts(number)
            self.refunds = uow.money.refunds(number)
            self.result = uow.results.of(number)
            self.messages = tuple(found for found in uow.messages.of(number) if found.recipient == login)
            self.events = uow.journal.of(number)
            self.tasks = tuple(task for task in uow.tasks.of(number) if task.state == "open" and task.assignee == login)

    @property
    def papers(self) -> tuple[Document, ...]:
        """What the citizen sent in."""
        return tuple(found for found in self.documents if found.kind == "paper")

    @staticmethod
    def title(document: Document) -> str:
        """What a paper made by the office is called."""
        return letter_title(document.name)

    @property
    def letters(self) -> tuple[Document, ...]:
        """What the office has made for the citizen."""
        return tuple(found for found in self.documents if found.kind not in {"paper", "result"})


@screen.get("/my/<number>")
@web.needs_sign_in
def dossier(number: str) -> str:
    """One dossier: where it stands, what to do next, what happened, and everything to download."""
    own = Own(number)
    record = own.dossier
    form = own.procedure.form(own.procedure.manifest.application_form)
    rows = summary(form, record.data, web.language(), files=uploads.shown(own.papers))
    return render_template(
        "portal/dossier.html",
        own=own,
        dossier=record,
        manifest=own.procedure.manifest,
        progress=progress(record.business, record.finance, record.delivery, record.lateness),
        acts=acts_of(record, web.signed_in(), web.product().clock.now()),
        filed=bool(request.args.get("filed")),
        due=[charge for charge in own.charges if charge.state == "due"],
        told=timeline(own.events, own.procedure),
        answers=render_summary(
            rows,
            language=web.language(),
            level=3,
            file_url=lambda file: url_for("portal.document", document_id=file, view=1),
        ),
    )


class Asked:
    """An open task of the applicant's, with its form."""

    def __init__(self, task_id: str) -> None:
        login, self.now = web.signed_in().login, web.product().clock.now()
        with web.reading() as uow:
            self.task: Task = uow.tasks.get(task_id)
            if self.task.assignee != login:
                raise Forbidden(why=_("việc này không phải của bạn"))
            if self.task.state == "completed":
                at = f"{self.task.completed_at:%H:%M %d/%m/%Y}" if self.task.completed_at else ""
                raise TaskAlreadyCompleted(by=self.task.completed_by, at=at)
            if self.task.state != "open" or not self.task.form:
                raise NotFound(what=_("việc đang mở"))
            self.dossier: Dossier = uow.dossiers.get(self.task.dossier)
            self.procedure: Procedure = web.procedure(uow, self.dossier.digest)
            self.form: Form = self.procedure.form(self.task.form)
            self.documents = web.own_documents(uow, self.dossier)
            instance = bpmn.Instance.load(self.procedure.definition, self.dossier.state, now=self.now)
            self.source = task_source(self.form, instance, task_id, today=self.now.date())


@screen.get("/my/tasks/<task_id>")
@web.needs_sign_in
def task(task_id: str) -> str:
    """What the office asks of the applicant: a supplement, a confirmation."""
    asked = Asked(task_id)
    return _task_page(asked, initial(asked.form, source=asked.source), ())


@screen.post("/my/tasks/<task_id>")
@web.needs_sign_in
def answer(task_id: str) -> BaseResponse | tuple[str, int]:
    """Send the answer; every mistake is named and nothing is lost."""
    asked = Asked(task_id)
    post = request.form.to_dict(flat=False)
    refused = uploads.receive(asked.form, post, request.files.to_dict(flat=False), task=task_id)
    asked = Asked(task_id)
    data = read_post(asked.form, post, source=asked.source, uploads={found.id for found in asked.documents})
    if request.form.get("act", "submit") != "submit":
        return _task_page(asked, data, refused), 422 if refused else 200
    if refused:
        return _task_page(asked, data, refused), 422
    try:
        web.execute(CompleteTask(task=task_id, data=data))
    except ApplicationInvalid as invalid:
        return _task_page(asked, data, invalid.errors), 422
    flash(_("Đã gửi. Cơ quan sẽ xem tiếp hồ sơ của bạn."), "success")
    return redirect(url_for("portal.dossier", number=asked.task.dossier))


def _task_page(asked: Asked, data: dict[str, Any], errors: tuple[FieldError, ...]) -> str:
    page = layout(
        asked.form,
        data,
        source=asked.source,
        errors=errors,
        language=web.language(),
        files=uploads.shown(asked.documents),
    )
    name = asked.procedure.element_name(asked.task.node).in_(web.language())
    return render_template(
        "portal/task.html",
        asked=asked,
        name=name,
        title=page_title(page, name),
        errors=render_errors(page),
        form=render_form(
            replace(page, errors=()),  # the summary stands above the heading
            action=url_for("portal.answer", task_id=asked.task.id),
            csrf_token=generate_csrf(),
            submit=_("Gửi"),
            draft=False,
        ),
        drafts=[found for found in asked.documents if found.kind in {"draft", "draft-result"}],
    )
