"""Read values brought into one spelling per kind, with what can be checked about them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_LOOKALIKES = str.maketrans({"O": "0", "o": "0", "Q": "0", "D": "0", "l": "1", "I": "1", "|": "1", "S": "5", "B": "8"})
_EDGES = " \t.,;:…_-–·|'\"“”‘’()[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value in its one spelling; ``valid`` when its kind's checks pass."""

    value: str
    valid: bool


def normalise(text: str, kind: str) -> Reading:
    """``date`` → ``2026-11-21``; ``id12`` → 12 digits; ``number`` → digits; ``name`` → upper case; else the text."""
    plain = " ".join(unicodedata.normalize("NFC", text).split()).strip(_EDGES)
    if kind == "date":
        return _date(plain)
    if kind == "id12":
        return _id12(plain)
    if kind == "number":
        return _number(plain)
    if kind == "name":
        return _name(plain)
    return Reading(value=plain, valid=bool(plain))


def _date(text: str) -> Reading:
    """Day, month, year in figures, with words or strokes between; a day that does not exist is not valid."""
    found = re.search(r"(\d{1,2})\D{1,9}?(\d{1,2})\D{1,7}?(\d{4})(?!\d)", text.translate(_FIGURES))
    if not found:
        return Reading(value=text, valid=False)
    day, month, year = (int(part) for part in found.groups())
    try:
        return Reading(value=date(year, month, day).isoformat(), valid=1900 <= year <= 2100)
    except ValueError:
        return Reading(value=text, valid=False)


_FIGURES = str.maketrans({"O": "0", "l": "1", "|": "1"})


def _id12(text: str) -> Reading:
    """CCCD: 12 digits; the fourth says century and sex, the first three a province of the old numbering (001–096)."""
    digits = re.sub(r"[ .\-]", "", text.split(",")[0]).translate(_LOOKALIKES)
    found = re.match(r"\d{12}(?!\d)", digits)
    if not found:
        return Reading(value=digits, valid=False)
    number = found.group()
    return Reading(value=number, valid=1 <= int(number[:3]) <= 96)


def _number(text: str) -> Reading:
    """Whole numbers with points between the thousands; words after the figure (đồng) are left off."""
    found = re.match(r"\d{1,3}(?:[. ]\d{3})+(?!\d)|\d+", text.translate(_FIGURES))
    if not found:
        return Reading(value=text, valid=False)
    return Reading(value=re.sub(r"[. ]", "", found.group()), valid=True)


def _name(text: str) -> Reading:
    """Letters and spaces only, two to eight words, upper case as on official papers."""
    value = text.upper()
    words = value.split()
    letters = all(part.replace("'", "").replace("-", "").isalpha() for part in words)
    return Reading(value=value, valid=letters and 2 <= len(words) <= 8)
