"""What every screen needs: the product, the signed-in person, commands and queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import quote

from flask import Response, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import Forbidden, Text
from engine.model.permission import Actor
from engine.procedures import Procedure
from engine.queries import own_documents as queries
from engine.store.organisation import Organisation
from engine.store.records import Document, Dossier
from engine.store.unit_of_work import UnitOfWork
from webapp import tokens, words
from webapp.bootstrap import Product

P = ParamSpec("P")
R = TypeVar("R")


class SignInNeeded(Forbidden):
    """Sign in to go on."""

    code = "sign-in-needed"
    vi = "Hãy đăng nhập để tiếp tục."


class TokenRefused(SignInNeeded):
    """This token does not hold: it has ended, was changed, or was given for an older password. Ask for a new one."""

    code = "token-refused"
    vi = "Mã truy cập không còn hiệu lực; hãy xin mã mới."


def product() -> Product:
    """The product this application serves."""
    return cast(Product, current_app.extensions["motcua"])


def language() -> str:
    """``vi`` or ``en``."""
    return words.language()


def by_token() -> bool:
    """Whether this request of the API names its person by a token instead of the session's cookie."""
    return request.path.startswith("/api/") and "Authorization" in request.headers


def actor() -> Actor | None:
    """The person who asks, with the posts held now, looked up once per request; ``TokenRefused`` for a bad token."""
    if "actor" not in g:
        g.actor = None
        token = _token() if by_token() else None
        login = token.login if token else session.get("login")
        if login:
            with product().database.look() as connection:
                organisation = Organisation(connection)
                account = organisation.account(login) if token else None
                if token and (account is None or token.stamp != tokens.stamp(account)):
                    raise TokenRefused()
                g.actor = organisation.actor(login, product().clock.now())
    return cast(Actor | None, g.actor)


def _token() -> tokens.Token:
    given = request.authorization
    text = given.token if given is not None and given.type == "bearer" else None
    token = tokens.read(str(current_app.secret_key), text, product().clock.now()) if text else None
    if token is None:
        raise TokenRefused()
    return token


def signed_in() -> Actor:
    """The signed-in person, or ``SignInNeeded``."""
    person = actor()
    if person is None:
        raise SignInNeeded()
    return person


def execute(command: object, *, key: str = "") -> dict[str, Any]:
    """Run a command for the signed-in person."""
    return product().bus.execute(command, signed_in(), key=key)


@contextmanager
def reading() -> Iterator[UnitOfWork]:
    """Repositories for reading; nothing is committed. ``.connection`` serves the query functions.

    A block within another one, that of a page's head say, reads from the same transaction: all of a page was true
    together, and nobody waits for a second connection while holding one.
    """
    outer: UnitOfWork | None = g.get("reading")
    if outer is not None:
        yield outer
        return
    with product().database.read() as connection:
        g.reading = UnitOfWork(connection)
        try:
            yield g.reading
        finally:
            g.pop("reading")


def procedure(unit_of_work: UnitOfWork, digest: str) -> Procedure:
    """The compiled procedure of a bundle."""
    return product().bus.library.get(unit_of_work, digest)


def own_documents(unit_of_work: UnitOfWork, dossier: Dossier) -> tuple[Document, ...]:
    """The dossier's files that its applicant may have now."""
    return queries.own_documents(unit_of_work, dossier, product().bus.library, product().clock.now())


def needs_sign_in(view: Callable[P, R]) -> Callable[P, R | BaseResponse]:
    """Send a stranger to the sign-in page and back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | BaseResponse:
        if actor() is None:
            return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))
        return view(*args, **kwargs)

    return guarded


def needs_role(*roles: str) -> Callable[[Callable[P, R]], Callable[P, R | BaseResponse]]:
    """Let in whoever holds one of ``roles`` in any unit; the unit is checked where the data is read."""

    def decorate(view: Callable[P, R]) -> Callable[P, R | BaseResponse]:
        @wraps(view)
        @needs_sign_in
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            person = signed_in()
            if not any(person.holds(role) for role in roles):
                raise Forbidden(why=Text(vi=f"cần vai trò {', '.join(roles)}", en=f"needs the role {', '.join(roles)}"))
            return view(*args, **kwargs)

        return guarded

    return decorate


def download(content: bytes, media_type: str, name: str, *, inline: bool = False) -> Response:
    """A file for the browser, never sniffed, never cached by others."""
    response = Response(content, mimetype=media_type)
    way = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(name)}"
    response.headers["Cache-Control"] = "private, no-store"
    return response
