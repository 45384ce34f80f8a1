"""The leader's board: figures, early warning, daily targets, and the dossiers behind every figure."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from engine.errors import Forbidden, InvalidInput, Text
from engine.model import permission as role
from engine.model.permission import Actor
from engine.queries import board as figures
from engine.queries import quotas
from engine.queries.board import Asked, Board, Figures
from engine.queries.early_warning import early_warning
from engine.queries.standing import Standings
from engine.store.unit_of_work import UnitOfWork
from webapp import web
from webapp.standing import standing_tag
from webapp.words import gettext as _

screen = Blueprint("board", __name__, template_folder="templates")
SEEING = (role.LEADER, role.AUDITOR, role.OPERATOR)
PERIODS = ("day", "month", "year")
PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the request asks for, within what the person may see."""

    units: tuple[str, ...]  #: empty = the whole province
    names: dict[str, str]  #: of every unit the person may choose
    chosen: str
    period: str
    since: datetime
    until: datetime
    now: datetime
    province: bool

    @property
    def kept(self) -> dict[str, Any]:
        """The parameters of a link that stays in this view."""
        return {"unit": self.chosen, "period": self.period}


def _view(uow: UnitOfWork, person: Actor) -> View:
    now = web.product().clock.now()
    known = {unit.code: unit for unit in uow.organisation.units(now)}
    own = {post.unit for post in person.posts if post.role in SEEING}
    province = any(known[code].kind == "province" for code in own if code in known)
    names = {code: unit.name for code, unit in known.items() if province or code in own}
    chosen = request.args.get("unit", "")[:40]
    if chosen and chosen not in names:
        raise Forbidden(why=Text(vi=f"số liệu của đơn vị khác ({chosen})", en=f"another unit's figures ({chosen})"))
    period = request.args.get("period", "month")
    period = period if period in PERIODS else "month"
    units = (chosen,) if chosen else () if province else tuple(sorted(names))
    until = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return View(
        units=units,
        names=names,
        chosen=chosen,
        period=period,
        since=_begin(now, period),
        until=until,
        now=now,
        province=province,
    )


def _begin(now: datetime, period: str) -> datetime:
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return {"day": start, "month": start.replace(day=1), "year": start.replace(month=1, day=1)}[period]


@screen.get("/board")
@web.needs_role(*SEEING)
def show() -> str:
    """Figures by unit, procedure and person, the most pressing dossiers, and the day's targets."""
    person, product = web.signed_in(), web.product()
    with web.reading() as uow:
        view = _view(uow, person)
        found = figures.board(uow.connection, view.units, since=view.since, until=view.until, now=view.now)
        standings = Standings(uow=uow, calendar=product.bus.rules.calendar, now=view.now)
        pressing = early_warning(uow.connection, standings, view.chosen, limit=200)
        shares = quotas.shares(uow.connection, view.units, since=_begin(view.now, "day"), until=view.until)
    allowed = set(view.names)
    mine = [one for one in pressing if one.unit in allowed]
    return render_template(
        "board/show.html",
        view=view,
        board=found,
        labels=labels(),
        measures=measures(),
        pressing=[(one, standing_tag(one.remaining)) for one in mine[:10]],
        more=max(0, len(mine) - 10),
        shares=[share for share in shares if share.unit == "" or share.missed],
        alerts=[share for share in shares if share.missed],
        version=figures.VERSION,
        scale=max([line.figures.open for line in (*found.units, *found.procedures)], default=1) or 1,
    )


def labels() -> dict[str, str]:
    """What each figure is called."""
    return {
        "received": _("Mới nhận"),
        "open": _("Đang giải quyết"),
        "due_soon": _("Sắp đến hạn"),
        "late": _("Quá hạn"),
        "undated": _("Tạm dừng tính hạn"),
        "done": _("Đã xong"),
        "on_time": _("Xong đúng hạn"),
        "done_late": _("Xong trễ"),
        "unpromised": _("Xong, không có hẹn"),
        "withdrawn": _("Đã rút"),
        "stopped": _("Đã dừng"),
        "refused": _("Từ chối tiếp nhận"),
    }


