"""One action on many tasks: choose a step, choose the tasks, act, and watch each come out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from engine.commands.bulk import MOST, StartBatch
from engine.errors import Forbidden, InvalidInput, NotFound, Text
from engine.forms import FieldError, Form, initial, layout, read_post, validate
from engine.model.permission import LEADER, Actor, Post
from engine.queries import inbox
from engine.queries.dossier_page import WORKING
from engine.queries.inbox import Asked
from engine.queries.inbox_rows import InboxRow
from engine.store.unit_of_work import UnitOfWork
from webapp import web
from webapp.eforms import render_errors, render_fields
from webapp.screens.acts.blueprint import screen


def _mine(uow: UnitOfWork, person: Actor) -> tuple[InboxRow, ...]:
    """Open tasks that the person holds or may take; a leader also sees what others of the unit hold."""
    groups, absent = inbox.posts_of(person.posts, WORKING)
    led = tuple(dict.fromkeys(post.unit for post in person.posts if post.role == LEADER))
    everybody = (Post(unit=unit, role=held) for unit in led for held in WORKING)
    groups = tuple(dict.fromkeys((*groups, *everybody)))
    asked = Asked(login=person.login, groups=groups, absent=absent, held=led)
    part = inbox.open_tasks(uow.connection, asked, now=web.product().clock.now(), limit=2000)
    found = {row.task: row for row in part.rows if row.role != "applicant"}  # one's own is held in the unit, too
    return tuple(found.values())


@screen.get("/bulk")
@web.needs_sign_in
def choose() -> str:
    """The steps at which more than one task waits, and the tasks of the chosen one."""
    return _page(_chosen(), (), {})


def _chosen() -> tuple[str, str]:
    return request.values.get("procedure", "")[:40], request.values.get("node", "")[:80]


def _page(chosen: tuple[str, str], errors: tuple[FieldError, ...], data: dict[str, Any]) -> str:
    person = web.signed_in()
    if not person.official:
        raise Forbidden(why=Text(vi="việc của cán bộ", en="officials' work"))
    with web.reading() as uow:
        rows = _mine(uow, person)
        steps: dict[tuple[str, str], list[InboxRow]] = {}
        for row in rows:
            steps.setdefault((row.procedure, row.node), []).append(row)
        shown = steps.get(chosen, [])[:MOST]
        form = _form(uow, shown[0]) if shown else None
        now = web.product().clock.now()
        people = uow.organisation.holders(shown[0].unit, shown[0].role, now) if shown else ()
        batches = uow.batches.of(person.login, limit=5)
    page = None
    if form is not None:
        data = data or initial(form, source={})
        page = layout(form, data, source={}, errors=errors, language=web.language(), files={})
    return render_template(
        "acts/bulk.html",
        steps=[(key, found[0], len(found)) for key, found in sorted(steps.items(), key=lambda item: -len(item[1]))],
        chosen=chosen,
        rows=shown,
        picked=set(request.form.getlist("task")),
        fields=render_fields(replace(page, errors=())) if page else "",
        errors=render_errors(page) if page and errors else "",
        late=any(row.due_at is not None and row.due_at < now for row in shown),
        late_reason=request.form.get("late_reason", ""),
        people=people,
        leads=bool(shown) and person.holds(LEADER, shown[0].unit),
        batches=batches,
        most=MOST,
        csrf=generate_csrf(),
    )


def _form(uow: UnitOfWork, row: InboxRow) -> Form | None:
    """The form of the step, if one decision can be the same for many: one without papers of its own."""
    task = uow.tasks.get(row.task)
    return web.procedure(uow, row.digest).form(task.form) if task.form else None


@screen.post("/bulk")
@web.needs_sign_in
def start() -> str | Response | tuple[str, int]:
    """Begin; what cannot be right for any dossier is refused here, the rest is judged dossier by dossier."""
    chosen, act = _chosen(), request.form.get("act", "claim")
    picked = request.form.getlist("task")[: MOST + 1]
    with web.reading() as uow:
        tasks = {row.task: row for row in _mine(uow, web.signed_in())}
        missing = [task for task in picked if task not in tasks]
        if missing:
            raise NotFound(what=Text(vi="việc đang mở", en="open task"))
        if not picked:
            raise InvalidInput(what="tasks", why=Text(vi="chưa chọn việc nào", en="no task is chosen"))
        form = _form(uow, tasks[picked[0]]) if act == "complete" else None
    data: dict[str, Any] = {}
    if act == "assign":
        data = {"to": request.form.get("to", "")[:80], "reason": request.form.get("reason", "").strip()[:2000]}
    elif form is not None:
        data = read_post(form, request.form.to_dict(flat=False), source={}, uploads=set())
        errors = validate(form, data, today=web.product().clock.now().date(), files=set())
        if errors:
            return _page(chosen, errors, data), 422
    command = StartBatch(
        kind=act,
        tasks=tuple((task, tasks[task].revision) for task in picked),
        data=data,
        late_reason=request.form.get("late_reason", "").strip()[:2000],
    )
    begun = web.execute(command, key=request.form.get("key", "")[:80])
    return redirect(url_for("acts.batch", batch_id=begun["batch"]))


@screen.get("/bulk/<batch_id>")
@web.needs_sign_in
def batch(batch_id: str) -> str:
    """How far it is, and what came of each dossier."""
    with web.reading() as uow:
        found, items = uow.batches.get(batch_id), uow.batches.items(batch_id)
    if found.login != web.signed_in().login:
        raise Forbidden(why=Text(vi="việc hàng loạt của người khác", en="somebody else's"))
    done = [item for item in items if item.state != "waiting"]
    return render_template(
        "acts/batch.html",
        batch=found,
        items=items,
        done=len(done),
        refused=sum(1 for item in done if item.state == "refused"),
    )
