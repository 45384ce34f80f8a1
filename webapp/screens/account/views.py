"""Sign in, sign out, and the start page that lists the demo's people."""

from __future__ import annotations

from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from engine.model import permission as role
from webapp import rates, web
from webapp.demo.people import PASSWORD, PEOPLE
from webapp.http_status import retry_after, status_of
from webapp.words import gettext as _

screen = Blueprint("account", __name__, template_folder="templates")
_hasher = PasswordHasher()
#: Where a person's day begins, by the first post that fits.
_HOMES: tuple[tuple[tuple[str, ...], str], ...] = (
    ((role.DESK, role.SPECIALIST, role.LEADER, role.CLERK), "inbox.show"),
    ((role.ACCOUNTANT,), "operations.refunds"),
    ((role.OPERATOR,), "operations.show"),
    ((role.AUDITOR,), "dossiers.search"),
)
#: Checked when the login is unknown, so that the answer takes the same time.
_DUMMY = _hasher.hash("nobody")


@screen.get("/")
def start() -> str:
    """What this service is, and in the demo who can sign in."""
    people = [] if web.product().settings.production else PEOPLE
    return render_template("account/start.html", people=people, password=PASSWORD if people else "")


@screen.get("/sign-in")
def sign_in() -> str | Response:
    """The sign-in form."""
    if web.actor() is not None:
        return redirect(url_for("account.start"))
    target, login = _safe(request.args.get("next", "")), request.args.get("login", "")[:64]
    return render_template("account/sign_in.html", next=target, login=login, error="")


@screen.post("/sign-in")
def check() -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Check name and password; the session begins anew."""
    login, password = request.form.get("login", "").strip().lower()[:64], request.form.get("password", "")[:256]
    target = _safe(request.form.get("next", ""))
    try:
        rates.hit_sign_in(login)
    except rates.TooOften as refused:
        said = refused.message(web.language())
        page = render_template("account/sign_in.html", next=target, login=login, error=said)
        return page, status_of(refused), retry_after(refused)
    with web.reading() as uow:
        account = uow.organisation.account(login)
    try:
        _hasher.verify(account.password if account else _DUMMY, password)
    except (VerifyMismatchError, InvalidHashError):
        account = None
    if account is None or not account.active:
        error = _("Tên đăng nhập hoặc mật khẩu không đúng.")
        return render_template("account/sign_in.html", next=target, login=login, error=error), 422
    rates.forget_sign_in(login)
    language = session.get("language")
    session.clear()
    session["login"] = account.login
    if language:
        session["language"] = language
    session.permanent = True
    return redirect(target or _home(account.login))


@screen.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    return redirect(url_for("account.start"))


def _home(login: str) -> str:
    with web.reading() as uow:
        person = uow.organisation.actor(login, web.product().clock.now())
    known = current_app.blueprints
    for roles, endpoint in _HOMES:
        if person is not None and any(person.holds(held) for held in roles) and endpoint.partition(".")[0] in known:
            return url_for(endpoint)
    return url_for("procedures.index") if "procedures" in known else "/"


def _safe(target: str) -> str:
    """``target`` if it is a path of ours, else nothing: no redirect leads away."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return ""
    return target
