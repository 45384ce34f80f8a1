"""The Flask application whose own addresses are built once each: a list of fifty dossiers asks for a hundred."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request
from flask.sessions import SessionInterface

from webapp.sessions import Sessions

_PLAIN = (str, int)


class Site(Flask):
    """Flask, with a memory for addresses within the site and sessions of our own."""

    session_interface: SessionInterface = Sessions()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._address = lru_cache(maxsize=2048)(self._built)

    def url_for(self, endpoint: str, /, **values: Any) -> str:  # type: ignore[override]
        """As Flask's; whatever is not a path within the site with plain values is built anew each time."""
        if (
            has_request_context()
            and endpoint[:1] != "."
            and all(type(value) in _PLAIN and name[:1] != "_" for name, value in values.items())
        ):
            return self._address(request.environ.get("SCRIPT_NAME", ""), endpoint, tuple(values.items()))
        return super().url_for(endpoint, **values)

    def _built(self, _root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
        return super().url_for(endpoint, **dict(values))
