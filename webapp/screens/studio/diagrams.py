"""The modeller and the tables: pages that draw, and the addresses that hand out and take back their files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from engine.bpmn import guard
from engine.bpmn.drawing import drawn
from engine.bpmn.xml import MAX_BYTES
from engine.commands.authoring import DraftClosed, FileConflict, SaveFile
from engine.decisions import read_model
from engine.definitions.comparison import elements_changed
from engine.definitions.operations import CATALOGUE
from engine.definitions.round_trip import lost
from engine.errors import DefinitionRefused, InvalidInput, MotcuaError, NotFound
from engine.feel import evaluate_text
from engine.model.permission import ROLES
from engine.values import Digest
from webapp import web
from webapp.compression import compress
from webapp.screens.studio.blueprint import Bench, analyst_only, bench, findings, screen, told
from webapp.screens.studio.page_words import page_words
from webapp.screens.studio.variables import sample, variables
from webapp.standing import role_name
from webapp.words import gettext as _

#: Operations that come in this order in the panel; the rest follow.
_FIRST = ("papers.read", "fee.charge", "payment.await", "letter.render", "result.sign", "result.issue", "notify.send")


@screen.get("/<draft_id>/diagram")
@analyst_only
def diagram(draft_id: str) -> str:
    """The modeller."""
    work = bench(draft_id)
    name = _asked(work, ".bpmn", "process.bpmn")
    return render_template(
        "studio/modeller.html",
        bench=work,
        draft=work.draft,
        name=name,
        page=_page(work, name) | {"offers": url_for("studio.offers", draft_id=draft_id, name=name)},
        files=work.names("", ".bpmn"),
    )


@screen.get("/<draft_id>/tables")
@analyst_only
def tables(draft_id: str) -> str:
    """The decision tables."""
    work = bench(draft_id)
    names = work.names("", ".dmn")
    name = _asked(work, ".dmn", names[0] if names else "decisions.dmn")
    return render_template(
        "studio/tables.html", bench=work, draft=work.draft, name=name, page=_page(work, name), files=names
    )


def _asked(work: Bench, suffix: str, usual: str) -> str:
    name = request.args.get("file", usual)
    if name not in work.files or not name.endswith(suffix):
        raise NotFound(what=_("tệp %(name)s", name=name[:80]))
    return name


def _page(work: Bench, name: str) -> dict[str, Any]:
    """What the page's script needs to know, as JSON in the page."""
    source = url_for("studio.source", draft_id=work.draft.id, name=name)
    return {
        "source": source,
        "file": name,
        "problems": told([p for p in findings(work.files) if p.file in {name, ""}], work.draft.id),
        "element": request.args.get("element", "")[:200],
        "editable": work.editable,
        "language": web.language(),
        "conflict": url_for("studio.file", draft_id=work.draft.id, name=name),
        "feel": url_for("studio.try_feel", draft_id=work.draft.id),
        "drawn": url_for("studio.with_drawing", draft_id=work.draft.id, name=name),
        "losses": url_for("studio.losses", draft_id=work.draft.id),
        "differences": url_for("studio.differences", draft_id=work.draft.id, name=name),
        "csrf": generate_csrf(),
        "words": page_words(),
    }


@screen.get("/<draft_id>/offers/<path:name>")
@analyst_only
def offers(draft_id: str, name: str) -> Response:
    """What the panel offers for a diagram. It carries no secret, so unlike the page it can be compressed."""
    work = bench(draft_id)
    work.file(name)
    response = _answer(200, _catalogue(work, name))
    response.headers["Cache-Control"] = "private, no-store"
    return compress(response)


def _catalogue(work: Bench, name: str) -> dict[str, Any]:
    """Roles, forms, operations with parameters, decisions, processes to call."""
    language = web.language()
    operations = sorted(CATALOGUE.values(), key=lambda one: (one.id not in _FIRST, one.label.in_(language)))
    processes, decisions = [], []
    checked = guard.inspect({name: content for name, content in work.files.items() if name.endswith(".bpmn")})
    for found in checked.diagrams:
        processes += [{"id": one.id, "label": one.name or one.id} for one in found.processes]
    for tables in work.names("", ".dmn"):
        decisions += _decisions(work.files[tables], tables)
    return {
        "roles": [{"id": role, "label": role_name(role)} for role in sorted(ROLES)],
        "forms": [
            {"id": form.removeprefix("forms/").removesuffix(".json"), "label": _form_title(work.files, form)}
            for form in work.names("forms/", ".json")
        ],
        "operations": [
            {
                "id": one.id,
                "label": one.label.in_(language),
                "mode": one.mode,
                "errors": list(one.errors),
                "parameters": [
                    {"id": p.name, "type": p.type, "label": p.label.in_(language), "required": p.required}
                    for p in one.parameters
                ],
            }
            for one in operations
        ],
        "decisions": decisions,
        "processes": processes,
        "names": variables(work, name),
        "sample": sample(work, name),
    }


def _decisions(content: bytes, file: str) -> list[dict[str, str]]:
    try:
        model = read_model(content, file=file)
    except DefinitionRefused:
        return []
    return [{"id": one.name, "label": one.name} for one in model.decisions]


def _form_title(files: Mapping[str, bytes], name: str) -> str:
    try:
        return str(orjson.loads(files[name]).get("title") or name)
    except (orjson.JSONDecodeError, AttributeError):
        return name


