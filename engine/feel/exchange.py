"""FEEL values in and out of JSON."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine.errors import Text
from engine.feel.calendar import show_date, show_datetime, show_duration, show_time
from engine.feel.errors import FeelSyntaxError, FeelValueError
from engine.feel.expression import compile_expression
from engine.feel.kinds import DATE, DATE_TIME, DAYS, MONTHS, TIME, kind
from engine.feel.show import quote, show_number
from engine.feel.values import DECIMAL, Range, Value
from engine.values import Json

MAX_DEPTH = 100

_WORDS = {DATE: "date", TIME: "time", DATE_TIME: "date and time", DAYS: "duration", MONTHS: "duration"}
_TEXTS: dict[str, Any] = {
    DATE: show_date,
    TIME: show_time,
    DATE_TIME: show_datetime,
    DAYS: show_duration,
    MONTHS: show_duration,
}


def from_json(value: Json | Value) -> Value:
    """The FEEL value of a JSON value: numbers become exact decimals, ``{"$feel": "…"}`` is evaluated.

    Values that are FEEL values already (dates, decimals) stay. ``FeelValueError`` for NaN, unknown classes, more
    than 100 levels, or a ``$feel`` text that cannot be read or gives null.
    """
    return _read(value, 0)


def _read(value: Any, depth: int) -> Value:
    if depth > MAX_DEPTH:
        raise FeelValueError(why=Text(vi=f"lồng quá {MAX_DEPTH} tầng", en=f"more than {MAX_DEPTH} levels"))
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)):
        number = Decimal(int(value)) if isinstance(value, int) else Decimal(repr(value))
        if not number.is_finite() or number.adjusted() > 6144:
            raise FeelValueError(why=Text(vi=f"{value!r} không phải số hữu hạn", en=f"{value!r} is no finite number"))
        return DECIMAL.plus(number)
    if isinstance(value, (list, tuple)):
        return [_read(entry, depth + 1) for entry in value]
    if isinstance(value, dict):
        if value.keys() == {"$feel"}:
            return _evaluated(value["$feel"])
        return {str(key): _read(entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, (Decimal, date, datetime, time)) or not kind(value).startswith("foreign"):
        return value
    name = type(value).__name__
    raise FeelValueError(why=Text(vi=f"không biết kiểu {name}", en=f"the class {name} is not known"))


def _evaluated(source: Any) -> Value:
    try:
        outcome = compile_expression(source if isinstance(source, str) else "").evaluate({})
    except FeelSyntaxError as error:
        raise FeelValueError(why=Text(vi=error.message("vi"), en=error.message("en"))) from error
    if outcome.reasons:
        raise FeelValueError(why=outcome.reasons[0].message)
    return outcome.value


def to_json(value: Value) -> Json:
    """JSON that ``from_json`` reads back as an equal value.

    A number is an ``int`` when integral, a ``float`` when that prints the same digits, and ``{"$feel": "…"}``
    otherwise; temporal values and ranges are ``{"$feel": 'date("2026-11-21")'}`` and the like.
    ``FeelValueError`` for functions.
    """
    return _write(value, 0, plain=False)


def to_plain(value: Value) -> Json:
    """JSON for process data and people: like ``to_json``, but temporal values and ranges are bare ISO text, and a
    number that no float tells exactly is the text of its digits."""
    return _write(value, 0, plain=True)


def _write(value: Value, depth: int, *, plain: bool) -> Json:
    if depth > MAX_DEPTH:
        raise FeelValueError(why=Text(vi=f"lồng quá {MAX_DEPTH} tầng", en=f"more than {MAX_DEPTH} levels"))
    of = kind(value)
    if of in ("null", "boolean", "string"):
        return value  # type: ignore[no-any-return]
    if of == "number":
        return _number(value, plain=plain)
    if of == "list":
        return [_write(entry, depth + 1, plain=plain) for entry in value]
    if of == "context":
        return {key: _write(entry, depth + 1, plain=plain) for key, entry in value.items()}
    if of in _TEXTS:
        text = _TEXTS[of](value)
        return text if plain else {"$feel": source_of(value)}
    if of == "range":
        return source_of(value) if plain else {"$feel": source_of(value)}
    raise FeelValueError(why=Text(vi=f"{of} không viết được ra JSON", en=f"a {of} cannot be written as JSON"))


def _number(value: Decimal, *, plain: bool) -> Json:
    if value == value.to_integral_value() and value.adjusted() < 40:
        return int(value)
    if value.adjusted() < 300 and Decimal(repr(float(value))) == value:
        return float(value)
    return (
        show_number(value) if plain and abs(value.adjusted()) < 60 else str(value) if plain else {"$feel": str(value)}
    )


def source_of(value: Value) -> str:
    """The FEEL source of a value that is no function."""
    of = kind(value)
    if of in _TEXTS:
        return f"{_WORDS[of]}({quote(_TEXTS[of](value))})"
    if of == "range":
        return _range(value)
    if of == "string":
        return quote(value)
    if of == "number":
        return str(value)
    if of == "list":
        return f"[{', '.join(source_of(entry) for entry in value)}]"
    if of == "context":
        return "{" + ", ".join(f"{quote(key)}: {source_of(entry)}" for key, entry in value.items()) + "}"
    if of == "function":
        raise FeelValueError(why=Text(vi="hàm không viết được ra JSON", en="a function cannot be written as JSON"))
    return {None: "null", True: "true", False: "false"}[value]


def _range(value: Range) -> str:
    if value.unary and value.start is not None and value.end is not None:
        return f"(= {source_of(value.end)})"
    if value.start is None:
        return f"({'<=' if value.end_included else '<'} {source_of(value.end)})"
    if value.end is None:
        return f"({'>=' if value.start_included else '>'} {source_of(value.start)})"
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{opening}{source_of(value.start)}..{source_of(value.end)}{closing}"
