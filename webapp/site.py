"""The Flask application: its addresses are built once each, its templates are compiled once for each language."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request
from flask.sessions import SessionInterface

from webapp import words
from webapp.sessions import Sessions
from webapp.templating import Pages

_PLAIN = (str, int)
_OPTIONS = ("_anchor", "_method", "_scheme", "_external")


class Site(Flask):
    """Flask, with a memory for addresses within the site and sessions of our own."""

    session_interface: SessionInterface = Sessions()
    jinja_environment = Pages

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._address = lru_cache(maxsize=2048)(self._built)
        self._pages: dict[str, Pages] = {}

    @property
    def jinja_env(self) -> Pages:
        """The templates in the language of the request; filters and globals are those of all languages."""
        language = words.language()
        found = self._pages.get(language)
        if found is None:
            first = self._pages.get(words.FIRST) or self._pages.setdefault(words.FIRST, self._first_pages())
            found = first if language == words.FIRST else self._pages.setdefault(language, first.in_language(language))
        return found

    def _first_pages(self) -> Pages:
        made = self.create_jinja_environment()
        assert isinstance(made, Pages)
        return made

    def url_for(self, endpoint: str, /, **values: Any) -> str:  # type: ignore[override]
        """As Flask's; whatever is not a path within the site with plain values is built anew each time."""
        for option in _OPTIONS:  # ``flask.url_for`` gives them all, None for each that its caller did not name
            if option in values and values[option] is None:
                del values[option]
        if (
            has_request_context()
            and endpoint[:1] != "."
            and all(type(value) in _PLAIN and name[:1] != "_" for name, value in values.items())
        ):
            return self._address(request.environ.get("SCRIPT_NAME", ""), endpoint, tuple(values.items()))
        return super().url_for(endpoint, **values)

    def _built(self, root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
        rules = list(self.url_map.iter_rules(endpoint)) if endpoint in self.view_functions else []
        given = dict(values)
        if len(rules) == 1 and not rules[0].defaults and rules[0].arguments <= given.keys():
            built = rules[0].build(given)
            if built is not None:
                return f"{root.rstrip('/')}{built[1]}"
        return super().url_for(endpoint, **given)
