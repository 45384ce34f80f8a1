"""For operators: incidents with what to do about them, and how the work goes; for accountants: open refunds."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.commands.bulk import RetryMany
from engine.commands.fees import FinishRefund
from engine.commands.incidents import AbandonDelivery, AnnotateIncident, RetryIncident
from engine.errors import Forbidden, InvalidInput, NotFound, Text
from engine.model import permission as role
from engine.model.queue import TOPICS
from engine.queries import incidents
from engine.queries.incidents import Wanted
from engine.queries.operation import CAP, operation
from webapp import web
from webapp.bootstrap import version
from webapp.screens.operations import runbook
from webapp.words import gettext as _

screen = Blueprint("operations", __name__, template_folder="templates")
KINDS = ("delivery", "late", "timer")
CONNECTORS = tuple(dict.fromkeys(topic.connector for topic in TOPICS.values() if topic.connector))
#: Hours that the filter by age offers.
AGES = (1, 4, 24, 72, 168)


@screen.get("/operations")
@web.needs_role(role.OPERATOR)
def show() -> str:
    """What needs an operator, and what will mend itself."""
    wanted = _wanted()
    with web.reading() as uow:
        found = incidents.incidents(uow.connection, wanted, web.product().clock.now())
        waiting = incidents.waiting_deliveries(uow.connection)
        units = incidents.units(uow.connection)
        notes = uow.incident_notes.of([one.id for one in found])
    return render_template(
        "operations/incidents.html",
        found=found,
        waiting=waiting,
        notes=notes,
        wanted=wanted,
        filtered=wanted != Wanted(),
        kinds=KINDS,
        connectors=CONNECTORS,
        units=units,
        ages=AGES,
        book=runbook,
        limit=incidents.LIMIT,
    )


def _wanted() -> Wanted:
    kind, connector = request.args.get("kind", ""), request.args.get("connector", "")
    return Wanted(
        kind=kind if kind in KINDS else "",
        connector=connector if connector in CONNECTORS else "",
        unit=request.args.get("unit", "")[:40],
        text=request.args.get("text", "").strip()[:100],
        hours=request.args.get("hours", 0, type=int) if request.args.get("hours", "").isdigit() else 0,
    )


@screen.get("/operations/status")
@web.needs_role(role.OPERATOR)
def status() -> str:
    """Queues, workers, circuit breakers, versions and periodic work."""
    now, settings = web.product().clock.now(), web.product().settings
    with web.reading() as uow:
        found = operation(uow.connection, now)
        at_odds = uow.workers.at_odds(settings.dispatcher, now)
    return render_template(
        "operations/status.html",
        found=found,
        now=now,
        lease=settings.lease_seconds,
        dispatcher=settings.dispatcher,
        at_odds=at_odds,
        version=version(),
        cap=CAP,
        book=runbook,
    )


@screen.get("/operations/incidents/<incident_id>")
@web.needs_role(role.OPERATOR)
def one(incident_id: str) -> str:
    """One incident: what is known, and what can be done."""
    with web.reading() as uow:
        found = incidents.incident(uow.connection, incident_id)
        notes = uow.incident_notes.of([incident_id]).get(incident_id, ())
    if found is None:
        raise NotFound(what=Text(vi="sự cố đang mở", en="open incident"))
    return render_template("operations/incident.html", found=found, notes=notes, book=runbook)


@screen.post("/operations/deliveries/<incident_id>/retry")
@web.needs_role(role.OPERATOR)
def retry(incident_id: str) -> Response:
    """Try again; the note says what was repaired and stays in the dossier's history."""
    web.execute(RetryIncident(incident=incident_id, note=_said("note", _("hãy ghi đã sửa gì trước khi thử lại"))))
    flash(_("Đã đưa vào hàng chờ để thử lại."), "success")
    return redirect(url_for("operations.show"))


@screen.post("/operations/deliveries/<incident_id>/note")
@web.needs_role(role.OPERATOR)
def annotate(incident_id: str) -> Response:
    """Say what is known so far."""
    web.execute(AnnotateIncident(incident=incident_id, text=_said("text", _("hãy ghi nội dung"))))
    flash(_("Đã ghi chú."), "success")
    return redirect(url_for("operations.one", incident_id=incident_id))


@screen.post("/operations/deliveries/<incident_id>/abandon")
@web.needs_role(role.OPERATOR)
def abandon(incident_id: str) -> Response:
    """Give up; the reason stays in the dossier's history."""
    web.execute(AbandonDelivery(row=incident_id, reason=_said("reason", _("hãy ghi lý do"))))
    flash(_("Đã đóng sự cố."), "success")
    return redirect(url_for("operations.show"))


@screen.post("/operations/retry")
@web.needs_role(role.OPERATOR)
def retry_many() -> Response:
    """Try many again; each by itself, with its own outcome on the next page."""
    chosen = tuple(request.form.getlist("incident"))
    if not chosen:
        raise InvalidInput(what=_("Sự cố"), why=_("chưa chọn sự cố nào"))
    begun = web.execute(RetryMany(incidents=chosen, note=_said("note", _("hãy ghi đã sửa gì trước khi thử lại"))))
    return redirect(url_for("acts.batch", batch_id=begun["batch"]))


def _said(field: str, missing: str) -> str:
    text = request.form.get(field, "").strip()[:500]
    if not text:
        raise InvalidInput(what=_("Ghi chú"), why=missing)
    return text


@screen.get("/refunds")
@web.needs_role(role.ACCOUNTANT)
def refunds() -> str:
    """Money that has to go back, of the accountant's units."""
    with web.reading() as uow:
        rows = incidents.open_refunds(uow.connection, _accounts())
    return render_template("operations/refunds.html", rows=rows, total=sum(row.amount for row in rows))


@screen.post("/refunds/finish")
@web.needs_role(role.ACCOUNTANT)
def finish() -> Response:
    """Record that a refund was paid."""
    if request.form.get("paid") != "true":
        raise Forbidden(why=_("hãy xác nhận đã chuyển tiền trước khi ghi nhận"))
    web.execute(FinishRefund(dossier=request.form.get("dossier", ""), refund=request.form.get("refund", "")))
    flash(_("Đã ghi nhận hoàn tiền."), "success")
    return redirect(url_for("operations.refunds"))


def _accounts() -> tuple[str, ...]:
    return tuple(dict.fromkeys(post.unit for post in web.signed_in().posts if post.role == role.ACCOUNTANT))
