"""Trying a draft: its scenarios, played at a click, edited step by step; coverage on the diagram."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.definitions.scenario import ACTS
from engine.errors import DefinitionRefused, InvalidInput
from webapp import web
from webapp.demo.people import PEOPLE
from webapp.screens.studio.blueprint import Bench, analyst_only, bench, screen, theatre, told
from webapp.screens.studio.workbench import digest_of, save
from webapp.words import gettext as _

Json = dict[str, Any]
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
#: The moment at which a recorded scenario begins: an ordinary working morning.
START = "2026-11-10T08:30:00+07:00"


@screen.route("/<draft_id>/scenarios", methods=["GET", "POST"])
@analyst_only
def scenarios(draft_id: str) -> str | Response | tuple[str, int]:
    """The scenarios of a draft; a post plays them all."""
    work = bench(draft_id)
    played, problems = theatre().known(work.files), []
    if request.method == "POST":
        try:
            played = theatre().play(work.files)
        except DefinitionRefused as refusal:
            problems = told(refusal.problems, draft_id)
    outcomes = {one.file: one for one in played.outcomes} if played else {}
    listed = [
        {
            "name": short_name(name),
            "title": _title(work, name),
            "steps": len(_steps(work, name)),
            "outcome": outcomes.get(name),
        }
        for name in work.names("scenarios/", ".json")
    ]
    page = None
    if played:
        page = {
            "source": url_for("studio.with_drawing", draft_id=draft_id, name="process.bpmn"),
            "passed": sorted(played.passed),
            "taken": sorted(played.taken),
            "missing": list(played.flows_missing),
        }
    return render_template(
        "studio/scenarios.html",
        bench=work,
        draft=work.draft,
        scenarios=listed,
        played=played,
        problems=problems,
        page=page,
    )


@screen.route("/<draft_id>/scenarios/new", methods=["POST"])
@analyst_only
def new_scenario(draft_id: str) -> Response:
    """An empty scenario to be recorded."""
    name = request.form.get("name", "").strip()
    if not _NAME.fullmatch(name):
        raise InvalidInput(what=_("tên kịch bản"), why=_("dùng chữ thường không dấu, số và gạch nối"))
    title = request.form.get("title", "").strip() or name
    # The title travels in the address until the first step is recorded: a scenario without steps is none.
    return redirect(url_for("studio.record", draft_id=draft_id, name=name, title=title))


@screen.route("/<draft_id>/scenarios/<name>", methods=["GET", "POST"])
@analyst_only
def scenario(draft_id: str, name: str) -> str | Response | tuple[str, int]:
    """One scenario as a table of steps to edit, to play and to prolong."""
    work, file = bench(draft_id), f"scenarios/{name}.json"
    data = scenario_data(work, file)
    if request.method == "GET":
        return _scenario_page(work, file, data, seen=digest_of(work, file))
    try:
        changed = _edited(data)
    except InvalidInput as refusal:
        said = refusal.message(web.language())
        return _scenario_page(work, file, data, seen=digest_of(work, file), said=said), 422
    content = orjson.dumps(changed, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    outcome = save(work, file, content, request.form.get("seen", ""))
    if isinstance(outcome, str):
        flash(_("Đã lưu kịch bản."), "success")
        return redirect(url_for("studio.scenario", draft_id=draft_id, name=name))
    return _scenario_page(work, file, changed, seen=outcome["seen"], **outcome["show"]), outcome["status"]


def _scenario_page(work: Bench, file: str, data: Json, *, seen: str, **show: Any) -> str:
    outcome = None
    if request.args.get("play") or request.method == "GET":
        try:
            played = theatre().play(work.files, only=file)
            outcome = played.outcomes[0] if played.outcomes else None
            show["milliseconds"] = played.milliseconds
        except DefinitionRefused as refusal:
            show.setdefault("problems", told(refusal.problems, work.draft.id))
    return render_template(
        "studio/scenario.html",
        bench=work,
        draft=work.draft,
        name=short_name(file),
        file=file,
        data=data,
        steps=[shown_step(step) for step in data.get("steps", []) if isinstance(step, dict)],
        outcome=outcome,
        seen=seen,
        people=PEOPLE,
        problems=show.pop("problems", []),
        said=show.pop("said", ""),
        conflict=show.pop("conflict", ""),
        theirs=show.pop("theirs", ""),
        **show,
    )


def shown_step(step: Mapping[str, Any]) -> dict[str, str]:
    """A step as a row of the table."""
    act = next((name for name in ACTS if name in step), "")
    rest = {key: value for key, value in step.items() if key not in {act, "as", "data", "expect", "refused"}}
    return {
        "act": act,
        "value": str(step.get(act, "")),
        "as": str(step.get("as", "")),
        "data": _json(step.get("data")),
        "expect": _json(step.get("expect")),
        "refused": str(step.get("refused", "")),
        "rest": _json(rest),
    }


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() if value else ""


def _edited(data: Json) -> Json:
    """The scenario with the posted table; the order and the number of steps may change."""
    form, steps = request.form, []
    count = min(int(form.get("count", "0") or 0), 200)
    for number in range(count):
        if form.get(f"drop-{number}"):
            continue
        act = form.get(f"act-{number}", "")
        if not act:
            continue
        step: Json = {act: form.get(f"value-{number}", "").strip()}
        if form.get(f"as-{number}", "").strip():
            step["as"] = form[f"as-{number}"].strip()
        step |= _object(form.get(f"rest-{number}", ""), number, _("phần khác"))
        for key in ("data", "expect"):
            found = _object(form.get(f"{key}-{number}", ""), number, key)
            if found:
                step[key] = found
        if form.get(f"refused-{number}", "").strip():
            step["refused"] = form[f"refused-{number}"].strip()
        steps.append(step)
    title = {"vi": form.get("title_vi", "").strip(), "en": form.get("title_en", "").strip()}
    return dict(data) | {"title": title, "start": form.get("start", "").strip(), "steps": steps}


def _object(text: str, number: int, what: str) -> Json:
    if not text.strip():
        return {}
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(what=_("bước %(n)s, %(what)s", n=number + 1, what=what), why=f"JSON: {error}") from error
    if not isinstance(found, dict):
        raise InvalidInput(what=_("bước %(n)s, %(what)s", n=number + 1, what=what), why=_("cần một đối tượng {…}"))
    return found


def scenario_data(work: Bench, file: str) -> Json:
    """A scenario's JSON, empty when it cannot be read."""
    try:
        found = orjson.loads(work.file(file))
    except orjson.JSONDecodeError:
        found = {}
    return found if isinstance(found, dict) else {}


def _steps(work: Bench, file: str) -> list[Any]:
    steps = scenario_data(work, file).get("steps")
    return steps if isinstance(steps, list) else []


def _title(work: Bench, file: str) -> str:
    title = scenario_data(work, file).get("title")
    return str(title.get(web.language(), "")) if isinstance(title, dict) else file


def short_name(file: str) -> str:
    """The name of a scenario's file without folder and ending."""
    return file.removeprefix("scenarios/").removesuffix(".json")