def measures() -> dict[str, str]:
    """What each daily measure is called."""
    return {"received_online": _("Tiếp nhận trực tuyến"), "fully_online": _("Trực tuyến toàn trình")}


@screen.get("/board/dossiers")
@web.needs_role(*SEEING)
def dossiers() -> str:
    """The dossiers behind one figure."""
    figure, procedure = request.args.get("figure", ""), request.args.get("procedure", "")[:40]
    if figure not in figures.FIGURES:
        raise InvalidInput(what="figure", why=", ".join(figures.FIGURES))
    with web.reading() as uow:
        view = _view(uow, web.signed_in())
        rows: list[figures.Counted] = []
        for unit in view.units or ("",):
            asked = Asked(
                figure=figure, unit=unit, procedure=procedure, since=view.since, until=view.until, now=view.now
            )
            after = request.args.get("after", "")[:40]
            rows += figures.counted(uow.connection, asked, after=after, limit=PAGE + 1)
    rows.sort(key=lambda row: row.number)
    following = ""
    if len(rows) > PAGE:
        rows = rows[:PAGE]
        following = url_for("board.dossiers", figure=figure, procedure=procedure, after=rows[-1].number, **view.kept)
    return render_template(
        "board/dossiers.html", view=view, rows=rows, figure=figure, labels=labels(), following=following
    )


@screen.get("/board/early-warning")
@web.needs_role(role.LEADER, role.AUDITOR, role.OPERATOR, role.DESK, role.SPECIALIST, role.CLERK)
def warning() -> str:
    """Every dossier that is or will be late, ranked, with what the responsible person says about it."""
    person, product = web.signed_in(), web.product()
    now = product.clock.now()
    with web.reading() as uow:
        standings = Standings(uow=uow, calendar=product.bus.rules.calendar, now=now)
        known = {unit.code: unit for unit in uow.organisation.units(now)}
        units = sorted({post.unit for post in person.posts})
        if any(known[unit].kind == "province" for unit in units if unit in known):
            rows = early_warning(uow.connection, standings)
        else:
            rows = tuple(one for unit in units for one in early_warning(uow.connection, standings, unit))
    return render_template(
        "board/warning.html",
        rows=[(one, standing_tag(one.remaining)) for one in rows],
        names={code: unit.name for code, unit in known.items()},
        levels={0: _("người đang giữ việc"), 1: _("lãnh đạo đơn vị"), 2: _("lãnh đạo tỉnh")},
        explain=[post.unit for post in person.posts if post.role in _EXPLAINING],
    )


_EXPLAINING = (role.SPECIALIST, role.DESK, role.CLERK, role.LEADER)


@screen.get("/board.csv")
@web.needs_role(*SEEING)
def export() -> Response:
    """The board as CSV, one line for each unit, procedure and person."""
    with web.reading() as uow:
        view = _view(uow, web.signed_in())
        found = figures.board(uow.connection, view.units, since=view.since, until=view.until, now=view.now)
    return web.download(_csv(found, view), "text/csv", f"bang-theo-doi-{view.now:%Y%m%d}.csv")


def _csv(found: Board, view: View) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = [field.name for field in fields(Figures)]
    writer.writerow(["definitions", figures.VERSION, "from", view.since.isoformat(), "until", view.until.isoformat()])
    writer.writerow(["kind", "key", "name", *names, "done_late", "share_on_time"])
    for kind, lines in (("unit", found.units), ("procedure", found.procedures)):
        for line in lines:
            writer.writerow(_cells(kind, line.key, view.names.get(line.key, line.name), line.figures))
    writer.writerow(_cells("total", "", "", found.total))
    for one in found.people:
        row: dict[str, Any] = {"open": one.open, "late": one.late, "done": one.done}
        counts = [row.get(name, "") for name in names]
        writer.writerow(["person", one.login, _safe(one.name), *counts, one.done_late, ""])
    return ("\ufeff" + out.getvalue()).encode()


def _cells(kind: str, key: str, name: str, counts: Figures) -> list[Any]:
    share = counts.share_on_time
    numbers = [getattr(counts, field.name) for field in fields(Figures)]
    return [kind, key, _safe(name), *numbers, counts.done_late, "" if share is None else share]


def _safe(text: str) -> str:
    """A spreadsheet must never take a name for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
