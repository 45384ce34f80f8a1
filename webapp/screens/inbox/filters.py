"""Saved filters: kept from the inbox, looked after on a page of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.commands.saved_filters import ChangeFilter, ChooseFilter, DropFilter, SaveFilter
from engine.model.permission import LEADER, Actor
from engine.queries.dossier_page import WORKING
from engine.store.desk_records import SavedFilter
from engine.store.unit_of_work import UnitOfWork
from webapp import web
from webapp.screens.inbox.blueprint import screen
from webapp.words import gettext as _

#: The parameters of the inbox that a filter keeps.
KEPT = ("tab", "q", "procedure", "state")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A filter as the inbox offers it."""

    kept: SavedFilter
    url: str
    mine: bool
    chosen: bool  #: the person begins with it


def offered(uow: UnitOfWork, person: Actor) -> tuple[Offered, ...]:
    """The person's own filters, then those that colleagues share with the person's units."""
    return offered_of(person, uow.together(*reads(person)))


def reads(person: Actor) -> list[Callable[[UnitOfWork], Any]]:
    """What ``offered`` has to know, for a page to ask together with its own."""
    own = [lambda uow: uow.filters.chosen(person.login), lambda uow: uow.filters.of(person.login)]
    return [*own, *(_shared_in(unit) for unit in units(person))]


def offered_of(person: Actor, found: Sequence[Any]) -> tuple[Offered, ...]:
    """The filters of the answers to ``reads``."""
    chosen, own, *of_units = found
    shared = sorted(
        (kept for found in of_units for kept in found if kept.owner != person.login),
        key=lambda kept: (kept.name.casefold(), kept.id),
    )
    return tuple(
        Offered(kept=kept, url=address(kept), mine=kept.owner == person.login, chosen=kept.id == chosen)
        for kept in (*own, *shared)
    )


def _shared_in(unit: str) -> Callable[[UnitOfWork], tuple[SavedFilter, ...]]:
    return lambda uow: uow.filters.shared(unit)


def units(person: Actor) -> tuple[str, ...]:
    """The units with which the person may share, and whose filters the person sees."""
    return tuple(dict.fromkeys(post.unit for post in person.posts if post.role in WORKING))


def address(kept: SavedFilter) -> str:
    """The inbox as a filter shows it."""
    query: dict[str, Any] = {name: str(kept.query[name]) for name in KEPT if kept.query.get(name)}
    return url_for("inbox.show", **({"tab": "all"} | query), filter=kept.id)


@screen.get("/inbox/filters")
@web.needs_role(*WORKING)
def filters() -> str:
    """Rename, share, begin with, delete."""
    person = web.signed_in()
    with web.reading() as uow:
        found = offered(uow, person)
        titles = {unit.code: unit.short_name for unit in uow.organisation.units(web.product().clock.now())}
    return render_template(
        "inbox/filters.html",
        filters=found,
        titles=titles,
        units=units(person),
        leads={unit for unit in units(person) if person.holds(LEADER, unit)},
    )


@screen.post("/inbox/filters")
@web.needs_role(*WORKING)
def keep() -> Response:
    """Keep the filter that the inbox shows."""
    query = {name: request.form.get(name, "").strip()[:200] for name in KEPT}
    command = SaveFilter(name=_name(), query=query, unit=request.form.get("unit", "")[:40])
    kept = web.execute(command)["filter"]
    if request.form.get("first"):
        web.execute(ChooseFilter(filter=kept))
    flash(_("Đã lưu bộ lọc “%(name)s”.", name=_name()), "success")
    with web.reading() as uow:
        return redirect(address(uow.filters.get(kept)))


@screen.post("/inbox/filters/<filter_id>")
@web.needs_role(*WORKING)
def change(filter_id: str) -> Response:
    """Another name, or shared otherwise."""
    web.execute(ChangeFilter(filter=filter_id, name=_name(), unit=request.form.get("unit", "")[:40]))
    flash(_("Đã sửa bộ lọc “%(name)s”.", name=_name()), "success")
    return redirect(url_for("inbox.filters"))


@screen.post("/inbox/filters/<filter_id>/first")
@web.needs_role(*WORKING)
def choose(filter_id: str) -> Response:
    """Begin with this filter from now on, or with the whole inbox."""
    on = request.form.get("on") == "1"
    web.execute(ChooseFilter(filter=filter_id if on else ""))
    flash(
        _("Từ nay mở Việc cần làm sẽ thấy bộ lọc này.") if on else _("Từ nay mở Việc cần làm sẽ thấy tất cả."),
        "success",
    )
    return redirect(url_for("inbox.filters"))


@screen.post("/inbox/filters/<filter_id>/delete")
@web.needs_role(*WORKING)
def drop(filter_id: str) -> Response:
    """Delete a filter."""
    web.execute(DropFilter(filter=filter_id))
    flash(_("Đã xóa bộ lọc."), "success")
    return redirect(url_for("inbox.filters"))


def _name() -> str:
    return " ".join(request.form.get("name", "").split())[:200]
