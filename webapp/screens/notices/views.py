"""Notices: what the application told the person, unread first or all, each leading to its dossier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from engine.commands.reading import ReadAllNotices, ReadNotice
from engine.errors import InvalidInput
from engine.model.permission import Actor
from engine.queries.notices import notices, told_at
from engine.store.unit_of_work import UnitOfWork
from webapp import web

screen = Blueprint("notices", __name__, template_folder="templates")
PAGE = 30
#: The head shows at most this many, then a plus.
_MOST = 99
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@screen.get("/notices")
@web.needs_sign_in
def show() -> str:
    """The notices of the signed-in person."""
    person = web.signed_in()
    everything = request.args.get("show") == "all"
    with web.reading() as uow:
        found = notices(
            uow.connection,
            person.login,
            web.language(),
            unread=not everything,
            after=request.args.get("after", "")[:80],
            limit=PAGE,
        )
    kept: dict[str, Any] = {"show": "all"} if everything else {}
    return render_template(
        "notices/show.html",
        rows=found.rows,
        everything=everything,
        following=url_for("notices.show", after=found.next, **kept) if found.next else "",
        until=told_at(web.product().clock.now()),
    )


@screen.post("/notices/<notice>/open")
@web.needs_sign_in
def open_dossier(notice: str) -> Response:
    """Read a notice and go to its dossier, or stay in the list."""
    web.execute(ReadNotice(notice=notice[:80]))
    number = request.form.get("dossier", "")[:80]
    if not number or request.form.get("stay"):
        return redirect(url_for("notices.show"))
    official = web.signed_in().official
    return redirect(url_for("dossiers.show" if official else "portal.dossier", number=number))


@screen.post("/notices/read")
@web.needs_sign_in
def read_all() -> Response:
    """Mark everything that was shown as read."""
    until = request.form.get("until", type=int)
    if until is None or not 0 <= until < 2**53:
        raise InvalidInput(what="until", why="microseconds")
    done = web.execute(ReadAllNotices(until=_EPOCH + timedelta(microseconds=until)))["read"]
    flash(
        ngettext("Đã đánh dấu %(num)d thông báo là đã đọc.", "Đã đánh dấu %(num)d thông báo là đã đọc.", done),
        "success",
    )
    return redirect(url_for("notices.show"))


def unread(person: Actor | None) -> str:
    """How many notices an official has not read, as the head shows it; empty for none."""
    if person is None or not person.official:
        return ""
    if "unread" not in g:
        with web.reading() as uow:
            count_unread(person)(uow)
    count: int = g.unread
    return "" if not count else str(count) if count <= _MOST else f"{_MOST}+"


def count_unread(person: Actor) -> Callable[[UnitOfWork], None]:
    """The read behind ``unread``, for a page to ask together with its own; the head of the page finds the answer."""

    def read(uow: UnitOfWork) -> None:
        g.unread = uow.messages.unread(person.login)

    return read
