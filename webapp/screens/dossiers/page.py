"""The dossier page: everything on record, and the work that this person may do on it now."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as BaseResponse

from engine.commands.alerts import LatenessUnexplained, unexplained
from engine.commands.intake import ApplicationInvalid
from engine.commands.results import HandOver
from engine.commands.tasks import CompleteTask
from engine.errors import Conflict, NotFound, TaskAlreadyCompleted
from engine.forms import FieldError, UploadedFile, initial, layout, read_post, summary
from engine.model.permission import Actor
from engine.procedures import Procedure
from engine.queries.dossier_page import WORKING, DossierPage, DossierWork, dossier_page, dossier_work, readable
from engine.queries.standing import Standings
from engine.store.organisation import Holder
from engine.store.records import Document, Task
from engine.store.unit_of_work import UnitOfWork
from webapp import web
from webapp.acts_allowed import acts_of
from webapp.eforms import page_title, render_errors, render_form, render_summary
from webapp.progress import progress
from webapp.screens.dossiers.blueprint import screen
from webapp.screens.dossiers.comparison import compared_papers
from webapp.screens.dossiers.panel import Panel, allowed, is_signing, opened, panel, summary_line
from webapp.screens.notices.views import count_unread
from webapp.standing import standing_tag
from webapp.words import gettext as _


@screen.get("/dossiers/<number>")
@web.needs_sign_in
def show(number: str) -> str:
    """The page of one dossier."""
    person = web.signed_in()
    with web.reading() as uow:
        return _page(uow, number, person)


@screen.get("/dossiers/<number>/status")
@web.needs_sign_in
def status(number: str) -> dict[str, Any]:
    """Whether the dossier has moved since a page was made: its revision."""
    with web.reading() as uow:
        dossier, _tasks = readable(uow, number, web.signed_in())
    return {"revision": dossier.revision, "waiting_for": dossier.waiting_for}


@screen.post("/dossiers/<number>/tasks/<task_id>")
@web.needs_sign_in
def complete(number: str, task_id: str) -> str | BaseResponse | tuple[str, int]:
    """Complete a task with its form; every mistake is named, nothing is done by halves."""
    person = web.signed_in()
    with web.reading() as uow:
        work = dossier_work(uow, number, person)
        procedure = web.procedure(uow, work.dossier.digest)
        task = _task(work, task_id)
        found = opened(work, procedure, task)
        data: dict[str, Any] = {}
        if found is not None:
            form, source, _inputs = found
            own = {document.id for document in work.documents}
            data = read_post(form, request.form.to_dict(flat=False), source=source, uploads=own)
            if request.form.get("act", "submit") != "submit":
                return _page(uow, number, person, typed=data)
    key, revision = request.args.get("key", "")[:64], request.args.get("revision", type=int)
    command = CompleteTask(task=task_id, data=data, revision=revision, late_reason=request.form.get("late_reason", ""))
    try:
        web.execute(command, key=key)
    except LatenessUnexplained as late:
        with web.reading() as uow:
            return _page(uow, number, person, typed=data, late=late), 422
    except ApplicationInvalid as invalid:
        with web.reading() as uow:
            return _page(uow, number, person, typed=data, errors=invalid.errors), 422
    except Conflict as lost:
        if isinstance(lost, TaskAlreadyCompleted) and task.assignee == person.login:
            return _on_from(number, person, procedure, task)  # sent twice: it was done the first time
        return _lost(work, procedure, task, data, lost)
    return _on_from(number, person, procedure, task)


@screen.post("/dossiers/<number>/hand-over")
@web.needs_sign_in
def hand_over(number: str) -> BaseResponse:
    """Record that the desk has handed the result over."""
    way, evidence = request.form.get("way", ""), request.form.get("evidence", "")[:500]
    web.execute(HandOver(dossier=number, way=way, evidence=evidence))
    flash(_("Đã ghi nhận việc trả kết quả hồ sơ %(number)s.", number=number), "success")
    return redirect(url_for("dossiers.show", number=number))


def _task(work: DossierWork, task_id: str) -> Task:
    task = next((task for task in work.tasks if task.id == task_id), None)
    if task is None:
        raise NotFound(what=f"task {task_id}")
    return task


def _on_from(number: str, person: Actor, procedure: Procedure, task: Task) -> BaseResponse:
    """Where to go next: stay while there is something to see or to do, else back to the inbox."""
    step = procedure.element_name(task.node).in_(web.language())
    flash(_("Đã xong “%(step)s”, hồ sơ %(number)s.", step=step, number=number), "success")
    with web.reading() as uow:
        after = dossier_work(uow, number, person)
    stay = any(allowed(after, procedure, open_, person) for open_ in after.open_tasks) or is_signing(after)
    return redirect(url_for("dossiers.show", number=number) if stay else url_for("inbox.show"))


def _lost(page: DossierWork, procedure: Procedure, task: Task, data: dict[str, Any], lost: Conflict) -> tuple[str, int]:
    """Somebody else was faster: who and when, and what was typed here, so that it can be compared."""
    typed = summary(procedure.form(task.form), data, web.language()) if task.form else ()
    language = web.language()
    return (
        render_template(
            "dossiers/conflict.html",
            page=page,
            step=procedure.element_name(task.node).in_(language),
            sentence=lost.message(language),
            code=lost.code,
            typed=render_summary(typed, language=language, level=3) if typed else "",
        ),
        409,
    )


def _page(
    uow: UnitOfWork,
    number: str,
    person: Actor,
    *,
    typed: dict[str, Any] | None = None,
    errors: tuple[FieldError, ...] = (),
    late: LatenessUnexplained | None = None,
) -> str:
    page = dossier_page(uow, number, person, count_unread(person))
    dossier, language, product = page.dossier, web.language(), web.product()
    procedure = web.procedure(uow, dossier.digest)
    now = product.clock.now()
    colleagues = _colleagues(uow, page, now)
    standings = Standings(uow=uow, calendar=product.bus.rules.calendar, now=now)
    deadline = standings.deadline(dossier.clock_from, dossier.deadline, dossier.competent_unit)
    left = standings.of(dossier.clock_from, dossier.deadline, dossier.competent_unit, closed_at=dossier.closed_at)
    actions = panel(uow, page, procedure, person)
    papers = compared_papers(page, procedure)
    files = {found.id: _uploaded(found) for found in page.documents}
    rows = summary(procedure.form(procedure.manifest.application_form), dossier.data, language, files=files)
    work = _work(page, procedure, actions, typed, errors)
    return render_template(
        "dossiers/show.html",
        page=page,
        dossier=dossier,
        procedure=procedure.manifest,
        tag=standing_tag(left),
        deadline=deadline,
        progress=progress(dossier.business, dossier.finance, dossier.delivery),
        unit=uow.organisation.unit(dossier.competent_unit, now),
        panel=actions,
        papers=papers,
        summary_line=summary_line,
        answers=render_summary(rows, language=language, file_url=lambda file: f"#giay-{file}", level=3),
        files=_by_kind(page),
        signed_at=lambda at: datetime.fromisoformat(at) if at else None,
        at_work=any(person.holds(held) for held in WORKING),
        tasks=page.tasks,
        acts=acts_of(dossier, person, now),
        colleagues=colleagues,
        comments=page.comments,
        watching=person.login in page.watchers,
        first=_first(work["drafts"], actions, bool(papers)),
        late=late.message(language) if late else "",
        asks_late=actions.mine is not None and unexplained(uow, dossier, now),
        **_late_reason(tried=bool(late or errors)),
        **work,
    )


def _colleagues(uow: UnitOfWork, page: DossierPage, now: datetime) -> dict[str, tuple[Holder, ...]]:
    """Who may do each open task; the units of the page are read with them and known from then on."""
    tasks = [task for task in page.open_tasks if task.unit]
    units = dict.fromkeys((page.dossier.competent_unit, *(task.unit for task in tasks)))

    def unit(code: str) -> Callable[[UnitOfWork], Any]:
        return lambda u: u.organisation.periods(code)

    def holders(task: Task) -> Callable[[UnitOfWork], Any]:
        return lambda u: u.organisation.holders(task.unit, task.role, now)

    found = uow.together(*map(unit, units), *map(holders, tasks))
    return dict(zip((task.id for task in tasks), found[len(units) :], strict=True))


def _first(drafts: list[Document], actions: Panel, papers: bool) -> str:
    """The part that this person's work begins with."""
    if actions.mine is None:
        return "to-khai"
    if drafts:
        return "du-thao"
    return "giay-to" if papers else "to-khai"


