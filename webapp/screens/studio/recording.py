"""Recording a scenario by playing the procedure in the browser: what is done is added with what is true after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from flask import flash, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from engine.definitions.scenario import FAULTS, read_scenario
from engine.errors import DefinitionRefused, InvalidInput, MotcuaError
from engine.forms import Form, asked_files, initial, layout, prefill, read_post, validate
from engine.forms.form import Field
from webapp import web
from webapp.demo.people import UNITS
from webapp.eforms import render_form
from webapp.screens.studio.blueprint import Bench, analyst_only, bench, screen, theatre, told
from webapp.screens.studio.rehearsal import Halt, steps_of
from webapp.screens.studio.trial_pages import START, scenario_data, short_name, shown_step
from webapp.screens.studio.workbench import digest_of, save
from webapp.words import gettext as _

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A scenario being recorded, and where it stands."""

    work: Bench
    file: str
    data: Json
    title: str
    halt: Halt

    @property
    def address(self) -> str:
        """The page that goes on with it."""
        return url_for(
            "studio.record", draft_id=self.work.draft.id, name=short_name(self.file), title=self.title or None
        )


@screen.route("/<draft_id>/scenarios/<name>/record", methods=["GET", "POST"])
@analyst_only
def record(draft_id: str, name: str) -> str | Response | tuple[str, int]:
    """Play the procedure on: the scenario so far is played, what can be done next is offered, what is done is added."""
    work, file = bench(draft_id), f"scenarios/{name}.json"
    title = request.values.get("title", "")[:200]
    data = scenario_data(work, file) if file in work.files else _empty(title or name)
    try:
        if file in work.files and len(steps_of(data)) != _count(data):
            read_scenario(work.files[file], file=file)
        halt = theatre().halt(work.files, data, file)
    except MotcuaError as error:
        problems = told(error.problems, draft_id) if isinstance(error, DefinitionRefused) else []
        if not problems:
            flash(error.message(web.language()), "error")
        page = render_template(
            "studio/record.html", bench=work, draft=work.draft, name=name, halt=None, problems=problems
        )
        return page, 422
    recording = Recording(work=work, file=file, data=data, title=title, halt=halt)
    if request.method == "POST" and request.form.get("step"):
        return _add(recording, _plain_step())
    return _show(recording, request.values.get("task", "" if steps_of(data) else "application"))


def _count(data: Json) -> int:
    """How many steps there should be; -1 where there is no list of them."""
    steps = data.get("steps")
    return len(steps) if isinstance(steps, list) else -1


def _empty(title: str) -> Json:
    return {"title": {"vi": title, "en": title}, "start": START, "fast": True, "steps": []}


def _plain_step() -> Json:
    """A step that needs no form: paying, time, faults, handing over."""
    kind = request.form.get("step", "")
    if kind not in {"pay", "advance", "fault", "repair", "hand_over"}:
        raise InvalidInput(what=_("bước"), why=kind[:40])
    return {kind: request.form.get("value", "").strip()}


def _show(recording: Recording, chosen: str) -> str | Response | tuple[str, int]:
    form, status, page = recording.halt.form(chosen), 200, ""
    if form is not None:
        values, errors = _filled(recording, form, chosen)
        act = request.form.get("act", "") if request.method == "POST" else ""
        if act == "submit" and not errors:
            return _add(recording, _form_step(recording, form, chosen, values))
        status = 422 if errors else 200
        source = prefill(form, recording.halt.source(chosen), today=recording.halt.now.date())
        page = render_form(
            layout(form, values, source=source, errors=errors, language=web.language()),
            action=f"{recording.address}{'&' if '?' in recording.address else '?'}task={chosen}",
            csrf_token=generate_csrf(),
            submit=_("Ghi bước này"),
            draft=False,
        )
    shown = render_template(
        "studio/record.html",
        bench=recording.work,
        draft=recording.work.draft,
        name=short_name(recording.file),
        data=recording.data,
        halt=recording.halt,
        chosen=chosen,
        page=page,
        faults=FAULTS,
        address=recording.address,
        problems=[],
        steps=[shown_step(step) for step in steps_of(recording.data)],
    )
    return shown if status == 200 else (shown, status)


def _filled(recording: Recording, form: Form, chosen: str) -> tuple[Json, tuple[Any, ...]]:
    """What is filled in, and the mistakes when it was sent. Files are not asked for: the player draws them."""
    source = prefill(form, recording.halt.source(chosen), today=recording.halt.now.date())
    values = initial(form, source=source)
    if request.method != "POST":
        return values, ()
    values = read_post(form, request.form.to_dict(flat=False), source=source, uploads={}, previous=values)
    if request.form.get("act") != "submit":
        return values, ()
    places = _papers(form)
    mistakes = validate(form, values, today=recording.halt.now.date(), files=set())
    return values, tuple(error for error in mistakes if _plain(tuple(error.path.split("."))) not in places)


def _papers(form: Form) -> set[tuple[str, ...]]:
    return {field.path for field in form.fields() if field.kind.value == "file"}


def _plain(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("[]" if part.isdecimal() else part for part in path)


def _form_step(recording: Recording, form: Form, chosen: str, values: Json) -> Json:
    """What was filled in, as a step; papers that the form asks for are drawn by the player."""
    drawn = {place: _paper(field) for place, field in asked_files(form, values)}
    if chosen == "application":
        code = orjson.loads(recording.work.file("procedure.json"))["code"]
        step: Json = {"file": code, "as": "lan", "unit": UNITS[0].code, "data": values}
    else:
        step = {"complete": chosen, "data": values}
    return step | ({"papers": drawn} if drawn else {})


def _paper(field: Field) -> Json:
    """A paper of a kind that the field takes."""
    paper: Json = {"title": _("GIẤY TỜ"), "lines": []}
    return paper if not field.accept or "image/png" in field.accept else paper | {"type": "pdf"}


def _add(recording: Recording, step: Json) -> Response:
    """Add a step with what is true after it as its expectation, and go on recording."""
    longer = dict(recording.data) | {"steps": [*recording.data["steps"], step]}
    work, file = recording.work, recording.file
    try:
        after = theatre().halt(work.files, longer, file)
    except MotcuaError as error:
        flash(error.message(web.language()), "error")
        return redirect(recording.address)
    if after.failures:
        flash(after.failures[-1].in_(web.language()), "error")
        return redirect(recording.address)
    step["expect"] = after.expectation
    content = orjson.dumps(longer, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    outcome = save(work, file, content, digest_of(work, file))
    if not isinstance(outcome, str):
        flash(outcome["show"].get("conflict") or outcome["show"]["problems"][0]["message"], "error")
    return redirect(recording.address)
