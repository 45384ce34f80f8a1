"""The language of a request, and the links that change it without leaving the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from flask import current_app, redirect, request, session, url_for
from werkzeug.wrappers import Response

#: Vietnamese is what the law is written in, and the language of whoever says nothing.
LANGUAGES: Final = ("vi", "en")


def chosen() -> str:
    """``vi`` or ``en``: what the person chose on a page, or what a request of the API prefers."""
    if _of_api():
        return request.accept_languages.best_match(LANGUAGES, default="vi") or "vi"
    found = session.get("language")
    return found if found in LANGUAGES else "vi"


def switch() -> Response | None:
    """Remember the language of ``?lang=`` and go to the same address without it; ``None`` where none is asked."""
    asked = request.args.get("lang")
    if asked not in LANGUAGES or request.method != "GET" or _of_api():
        return None
    session["language"] = asked
    if request.endpoint is None:
        return None
    rest = urlencode(_without(request.args.items(multi=True)))
    return redirect(url_for(request.endpoint, **(request.view_args or {})) + (f"?{rest}" if rest else ""))


def urls() -> dict[str, str]:
    """Where this page is in each language. An answer to a form that cannot be read again leads to the form's page."""
    base, kept = "", list(request.args.items(multi=True))
    if request.method != "GET" and "GET" not in _methods():
        came = urlsplit(request.referrer or "")
        inside = came.netloc == request.host
        base, kept = (quote(came.path, safe="/%"), parse_qsl(came.query)) if inside else ("/", [])
    return {language: f"{base}?{urlencode([*_without(kept), ('lang', language)])}" for language in LANGUAGES}


def _of_api() -> bool:
    return request.path.startswith("/api/")


def _methods() -> Iterable[str]:
    adapter = current_app.create_url_adapter(request)
    return adapter.allowed_methods(request.path) if adapter else ()


def _without(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in pairs if name != "lang"]
