"""User tasks: search, count, read with form and prefilled data, claim, unclaim, complete."""

from __future__ import annotations

from typing import Any

from flask import Response

from engine import bpmn
from engine.commands.tasks import ClaimTask, CompleteTask, ReleaseTask, TaskTaken, task_source
from engine.errors import NotFound, StaleRevision, TaskAlreadyCompleted
from engine.forms import Form, initial
from engine.queries.api_search import CAP, TASK_COLUMNS, count_tasks, find_tasks
from engine.store.records import Task
from webapp import web
from webapp.screens.api import upload
from webapp.screens.api.call import Call, answer
from webapp.screens.api.problems import RevisionStale, TaskClosed
from webapp.screens.api.search_body import read_conditions, read_search, write_page
from webapp.screens.api.sight import seen_task

_BASE = "/api/v1"


def search(call: Call) -> Response:
    """The tasks that the person may see and the filter asks for; the soonest due first unless sorted otherwise."""
    asked = read_search(call.body, TASK_COLUMNS, default=("due_at", False))
    with web.reading() as uow:
        found = find_tasks(uow.connection, call.actor, asked)
    return answer({"items": [_row(task) for task in found.rows], "page": write_page(call.body, asked, found.after)})


def count(call: Call) -> Response:
    """How many tasks a search would find; counting stops at 1000."""
    with web.reading() as uow:
        found = count_tasks(uow.connection, call.actor, read_conditions(call.body, TASK_COLUMNS))
    return answer({"count": min(found, CAP), "more": found > CAP})


def _row(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "dossier": task.dossier,
        "node": task.node,
        "name": task.name,
        "role": task.role,
        "unit": task.unit,
        "state": task.state,
        "assignee": task.assignee or None,
        "revision": task.revision,
        "priority": task.priority,
        "procedure": task.procedure,
        "procedure_name": task.procedure_name,
        "applicant_name": task.applicant_name,
        "note": task.note,
        "lateness": task.lateness,
        "created_at": task.created_at,
        "due_at": task.due_at,
        "completed_at": task.completed_at,
        "completed_by": task.completed_by or None,
    }


def read(call: Call) -> Response:
    """One task; while it is open with its form's schema, the data to begin with and the inputs of its step."""
    with web.reading() as uow:
        task, found = seen_task(uow, call.path["task"], call.actor)
        body = _row(task) | {"form": None, "data": None, "inputs": None}
        if task.state == "open":
            now = web.product().clock.now()
            procedure = web.procedure(uow, found.dossier.digest)
            instance = bpmn.Instance.load(procedure.definition, found.dossier.state, now=now)
            body["inputs"] = next((one.inputs for one in instance.open_tasks() if one.id == task.id), {})
            if task.form:
                form = procedure.form(task.form)
                body["form"] = {"name": task.form, "schema": form.schema}
                body["data"] = initial(form, source=task_source(form, instance, task.id, today=now.date()))
    return answer(body, revision=task.revision)


def claim(call: Call) -> Response:
    """Take an open task of one's role and unit; of many who try at once one wins and the others get 409."""
    task = _visible(call)
    try:
        claimed = web.execute(ClaimTask(task=task.id, revision=call.revision), key=call.key)
    except StaleRevision as stale:
        now = _visible(call)
        if now.state == "open" and now.assignee not in {"", call.actor.login}:
            raise TaskTaken(by=now.claimed_by) from stale
        raise _stale(now) from stale
    return answer({"task": task.id, "revision": claimed["revision"]}, revision=claimed["revision"])


def unclaim(call: Call) -> Response:
    """Give a claimed task back to its group."""
    task = _visible(call)
    try:
        released = web.execute(ReleaseTask(task=task.id, revision=call.revision), key=call.key)
    except StaleRevision as stale:
        raise _stale(_visible(call)) from stale
    return answer({"task": task.id, "revision": released["revision"]}, revision=released["revision"])


def complete(call: Call) -> Response:
    """Complete the task with its form's data; no longer open is told (409) before changed since it was read (412)."""
    task, body = _visible(call), call.body
    reason = body.get("late_reason", "")
    try:
        done = web.execute(
            CompleteTask(task=task.id, data=body["data"], revision=call.revision, late_reason=reason), key=call.key
        )
    except StaleRevision as stale:
        raise _stale(_visible(call)) from stale
    return answer({"task": task.id, "dossier": done["number"]})


def attach(call: Call) -> Response:
    """Judge and store a paper that an open task of the applicant's asks for."""
    with web.reading() as uow:
        task, found = seen_task(uow, call.path["task"], call.actor)
        if not task.form:
            raise NotFound(what=f"form of task {task.id}")
        form: Form = web.procedure(uow, found.dossier.digest).form(task.form)
        known = uow.documents.of(task.dossier)
    if task.state != "open":
        raise _stale(task)
    return answer(upload.receive(call, form, known, task=task.id), 201)


def _visible(call: Call) -> Task:
    with web.reading() as uow:
        return seen_task(uow, call.path["task"], call.actor)[0]


def _stale(task: Task) -> Exception:
    """What a lost race means for the task as it is now."""
    if task.state == "completed":
        at = f"{task.completed_at:%H:%M %d/%m/%Y}" if task.completed_at else ""
        return TaskAlreadyCompleted(by=task.completed_by, at=at)
    return RevisionStale(what=f"task {task.id}") if task.state == "open" else TaskClosed()
