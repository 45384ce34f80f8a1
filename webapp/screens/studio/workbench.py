"""A draft's own page: what it consists of, what is wrong with it; its manifest; and any file as text."""

from __future__ import annotations

from typing import Any

import orjson
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.commands.authoring import DropFile, FileConflict, SaveFile
from engine.definitions.manifest import FILE
from engine.definitions.skeleton import is_shared
from engine.errors import DefinitionRefused
from engine.values import Digest
from webapp import web
from webapp.screens.studio.blueprint import Bench, analyst_only, bench, findings, screen, theatre, told
from webapp.words import gettext as _

_NEW_FORM = """{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "title": "Biểu mẫu mới",
  "x-i18n": {"en": {"title": "New form"}},
  "properties": {
    "ghi_chu": {"$ref": "_shared/office.json#/note"}
  }
}
"""

#: When a withdrawal can come, as the manifest names it.
_STAGES = ("before_reception", "after_reception")


@screen.get("/<draft_id>")
@analyst_only
def workbench(draft_id: str) -> str:
    """What the draft consists of, and everything that is wrong with it."""
    work = bench(draft_id)
    problems = findings(work.files)
    own = [name for name in sorted(work.files) if not is_shared(name)]
    return render_template(
        "studio/workbench.html",
        bench=work,
        draft=work.draft,
        problems=told(problems, draft_id),
        errors=sum(problem.severity == "error" for problem in problems),
        own=own,
        shared=[name for name in sorted(work.files) if is_shared(name)],
        played=theatre().known(work.files),
    )


@screen.route("/<draft_id>/file/<path:name>", methods=["GET", "POST"])
@analyst_only
def file(draft_id: str, name: str) -> str | Response | tuple[str, int]:
    """Any file as text, checked when it is saved; a conflict shows both states."""
    work = bench(draft_id)
    if request.method == "GET":
        content = work.files.get(name, b"") if request.args.get("new") else work.file(name)
        return _text_page(work, name, content.decode("utf-8", "replace"), seen=digest_of(work, name))
    text = request.form.get("content", "").replace("\r\n", "\n")
    outcome = save(work, name, text.encode(), request.form.get("seen", ""))
    if isinstance(outcome, str):
        flash(_("Đã lưu %(name)s.", name=name), "success")
        return redirect(request.form.get("back") or url_for("studio.file", draft_id=draft_id, name=name))
    return _text_page(work, name, text, seen=outcome["seen"], **outcome["show"]), outcome["status"]


def save(work: Bench, name: str, content: bytes, seen: str) -> str | dict[str, Any]:
    """Save a file: its digest; or the status and what a page has to show: problems, or the other one's state."""
    try:
        return str(web.execute(SaveFile(draft=work.draft.id, name=name, content=content, seen=seen))["digest"])
    except DefinitionRefused as refusal:
        return {"status": 422, "seen": seen, "show": {"problems": told(refusal.problems)}}
    except FileConflict as conflict:
        now = bench(work.draft.id)
        theirs = now.files.get(name, b"")
        show = {
            "conflict": conflict.message(web.language()),
            "theirs": theirs.decode("utf-8", "replace"),
        }
        return {"status": 412, "seen": digest_of(now, name), "show": show}


def digest_of(work: Bench, name: str) -> str:
    """The digest of a file as a page has seen it, '' when there is none."""
    return str(Digest.of(work.files[name])) if name in work.files else ""


def _text_page(work: Bench, name: str, text: str, *, seen: str, **show: Any) -> str:
    with web.reading() as uow:
        states = uow.procedure_drafts.states(work.draft.id, name, most=30)
    problems = show.pop("problems", None)
    if problems is None:
        problems = told([problem for problem in findings(work.files) if problem.file == name])
    return render_template(
        "studio/file.html",
        bench=work,
        draft=work.draft,
        name=name,
        text=text,
        seen=seen,
        states=states,
        problems=problems,
        read_only=not work.editable or is_shared(name),
        **show,
    )


@screen.get("/<draft_id>/state/<int:revision>/<path:name>")
@analyst_only
def state(draft_id: str, revision: int, name: str) -> Response:
    """A saved state of a file, to read or to take back by hand."""
    with web.reading() as uow:
        for found in uow.procedure_drafts.states(draft_id, name, most=1000):
            if found.revision == revision:
                return web.download(found.content, "text/plain; charset=utf-8", name.rpartition("/")[2], inline=True)
    return redirect(url_for("studio.file", draft_id=draft_id, name=name))


@screen.post("/<draft_id>/drop")
@analyst_only
def drop(draft_id: str) -> Response:
    """Take a file out of the draft."""
    name = request.form.get("name", "")
    web.execute(DropFile(draft=draft_id, name=name))
    flash(_("Đã bỏ %(name)s; các lần lưu trước vẫn còn.", name=name), "success")
    return redirect(url_for("studio.workbench", draft_id=draft_id))


@screen.post("/<draft_id>/forms")
@analyst_only
def add_form(draft_id: str) -> Response | tuple[str, int]:
    """A new, nearly empty e-form."""
    work, name = bench(draft_id), request.form.get("name", "").strip().lower()
    outcome = save(work, f"forms/{name}.json", _NEW_FORM.encode(), "")
    if isinstance(outcome, str):
        return redirect(url_for("studio.form", draft_id=draft_id, name=name))
    said = outcome["show"].get("conflict") or outcome["show"]["problems"][0]["message"]
    flash(said, "error")
    return redirect(url_for("studio.workbench", draft_id=draft_id))