def _work(
    page: DossierPage,
    procedure: Procedure,
    actions: Panel,
    typed: dict[str, Any] | None,
    errors: tuple[FieldError, ...],
) -> dict[str, Any]:
    """The form of the task that this person works on, and the draft that is to be read before signing."""
    job = actions.mine
    found = opened(page, procedure, job.task) if job else None
    if job is None or found is None:
        return {"form": "", "errors": "", "title": "", "drafts": _drafts(page, {})}
    form, source, inputs = found
    data = initial(form, source=source) if typed is None else typed
    view = layout(form, data, source=source, errors=errors, language=web.language(), files={})
    action = url_for(
        "dossiers.complete",
        number=page.dossier.number,
        task_id=job.task.id,
        revision=job.task.revision,
        key=secrets.token_hex(12),
    )
    bare = replace(view, errors=())  # the summary stands above the heading, once
    markup = render_form(bare, action=action, csrf_token=generate_csrf(), submit=_("Hoàn thành bước này"), draft=False)
    return {
        "form": markup,
        "errors": render_errors(view),
        "title": page_title(view, page.dossier.number),
        "drafts": _drafts(page, inputs),
    }


def _late_reason(*, tried: bool) -> dict[str, Any]:
    """What was typed as the reason of lateness, and whether it is missed."""
    reason = request.form.get("late_reason", "").strip()[:2000]
    return {"late_reason": reason, "late_missing": tried and not reason}


def _drafts(page: DossierPage, inputs: Any) -> list[Document]:
    """The draft result now under discussion: the one that the step names, else the newest."""
    drafts = [document for document in page.documents if document.kind == "draft-result"]
    named = [document for document in drafts if document.id == inputs.get("document")]
    return [] if page.result is not None else (named or drafts[-1:])


def _uploaded(document: Document) -> UploadedFile:
    return UploadedFile(id=document.id, name=document.name, media_type=document.media_type, size=document.size)


def _by_kind(page: DossierPage) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for document in page.documents:
        found.setdefault(document.kind, []).append(document)
    return found
