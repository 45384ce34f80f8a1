"""The sentences of reasons, Vietnamese and English, by stable code."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import Text

_SENTENCES: dict[str, tuple[str, str]] = {
    "unknown-name": ("không có tên {name}", "there is no {name}"),
    "no-entry": ("ngữ cảnh không có mục {name}", "the context has no entry {name}"),
    "no-property": ("{kind} không có thuộc tính {name}", "a {kind} has no property {name}"),
    "null-path": ("không đọc được {name} của null", "null has no {name}"),
    "operands": ("không tính được {left} {sign} {right}", "{left} {sign} {right} is not defined"),
    "not-comparable": ("không so sánh được {left} với {right}", "{left} and {right} cannot be compared"),
    "not-a-boolean": ("cần đúng/sai nhưng gặp {kind}", "a boolean is needed, not a {kind}"),
    "not-a-number": ("cần số nhưng gặp {kind}", "a number is needed, not a {kind}"),
    "not-a-list": ("cần danh sách nhưng gặp {kind}", "a list is needed, not a {kind}"),
    "not-a-function": ("{kind} không phải hàm nên không gọi được", "a {kind} cannot be called"),
    "division-by-zero": ("chia cho 0", "division by zero"),
    "number-overflow": ("kết quả quá lớn hoặc không xác định", "the result is too large or undefined"),
    "date-overflow": ("ngày vượt quá năm ±999999999", "the date lies beyond the years ±999999999"),
    "no-such-date": ("không có ngày {year}-{month}-{day}", "there is no day {year}-{month}-{day}"),
    "no-such-time": ("không có giờ {hour}:{minute}:{second}", "there is no time {hour}:{minute}:{second}"),
    "no-such-zone": ("không có múi giờ {text}", "there is no time zone {text}"),
    "not-a-date": ("{text!r} không phải ngày dạng 2026-11-21", "{text!r} is no date such as 2026-11-21"),
    "not-a-time": ("{text!r} không phải giờ dạng 10:30:00", "{text!r} is no time such as 10:30:00"),
    "not-a-date-and-time": (
        "{text!r} không phải ngày giờ dạng 2026-11-21T10:30:00",
        "{text!r} is no date and time such as 2026-11-21T10:30:00",
    ),
    "not-a-duration": (
        "{text!r} không phải khoảng thời gian dạng P1D hay P1Y",
        "{text!r} is no duration such as P1D or P1Y",
    ),
    "not-a-temporal": ("{text!r} không phải giá trị thời gian", "{text!r} is no temporal value"),
    "not-a-range": ("{text!r} không phải khoảng", "{text!r} is no range"),
    "range-order": (
        "đầu khoảng lớn hơn cuối khoảng hoặc khác kiểu",
        "the range ends before it starts, or its ends differ in type",
    ),
    "arguments": ("{name} không nhận {count} tham số", "{name} does not take {count} arguments"),
    "argument-name": ("{name} không có tham số tên {argument}", "{name} has no parameter {argument}"),
    "argument-missing": ("{name} thiếu tham số {argument}", "{name} lacks its argument {argument}"),
    "argument-type": (
        "tham số {argument} của {name} cần {wanted}, không phải {kind}",
        "{argument} of {name} must be {wanted}, not {kind}",
    ),
    "argument-value": (
        "tham số {argument} của {name} không hợp lệ: {value}",
        "{argument} of {name} is not valid: {value}",
    ),
    "element-type": (
        "danh sách của {name} có phần tử kiểu {kind}",
        "the list for {name} has an element of type {kind}",
    ),
    "index": (
        "vị trí {index} nằm ngoài danh sách {length} phần tử",
        "position {index} lies outside the list of {length}",
    ),
    "no-key": ("không có khóa {key}", "there is no key {key}"),
    "duplicate-key": ("khóa {key} lặp lại", "the key {key} occurs twice"),
    "regex": ("mẫu {pattern!r} không hợp lệ: {why}", "the pattern {pattern!r} is not valid: {why}"),
    "regex-flags": ("cờ {flags!r} không hợp lệ, chỉ có s m i x", "the flags {flags!r} are not valid; s, m, i, x exist"),
    "no-clock": (
        "lần tính này không có đồng hồ cho now() và today()",
        "this evaluation has no clock for now() and today()",
    ),
    "unknown-type": ("không có kiểu {name}", "there is no type {name}"),
    "external-function": ("hàm ngoài (Java, PMML) không được phép", "external functions (Java, PMML) are refused"),
    "result-type": ("kết quả của {name} không thuộc kiểu {wanted}", "the result of {name} is no {wanted}"),
    "function-failed": ("hàm {name} báo: {why}", "{name} says: {why}"),
    "no-iteration": ("không lặp được trên {kind}", "a {kind} cannot be iterated over"),
}


def sentence(code: str, facts: Mapping[str, object]) -> Text:
    """The sentence for ``code``; a function of the product may give its own as the fact ``text``."""
    own = facts.get("text")
    if isinstance(own, Text):
        return own
    vi, en = _SENTENCES.get(code, (code, code))
    shown = {key: value if isinstance(value, (int, str)) else str(value) for key, value in facts.items()}
    try:
        return Text(vi=vi.format_map(shown), en=en.format_map(shown))
    except KeyError:  # a foreign code may give other facts
        return Text(vi=f"{code}: {dict(shown)}", en=f"{code}: {dict(shown)}")


def codes() -> frozenset[str]:
    """Every code of a reason."""
    return frozenset(_SENTENCES)
