"""Cells of decision tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from engine.feel import compile_unary_tests
from engine.feel.values import Value

CASES = [
    ("-", None, True),
    ("5", Decimal(5), True),
    ("5", Decimal(6), False),
    ('"a", "b"', "b", True),
    ('not("a", "b")', "b", False),
    ('not("a", "b")', "c", True),
    ("< 5", Decimal(4), True),
    ("[1..5), > 10", Decimal(5), False),
    ("[1..5), > 10", Decimal(11), True),
    ("]1..5[", Decimal(1), False),
    ("? > 3 and ? < 9", Decimal(4), True),
    ("count(?) > 1", [Decimal(1), Decimal(2)], True),
    ("? in limits", Decimal(2), True),
    ("limits", Decimal(3), True),
    ("limits", Decimal(4), False),
    ("true", False, False),
    ("false", False, True),
    ("null", None, True),
    ("null", Decimal(1), False),
    ("not(null)", Decimal(1), True),
    ("< 5", "a", None),
    ("not(< 5)", None, None),
    ('>= date("2026-01-01")', date(2026, 11, 21), True),
    ('starts with(?, "H")', "Hà Nội", True),
    ("undefined name", Decimal(1), None),
]


@pytest.mark.parametrize(("source", "value", "expected"), CASES)
def test_unary_tests_decide(source: str, value: Value, expected: bool | None) -> None:
    context = {"limits": [Decimal(2), Decimal(3)]}
    outcome = compile_unary_tests(source, names=context).evaluate(value, context)
    assert outcome.value is expected
    assert expected is not None or outcome.reasons


def test_condition_without_input_mark_decides_when_input_is_no_boolean() -> None:
    tests = compile_unary_tests("a > 3")
    assert tests.evaluate("x", {"a": Decimal(4)}).value is True
    assert tests.evaluate("x", {"a": Decimal(1)}).value is False
