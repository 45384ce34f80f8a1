"""Product functions."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.errors import InvalidInput, Text
from engine.feel import Budget, FeelBudgetExceeded, FunctionRegistry, Undefined, compile_expression, unknown_names

HELP = Text(vi="thử", en="test")


def _registry() -> FunctionRegistry:
    registry = FunctionRegistry()

    def add(day: date, days: Decimal, skip: Decimal | None) -> date:
        return day + timedelta(days=int(days) + int(skip or 0))

    def refuse(value: object) -> object:
        raise InvalidInput(what="mã", why="không có")

    def nothing() -> object:
        raise Undefined("no-calendar", text=Text(vi="chưa có lịch", en="no calendar yet"))

    registry.register(
        "add working days", [("from", "date"), ("days", "number"), ("skip", "number?")], "date", HELP, add
    )
    registry.register("refuse", [("value", "Any")], "Any", HELP, refuse)
    registry.register("nothing", [], "Any", HELP, nothing)
    return registry


def _evaluate(source: str, registry: FunctionRegistry, **options: object) -> object:
    expression = compile_expression(source, names=registry.names())
    return expression.evaluate({}, functions=registry, **options)  # type: ignore[arg-type]


def test_product_function_is_called_by_position_and_name() -> None:
    registry = _registry()
    assert _evaluate('add working days(@"2026-11-21", 2)', registry).value == date(2026, 11, 23)
    assert _evaluate('add working days(days: 2, from: @"2026-11-21", skip: 1)', registry).value == date(2026, 11, 24)
    assert _evaluate('[1, 2][add working days(@"2026-11-21", item) > @"2026-11-22"]', registry).value == [Decimal(2)]


def test_wrong_argument_is_null_with_reason() -> None:
    outcome = _evaluate('add working days("2026-11-21", 2)', _registry())
    assert outcome.value is None
    assert outcome.reasons[0].code == "argument-type"


def test_refusal_of_a_function_is_its_sentence() -> None:
    outcome = _evaluate("refuse(1)", _registry())
    assert outcome.value is None
    assert outcome.reasons[0].message.vi == "mã không hợp lệ: không có"
    assert _evaluate("nothing()", _registry()).reasons[0].message.en == "no calendar yet"


def test_builtin_or_known_name_cannot_be_registered_again() -> None:
    registry = _registry()
    for name in ("count", "refuse"):
        with pytest.raises(InvalidInput):
            registry.register(name, [], "Any", HELP, lambda: None)


def test_unknown_type_cannot_be_registered() -> None:
    with pytest.raises(InvalidInput):
        FunctionRegistry().register("f", [("x", "decimal")], "Any", HELP, lambda x: x)


def test_catalogue_lists_product_functions() -> None:
    shown = [str(entry) for entry in _registry().catalogue()]
    assert "add working days(from: date, days: number, skip?: number): date" in shown


def test_unknown_function_is_reported_for_closed_names() -> None:
    registry = _registry()
    expression = compile_expression("add working days(a, 1) + missing(2)", names=registry.names())
    assert unknown_names(expression, {"a"} | registry.names()) == ("missing",)


def test_evaluation_inside_a_function_shares_the_budget() -> None:
    registry = FunctionRegistry()
    inner = compile_expression("count(for i in 1..100 return i)")
    registry.register("inner", [], "number", HELP, lambda: inner.evaluate({}).value)
    source = "for i in 1..1000 return inner()"
    with pytest.raises(FeelBudgetExceeded):
        _evaluate(source, registry, budget=Budget(steps=20_000))
