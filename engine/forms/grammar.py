"""The metaschema: which words a form may use, where, and with what values. Everything else is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from engine.errors import Problem, Text
from engine.forms.origin import ORIGINS
from engine.forms.pattern import pattern_fault

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
#: Names that mean something else in a post, in an expression or in a browser.
_RESERVED: Final = frozenset(
    (
        *("act", "count", "csrf_token", "constructor", "prototype"),
        *("and", "or", "not", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies"),
        *("function", "between", "instance", "of", "true", "false", "null"),
    )
)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}|today")
_PAPER: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
# Tuples, not sets: a hostile value may be unhashable.
_MEDIA: Final = ("image/png", "image/jpeg", "application/pdf")
WIDGETS: Final = ("radio", "select", "checkboxes", "textarea", "month", "checkbox")
EXTRACT_KINDS: Final = ("text", "date", "id12", "number", "name")

Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= 2000


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100_000


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _scalar(value: Any) -> bool:
    return isinstance(value, str | bool) or _number(value)


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value) and len(set(value)) == len(value)


def _show_if(value: Any) -> bool:
    if not (isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and value[0]):
        return False
    wanted = value[1] if isinstance(value[1], list) else [value[1]]
    return bool(wanted) and all(_scalar(item) for item in wanted)


def _english(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"en"}
        and isinstance(value["en"], dict)
        and set(value["en"]) <= {"title", "description", "item", "message"}
        and all(_text(text) for text in value["en"].values())
    )


def _one_of(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= 500
        and all(
            isinstance(option, dict)
            and {"const", "title"} <= set(option) <= {"const", "title", "x-i18n"}
            and _scalar(option["const"])
            and _text(option["title"])
            and ("x-i18n" not in option or _english(option["x-i18n"]))
            for option in value
        )
    )


def _extract(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= 20 and all(_extract_rule(rule) for rule in value)


def _extract_rule(rule: Any) -> bool:
    return (
        isinstance(rule, dict)
        and {"paper", "labels"} <= set(rule) <= {"paper", "labels", "pattern", "kind", "key", "title", "x-i18n"}
        and isinstance(rule["paper"], str)
        and bool(_PAPER.fullmatch(rule["paper"]))
        and isinstance(rule["labels"], list)
        and 0 < len(rule["labels"]) <= 20
        and all(_text(label) for label in rule["labels"])
        and rule.get("kind", "text") in EXTRACT_KINDS
        and isinstance(rule.get("pattern", ""), str)
        and not pattern_fault(rule.get("pattern", ""))
        and ("key" not in rule or (isinstance(rule["key"], str) and bool(_NAME.fullmatch(rule["key"]))))
        and ("title" not in rule or _text(rule["title"]))
        and ("x-i18n" not in rule or _english(rule["x-i18n"]))
    )


def _enum(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= 500 and all(_scalar(item) for item in value)


#: keyword → is the value well formed?
_EVERY: Final[dict[str, Check]] = {
    "type": lambda value: value in ("object", "array", "string", "integer", "number", "boolean"),
    "title": _text,
    "description": _text,
    "x-locked": lambda value: value is True or value is False or value == "known",
    "x-source": lambda value: isinstance(value, str) and value in ORIGINS,
    "x-prefill": lambda value: (
        isinstance(value, str) and bool(re.fullmatch(r"[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*", value))
    ),
    "x-show-if": _show_if,
    "x-i18n": _english,
    "$comment": _text,
}
_CHOICE: Final[dict[str, Check]] = {
    "enum": _enum,
    "oneOf": _one_of,
    "const": _scalar,
    "default": _scalar,
    "x-widget": lambda value: value in WIDGETS,
    "x-message": _text,
}
_NUMERIC: Final[dict[str, Check]] = {
    **_EVERY,
    **_CHOICE,
    "minimum": _number,
    "maximum": _number,
    "x-inputmode": lambda value: value in ("numeric", "decimal"),
    "x-extract": _extract,
}
ALLOWED: Final[dict[str, dict[str, Check]]] = {
    "object": {
        **_EVERY,
        "$schema": _text,
        "$id": _text,
        "properties": lambda value: isinstance(value, dict) and bool(value),
        "required": _names,
        "additionalProperties": lambda value: value is False,
        "if": lambda value: isinstance(value, dict),
        "then": lambda value: isinstance(value, dict),
        "allOf": lambda value: isinstance(value, list) and bool(value),
    },
    "array": {
        **_EVERY,
        "items": lambda value: isinstance(value, dict),
        "minItems": _count,
        "maxItems": lambda value: _count(value) and 1 <= value <= 200,
        "uniqueItems": lambda value: value is True,
        "x-item": _text,
        "x-widget": lambda value: value == "checkboxes",
        "x-message": _text,
    },
    "string": {
        **_EVERY,
        **_CHOICE,
        "pattern": lambda value: isinstance(value, str),
        "format": lambda value: value in ("date", "x-file"),
        "minLength": _count,
        "maxLength": lambda value: _count(value) and 1 <= value <= 20_000,
        "x-min": lambda value: isinstance(value, str) and bool(_DATE.fullmatch(value)),
        "x-max": lambda value: isinstance(value, str) and bool(_DATE.fullmatch(value)),
        "x-autocomplete": lambda value: isinstance(value, str) and bool(re.fullmatch(r"[a-z0-9\- ]{2,40}", value)),
        "x-inputmode": lambda value: value in ("text", "tel", "email", "numeric", "decimal", "url"),
        "x-accept": lambda value: isinstance(value, list) and bool(value) and all(item in _MEDIA for item in value),
        "x-max-bytes": lambda value: isinstance(value, int) and 1024 <= value <= 100 * 1024 * 1024,
        "x-paper": lambda value: isinstance(value, str) and bool(_PAPER.fullmatch(value)),
        "x-extract": _extract,
    },
    "integer": _NUMERIC,
    "number": _NUMERIC,
    "boolean": {**_EVERY, **_CHOICE},
}


def grammar_problems(schema: dict[str, Any], *, file: str) -> list[Problem]:
    """Everything in a resolved schema that is outside the subset, each with its JSON pointer."""
    problems: list[Problem] = []
    if schema.get("type") != "object":
        problems.append(
            _problem(file, "/type", "form-root", "Gốc biểu mẫu phải có type object.", "The root must have type object.")
        )
    _node(schema, "", file, problems)
    return problems


def pointer_of(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901) to the parts."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts) or "/"


def _node(node: Any, pointer: str, file: str, problems: list[Problem]) -> None:
    if not isinstance(node, dict):
        vi, en = "Mỗi trường phải là một đối tượng JSON.", "Each field must be a JSON object."
        problems.append(_problem(file, pointer, "form-node", vi, en))
        return
    kind = node.get("type")
    if not isinstance(kind, str) or kind not in ALLOWED:
        known = ", ".join(ALLOWED)
        vi, en = f"type phải là một trong: {known}.", f"type must be one of: {known}."
        problems.append(_problem(file, f"{pointer}/type", "form-type", vi, en))
        return
    for key, value in node.items():
        place = f"{pointer}{pointer_of(key)}"
        problems.extend(_keyword(file, place, kind, key, value))
    if isinstance(node.get("items"), dict):
        _node(node["items"], f"{pointer}/items", file, problems)
    children = node.get("properties")
    for name, child in children.items() if isinstance(children, dict) else ():
        place = f"{pointer}/properties{pointer_of(name)}"
        if not _NAME.fullmatch(name) or name.lower() in _RESERVED:
            problems.append(_unusable_name(file, place, name))
        _node(child, place, file, problems)


def _keyword(file: str, place: str, kind: str, key: str, value: Any) -> Iterator[Problem]:
    allowed = ALLOWED[kind]
    if key not in allowed:
        yield _unknown_keyword(file, place, key, kind)
    elif not allowed[key](value):
        vi, en = f"Giá trị của {key} không đúng dạng.", f"The value of {key} is not well formed."
        yield _problem(file, place, "form-keyword-value", vi, en)
    elif key == "pattern" and (fault := pattern_fault(value)):
        yield _pattern_problem(file, place, fault)


def _unusable_name(file: str, place: str, name: str) -> Problem:
    return _problem(
        file,
        place,
        "form-name",
        f"Tên trường {name[:40]!r} không dùng được.",
        f"The field name {name[:40]!r} cannot be used.",
        remedy=Text(
            vi="Dùng chữ cái không dấu, chữ số và gạch dưới, bắt đầu bằng chữ cái; tránh từ dành riêng.",
            en="Use unaccented letters, digits, underscores; begin with a letter; avoid reserved words.",
        ),
    )


def _unknown_keyword(file: str, place: str, key: str, kind: str) -> Problem:
    return _problem(
        file,
        place,
        "form-keyword-unknown",
        f"Từ khoá {key[:60]} không dùng được cho type {kind}.",
        f"The keyword {key[:60]} may not be used with type {kind}.",
        remedy=Text(vi="Bỏ từ khoá này; xem docs/forms.md.", en="Remove the keyword; see docs/forms.md."),
    )


_PATTERN_FAULTS: Final[dict[str, Text]] = {
    "length": Text(vi="pattern dài quá 200 ký tự.", en="The pattern is longer than 200 characters."),
    "syntax": Text(
        vi="pattern không phải biểu thức chính quy hợp lệ.", en="The pattern is not a valid regular expression."
    ),
    "lookaround": Text(
        vi="pattern không được nhìn trước, nhìn sau hay dùng nhóm đặc biệt.",
        en="The pattern may not use look-around or special groups.",
    ),
    "backreference": Text(vi="pattern không được tham chiếu ngược.", en="The pattern may not use back-references."),
    "nested": Text(
        vi="pattern lặp một nhóm có độ dài thay đổi, có thể chạy rất lâu.",
        en="The pattern repeats a group of variable length, which can run for very long.",
    ),
}


def _pattern_problem(file: str, place: str, fault: str) -> Problem:
    text = _PATTERN_FAULTS[fault]
    remedy = Text(
        vi="Viết lại pattern đơn giản hơn, ví dụ ^0[0-9]{9}$.", en="Write a simpler pattern, for example ^0[0-9]{9}$."
    )
    code = "form-pattern-invalid" if fault == "syntax" else "form-pattern-risky"
    return Problem(code=code, message=text, remedy=remedy, file=file, element=place)


def _problem(file: str, place: str, code: str, vi: str, en: str, *, remedy: Text | None = None) -> Problem:
    return Problem(
        code=code,
        message=Text(vi=vi, en=en),
        remedy=remedy
        or Text(
            vi="Sửa theo tập con mô tả trong docs/forms.md.", en="Correct it to the subset described in docs/forms.md."
        ),
        file=file,
        element=place or "/",
    )
