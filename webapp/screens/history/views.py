"""Replay: the diagram of the exact version, the way taken, every event with its data before and after, the check."""

from __future__ import annotations

import bisect
from typing import Any

from flask import Blueprint, Response, render_template, request

from engine.clock import ZONE
from engine.errors import IntegrityBroken, NotFound
from engine.model.chain import Event, first_break
from engine.procedures import Procedure
from engine.queries import export, history
from engine.queries.dossier_page import readable
from engine.queries.history import Recorded
from engine.queries.verification import Verdict
from engine.store.records import Dossier
from engine.store.unit_of_work import UnitOfWork
from webapp import web
from webapp.progress import progress
from webapp.screens.history import wording
from webapp.words import gettext as _

screen = Blueprint("history", __name__, template_folder="templates")
#: Events of the log that the server writes around the chosen one; the script writes all of them.
WINDOW = 150
_FORMATS = {
    "json": (export.as_json_history, "application/json"),
    "xes": (export.as_xes, "application/xml"),
    "csv": (export.as_csv, "text/csv; charset=utf-8"),
}


@screen.get("/dossiers/<number>/history")
@web.needs_sign_in
def show(number: str) -> str:
    """The replay of one dossier."""
    with web.reading() as uow:
        return _page(uow, number, None)


@screen.post("/dossiers/<number>/history/check")
@web.needs_sign_in
def check(number: str) -> str:
    """Chain, files, definition, re-execution and rows, checked now; every difference with its place."""
    with web.reading() as uow:
        readable(uow, number, web.signed_in())
        return _page(uow, number, web.product().verification(uow).verify(number))


@screen.get("/dossiers/<number>/history/file/<kind>")
@web.needs_sign_in
def download(number: str, kind: str) -> Response:
    """The history as JSON, XES or CSV."""
    if kind not in _FORMATS:
        raise NotFound(what=kind)
    write, media_type = _FORMATS[kind]
    with web.reading() as uow:
        dossier, _tasks = readable(uow, number, web.signed_in())
        content = write(dossier, uow.journal.of(number))
    return web.download(content.encode("utf-8"), media_type, f"{number}.{kind}")


def _page(uow: UnitOfWork, number: str, verdict: Verdict | None) -> str:
    dossier, _tasks = readable(uow, number, web.signed_in())
    events = uow.journal.of(number)
    try:
        procedure = web.procedure(uow, dossier.digest)
    except IntegrityBroken as broken:
        return _without_diagram(dossier, events, verdict, broken)
    told = history.recorded(events, procedure)
    people = {login for event in events for login in (event.actor, event.on_behalf_of)}
    names = uow.organisation.names(people) | {"system": "Motcua"}
    lines = _lines(told, procedure, names)
    at = min(max(request.args.get("at", len(told), type=int), 1), max(len(told), 1))
    chosen = told[at - 1] if told else None
    low = max(0, min(at - 1 - WINDOW // 2, len(lines) - WINDOW))
    return render_template(
        "history/show.html",
        dossier=dossier,
        manifest=procedure.manifest,
        progress=progress(dossier.business, dossier.finance, dossier.delivery),
        broken=first_break(number, events, head=dossier.head, length=dossier.seq),
        verdict=verdict,
        lines=lines[low : low + WINDOW],
        low=low,
        total=len(lines),
        at=at,
        chosen=chosen,
        line=lines[at - 1] if lines else None,
        passed=[(procedure.element_name(step.element).in_(web.language()), wording.event_word(step.event))
                for step in (chosen.passed if chosen else ())],
        place=wording.place,
        finding=wording.finding,
        diagrams=[(diagram, _process_name(procedure, diagram.process)) for diagram in history.diagrams(procedure)],
        data=_data(told, lines, procedure),
        formats=tuple(_FORMATS),
    )  # fmt: skip


def _without_diagram(
    dossier: Dossier, events: tuple[Event, ...], verdict: Verdict | None, broken: IntegrityBroken
) -> str:
    """What can still be said when the stored version itself does not match its digest."""
    return render_template(
        "history/broken.html",
        dossier=dossier,
        broken=first_break(dossier.number, events, head=dossier.head, length=dossier.seq),
        verdict=verdict,
        sentence=broken.message(web.language()),
        place=wording.place,
        finding=wording.finding,
        formats=tuple(_FORMATS),
    )


def _lines(told: tuple[Recorded, ...], procedure: Procedure, names: dict[str, str]) -> list[dict[str, Any]]:
    """Each event in words."""
    lines, late = [], False
    for event in told:
        if event.kind == "DossierOverdue":
            late = True
        elif event.kind == "DossierChanged" and event.body.get("lateness") == "":
            late = False
        who = names.get(event.actor, event.actor)
        if event.on_behalf_of:
            who = _("%(who)s thay %(absent)s", who=who, absent=names.get(event.on_behalf_of, event.on_behalf_of))
        lines.append(
            {
                "n": event.seq,
                "at": f"{event.at.astimezone(ZONE):%H:%M:%S %d/%m/%Y}",
                "who": who,
                "what": wording.what(event, procedure),
                "ground": wording.ground(event),
                "late": late,
                "kind": event.kind,
                "hash": event.hash,
            }
        )
    return lines


def _data(told: tuple[Recorded, ...], lines: list[dict[str, Any]], procedure: Procedure) -> dict[str, Any]:
    """What the script needs: diagrams, elements by number, events with their steps, flows and changes."""
    elements = sorted(procedure.definition.elements)
    flows = sorted({flow for event in told for flow in event.flows})
    return {
        "diagrams": [{"id": found.process, "xml": found.xml} for found in history.diagrams(procedure)],
        "called": history.called(procedure),
        "elements": [
            [name, procedure.definition.elements[name].process, procedure.element_name(name).in_(web.language())]
            for name in elements
        ],
        "flows": flows,
        "events": [
            {
                **line,
                "s": [
                    [bisect.bisect_left(elements, step.element), step.event[:1], int(step.at.timestamp() * 1000)]
                    for step in event.passed
                ],
                "f": [bisect.bisect_left(flows, flow) for flow in event.flows],
                "c": [[change.path, change.before, change.after] for change in event.changes],
                "x": [list(fact) for fact in event.facts],
            }
            for event, line in zip(told, lines, strict=True)
        ],
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "step": _("Bước"),
        "late": _("quá hạn"),
        "before": _("Trước"),
        "after": _("Sau"),
        "entry": _("Mục"),
        "new": _("(chưa có)"),
        "gone": _("(bỏ)"),
        "unchanged": _("Sự kiện này không đổi dữ liệu."),
        "done": _("đã xong"),
        "now": _("đang ở đây"),
        "times": _("%(n)s lần", n="{n}"),
        "entered": _("đến"),
        "completed": _("xong"),
        "cancelled": _("hủy"),
        "fired": _("kích hoạt"),
    }


def _process_name(procedure: Procedure, process: str) -> str:
    if process == procedure.definition.process_id:
        return procedure.manifest.short_name.in_(web.language())
    for activity, target in history.called(procedure).items():
        if target == process:
            return procedure.element_name(activity).in_(web.language())
    return process
