"""Values of TCK test files: XML to FEEL values, and when two values count as the same."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import cache

from lxml import etree

from engine.feel import Expression, Value, compile_expression

_NAMESPACE = "{http://www.omg.org/spec/DMN/20160719/testcase}"
_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
#: Numbers agree when they differ by no more than this.
_TOLERANCE = Decimal("1e-8")
_NUMBERS = frozenset({"decimal", "double", "float", "integer", "int", "long", "short", "byte"})
_CONVERSIONS = {
    "date": "date(v)",
    "time": "time(v)",
    "dateTime": "date and time(v)",
    "duration": "duration(v)",
    "dayTimeDuration": "duration(v)",
    "yearMonthDuration": "duration(v)",
}


def read_value(node: etree._Element) -> Value:
    """The FEEL value inside an ``inputNode``, ``expected``, ``item`` or ``component``."""
    components = list(node.iterchildren(f"{_NAMESPACE}component"))
    if components:
        return {child.get("name", ""): read_value(child) for child in components}
    items = node.find(f"{_NAMESPACE}list")
    if items is not None:
        if items.get(f"{_INSTANCE}nil") == "true":
            return None
        return [read_value(item) for item in items.iterchildren(f"{_NAMESPACE}item")]
    value = node.find(f"{_NAMESPACE}value")
    return None if value is None else _simple(value)


def _simple(node: etree._Element) -> Value:
    if node.get(f"{_INSTANCE}nil") == "true":
        return None
    kind = (node.get(f"{_INSTANCE}type") or "string").rpartition(":")[2]
    text = "".join(str(part) for part in node.itertext())
    if kind in _NUMBERS:
        return _number(text)
    if kind == "boolean":
        return text.strip() in ("true", "1")
    if kind in _CONVERSIONS:
        return _feel(_CONVERSIONS[kind]).evaluate({"v": text.strip()}).value
    return text


def _number(text: str) -> Value:
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None


@cache
def _feel(source: str) -> Expression:
    return compile_expression(source, names=("v", "a", "b"))


def same(expected: Value, got: Value) -> bool:
    """Whether ``got`` is what the kit expects: numbers to 8 decimals, all else as FEEL's equality has it."""
    if expected is None or got is None:
        return expected is None and got is None
    if isinstance(expected, Decimal) and isinstance(got, Decimal):
        return expected == got or abs(expected - got) <= _TOLERANCE
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(same, expected, got))
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(same(expected[key], got[key]) for key in expected)
    if isinstance(expected, bool) or isinstance(got, bool) or isinstance(expected, str):
        return type(expected) is type(got) and expected == got
    if type(expected) is type(got) and expected == got:
        return True
    return _feel("a = b").evaluate({"a": expected, "b": got}).value is True
