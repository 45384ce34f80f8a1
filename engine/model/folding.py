"""Vietnamese text as it is searched."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Text as it is searched: lower case, no tone marks, đ as d."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
