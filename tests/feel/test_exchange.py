"""JSON in and out, and the text face for the command line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.feel import (
    DayTimeDuration,
    FeelValueError,
    Range,
    compile_expression,
    evaluate_text,
    from_json,
    to_json,
    to_plain,
)


def test_numbers_become_exact_decimals() -> None:
    assert from_json({"a": 0.1, "b": [10**30]}) == {"a": Decimal("0.1"), "b": [Decimal(10**30)]}
    assert type(from_json(True)) is bool


def test_feel_texts_are_evaluated() -> None:
    read = from_json({"on": {"$feel": 'date("2026-11-21")'}, "r": {"$feel": "[1..3)"}})
    assert read == {"on": date(2026, 11, 21), "r": Range(Decimal(1), Decimal(3), True, False)}


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {"$feel": "1 +"}, {"$feel": "1/0"}, {"$feel": 5}, object()]
)
def test_bad_json_is_refused(value: object) -> None:
    with pytest.raises(FeelValueError):
        from_json(value)


def test_deep_json_is_refused() -> None:
    deep: object = 1
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(FeelValueError):
        from_json(deep)
    with pytest.raises(FeelValueError):
        to_json(deep)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("2.00", 2),
        ("0.1", 0.1),
        ("1/3", {"$feel": "0.3333333333333333333333333333333333"}),
        ('@"2026-11-21"', {"$feel": 'date("2026-11-21")'}),
        ('@"2026-11-21T10:00:00@Asia/Ho_Chi_Minh"', {"$feel": 'date and time("2026-11-21T10:00:00@Asia/Ho_Chi_Minh")'}),
        ('@"P1Y"', {"$feel": 'duration("P1Y")'}),
        ("(< 5)", {"$feel": "(< 5)"}),
        ('["a".."b")', {"$feel": '["a".."b")'}),
        ("{a: [null, true]}", {"a": [None, True]}),
    ],
)
def test_outputs_are_printed_so_that_they_read_back(source: str, expected: object) -> None:
    value = compile_expression(source).evaluate({}).value
    assert to_json(value) == expected
    assert to_json(from_json(to_json(value))) == expected


def test_function_is_refused_as_json() -> None:
    with pytest.raises(FeelValueError):
        to_json(compile_expression("function(x) x").evaluate({}).value)


def test_plain_values_are_iso_text() -> None:
    value = {"on": date(2026, 11, 21), "at": datetime(2026, 11, 21, tzinfo=UTC), "in": DayTimeDuration(10**9)}
    assert to_plain(value) == {"on": "2026-11-21", "at": "2026-11-21T00:00:00Z", "in": "PT1S"}
    assert to_plain(Decimal(1) / Decimal(3)) == "0.3333333333333333333333333333"
    assert to_plain(Decimal("2000")) == 2000


def test_text_is_evaluated_with_names_of_the_context() -> None:
    answer = evaluate_text('người nộp.họ tên + "!"', {"người nộp": {"họ tên": "An"}})
    assert answer == {"value": "An!", "type": "string", "reasons": []}


def test_text_reports_reasons() -> None:
    answer = evaluate_text("1 / 0")
    assert answer["value"] is None
    assert answer["reasons"] == [
        {"code": "division-by-zero", "message_vi": "chia cho 0", "message": "division by zero", "line": 1, "column": 3}
    ]
