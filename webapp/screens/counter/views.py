"""The counter: one citizen stands at the desk; everything for that citizen on one page, by keyboard or scanner.

The identity number stays in the session and never in an address. Every look-up in the register is on record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from engine.commands.intake import StartDraft
from engine.commands.lookups import NoteLookUp
from engine.definitions.manifest import Manifest
from engine.errors import ConnectorRefused, Forbidden, InvalidInput, NotFound, Text
from engine.model.permission import DESK, Actor
from engine.ports import RegistryQuery
from engine.queries.catalogue import Catalogue
from engine.queries.counter import CounterRow, at_counter
from engine.store.records import Charge, Document, Dossier
from engine.store.unit_of_work import UnitOfWork
from webapp import rates, web
from webapp.progress import Progress, progress
from webapp.words import gettext as _

screen = Blueprint("counter", __name__, template_folder="templates")
_VISITOR = "counter_visitor"
_CATALOGUE = Catalogue()
_PURPOSE = "Tiếp nhận hồ sơ tại quầy theo yêu cầu của người dân"
#: An identity number alone, or inside what the code on an identity card says (number first, then fields by "|").
_NUMBER = re.compile(r"^\s*(\d{12})(?:\||\s*$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One application of the citizen as the counter shows it."""

    row: CounterRow
    manifest: Manifest
    dossier: Dossier | None
    progress: Progress | None
    charges: tuple[Charge, ...]
    slips: tuple[Document, ...]


def _desk() -> tuple[Actor, str]:
    """The official and the unit of the desk."""
    person = web.signed_in()
    unit = next((post.unit for post in person.posts if post.role == DESK), "")
    if not unit:
        raise Forbidden(why=Text(vi="việc của Bộ phận Một cửa", en="the one-stop desk's work"))
    return person, unit


@screen.get("/counter")
@web.needs_role(DESK)
def show() -> str:
    """The citizen at the desk, or the field that waits for the scanner."""
    person, unit = _desk()
    visitor: dict[str, str] | None = session.get(_VISITOR)
    now = web.product().clock.now()
    cases: list[Case] = []
    offers: list[tuple[str, str]] = []
    if visitor:
        with web.reading() as uow:
            rows = at_counter(uow.connection, person.login, visitor["id"], since=now - timedelta(hours=12))
            cases = [_case(uow, row) for row in rows]
            offers = _offers(uow, unit)
    return render_template("counter/show.html", visitor=visitor, cases=cases, offers=offers, unit=unit)


def _case(uow: UnitOfWork, row: CounterRow) -> Case:
    manifest = web.procedure(uow, row.digest).manifest
    if not row.dossier:
        return Case(row=row, manifest=manifest, dossier=None, progress=None, charges=(), slips=())
    dossier = uow.dossiers.get(row.dossier)
    return Case(
        row=row,
        manifest=web.procedure(uow, dossier.digest).manifest,
        dossier=dossier,
        progress=progress(dossier.business, dossier.finance, dossier.delivery, dossier.lateness),
        charges=uow.money.charges(dossier.number),
        slips=tuple(paper for paper in uow.documents.of(dossier.number) if paper.kind in {"slip", "receipt"}),
    )


def _offers(uow: UnitOfWork, unit: str) -> list[tuple[str, str]]:
    """Procedures in force that this desk may file."""
    now = web.product().clock.now()
    level = uow.organisation.unit(unit, now).kind
    found = []
    for entry in _CATALOGUE.rows(uow.connection, now):
        manifest = web.procedure(uow, entry.digest).manifest
        if "desk" in manifest.channels and manifest.level == level:
            found.append((str(manifest.code), manifest.short_name.in_(web.language())))
    return sorted(found, key=lambda pair: pair[1])


@screen.post("/counter/visitor")
@web.needs_role(DESK)
def greet() -> Response:
    """Scan or type an identity number; the register says who it is."""
    person, _unit = _desk()
    found = _NUMBER.match(request.form.get("id", "")[:300])
    if found is None:
        raise InvalidInput(what=_("số định danh"), why=_("12 chữ số, gõ hoặc quét mã trên căn cước"))
    answer = _ask(found.group(1), person)
    web.execute(NoteLookUp(register="population", subject=found.group(1), purpose=_PURPOSE))
    if not answer["data"]:
        raise NotFound(what=_("số định danh này trong CSDL dân cư"))
    session[_VISITOR] = {"id": found.group(1), "name": str(answer["data"].get("ho_ten", ""))}
    return redirect(url_for("counter.show"))


@screen.post("/counter/leave")
@web.needs_role(DESK)
def leave() -> Response:
    """The citizen goes; the next one comes."""
    session.pop(_VISITOR, None)
    return redirect(url_for("counter.show"))


@screen.post("/counter/applications")
@web.needs_role(DESK)
def begin() -> Response:
    """Begin an application for the citizen at the desk."""
    person, unit = _desk()
    visitor = session.get(_VISITOR)
    if not visitor:
        raise InvalidInput(what=_("người dân"), why=_("quét hoặc gõ số định danh trước"))
    answer = _ask(visitor["id"], person)
    command = StartDraft(
        procedure=request.form.get("procedure", "")[:40],
        unit=unit,
        registers={"requester": answer},
        holder=visitor["id"],
    )
    draft = web.execute(command)["draft"]
    return redirect(url_for("portal.draft", draft_id=draft))


@screen.get("/counter/filed/<number>")
@web.needs_role(DESK)
def filed(number: str) -> Response:
    """Back at the counter after filing."""
    flash(_("Đã nộp hồ sơ %(number)s. Làm tiếp hồ sơ khác hoặc in giấy tiếp nhận.", number=number), "success")
    return redirect(url_for("counter.show"))


def _ask(subject: str, person: Actor) -> dict[str, Any]:
    rates.hit(rates.LOOKING_UP, person.login)
    query = RegistryQuery(register="population", subject=subject, purpose=_PURPOSE, dossier="", officer=person.login)
    try:
        answer = web.product().ports.registries["population"].look_up(query)
    except ConnectorRefused as refused:
        raise NotFound(what=_("số định danh này trong CSDL dân cư")) from refused
    return {
        "register": "population",
        "source": answer.source,
        "at": answer.at.isoformat(),
        "data": dict(answer.data),
        "subject": subject,
        "purpose": _PURPOSE,
    }
