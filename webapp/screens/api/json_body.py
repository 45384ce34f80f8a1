"""A JSON body, read so that no two readers could understand it differently, and judged by the route's schema."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

import jsonschema

from engine.errors import Text
from webapp.screens.api.problems import BodyInvalid, BodyUnreadable, Mistake

#: Largest JSON body in bytes.
MAX_BYTES = 512 * 1024
_MAX_DEPTH = 24


def read_json(content: bytes) -> Any:
    """The value of ``content``: UTF-8, no duplicate member, no NaN, no lone surrogate or NUL, not too deep."""
    try:
        value = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_members,
            parse_constant=_refused_number,
            parse_float=_finite,
            parse_int=_whole,
        )
    except UnicodeDecodeError as error:
        raise BodyUnreadable(
            why=Text(vi=f"không phải UTF-8 (byte {error.start})", en=f"not UTF-8 (byte {error.start})")
        ) from error
    except json.JSONDecodeError as error:
        raise BodyUnreadable(why=f"JSON: {error.msg} ({error.lineno}:{error.colno})") from error
    except RecursionError as error:
        raise BodyUnreadable(why=Text(vi="lồng nhau quá sâu", en="nested too deeply")) from error
    _check_inside(value, 0)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BodyUnreadable(why=Text(vi=f"thành phần lặp lại {twice[:60]!a}", en=f"duplicate member {twice[:60]!a}"))
    return found


def _refused_number(text: str) -> NoReturn:
    raise BodyUnreadable(why=Text(vi=f"số không hợp lệ: {text}", en=f"not a number: {text}"))


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refused_number(text[:40])
    return number


def _whole(text: str) -> int:
    if len(text) > 18:  # what every reader and both databases hold exactly
        _refused_number(text[:40])
    return int(text)


def _check_inside(value: Any, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise BodyUnreadable(why=Text(vi="lồng nhau quá sâu", en="nested too deeply"))
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name)
            _check_inside(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check_inside(inner, depth + 1)


def _check_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BodyUnreadable(
            why=Text(
                vi="ký tự không lưu được (NUL, surrogate)", en="a character that cannot be stored (NUL, surrogate)"
            )
        )


def check(value: Any, schema: Mapping[str, Any]) -> None:
    """``BodyInvalid`` with every place where ``value`` breaks ``schema``."""
    mistakes = [
        mistake for error in jsonschema.Draft202012Validator(schema).iter_errors(value) for mistake in _told(error)
    ]
    if mistakes:
        raise BodyInvalid(mistakes=tuple(sorted(mistakes, key=lambda one: one.pointer)[:100]))


def pointer(*parts: str | int) -> str:
    """An RFC 6901 pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _told(error: jsonschema.ValidationError) -> list[Mistake]:
    place = tuple(error.absolute_path)
    rule = str(error.validator)
    if rule == "anyOf" and isinstance(error.instance, dict) and error.context:
        # An object was meant: what is wrong inside it says more than "none of these".
        return [mistake for inner in error.context if inner.schema_path[0] == 1 for mistake in _told(inner)]
    if rule == "required" and isinstance(error.instance, dict):
        needed: list[str] = list(error.schema.get("required", ())) if isinstance(error.schema, dict) else []
        missing = [name for name in needed if name not in error.instance]
        return [_mistake("required", *place, name) for name in missing]
    if rule == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        return [_mistake("unknown", *place, name) for name in error.instance if name not in known]
    return [_mistake(_CODES.get(rule, "format"), *place)]


def _mistake(code: str, *place: str | int) -> Mistake:
    return Mistake(pointer=pointer(*place), code=code, message=_WORDS[code])


_CODES = {
    "type": "type", "enum": "choice", "const": "choice", "minLength": "length", "maxLength": "length",
    "minItems": "length", "maxItems": "length", "minProperties": "length", "maxProperties": "length",
    "minimum": "range", "maximum": "range", "pattern": "format", "anyOf": "type", "oneOf": "type",
}  # fmt: skip
_WORDS = {
    "required": Text(vi="Thiếu thành phần này.", en="This member is missing."),
    "unknown": Text(vi="Không có thành phần nào tên như vậy.", en="There is no member of this name."),
    "type": Text(vi="Sai kiểu dữ liệu.", en="The value has the wrong type."),
    "choice": Text(vi="Không phải một trong các giá trị cho phép.", en="Not one of the allowed values."),
    "length": Text(vi="Độ dài hoặc số lượng ngoài giới hạn.", en="Length or number is out of bounds."),
    "range": Text(vi="Số ngoài giới hạn.", en="The number is out of bounds."),
    "format": Text(vi="Sai định dạng.", en="The value is malformed."),
}
