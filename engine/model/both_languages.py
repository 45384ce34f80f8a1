"""Words kept in both languages as one text: the Vietnamese first, the English after a line of three hyphens."""

from __future__ import annotations

from engine.errors import Text

_BETWEEN = "\n---\n"


def joined(text: Text) -> str:
    """Both parts as one text to be stored."""
    return f"{text.vi}{_BETWEEN}{text.en}"


def part(stored: str, language: str) -> str:
    """The part in ``language``; the whole where it was kept in one language only."""
    vietnamese, between, english = stored.partition(_BETWEEN)
    return english.strip() if between and language == "en" else vietnamese.strip()


def letter(subject: str, body: str, language: str) -> tuple[str, str]:
    """Subject and body of a message in ``language``; its English part begins with the English subject."""
    told = part(body, language)
    if language == "en" and _BETWEEN in body:
        subject, _newline, told = told.partition("\n")
    return subject, told.strip()
