"""The words of the screens: the Vietnamese sentence is the key, the catalogue of the request's language answers."""

from __future__ import annotations

from typing import Any

import flask_babel


def gettext(sentence: str, **values: Any) -> str:
    """``sentence`` in the language of the request, with ``%(name)s`` filled in."""
    return str(flask_babel.gettext(sentence, **values))