@screen.get("/<draft_id>/source/<path:name>")
@analyst_only
def source(draft_id: str, name: str) -> Response:
    """A file's bytes with its ETag."""
    content = bench(draft_id).file(name)
    kind = "application/json" if name.endswith(".json") else "application/xml"
    response = Response(content, mimetype=kind)
    response.set_etag(str(Digest.of(content)))
    response.headers["Cache-Control"] = "private, no-store"
    return compress(response)


@screen.route("/<draft_id>/drawn/<path:name>", methods=["GET", "POST"])
@analyst_only
def with_drawing(draft_id: str, name: str) -> Response:
    """A diagram to look at: the stored one, or the one posted, with a drawing made for it when it has none."""
    stored = bench(draft_id).file(name)
    try:
        shown = drawn(request.get_data(cache=False) if request.method == "POST" else stored, file=name)
    except DefinitionRefused as refusal:
        return _answer(422, {"error": refusal.message(web.language()), "problems": told(refusal.problems, draft_id)})
    response = Response(shown, mimetype="application/xml")
    response.headers["Cache-Control"] = "private, no-store"
    return compress(response)


@screen.put("/<draft_id>/source/<path:name>")
@analyst_only
def put_source(draft_id: str, name: str) -> Response:
    """Keep a file. 200 with what is wrong with the draft now, 412 when it changed meanwhile, 422 when it is unreadable,
    428 without If-Match."""
    if not request.if_match:
        said = _("Thiếu If-Match: tải lại trang rồi lưu lại.")
        return _answer(428, {"error": said, "code": "if-match-missing", "problems": []})
    seen = (next(iter(request.if_match.as_set()), "") or "").removesuffix(
        "-gz"
    )  # as it is tagged when it came compressed
    content = request.get_data(cache=False)
    try:
        saved = web.execute(SaveFile(draft=draft_id, name=name, content=content, seen=seen))
    except DefinitionRefused as refusal:
        return _answer(422, {"error": refusal.message(web.language()), "problems": told(refusal.problems, draft_id)})
    except FileConflict as conflict:
        return _answer(412, {"error": conflict.message(web.language()), "code": conflict.code, "problems": []})
    except DraftClosed as closed:
        return _answer(409, {"error": closed.message(web.language()), "code": closed.code, "problems": []})
    problems = [p for p in findings(bench(draft_id).files) if p.file in {name, ""}]
    response = _answer(200, {"problems": told(problems, draft_id), "changed": saved["changed"]})
    response.set_etag(saved["digest"])
    return response


def _answer(status: int, body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), status=status, mimetype="application/json")


@screen.post("/<draft_id>/differences/<path:name>")
@analyst_only
def differences(draft_id: str, name: str) -> Response:
    """How a diagram that could not be saved differs from the one that is stored, element by element."""
    stored = bench(draft_id).file(name)
    changes = elements_changed(stored, request.get_data(cache=False))
    words = {"added": _("chỉ bản của bạn có"), "removed": _("chỉ bản đã lưu có")}
    return _answer(
        200,
        {
            "changes": [
                {
                    "id": change.id,
                    "name": change.name,
                    "theirs": "; ".join(f"{part}: {old or '–'}" for part, old, _new in change.what)
                    or words.get(change.change, ""),
                    "mine": "; ".join(f"{part}: {new or '–'}" for part, _old, new in change.what)
                    or words.get(change.change, ""),
                }
                for change in changes[:200]
            ]
        },
    )


@screen.post("/<draft_id>/losses")
@analyst_only
def losses(draft_id: str) -> Response:
    """What the drawing tool would not give back of a file (``before``) after reading and writing it (``after``)."""
    bench(draft_id)
    asked = request.get_json(silent=True)
    sides = [asked.get(side) if isinstance(asked, dict) else None for side in ("before", "after")]
    before, after = (side.encode() if isinstance(side, str) else b"" for side in sides)
    if max(len(before), len(after)) > MAX_BYTES:
        raise InvalidInput(what=_("sơ đồ"), why=_("tệp quá lớn"))
    found = lost(before, after)
    named = [f"{loss.element or '–'}: {loss.what}{f' = {loss.value[:60]}' if loss.value else ''}" for loss in found]
    return _answer(200, {"count": len(named), "losses": named[:20]})


@screen.post("/<draft_id>/feel")
@analyst_only
def try_feel(draft_id: str) -> Response:
    """The value of an expression on sample data, or why it has none."""
    asked = request.get_json(silent=True)
    data = asked.get("data") if isinstance(asked, dict) else None
    text = str(asked.get("expression", ""))[:4000] if isinstance(asked, dict) else ""
    functions = web.product().bus.library.functions
    try:
        found: dict[str, Any] = evaluate_text(
            text, data if isinstance(data, dict) else {}, functions=functions, now=web.product().clock.now()
        )
    except MotcuaError as error:
        return _answer(200, {"ok": False, "message": error.message(web.language())})
    if found["value"] is None and found["reasons"]:
        reason = found["reasons"][0]
        said = reason["message_vi"] if web.language() == "vi" else reason["message"]
        return _answer(200, {"ok": False, "message": said})
    return _answer(200, {"ok": True, "value": orjson.dumps(found["value"]).decode()})
