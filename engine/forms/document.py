"""From bytes to a JSON object, refusing everything that two readers could read differently."""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

from engine.errors import DefinitionRefused, Problem, Text

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 24


class _Duplicate(ValueError):
    pass


def read_document(source: bytes, *, file: str) -> dict[str, Any]:
    """The JSON object in ``source``: UTF-8, at most 256 KB, no duplicate key, no NaN; else ``DefinitionRefused``."""
    document = _parsed(_text(source, file), file)
    if not isinstance(document, dict):
        _refuse(
            file,
            "form-root",
            Text(vi="Gốc của tệp phải là một đối tượng JSON.", en="The root of the file must be a JSON object."),
            Text(vi='Bắt đầu bằng {"type": "object", …}.', en='Begin with {"type": "object", …}.'),
        )
    return document


def _text(source: bytes, file: str) -> str:
    """The letters of a file that is neither too large nor nested too deep to read safely."""
    if len(source) > MAX_BYTES:
        _refuse(
            file,
            "form-too-large",
            Text(vi=f"Tệp lớn hơn {MAX_BYTES // 1024} KB.", en=f"The file is larger than {MAX_BYTES // 1024} KB."),
            Text(
                vi="Tách biểu mẫu hoặc chuyển danh mục sang _shared.",
                en="Split the form or move code lists to _shared.",
            ),
        )
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start
        _refuse(
            file,
            "form-encoding",
            Text(vi=f"Tệp không phải UTF-8 (byte thứ {at}).", en=f"The file is not UTF-8 (byte {at})."),
            Text(vi="Lưu lại tệp với mã UTF-8.", en="Save the file as UTF-8."),
        )
    if _depth(text) > MAX_DEPTH:
        _refuse(
            file,
            "form-too-deep",
            Text(vi=f"Lồng nhau quá {MAX_DEPTH} tầng.", en=f"Nested deeper than {MAX_DEPTH} levels."),
            Text(vi="Giảm số nhóm lồng nhau.", en="Use fewer nested groups."),
        )
    return text


def _parsed(text: str, file: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except _Duplicate as error:
        _refuse(
            file,
            "form-duplicate-key",
            Text(
                vi=f"Khoá {error} xuất hiện hai lần trong một đối tượng.", en=f"Key {error} occurs twice in one object."
            ),
            Text(vi="Bỏ một trong hai.", en="Remove one of the two."),
        )
    except ValueError as error:
        where = f"dòng {error.lineno}, cột {error.colno}" if isinstance(error, json.JSONDecodeError) else "NaN/Infinity"
        at = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "NaN/Infinity"
        _refuse(
            file,
            "form-json",
            Text(vi=f"Không phải JSON hợp lệ ({where}).", en=f"Not valid JSON ({at})."),
            Text(vi="Sửa cú pháp JSON tại chỗ đó.", en="Correct the JSON syntax there."),
        )


def _refuse(file: str, code: str, message: Text, remedy: Text) -> NoReturn:
    raise DefinitionRefused(problems=(Problem(code=code, message=message, remedy=remedy, file=file),))


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Duplicate(repr(key[:60]))
            seen.add(key)
    return record


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _depth(text: str) -> int:
    """The deepest nesting of brackets outside strings; needs no recursion, so no input can exhaust the stack."""
    depth = deepest = 0
    quoted = escaped = False
    for letter in text:
        if quoted:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == '"':
                quoted = False
        elif letter == '"':
            quoted = True
        elif letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest
