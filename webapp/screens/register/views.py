"""The register of dossiers (form 07) as a page, CSV and PDF, and the slips 04, 05 and 06 on demand."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import pgettext

from engine.clock import ZONE
from engine.errors import Forbidden, InvalidInput, NotFound, Text
from engine.model import permission as role
from engine.model.permission import LEADER, Actor
from engine.model.status import Business
from engine.queries.control_slip import hand_overs, mentioned
from engine.queries.dossier_page import readable
from engine.queries.register_book import BookRow, register_book
from engine.store.records import Dossier, OutboxRow
from engine.store.unit_of_work import UnitOfWork
from engine.worker.deliveries import gather
from engine.worker.letter_data import completed, letter_data
from webapp import web
from webapp.words import gettext as _
from webapp.words import in_language

screen = Blueprint("register", __name__, template_folder="templates")
SEEING = (role.DESK, role.SPECIALIST, role.LEADER, role.CLERK, role.ACCOUNTANT, role.AUDITOR)
PAGE = 100
MOST = 5000
#: Forms by what the address calls them: the template, and whether the applicant may have it too.
FORMS = {"04": ("apology", True), "05": ("halt-notice", True), "rut": ("withdrawal-slip", True)}


class Span:
    """Unit and days of the request, within what the person may see."""

    def __init__(self, uow: UnitOfWork, person: Actor) -> None:
        now = web.product().clock.now()
        own = sorted({post.unit for post in person.posts if post.role in SEEING})
        titles = {unit.code: unit for unit in uow.organisation.units(now)}
        self.units = {code: titles[code].name for code in own if code in titles}
        self.unit = request.args.get("unit", "")[:40] or (own[0] if own else "")
        if self.unit not in self.units:
            raise Forbidden(
                why=Text(vi=f"sổ của đơn vị khác ({self.unit})", en=f"another unit's register ({self.unit})")
            )
        self.record = titles[self.unit]
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.since = _day(request.args.get("since", ""), today.replace(day=1))
        self.until = _day(request.args.get("until", ""), today)
        if self.until < self.since:
            raise InvalidInput(what=_("khoảng ngày"), why=_("ngày cuối trước ngày đầu"))
        self.now = now

    @property
    def end(self) -> datetime:
        """The moment after the last day."""
        return self.until + timedelta(days=1)

    @property
    def kept(self) -> dict[str, Any]:
        """The parameters of a link that stays in this register."""
        return {"unit": self.unit, "since": f"{self.since:%d/%m/%Y}", "until": f"{self.until:%d/%m/%Y}"}

    def all(self, uow: UnitOfWork) -> tuple[BookRow, ...]:
        """Every row; ``InvalidInput`` when there are more than an export holds."""
        rows, more = register_book(uow.connection, self.unit, since=self.since, until=self.end, limit=MOST)
        if more:
            raise InvalidInput(what=_("khoảng ngày"), why=_("quá %(n)s hồ sơ, hãy chọn ngắn hơn", n=MOST))
        return rows


def _day(typed: str, usual: datetime) -> datetime:
    if not typed.strip():
        return usual
    for shape in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(typed.strip(), shape).replace(tzinfo=ZONE)
        except ValueError:
            continue
    raise InvalidInput(what=typed[:40], why=_("ghi ngày như 24/11/2026"))


@screen.get("/register")
@web.needs_role(*SEEING)
def show() -> str:
    """One page of the register."""
    with web.reading() as uow:
        span = Span(uow, web.signed_in())
        after = request.args.get("after", "")[:80]
        rows, more = register_book(uow.connection, span.unit, since=span.since, until=span.end, after=after, limit=PAGE)
    following = url_for("register.show", after=more, **span.kept) if more else ""
    return render_template("register/show.html", span=span, rows=rows, following=following, note=_note)


def _note(row: BookRow) -> str:
    """What the book's last column says, in the language of the request; the forms ask for Vietnamese."""
    states = {
        Business.SUBMITTED: _("Chờ tiếp nhận"),
        Business.INTAKE_SUPPLEMENT: _("Chờ bổ sung"),
        Business.WAIT_SUPPLEMENT: _("Chờ bổ sung"),
        Business.WAIT_AGENCY: _("Chờ ý kiến"),
        Business.REFUSED: _("Từ chối tiếp nhận"),
        Business.STOPPED: pgettext("state", "Dừng giải quyết"),
        Business.WITHDRAWN: _("Người nộp rút"),
    }
    late = row.returned_at or row.closed_at
    return states.get(row.business) or (_("Sau hẹn") if late and row.due_at and late > row.due_at else "")


def _official_note(row: BookRow) -> str:
    """The same as form 07 has it, whatever the language of the screens."""
    with in_language("vi"):
        return _note(row)


@screen.get("/register.csv")
@web.needs_role(*SEEING)
def as_csv() -> Response:
    """The register as CSV in the columns of form 07."""
    with web.reading() as uow:
        span = Span(uow, web.signed_in())
        rows = span.all(uow)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    titles = ("TT", "Mã hồ sơ", "Mã thủ tục", "Thủ tục", "Tổ chức, cá nhân", "Kênh", "Tiếp nhận", "Hẹn trả")
    writer.writerow([*titles, "Trả kết quả", "Ghi chú"])
    for place, row in enumerate(rows, start=1):
        moments = [at.isoformat() if at else "" for at in (row.received_at, row.due_at, row.returned_at)]
        name = f"'{row.applicant_name}" if row.applicant_name[:1] in "=+-@\t\r" else row.applicant_name
        facts = (row.number, row.procedure, row.procedure_name, name, row.channel)
        writer.writerow([place, *facts, *moments, _official_note(row)])
    content = ("\ufeff" + out.getvalue()).encode()
    return web.download(content, "text/csv", f"so-theo-doi-{span.unit}-{span.until:%Y%m%d}.csv")


@screen.get("/register.pdf")
@web.needs_role(*SEEING)
def as_pdf() -> Response:
    """The register as form 07."""
    person = web.signed_in()
    with web.reading() as uow:
        span = Span(uow, person)
        rows = span.all(uow)
        leader = next((one.name for one in uow.organisation.holders(span.unit, LEADER, span.now)), "")
    unit = span.record
    data = {
        "unit": {"parent": unit.parent or unit.name, "name": unit.name, "place": unit.short_name},
        "issued_at": span.now.isoformat(),
        "book": {"period": f"Từ ngày {span.since:%d/%m/%Y} đến ngày {span.until:%d/%m/%Y}"},
        "officer": {"name": person.name, "phone": unit.phone},
        "signer": {"post": "Người phụ trách", "name": leader},
        "rows": [
            {
                "number": row.number,
                "procedure": row.procedure_name,
                "applicant": row.applicant_name,
                "received_at": row.received_at.isoformat(),
                "due_at": row.due_at.isoformat() if row.due_at else None,
                "returned_at": row.returned_at.isoformat() if row.returned_at else None,
                "note": _official_note(row),
            }
            for row in rows
        ],
    }
    content = web.product().ports.letters.render("dossier-book", data)
    return web.download(content, "application/pdf", f"so-theo-doi-{span.unit}.pdf", inline=True)


@screen.get("/dossiers/<number>/slips/<form>.<kind>")
@web.needs_sign_in
def slip(number: str, form: str, kind: str) -> Response:
    """A slip made now from what is on record; the signed one lies with the dossier's papers."""
    if kind not in {"pdf", "html"} or form not in {*FORMS, "06"}:
        raise NotFound(what=f"{form}.{kind}")
    person, now = web.signed_in(), web.product().clock.now()
    with web.reading() as uow:
        dossier = _readable(uow, number, person, own=form in FORMS)
        template, data, made = _control(uow, dossier, person) if form == "06" else _told(uow, dossier, form)
        procedure = web.procedure(uow, dossier.digest)
        row = _row(dossier, made or now)
        job = gather(uow, row, procedure, dossier, made or now)
    letter = completed(letter_data(job, web.product().settings.address), data)
    letters, sources = web.product().ports.letters, procedure.package.letters()
    name = f"{template}-{number}.{kind}"
    if kind == "pdf":
        return web.download(letters.render(template, letter, sources=sources), "application/pdf", name, inline=True)
    return web.download(letters.html(template, letter, sources=sources).encode(), "text/html", name)


def _readable(uow: UnitOfWork, number: str, person: Actor, *, own: bool) -> Dossier:
    dossier = uow.dossiers.get(number)
    if own and dossier.applicant and dossier.applicant == person.login:
        return dossier
    return readable(uow, number, person)[0]


def _told(uow: UnitOfWork, dossier: Dossier, form: str) -> tuple[str, dict[str, Any], datetime | None]:
    """The data with which the slip was asked for, the latest if there are several."""
    template = FORMS[form][0]
    for row in reversed(uow.outbox.of(dossier.number)):
        inputs = row.payload.get("inputs", {})
        if row.topic in {"slip.render", "letter.render"} and inputs.get("template") == template:
            return template, dict(inputs.get("data") or {}), row.created_at
    raise NotFound(what=Text(vi=f"mẫu {form} của hồ sơ {dossier.number}", en=f"form {form} of this dossier"))


def _control(uow: UnitOfWork, dossier: Dossier, person: Actor) -> tuple[str, dict[str, Any], datetime | None]:
    events, tasks = uow.journal.of(dossier.number), uow.tasks.of(dossier.number)
    names = uow.organisation.names(mentioned(events))
    rows = hand_overs(dossier, events, tasks, names)
    data: dict[str, Any] = {
        "number": f"{dossier.number}/06",
        "handovers": [row.as_json() for row in rows],
        "chain_head": dossier.head,
        "officer": {"name": person.name},
    }
    if dossier.due_at is None and dossier.promised_at is None:
        data["dossier"] = {"due_at": (dossier.clock_from or dossier.filed_at).isoformat()}
    return "control-slip", data, None


def _row(dossier: Dossier, at: datetime) -> OutboxRow:
    """A delivery that is never stored: the letter's data are gathered as for one."""
    return OutboxRow(
        id="",
        dossier=dossier.number,
        topic="slip.render",
        task="",
        payload={"inputs": {}},
        state="done",
        attempts=0,
        priority=0,
        due_at=at,
        lease_until=None,
        lease_owner="",
        error="",
        note="",
        created_at=at,
        done_at=at,
    )
