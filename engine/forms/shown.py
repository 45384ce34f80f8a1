"""How a value reads to a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.forms.form import Field, Kind, UploadedFile

_ISO = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")


def shown(field: Field, value: Any, language: str, files: Mapping[str, UploadedFile] | None = None) -> str:
    """The value in words: option titles, Có/Không, 31/12/2025, 1.234,5; empty for nothing given."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return ("Có" if value else "Không") if language == "vi" else ("Yes" if value else "No")
    match field.kind:
        case Kind.CHOICE:
            return _option(field, value, language)
        case Kind.CHOICES if isinstance(value, list):
            return "; ".join(_option(field, item, language) for item in value)
        case Kind.DATE | Kind.MONTH:
            return shown_date(str(value))
        case Kind.INTEGER | Kind.NUMBER if isinstance(value, int | float):
            return shown_number(value, language)
        case Kind.FILE:
            known = (files or {}).get(str(value))
            return known.name if known else str(value)
    return str(value)


def shown_date(value: str) -> str:
    """``2025-12-31`` as 31/12/2025, ``2025-12`` as 12/2025, anything else as it is."""
    found = _ISO.fullmatch(value)
    if found is None:
        return value
    return f"{found[3]}/{found[2]}/{found[1]}" if found[3] else f"{found[2]}/{found[1]}"


def shown_number(value: float, language: str) -> str:
    """Digits in groups of three: 1.234,5 in Vietnamese, 1,234.5 in English."""
    text = f"{value:,}"
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def typed(field: Field, value: Any) -> str:
    """The value as it stands in an input: what ``read_text`` reads back to the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if field.kind is Kind.NUMBER and isinstance(value, float):
        return f"{value:.9f}".rstrip("0").rstrip(".").replace(".", ",")
    return str(value)


def shown_size(count: int, language: str) -> str:
    """A file size: 640 KB, 2,5 MB."""
    if count < 1024 * 1024:
        return f"{max(1, round(count / 1024))} KB"
    return shown_number(round(count / 1024 / 1024, 1), language).removesuffix(",0").removesuffix(".0") + " MB"


def _option(field: Field, value: Any, language: str) -> str:
    return next((option.title.in_(language) for option in field.options if option.value == value), str(value))
