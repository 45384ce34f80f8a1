"""Whether one answer is acceptable by itself."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any, Final

from engine.forms.form import Field, Kind
from engine.forms.pattern import matches

_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_FILE_ID: Final = re.compile(r"[A-Za-z0-9_\-]{1,128}")


def leaf_fault(field: Field, value: Any, *, today: date) -> str:
    """The code of the first thing wrong with a present ``value``, empty when nothing is."""
    match field.kind:
        case Kind.INTEGER:
            if not isinstance(value, int) or isinstance(value, bool):
                return "integer"
            return _range(field, value)
        case Kind.NUMBER:
            if not isinstance(value, int | float) or isinstance(value, bool) or value != value:
                return "number"
            return _range(field, value)
        case Kind.BOOLEAN:
            if not isinstance(value, bool):
                return "type"
            return "const" if field.const is not None and value is not field.const else ""
        case Kind.CHOICES:
            return _choices(field, value)
        case Kind.CHOICE:
            known = [option.value for option in field.options]
            return "" if any(type(value) is type(one) and value == one for one in known) else "enum"
    return _string(field, value, today)


def _string(field: Field, value: Any, today: date) -> str:
    if not isinstance(value, str):
        return "date" if field.kind is Kind.DATE else "type"
    match field.kind:
        case Kind.FILE:
            return "" if _FILE_ID.fullmatch(value) else "file"
        case Kind.DATE:
            return _date(field, value, today)
        case Kind.MONTH:
            return "" if _ISO_MONTH.fullmatch(value) else "month"
    if any(unicodedata.category(letter) in ("Cc", "Cs") and not _layout_letter(field, letter) for letter in value):
        return "control"
    if len(value) < field.min_length:
        return "min-length"
    if len(value) > field.max_length:
        return "max-length"
    if field.pattern and not matches(field.pattern, value):
        return "pattern"
    return "const" if field.const is not None and value != field.const else ""


def _layout_letter(field: Field, letter: str) -> bool:
    return letter in "\n\t" and field.widget == "textarea"


def _date(field: Field, value: str, today: date) -> str:
    if not _ISO_DATE.fullmatch(value):
        return "date"
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return "date"
    if field.earliest and day < _limit(field.earliest, today):
        return "too-early"
    if field.latest and day > _limit(field.latest, today):
        return "too-late"
    return ""


def _limit(text: str, today: date) -> date:
    return today if text == "today" else date.fromisoformat(text)


def _range(field: Field, value: float) -> str:
    if field.minimum is not None and value < field.minimum:
        return "minimum"
    if field.maximum is not None and value > field.maximum:
        return "maximum"
    return "const" if field.const is not None and value != field.const else ""


def _choices(field: Field, value: Any) -> str:
    if not isinstance(value, list):
        return "type"
    known = [option.value for option in field.options]
    if any(not isinstance(item, str) or item not in known for item in value):
        return "enum"
    if len(set(value)) != len(value):
        return "duplicate"
    if len(value) < field.min_items:
        return "min-items"
    return "max-items" if len(value) > field.max_items else ""
