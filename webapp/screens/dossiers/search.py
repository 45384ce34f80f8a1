"""Looking dossiers up, for auditors and operators, within the units where they hold the post."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import render_template, request, url_for

from engine.clock import ZONE
from engine.model import permission as role
from engine.queries import phrase
from engine.queries.dossier_page import WORKING
from engine.queries.search import FoundRow, Wanted, found_dossiers
from engine.queries.standing import Standings
from webapp import web
from webapp.progress import progress
from webapp.screens.dossiers.blueprint import screen
from webapp.standing import standing_tag
from webapp.words import gettext as _

PAGE = 50


@screen.get("/dossiers")
@web.needs_role(role.AUDITOR, role.OPERATOR)
def search() -> str | tuple[str, int]:
    """Search by number, name or phrase, procedure, unit and period."""
    person, product = web.signed_in(), web.product()
    units = tuple(dict.fromkeys(post.unit for post in person.posts if post.role in {role.AUDITOR, role.OPERATOR}))
    asked = {name: request.args.get(name, "")[:200].strip() for name in ("q", "procedure", "unit", "since", "until")}
    since, wrong_since = _day(asked["since"])
    until, wrong_until = _day(asked["until"])
    errors = [
        (field, _("Ghi ngày theo dạng ngày/tháng/năm, ví dụ 31/12/2026."))
        for field, wrong in (("since", wrong_since), ("until", wrong_until))
        if wrong
    ]
    wanted = Wanted(
        units=tuple(unit for unit in units if asked["unit"] in {"", unit}),
        words=phrase.words(asked["q"]),
        procedure=asked["procedure"],
        since=since,
        until=until + timedelta(days=1) if until else None,
    )
    with web.reading() as uow:
        found = (
            None
            if errors
            else found_dossiers(uow.connection, wanted, after=request.args.get("after", "")[:80], limit=PAGE)
        )
        standings = Standings(uow=uow, calendar=product.bus.rules.calendar, now=product.clock.now())
        lines = [
            _line(row, standings, web.procedure(uow, row.digest).manifest) for row in (found.rows if found else ())
        ]
        names = {unit.code: unit.short_name for unit in uow.organisation.units(product.clock.now())}
    kept: dict[str, Any] = {name: value for name, value in asked.items() if value}
    page = render_template(
        "dossiers/search.html",
        asked=asked,
        errors=errors,
        units=[(code, names.get(code, code)) for code in units],
        names=names,
        lines=lines,
        auditor=any(person.holds(held) for held in (role.AUDITOR, *WORKING)),
        following=url_for("dossiers.search", after=found.next, **kept) if found and found.next else "",
    )
    return (page, 422) if errors else page


def _line(row: FoundRow, standings: Standings, manifest: Any) -> dict[str, Any]:
    left = standings.of(row.clock_from, row.deadline, row.unit, closed_at=row.closed_at)
    return {
        "row": row,
        "procedure": manifest.short_name.in_(web.language()),
        "tag": standing_tag(left),
        "progress": progress(row.business, row.finance, row.delivery),
    }


def _day(typed: str) -> tuple[datetime | None, bool]:
    """The start of a day typed as 31/12/2026 or 2026-12-31, and whether it is no day."""
    if not typed:
        return None, False
    parts = typed.split("/")
    try:
        day = date(*(int(part) for part in reversed(parts))) if len(parts) == 3 else date.fromisoformat(typed)
    except (ValueError, TypeError):
        return None, True
    return datetime(day.year, day.month, day.day, tzinfo=ZONE), False
