"""Leave: who is away, who stands in, for which post and how long."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.clock import ZONE
from engine.commands.substitutions import EnterSubstitution, RevokeSubstitution
from engine.errors import Forbidden, InvalidInput, Text
from engine.model import permission as role
from engine.model.permission import ROLES
from webapp import web
from webapp.standing import role_name
from webapp.words import gettext as _

screen = Blueprint("leave", __name__, template_folder="templates")


@screen.get("/leave")
@web.needs_sign_in
def show() -> str:
    """The substitutions of one's units, and the form for a new one."""
    person, now = web.signed_in(), web.product().clock.now()
    if not person.official:
        raise Forbidden(why=Text(vi="việc của cán bộ", en="officials' work"))
    since = now - timedelta(days=90)
    own = [post for post in person.posts if not post.on_behalf_of]
    units = sorted({post.unit for post in own})
    with web.reading() as uow:
        rows = {row.id: row for unit in units for row in uow.substitutions.in_unit(unit, since)}
        rows |= {row.id: row for row in uow.substitutions.concerning(person.login, since)}
        names = uow.organisation.names(login for row in rows.values() for login in (row.absent, row.substitute))
        people = {
            holder.login: holder.name
            for unit in units
            for held in sorted(ROLES)
            for holder in uow.organisation.holders(unit, held, now)
        }
        titles = {unit.code: unit.name for unit in uow.organisation.units(now)}
    return render_template(
        "leave/show.html",
        rows=sorted(rows.values(), key=lambda row: row.valid_from, reverse=True),
        names=names,
        people=people,
        units=units,
        titles=titles,
        roles={held: role_name(held) for held in sorted({post.role for post in own} | _WORKING)},
        leads=any(post.role in {role.LEADER, role.OPERATOR} for post in own),
        role_name=role_name,
    )


_WORKING = {role.DESK, role.SPECIALIST, role.LEADER, role.CLERK, role.ACCOUNTANT}


@screen.post("/leave")
@web.needs_sign_in
def enter() -> Response:
    """Enter a substitution; the command decides whether it may be."""
    form = request.form
    command = EnterSubstitution(
        absent=form.get("absent", "")[:80] or web.signed_in().login,
        substitute=form.get("substitute", "")[:80],
        unit=form.get("unit", "")[:40],
        role=form.get("role", "")[:40],
        valid_from=_day(form.get("from", "")),
        valid_to=_day(form.get("to", "")) + timedelta(days=1),
        reason=form.get("reason", "").strip()[:500],
    )
    web.execute(command)
    flash(_("Đã ghi. Người thay thấy việc ngay khi đến ngày; mỗi sự kiện ghi tên cả hai người."), "success")
    return redirect(url_for("leave.show"))


@screen.post("/leave/<substitution>/revoke")
@web.needs_sign_in
def revoke(substitution: str) -> Response:
    """End a substitution early."""
    web.execute(RevokeSubstitution(substitution=substitution))
    flash(_("Đã kết thúc việc thay."), "success")
    return redirect(url_for("leave.show"))


def _day(typed: str) -> datetime:
    for shape in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(typed.strip(), shape).replace(tzinfo=ZONE)
        except ValueError:
            continue
    raise InvalidInput(what=typed or _("ngày"), why=_("ghi ngày như 24/11/2026"))
