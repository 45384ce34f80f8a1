"""The public page behind a slip's QR code: how far the dossier is, and nothing about a person."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import NotFound
from engine.queries.applications import tracked
from webapp import web
from webapp.progress import progress
from webapp.words import gettext as _

screen = Blueprint("tracking", __name__, template_folder="templates")


@screen.get("/t/")
def find() -> str | Response:
    """Type the tracking code of a slip, or paste its address."""
    typed = request.args.get("code", "").strip().rstrip("/").rpartition("/")[2][:64]
    if typed:
        return redirect(url_for("tracking.show", tracking=typed))
    return render_template("tracking/find.html")


@screen.get("/t/<tracking>")
def show(tracking: str) -> str | tuple[str, int]:
    """Code, procedure, degree of completion and promised time."""
    with web.reading() as uow:
        row = tracked(uow.connection, tracking[:64])
        if row is None:
            raise NotFound(what=_("hồ sơ của mã theo dõi này"))
        name = web.procedure(uow, row.digest).manifest.short_name
    return render_template(
        "tracking/show.html",
        row=row,
        name=name,
        progress=progress(row.business, row.finance, row.delivery, row.lateness),
    )
