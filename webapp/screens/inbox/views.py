"""The inbox: what is to be done, the soonest due first, and what waits for others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from engine.store.connection import Connection
from engine.store.together import together
from engine.store.unit_of_work import UnitOfWork
from webapp import web
from webapp.progress import progress
from webapp.screens.inbox import filters
from webapp.screens.inbox.blueprint import screen
from webapp.screens.notices.views import count_unread
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
    waiting: str  #: what it waits for, where the tab tells it
    status: str  #: of the dossier, where the tab tells it


@screen.get("/inbox")
@web.needs_role(*WORKING)
def show() -> str | Response:
    """One tab of the inbox, filtered, one page at a time; the filter that the person begins with when none is asked."""
    person = web.signed_in()
    with web.reading() as uow:
        return _page(uow, person)


def _page(uow: UnitOfWork, person: Actor) -> str | Response:
    tab = request.args.get("tab", "all")
    tab = tab if tab in TABS else "all"
    state = request.args.get("state", "") if tab in OPEN else ""
    state = state if state in inbox.STATES else ""
    typed, procedure = request.args.get("q", "")[:200].strip(), request.args.get("procedure", "")[:40]
    asked = _asked(person, tab, state=state, procedure=procedure, typed=typed)
    read = _read(uow, person, tab, asked)
    begins_with = next((one for one in read.filters if one.chosen), None)
    if not request.args and begins_with is not None:
        return redirect(begins_with.url)
    part = read.part
    lines = _lines(uow, person, part, tab)
    chosen = {"q": typed, "procedure": procedure, "state": state}
    kept: dict[str, Any] = {name: value for name, value in chosen.items() if value}
    return render_template(
        "inbox/show.html",
        tab=tab,
        tabs=_tabs(),
        state=state,
        typed=typed,
        procedure=procedure,
        procedures=read.procedures,
        lines=lines,
        counts=read.counts,
        filtered=bool(kept),
        filters=read.filters,
        chosen_filter=request.args.get("filter", "")[:40],
        units=_titles(uow, filters.units(person)) if kept else (),
        short=bool(asked.words) and bool(part.next) and len(lines) < PAGE,
        following=url_for("inbox.show", tab=tab, after=part.next, **kept) if part.next else "",
        first=url_for("inbox.show", tab=tab, **kept) if request.args.get("after") else "",
        here=url_for("inbox.show", tab=tab, **kept),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What one look into the database brings."""

    part: Part
    counts: dict[str, str]
    procedures: tuple[tuple[str, str], ...]
    filters: tuple[filters.Offered, ...]


def _read(uow: UnitOfWork, person: Actor, tab: str, asked: Asked) -> _Read:
    """Everything that depends on the person alone, in one round trip.

    Most inboxes fit on one page: what is counted of a person's own tasks is then seen there, and asked for only if not.
    """
    after = request.args.get("after", "")[:80]
    everything = tab == "all" and not (after or asked.state or asked.procedure or asked.words)
    counters, own_filters = _counters(person), filters.reads(person)
    elsewhere = {name: counters.pop(name) for name in ("unit", "waiting")}
    found = uow.together(
        lambda u: _part(u.connection, person, tab, asked, after),
        count_unread(person),
        *own_filters,
        *map(_over, elsewhere.values()),
        *(_with_units(unit) for unit in filters.units(person)),
    )
    part, rest = found[0], found[2 + len(own_filters) :]
    counts = dict(zip(elsewhere, rest, strict=False))
    if everything and not part.next:
        counts |= inbox.tallied(part.rows, now=web.product().clock.now())
        procedures = inbox.choices([[(row.procedure, row.procedure_name) for row in part.rows]])
    else:
        of_all = _asked(person, "all")
        of_groups = inbox.procedure_reads(person.login, [*of_all.groups, *of_all.absent])
        rest = uow.together(*map(_over, counters.values()), *map(_over, of_groups))
        counts |= dict(zip(counters, rest, strict=False))
        procedures = inbox.choices(rest[len(counters) :])
    offered = filters.offered_of(person, found[2 : 2 + len(own_filters)])
    return _Read(part=part, filters=offered, counts=_told(counts), procedures=procedures)


def _over(read: Callable[[Connection], Any]) -> Callable[[UnitOfWork], Any]:
    return lambda uow: read(uow.connection)


def _with_units(code: str) -> Callable[[UnitOfWork], Any]:
    """Read a unit beforehand: its name and its hours are asked for by most lines."""
    return lambda uow: uow.organisation.periods(code)


def _titles(uow: UnitOfWork, codes: Sequence[str]) -> list[tuple[str, str]]:
    """Units with which a filter may be shared, by their names."""
    titles = {unit.code: unit.short_name for unit in uow.organisation.units(web.product().clock.now())}
    return [(code, titles.get(code, code)) for code in codes]


@screen.get("/inbox/counts")
@web.needs_role(*WORKING)
def counts() -> dict[str, str]:
    """The counts alone, for a page that stays open."""
    counters = _counters(web.signed_in())
    with web.reading() as uow:
        found = together(uow.connection, list(counters.values()))
    return _told(dict(zip(counters, found, strict=True)))


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


def _part(connection: Connection, person: Actor, tab: str, asked: Asked, after: str) -> Part:
    if tab == "done":
        return inbox_others.finished_tasks(connection, person.login, words=asked.words, after=after, limit=PAGE)
    if tab == "waiting":
        units = _units(person)
        return inbox_others.waiting_dossiers(connection, units, words=asked.words, after=after, limit=PAGE)
    return inbox.open_tasks(connection, asked, now=web.product().clock.now(), after=after, limit=PAGE)


def _lines(uow: UnitOfWork, person: Actor, part: Part, tab: str) -> list[Line]:
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
                waiting=waiting_words(row.business, row.finance, row.waiting_for) if tab == "waiting" else "",
                status=progress(row.business, row.finance, row.delivery).status if tab == "done" else "",
            )
        )
    return lines


def _counters(person: Actor) -> dict[str, Callable[[Connection], int]]:
    """What is counted above the list, each by its own read."""
    now = web.product().clock.now()

    def of(asked: Asked) -> Callable[[Connection], int]:
        return lambda connection: inbox.count_open(connection, asked, now=now)

    counters = {state: of(_asked(person, "all", state=state)) for state in ("overdue", "due_soon", "in_time")}
    counters |= {tab: of(_asked(person, tab)) for tab in ("mine", "group", "unit")}
    return counters | {"waiting": lambda connection: inbox_others.count_waiting(connection, _units(person))}


def _told(found: dict[str, int]) -> dict[str, str]:
    found["all"] = min(found["mine"] + found["group"], inbox.CAP + 1)
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
