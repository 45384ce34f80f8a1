"""A value as the text ``string()`` gives."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.budget import Meter
from engine.feel.calendar import show_date, show_datetime, show_duration, show_time
from engine.feel.kinds import DATE, DATE_TIME, DAYS, MONTHS, TIME, kind
from engine.feel.values import Value

_TEXTS: dict[str, Callable[[Any], str]] = {
    DATE: show_date,
    TIME: show_time,
    DATE_TIME: show_datetime,
    DAYS: show_duration,
    MONTHS: show_duration,
}


def show_number(number: Decimal) -> str:
    """Plain digits without exponent and without zeros at the end."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def quote(text: str) -> str:
    """``text`` as a string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def show(value: Value, meter: Meter) -> str:
    """The text of ``value``; strings inside lists and contexts are quoted."""
    text = value if type(value) is str else _show(value, meter)
    meter.string_of(len(text))
    return text


def _show(value: Value, meter: Meter) -> str:
    meter.charge(1)
    of = kind(value)
    if of in _TEXTS:
        return _TEXTS[of](value)
    if of == "string":
        meter.string_of(len(value))
        return quote(value)
    if of == "number":
        return show_number(value)
    if of == "boolean":
        return "true" if value else "false"
    return _show_composite(of, value, meter)


def _show_composite(of: str, value: Value, meter: Meter) -> str:
    if of == "list":
        return f"[{', '.join(_show(entry, meter) for entry in value)}]"
    if of == "context":
        return "{" + ", ".join(f"{_key(key)}: {_show(entry, meter)}" for key, entry in value.items()) + "}"
    if of == "range":
        opening = "[" if value.start_included else "("
        closing = "]" if value.end_included else ")"
        start = "" if value.start is None else _show(value.start, meter)
        end = "" if value.end is None else _show(value.end, meter)
        return f"{opening}{start}..{end}{closing}"
    if of == "function":
        return f"function({', '.join(parameter.name for parameter in value.parameters)})"
    return "null"


def _key(key: str) -> str:
    return key if all(char.isalnum() or char in " _" for char in key) and key else quote(key)
