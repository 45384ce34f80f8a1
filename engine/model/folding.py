"""Vietnamese text as it is searched."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Text as it is searched: lower case, no tone marks, đ as d."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text, each once; the parts of a dossier number are words of their own."""
    return tuple(dict.fromkeys(folded(text).replace("-", " ").split()))
