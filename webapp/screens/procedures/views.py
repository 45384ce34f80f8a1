"""The catalogue of procedures and the page of one procedure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, render_template, request

from engine.errors import NotFound
from engine.model.duration import Channel, Limit
from engine.model.wording import parts_en, parts_vi
from engine.procedures import Procedure
from engine.queries.catalogue import Catalogue, CatalogueRow, found
from engine.queries.decision_notes import decision_notes
from webapp import web
from webapp.words import gettext as _

screen = Blueprint("procedures", __name__, template_folder="templates")
_catalogue = Catalogue()
#: Procedures on one page; with more than this and no question, the fields alone are listed.
PAGE = 50


@screen.get("/procedures")
def index() -> str:
    """Search, and the procedures by field; the fields alone when there are very many."""
    asked, field = request.args.get("q", "")[:200].strip(), request.args.get("field", "")[:40]
    page = max(1, request.args.get("page", 1, type=int))
    with web.reading() as uow:
        rows = _catalogue.rows(uow.connection, web.product().clock.now())
    hits = [row for row in found(rows, asked) if not field or row.field == field]
    shown = hits[(page - 1) * PAGE : page * PAGE]
    narrow = bool(asked or field)
    fields_alone = not narrow and len(hits) > PAGE
    return render_template(
        "procedures/index.html",
        asked=asked,
        field=next((row.field_name for row in hits if row.field == field), None),
        field_code=field,
        total=len(hits),
        fields=_fields(hits) if fields_alone else (),
        groups=() if fields_alone else _grouped(shown, ranked=bool(asked)),
        page=page,
        pages=1 if fields_alone else -(-len(hits) // PAGE),
    )


def _fields(rows: Sequence[CatalogueRow]) -> list[tuple[CatalogueRow, int]]:
    """One row of each field, and how many procedures it has."""
    return [(members[0], len(members)) for members in (list(run) for _, run in groupby(rows, lambda row: row.field))]


def _grouped(rows: Sequence[CatalogueRow], *, ranked: bool) -> list[tuple[str, list[CatalogueRow]]]:
    """The rows under their fields' names; an answer to a question keeps its order under one heading."""
    if ranked:
        return [("", list(rows))] if rows else []
    name = web.language()
    return [(members[0].field_name.in_(name), members) for members in _runs(rows)]


def _runs(rows: Sequence[CatalogueRow]) -> list[list[CatalogueRow]]:
    return [list(run) for _, run in groupby(rows, lambda row: row.field)]


@screen.get("/procedures/<code>")
def show(code: str) -> str:
    """What a procedure is, how long it takes, what it costs, what it asks for and gives."""
    now = web.product().clock.now()
    with web.reading() as uow:
        deployment = uow.definitions.in_force(code, now)
        if deployment is None:
            raise NotFound(what=_("thủ tục %(code)s", code=code[:40]))
        procedure = web.procedure(uow, deployment.digest)
        units = [unit for unit in uow.organisation.units(now) if unit.kind == procedure.manifest.level]
    return render_template(
        "procedures/show.html",
        manifest=procedure.manifest,
        deployment=deployment,
        units=units,
        terms=_terms(procedure),
        fee_notes=decision_notes(procedure.package.files) if procedure.manifest.fees else (),
        channels=[_channel(channel) for channel in procedure.manifest.channels],
    )


def _terms(procedure: Procedure) -> list[dict[str, str]]:
    """The time limits in words: for whom, how long, on what ground."""
    terms = []
    for limit in (Limit.from_json(entry) for entry in procedure.manifest.limits):
        names = [_channel_words()[limit.channel]] if limit.channel else []
        names += [case for case in (limit.case, limit.unit_class) if case]
        words = parts_vi(limit.parts) if web.language() == "vi" else parts_en(limit.parts)
        if limit.cutoff:
            after = _("nhận sau %(at)s thì tính từ ngày làm việc tiếp theo", at=f"{limit.cutoff:%H:%M}")
            words = f"{words}; {after}"
        terms.append({"when": ", ".join(names), "words": words[:1].upper() + words[1:], "ground": limit.ground})
    return terms


def _channel_words() -> dict[Channel, str]:
    return {
        Channel.ONLINE: _("Nộp trực tuyến"),
        Channel.DIRECT: _("Nộp trực tiếp"),
        Channel.POSTAL: _("Nộp qua bưu chính"),
    }


def _channel(name: str) -> str:
    words: dict[str, str] = {
        "online": _("Trực tuyến tại trang này"),
        "desk": _("Trực tiếp tại Bộ phận Một cửa"),
        "post": _("Qua bưu chính công ích"),
    }
    return words[name]
