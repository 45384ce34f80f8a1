"""Ranges: ``range()`` and Allen's relations between points and ranges (DMN 1.5, table 78)."""

from __future__ import annotations

import re

from engine.feel.calendar import read_date, read_datetime, read_duration, read_time
from engine.feel.errors import Undefined
from engine.feel.kinds import DATE, DATE_TIME, DAYS, MONTHS, TIME, order
from engine.feel.run import Run
from engine.feel.signature import Library
from engine.feel.temporal import read_temporal
from engine.feel.values import DECIMAL, Range, Value

LIBRARY = Library()

_POINT = f"number|string|{DATE}|{TIME}|{DATE_TIME}|{DAYS}|{MONTHS}"
_END = r'(?:"(?:[^"\\]|\\.)*"|@"[^"]*"|[a-z ]+\(\s*"[^"]*"\s*\)|-?[0-9.]+?(?:[eE][+-]?[0-9]+)?|)'
_RANGE = re.compile(rf"\s*([\[\](])\s*({_END})\s*\.\.\s*({_END})\s*([\[\])])\s*")
_READERS = {"date": read_date, "time": read_time, "date and time": read_datetime, "duration": read_duration}


def _end(text: str) -> Value:
    if not text:
        return None
    if text[0] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    if text[0] == "@":
        return read_temporal(text[2:-1])
    if text[-1] == ")":
        name, _, rest = text.partition("(")
        reader = _READERS.get(name.strip())
        if reader is None:
            raise Undefined("not-a-range", text=text[:60])
        return reader(rest[:-1].strip()[1:-1])
    try:
        return DECIMAL.create_decimal(text)
    except ArithmeticError as error:
        raise Undefined("not-a-range", text=text[:60]) from error


@LIBRARY.function(
    "range(from: string): range", vi="Khoảng từ chuỗi như [1..10).", en="The range of a text such as [1..10)."
)
def read_range(run: Run, text: str) -> Value:
    run.meter.string_of(len(text))
    match = _RANGE.fullmatch(text) if len(text) < 1000 else None
    if match is None:
        raise Undefined("not-a-range", text=text[:60])
    start, end = _end(match[2]), _end(match[3])
    start_included, end_included = match[1] == "[", match[4] == "]"
    if (start is None and (start_included or end is None)) or (end is None and end_included):
        raise Undefined("not-a-range", text=text[:60])
    if start is not None and end is not None and order(start, end) > 0:
        raise Undefined("range-order")
    return Range(start, end, start_included, end_included)


# relations --------------------------------------------------------------------------------------
# A point is the closed range from itself to itself; each relation below is the table's row for that case.


def _as_range(value: Value) -> Range:
    return value if type(value) is Range else Range(value, value)


def _starts(left: Range, right: Range) -> int:
    """Order of the two starts, by value alone."""
    if left.start is None or right.start is None:
        return (left.start is not None) - (right.start is not None)
    return order(left.start, right.start)


def _ends(left: Range, right: Range) -> int:
    if left.end is None or right.end is None:
        return (left.end is None) - (right.end is None)
    return order(left.end, right.end)


def _end_to_start(left: Range, right: Range) -> int:
    if left.end is None or right.start is None:
        return 1
    return order(left.end, right.start)


def _before(left: Range, right: Range) -> bool:
    at = _end_to_start(left, right)
    return at < 0 or (at == 0 and not (left.end_included and right.start_included))


def _meets(left: Range, right: Range) -> bool:
    return left.end_included and right.start_included and _end_to_start(left, right) == 0


def _reaches(left: Range, right: Range) -> bool:
    """Whether ``left`` ends at or after the start of ``right``."""
    at = _end_to_start(left, right)
    return at > 0 or (at == 0 and left.end_included and right.start_included)


def _overlaps(left: Range, right: Range) -> bool:
    return _reaches(left, right) and _reaches(right, left)


def _overlaps_before(left: Range, right: Range) -> bool:
    first, last = _starts(left, right), _ends(left, right)
    return (
        (first < 0 or (first == 0 and left.start_included and not right.start_included))
        and _reaches(left, right)
        and (last < 0 or (last == 0 and (not left.end_included or right.end_included)))
    )


def _start_within(left: Range, right: Range) -> bool:
    """Whether ``left`` does not start before ``right``."""
    at = _starts(left, right)
    return at > 0 or (at == 0 and (not left.start_included or right.start_included))


def _end_within(left: Range, right: Range) -> bool:
    at = _ends(left, right)
    return at < 0 or (at == 0 and (not left.end_included or right.end_included))


def _finishes(left: Range, right: Range) -> bool:
    return left.end_included == right.end_included and _ends(left, right) == 0 and _start_within(left, right)


def _begins(left: Range, right: Range) -> bool:
    return left.start_included == right.start_included and _starts(left, right) == 0 and _end_within(left, right)


def _during(left: Range, right: Range) -> bool:
    return _start_within(left, right) and _end_within(left, right)


def _coincides(left: Range, right: Range) -> bool:
    return (
        left.start_included == right.start_included
        and left.end_included == right.end_included
        and _starts(left, right) == 0
        and _ends(left, right) == 0
    )


_PAIRS = {
    "points": (("point1", _POINT), ("point2", _POINT)),
    "into": (("point", _POINT), ("range", "range")),
    "out": (("range", "range"), ("point", _POINT)),
    "ranges": (("range1", "range"), ("range2", "range")),
}
_RELATIONS = (
    ("before", _before, False, ("points", "into", "out", "ranges"), "đứng trước", "lies before"),
    ("after", _before, True, ("points", "into", "out", "ranges"), "đứng sau", "lies after"),
    ("meets", _meets, False, ("ranges",), "chạm đầu", "ends where the other starts:"),
    ("met by", _meets, True, ("ranges",), "được chạm bởi", "starts where the other ends:"),
    ("overlaps", _overlaps, False, ("ranges",), "giao với", "shares a part with"),
    ("overlaps before", _overlaps_before, False, ("ranges",), "giao phía trước", "overlaps the start of"),
    ("overlaps after", _overlaps_before, True, ("ranges",), "giao phía sau", "overlaps the end of"),
    ("finishes", _finishes, False, ("into", "ranges"), "kết thúc cùng lúc với", "finishes"),
    ("finished by", _finishes, True, ("out", "ranges"), "được kết thúc bởi", "is finished by"),
    ("includes", _during, True, ("out", "ranges"), "bao gồm", "includes"),
    ("during", _during, False, ("into", "ranges"), "nằm trong", "lies in"),
    ("starts", _begins, False, ("into", "ranges"), "bắt đầu cùng lúc với", "starts"),
    ("started by", _begins, True, ("out", "ranges"), "được bắt đầu bởi", "is started by"),
    ("coincides", _coincides, False, ("points", "ranges"), "trùng với", "coincides with"),
)


def _declare() -> None:
    for name, relation, swapped, pairs, vi, en in _RELATIONS:

        def decide(run: Run, left: Value, right: Value, relation=relation, swapped=swapped) -> Value:  # type: ignore[no-untyped-def]
            first, second = _as_range(left), _as_range(right)
            return relation(second, first) if swapped else relation(first, second)

        for pair in pairs:
            (first, first_type), (second, second_type) = _PAIRS[pair]
            declared = f"{name}({first}: {first_type}, {second}: {second_type}): boolean"
            LIBRARY.function(declared, vi=f"{first} {vi} {second}?", en=f"Whether {first} {en} {second}.")(decide)


_declare()
