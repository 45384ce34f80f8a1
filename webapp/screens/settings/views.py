"""Daily targets, and computing open dossiers again after a change of the calendar."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.commands.quotas import MEASURES, SetQuota
from engine.errors import Forbidden, InvalidInput, Text
from engine.model import permission as role
from engine.worker.calendar_change import recompute_open
from webapp import web
from webapp.words import gettext as _

screen = Blueprint("settings", __name__, template_folder="templates")


@screen.get("/settings")
@web.needs_role(role.LEADER, role.OPERATOR)
def show() -> str:
    """What is set, and since when."""
    person, now = web.signed_in(), web.product().clock.now()
    with web.reading() as uow:
        quotas = uow.quotas.at(now)
        units = {unit.code: unit.name for unit in uow.organisation.units(now)}
    calendar = web.product().bus.rules.calendar
    return render_template(
        "settings/show.html",
        quotas=sorted(quotas.values(), key=lambda quota: (quota.unit, quota.measure)),
        measures={name: _LABELS[name] for name in MEASURES},
        label=lambda name: _(_LABELS[name]),
        units=units,
        own=sorted({post.unit for post in person.posts if post.role == role.LEADER}),
        operator=person.holds(role.OPERATOR),
        years=sorted(calendar.years),
        projected=sorted(calendar.projected_years),
        digest=calendar.digest,
    )


_LABELS = {"received_online": "Tiếp nhận trực tuyến", "fully_online": "Trực tuyến toàn trình"}


@screen.post("/settings/quotas")
@web.needs_role(role.LEADER, role.OPERATOR)
def set_quota() -> Response:
    """Set a daily target from now on."""
    percent = request.form.get("percent", type=int)
    if percent is None:
        raise InvalidInput(what=_("chỉ tiêu"), why="0–100")
    web.execute(
        SetQuota(
            measure=request.form.get("measure", "")[:40],
            percent=percent,
            ground=request.form.get("ground", "").strip()[:300],
            unit=request.form.get("unit", "")[:40],
        )
    )
    flash(_("Đã đặt chỉ tiêu, có hiệu lực từ bây giờ."), "success")
    return redirect(url_for("settings.show"))


@screen.post("/settings/calendar")
@web.needs_role(role.OPERATOR)
def recompute() -> Response:
    """Compute every open dossier again from the calendar as it is."""
    if not web.signed_in().holds(role.OPERATOR):
        raise Forbidden(why=Text(vi="cần vai trò quản trị", en="needs the role operator"))
    came = recompute_open(web.product().bus)
    sentence = _("Đã tính lại %(n)s hồ sơ, %(m)s hồ sơ đổi hạn.", n=came.checked, m=len(came.changed))
    if came.failed:
        first = f"{came.failed[0][0]}: {came.failed[0][1]}"
        sentence += " " + _("%(k)s hồ sơ chưa tính được; %(why)s", k=len(came.failed), why=first)
    flash(sentence, "warning" if came.failed else "success")
    return redirect(url_for("settings.show"))
