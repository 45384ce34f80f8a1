"""Composing e-forms without a script: a list of fields, a form for each, and the very page that citizens get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.wrappers import Response

from engine.definitions import form_editing as editing
from engine.errors import DefinitionRefused, InvalidInput, NotFound
from engine.forms import Form, initial, layout, load_form, read_post, validate
from engine.forms.origin import ORIGINS
from webapp import web
from webapp.eforms import render_fields, render_form
from webapp.screens.studio import field_form
from webapp.screens.studio.blueprint import Bench, analyst_only, bench, findings, screen, told
from webapp.screens.studio.workbench import digest_of, save
from webapp.words import gettext as _

Json = dict[str, Any]


@screen.get("/<draft_id>/forms")
@analyst_only
def forms(draft_id: str) -> str:
    """The e-forms of a draft and the fragments they share."""
    work = bench(draft_id)
    problems = findings(work.files)
    listed = []
    for name in work.names("forms/", ".json"):
        document = _document(work, name)
        wrong = sum(problem.file == name and problem.severity == "error" for problem in problems)
        fields = len(editing.rows(document))
        listed.append({"name": _short(name), "title": document.get("title", name), "fields": fields, "wrong": wrong})
    return render_template("studio/forms.html", bench=work, draft=work.draft, forms=listed)


@screen.route("/<draft_id>/forms/<name>", methods=["GET", "POST"])
@analyst_only
def form(draft_id: str, name: str) -> str | Response | tuple[str, int]:
    """The editor of one e-form; every change is an ordinary post."""
    work, file = bench(draft_id), f"forms/{name}.json"
    document = _document(work, file)
    if request.method == "GET":
        return _page(work, file, document, seen=digest_of(work, file), chosen=request.args.get("field", ""))
    act, place = request.form.get("act", ""), request.form.get("place", "")
    try:
        changed, chosen = _act(act, place, document)
    except (InvalidInput, NotFound) as refusal:
        shown = _page(
            work, file, document, seen=digest_of(work, file), chosen=place, said=refusal.message(web.language())
        )
        return shown, 422
    content = orjson.dumps(changed, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    outcome = save(work, file, content, request.form.get("seen", ""))
    if isinstance(outcome, str):
        return redirect(url_for("studio.form", draft_id=draft_id, name=name, field=chosen, _anchor="truong"))
    show = outcome["show"] | ({"mine": content.decode()} if outcome["status"] == 412 else {})
    return _page(work, file, changed, seen=outcome["seen"], chosen=chosen, **show), outcome["status"]


def _act(act: str, place: str, document: Json) -> tuple[Json, str]:
    """The changed document and the field to show next."""
    posted = request.form
    inside, name = posted.get("inside", ""), posted.get("name", "").strip()
    steps: Mapping[str, Callable[[], tuple[Json, str]]] = {
        "add": lambda: (
            editing.add_field(document, inside, posted.get("kind", ""), name, posted.get("title", "")),
            _joined(document, inside, name),
        ),
        "fragment": lambda: (
            editing.add_fragment(document, inside, name, posted.get("reference", "")),
            _joined(document, inside, name),
        ),
        "up": lambda: (editing.move(document, place, -1), place),
        "down": lambda: (editing.move(document, place, 1), place),
        "remove": lambda: (editing.remove(document, place), ""),
        "change": lambda: _changed(document, place, name),
        "head": lambda: (_headed(document), ""),
    }
    if act not in steps:
        raise InvalidInput(what="act", why=act[:40])
    return steps[act]()


def _changed(document: Json, place: str, name: str) -> tuple[Json, str]:
    node = field_form.read(editing.field_at(document, place), request.form)
    whole = editing.replace_field(document, place, node, name=name, required=request.form.get("required") == "yes")
    return whole, "/".join([*place.split("/")[:-1], name])


def _headed(document: Json) -> Json:
    """The form's own title and hint."""
    return field_form.read(document, {**request.form, "lock": "no"})


def _joined(document: Json, inside: str, name: str) -> str:
    if not inside:
        return name
    listed = editing.kind_of(editing.field_at(document, inside)) == "list"
    return f"{inside}/[]/{name}" if listed else f"{inside}/{name}"


