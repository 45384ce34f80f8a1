"""The words of the screens: the Vietnamese sentence is the key, the catalogue of the request's language answers.

A page says some hundreds of them. Its language is therefore found once a request, and each sentence is looked up once a
process; the library would ask for the request, its language and its catalogue each time. Sentences of templates that
hold no value are put in when the template is compiled: ``webapp.templating``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

import flask_babel
from flask import Flask, g
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

#: The language of whoever has not chosen one.
FIRST: Final = "vi"


def gettext(sentence: str, **values: Any) -> str:
    """``sentence`` in the language of the request, with ``%(name)s`` filled in."""
    found = _looked_up(language(), sentence)
    return found % values if values else found


def language() -> str:
    """The language of the request: ``vi`` or ``en``."""
    # A page asks some hundred times: the object behind the proxy is fetched once and not for each look at it.
    try:
        kept = g._get_current_object()
    except RuntimeError:  # outside of any request
        return _chosen()
    found: str | None = kept.get("language")
    if found is None:
        found = kept.language = _chosen()
    return found


def _chosen() -> str:
    return "en" if str(flask_babel.get_locale()) == "en" else FIRST


@contextmanager
def in_language(wanted: str) -> Iterator[None]:
    """Say everything in the block in ``wanted``, whatever the language of the request."""
    before = g.pop("language", None)
    with flask_babel.force_locale(wanted):
        try:
            yield
        finally:
            g.pop("language", None)
            if before is not None:
                g.language = before


def speak(app: Flask) -> None:
    """Let the templates of ``app`` find their words here."""
    app.jinja_env.globals.update(_=_say, gettext=_say)


@pass_eval_context
def _say(asking: EvalContext, sentence: str, /, **values: Any) -> str:
    """As the library's: the translation is markup where the template escapes, and a format in any case.

    The library takes the template's whole context, of which Jinja makes a copy for each call within a loop.
    """
    if not asking.autoescape:
        return _looked_up(language(), sentence) % values
    return _marked(language(), sentence) % values if values else _whole(language(), sentence)


def fixed(spoken: str, sentence: str) -> str:
    """A sentence without values in ``spoken``, as a template says it; to be asked for while that is the language."""
    return _looked_up(spoken, sentence) % {}


@lru_cache(maxsize=8192)
def _looked_up(_language: str, sentence: str) -> str:
    return str(flask_babel.get_translations().ugettext(sentence))


@lru_cache(maxsize=8192)
def _marked(spoken: str, sentence: str) -> Markup:
    return Markup(_looked_up(spoken, sentence))  # noqa: S704 - the catalogue is ours, as the template is


@lru_cache(maxsize=8192)
def _whole(spoken: str, sentence: str) -> Markup:
    return _marked(spoken, sentence) % {}