@screen.route("/<draft_id>/manifest", methods=["GET", "POST"])
@analyst_only
def manifest(draft_id: str) -> str | Response | tuple[str, int]:
    """The manifest as a form of plain fields; lists are one entry a line."""
    work = bench(draft_id)
    data = _json(work.file(FILE))
    if request.method == "GET":
        return _manifest_page(work, data, seen=digest_of(work, FILE))
    data = _posted(data)
    content = orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    outcome = save(work, FILE, content, request.form.get("seen", ""))
    if isinstance(outcome, str):
        flash(_("Đã lưu thông tin thủ tục."), "success")
        return redirect(url_for("studio.manifest", draft_id=draft_id))
    return _manifest_page(work, data, seen=outcome["seen"], **outcome["show"]), outcome["status"]


def _manifest_page(work: Bench, data: dict[str, Any], *, seen: str, **show: Any) -> str:
    problems = show.pop("problems", None)
    if problems is None:
        problems = told([problem for problem in findings(work.files) if problem.file == FILE])
    theirs = show.get("theirs")
    return render_template(
        "studio/manifest.html",
        bench=work,
        draft=work.draft,
        data=data,
        seen=seen,
        problems=problems,
        lines=_lines(data),
        withdrawal=_withdrawal(data),
        conflict=show.get("conflict"),
        theirs=theirs,
    )


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(data: dict[str, Any], key: str) -> dict[str, Any]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def _lines(data: dict[str, Any]) -> dict[str, str]:
    """The lists of a manifest as text, one entry a line with ``|`` between its parts."""

    def named(key: str, code: str, *more: str) -> str:
        rows = data.get(key) if isinstance(data.get(key), list) else []
        return "\n".join(
            " | ".join(
                [str(row.get(code, "")), _text(row, "name").get("vi", ""), _text(row, "name").get("en", "")]
                + [_("bắt buộc") if row.get(part) is True else str(row.get(part) or "") for part in more]
            ).rstrip(" |")
            for row in rows or []
            if isinstance(row, dict)
        )

    return {
        "papers": named("papers", "code", "required"),
        "fees": named("fees", "item", "legal"),
        "results": named("results", "code"),
        "legal": "\n".join(str(entry) for entry in data.get("legal") or []),
        "limits": orjson.dumps(data.get("limits") or [], option=orjson.OPT_INDENT_2).decode(),
    }


def _withdrawal(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What goes back on a withdrawal, by stage; empty where the manifest says nothing."""
    rules = data.get("withdrawal")
    told = {rule.get("stage"): rule for rule in rules if isinstance(rule, dict)} if isinstance(rules, list) else {}
    return {
        stage: {"refund": told.get(stage, {}).get("refund", ""), "ground": told.get(stage, {}).get("ground", "")}
        for stage in _STAGES
    }


def _posted_withdrawal() -> list[dict[str, Any]]:
    """The posted rules, none when nothing was filled in. What is no number stays text, so that the check names it."""
    rules = []
    for stage in _STAGES:
        refund, ground = (request.form.get(f"{part}_{stage}", "").strip() for part in ("refund", "ground"))
        percent = refund.removesuffix("%").strip()
        rules.append({"stage": stage, "refund": int(percent) if percent.isdecimal() else refund, "ground": ground})
    return rules if any(rule["refund"] != "" or rule["ground"] for rule in rules) else []


def _posted(data: dict[str, Any]) -> dict[str, Any]:
    """The manifest with what was posted; entries that the form does not show stay as they are."""
    form, whole = request.form, dict(data)
    for key in ("code", "version", "decision", "process", "application_form", "level", "book"):
        if key in form:
            whole[key] = form[key].strip()
    for key in ("name", "short_name", "summary"):
        vi, en = form.get(f"{key}_vi", "").strip(), form.get(f"{key}_en", "").strip()
        if vi or en:
            whole[key] = {"vi": vi, "en": en}
        elif key == "summary":
            whole.pop(key, None)
    whole["field"] = {
        "code": form.get("field_code", "").strip(),
        "name": {"vi": form.get("field_vi", "").strip(), "en": form.get("field_en", "").strip()},
    }
    whole["channels"] = [channel for channel in ("online", "desk", "post") if channel in form.getlist("channels")]
    whole["legal"] = [line.strip() for line in form.get("legal", "").splitlines() if line.strip()]
    whole["papers"] = [
        {"code": code, "name": {"vi": vi, "en": en}} | ({"required": True} if rest else {})
        for code, vi, en, rest in _rows("papers")
    ]
    whole["fees"] = [
        {"item": code, "name": {"vi": vi, "en": en}} | ({"legal": rest} if rest else {})
        for code, vi, en, rest in _rows("fees")
    ]
    whole["results"] = [{"code": code, "name": {"vi": vi, "en": en}} for code, vi, en, _rest in _rows("results")]
    if f"refund_{_STAGES[0]}" in form:
        whole.pop("withdrawal", None)
        whole |= {"withdrawal": rules} if (rules := _posted_withdrawal()) else {}
    try:
        whole["limits"] = orjson.loads(form.get("limits", "") or "[]")
    except orjson.JSONDecodeError:
        whole["limits"] = form.get("limits", "")
    return whole


def _rows(key: str) -> list[tuple[str, str, str, str]]:
    rows = []
    for line in request.form.get(key, "").splitlines():
        parts = [part.strip() for part in line.split("|")]
        if any(parts):
            parts += [""] * (4 - len(parts))
            rows.append((parts[0], parts[1], parts[2] or parts[1], parts[3]))
    return rows