def _page(work: Bench, file: str, document: Json, *, seen: str, chosen: str, **show: Any) -> str:
    rows = editing.rows(document)
    row = next((one for one in rows if one.place == chosen), None)
    loaded, problems = _loaded(work, file, document)
    if show.get("problems") is None:
        show["problems"] = problems
    return render_template(
        "studio/form.html",
        bench=work,
        draft=work.draft,
        file=file,
        name=_short(file),
        document=document,
        form_head=field_form.shown("", document, required=False),
        rows=rows,
        titles=_titles(loaded),
        row=row,
        field=field_form.shown(row.name, editing.field_at(document, chosen), required=row.required) if row else None,
        palette=editing.PALETTE,
        fragments=_fragment_names(work),
        origins=ORIGINS,
        papers=_papers(work),
        seen=seen,
        preview=_preview(loaded) if loaded else Markup(""),
        said=show.pop("said", ""),
        conflict=show.pop("conflict", ""),
        theirs=show.pop("theirs", ""),
        mine=show.pop("mine", ""),
        **show,
    )


def _titles(loaded: Form | None) -> dict[str, str]:
    """The title of every field by its place, also of those that come from a fragment."""
    return {"/".join(field.path): field.title.in_(web.language()) for field in loaded.fields()} if loaded else {}


def _preview(loaded: Form) -> Markup:
    return render_fields(layout(loaded, initial(loaded, source={}), language=web.language()))


@screen.route("/<draft_id>/forms/<name>/preview", methods=["GET", "POST"])
@analyst_only
def preview(draft_id: str, name: str) -> str | tuple[str, int]:
    """The form as a citizen or an official gets it, conditions and mistakes included; nothing is kept."""
    work, file = bench(draft_id), f"forms/{name}.json"
    loaded, problems = _loaded(work, file, _document(work, file))
    if loaded is None:
        return render_template(
            "studio/preview.html", draft=work.draft, name=name, problems=problems, page="", narrow=False
        ), 422
    data = initial(loaded, source={})
    errors: tuple[Any, ...] = ()
    if request.method == "POST":
        data = read_post(loaded, request.form.to_dict(flat=False), source={}, uploads={}, previous=data)
        if request.form.get("act", "submit") == "submit":
            errors = tuple(validate(loaded, data, today=web.product().clock.now().date(), files=set()))
    narrow = request.args.get("width") == "phone"
    action = url_for("studio.preview", draft_id=draft_id, name=name, width="phone" if narrow else None)
    page = render_form(
        layout(loaded, data, errors=errors, language=web.language()),
        action=action,
        csrf_token=generate_csrf(),
        submit=_("Thử gửi"),
        draft=False,
    )
    shown = render_template(
        "studio/preview.html",
        draft=work.draft,
        name=name,
        problems=[],
        page=page,
        narrow=narrow,
        sent=request.method == "POST",
    )
    return (shown, 422) if errors else shown


def _document(work: Bench, file: str) -> Json:
    try:
        found = orjson.loads(work.file(file))
    except orjson.JSONDecodeError:
        found = {}
    return found if isinstance(found, dict) else {}


def _loaded(work: Bench, file: str, document: Json) -> tuple[Form | None, list[dict[str, Any]]]:
    shared = {
        name.removeprefix("forms/"): content
        for name, content in work.files.items()
        if name.startswith("forms/_shared/")
    }
    try:
        return load_form(orjson.dumps(document), file=file, shared=shared), []
    except DefinitionRefused as refusal:
        return None, told(refusal.problems, work.draft.id)


def _fragment_names(work: Bench) -> list[tuple[str, str]]:
    """Every shared fragment with its title."""
    found = []
    for name, content in sorted(work.files.items()):
        if name.startswith("forms/_shared/"):
            for key, node in orjson.loads(content).items():
                if isinstance(node, dict) and node.get("type"):
                    found.append((f"{name.removeprefix('forms/')}#/{key}", str(node.get("title") or key)))
    return found


def _papers(work: Bench) -> list[tuple[str, str]]:
    manifest = _document(work, "procedure.json")
    papers = manifest.get("papers")
    return [
        (str(paper.get("code")), str((paper.get("name") or {}).get("vi") or ""))
        for paper in (papers if isinstance(papers, list) else [])
        if isinstance(paper, dict)
    ]


def _short(file: str) -> str:
    return file.removeprefix("forms/").removesuffix(".json")
