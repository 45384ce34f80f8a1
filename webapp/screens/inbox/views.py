"""The inbox: what is to be done, the soonest due first, and what waits for others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.model.permission import Actor, Post
from engine.queries import inbox, inbox_others, phrase
from engine.queries.dossier_page import WORKING
from engine.queries.inbox import Asked
from engine.queries.inbox_rows import InboxRow, Part
from engine.queries.standing import Standings
from engine.store.unit_of_work import UnitOfWork
from webapp import web
from webapp.progress import progress
from webapp.screens.inbox import filters
from webapp.screens.inbox.blueprint import screen
from webapp.standing import Tag, standing_tag, waiting_words
from webapp.words import gettext as _

__all__ = ["filters", "screen"]

PAGE = 50
TABS = ("all", "mine", "group", "unit", "waiting", "done")
OPEN = ("all", "mine", "group", "unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the list, ready to be shown."""

    row: InboxRow
    procedure: str
    step: str
    tag: Tag
    mine: bool
    may: bool  #: whether the person may claim it
    waiting: str
    status: str


@screen.get("/inbox")
@web.needs_role(*WORKING)
def show() -> str | Response:
    """One tab of the inbox, filtered, one page at a time; the filter that the person begins with when none is asked."""
    person = web.signed_in()
    if not request.args:
        with web.reading() as uow:
            first = next((one for one in filters.offered(uow, person) if one.chosen), None)
        if first is not None:
            return redirect(first.url)
    tab = request.args.get("tab", "all")
    tab = tab if tab in TABS else "all"
    state = request.args.get("state", "") if tab in OPEN else ""
    state = state if state in inbox.STATES else ""
    typed, procedure = request.args.get("q", "")[:200].strip(), request.args.get("procedure", "")[:40]
    with web.reading() as uow:
        asked_of_all = _asked(person, "all")
        asked = _asked(person, tab, state=state, procedure=procedure, typed=typed)
        part = _part(uow, person, tab, asked, request.args.get("after", "")[:80])
        lines = _lines(uow, person, part)
        counts = _counts(uow, person)
        kept_filters = filters.offered(uow, person)
        titles = {unit.code: unit.short_name for unit in uow.organisation.units(web.product().clock.now())}
        choices = inbox.procedures(uow.connection, person.login, [*asked_of_all.groups, *asked_of_all.absent])
    chosen = {"q": typed, "procedure": procedure, "state": state}
    kept: dict[str, Any] = {name: value for name, value in chosen.items() if value}
    return render_template(
        "inbox/show.html",
        tab=tab,
        tabs=_tabs(),
        state=state,
        typed=typed,
        procedure=procedure,
        procedures=choices,
        lines=lines,
        counts=counts,
        filtered=bool(kept),
        filters=kept_filters,
        chosen_filter=request.args.get("filter", "")[:40],
        units=[(code, titles.get(code, code)) for code in filters.units(person)],
        short=bool(asked.words) and bool(part.next) and len(lines) < PAGE,
        following=url_for("inbox.show", tab=tab, after=part.next, **kept) if part.next else "",
        first=url_for("inbox.show", tab=tab, **kept) if request.args.get("after") else "",
        here=url_for("inbox.show", tab=tab, **kept),
    )


@screen.get("/inbox/counts")
@web.needs_role(*WORKING)
def counts() -> dict[str, str]:
    """The counts alone, for a page that stays open."""
    with web.reading() as uow:
        return _counts(uow, web.signed_in())


def _units(person: Actor) -> tuple[str, ...]:
    return tuple(dict.fromkeys(post.unit for post in person.posts if post.role in WORKING))


def _asked(person: Actor, tab: str, *, state: str = "", procedure: str = "", typed: str = "") -> Asked:
    if tab == "unit":
        units = _units(person)
        everybody = tuple(Post(unit=unit, role=held) for unit in units for held in WORKING)
        return Asked(groups=everybody, held=units, state=state, procedure=procedure, words=phrase.words(typed))
    groups, absent = inbox.posts_of(person.posts, WORKING)
    return Asked(
        login=person.login if tab in {"all", "mine"} else "",
        groups=groups if tab in {"all", "group"} else (),
        absent=absent if tab in {"all", "mine"} else (),
        state=state,
        procedure=procedure,
        words=phrase.words(typed),
    )


def _part(uow: UnitOfWork, person: Actor, tab: str, asked: Asked, after: str) -> Part:
    if tab == "done":
        return inbox_others.finished_tasks(uow.connection, person.login, words=asked.words, after=after, limit=PAGE)
    if tab == "waiting":
        units = _units(person)
        return inbox_others.waiting_dossiers(uow.connection, units, words=asked.words, after=after, limit=PAGE)
    return inbox.open_tasks(uow.connection, asked, now=web.product().clock.now(), after=after, limit=PAGE)


def _lines(uow: UnitOfWork, person: Actor, part: Part) -> list[Line]:
    language, product = web.language(), web.product()
    standings = Standings(uow=uow, calendar=product.bus.rules.calendar, now=product.clock.now())
    lines = []
    for row in part.rows:
        procedure = web.procedure(uow, row.digest)
        left = standings.of(row.clock_from, row.deadline, row.competent_unit, closed_at=row.closed_at)
        lines.append(
            Line(
                row=row,
                procedure=procedure.manifest.short_name.in_(language),
                step=procedure.element_name(row.node).in_(language) if row.node else "",
                tag=standing_tag(left),
                mine=row.assignee == person.login,
                may=person.holds(row.role, row.unit),
                waiting=waiting_words(row.business, row.finance, row.waiting_for),
                status=progress(row.business, row.finance, row.delivery).status,
            )
        )
    return lines


def _counts(uow: UnitOfWork, person: Actor) -> dict[str, str]:
    now, connection = web.product().clock.now(), uow.connection
    found: dict[str, int] = {
        state: inbox.count_open(connection, _asked(person, "all", state=state), now=now)
        for state in ("overdue", "due_soon", "in_time")
    }
    found |= {tab: inbox.count_open(connection, _asked(person, tab), now=now) for tab in ("mine", "group", "unit")}
    found["all"] = min(found["mine"] + found["group"], inbox.CAP + 1)
    found["waiting"] = inbox_others.count_waiting(connection, _units(person))
    return {name: _capped(count) for name, count in found.items()}


def _capped(count: int) -> str:
    return f"{inbox.CAP}+" if count > inbox.CAP else str(count)


def _tabs() -> list[dict[str, Any]]:
    return [
        {"id": "all", "label": _("Cần làm")},
        {"id": "mine", "label": _("Của tôi")},
        {"id": "group", "label": _("Chờ nhận theo vai trò")},
        {"id": "unit", "label": _("Cả đơn vị")},
        {"id": "waiting", "label": _("Đang chờ bên ngoài")},
        {"id": "done", "label": _("Tôi đã làm")},
    ]
