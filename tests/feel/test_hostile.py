"""Input made to hang or exhaust the process ends in a clear error, soon."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from engine.feel import Budget, FeelBudgetExceeded, FeelSyntaxError, compile_expression, compile_unary_tests

#: Seconds of processor time; five times what is promised, since the machine may be slow and shared.
LIMIT = 5.0

UNREADABLE = {
    "parentheses": "(" * 100_000 + "1" + ")" * 100_000,
    "parentheses within length": "(" * 19_000 + "1" + ")" * 19_000,
    "sum": "1" + "+1" * 100_000,
    "sum within length": "1" + "+1" * 19_000,
    "path": "a" + ".a" * 15_000,
    "minus": "-" * 30_000 + "1",
    "if": "if a then b else " * 2_000 + "1",
    "brackets": "[" * 39_000,
    "functions": "function(a) " * 3_000 + "1",
    "loops": "for a in " * 3_000,
    "comparisons": "x<" * 10_000 + "1",
    "calls": "f(" * 10_000 + ")" * 10_000,
    "filters": "x[y" * 5_000 + "]" * 5_000,
    "list": "[1" + ",1" * 19_000 + "]",
    "open string": '"' + "\\" * 30_001,
    "digits": "1" * 39_000,
    "types": "x instance of " + "list<" * 5_000 + "number" + ">" * 5_000,
    "names": ",".join(f"a{i}:" for i in range(5_000)),
    "words": "a in " * 7_000,
}

ENDLESS = [
    "for i in 1..1000000000 return i",
    "for i in 1..100000, j in 1..100000 return i * j",
    "some i in 1..1000000000 satisfies i < 0",
    "for i in 1..100000 return for j in 1..100000 return 1",
    "{f: function(n) f(n + 1), r: f(1)}.r",
    "{f: function(n) if n = 0 then 1 else f(n - 1) + f(n - 1), r: f(30)}.r",
    '{f: function(s, n) if n = 0 then s else f(s + s, n - 1), r: f("a", 40)}.r',
    "{f: function(l, n) if n = 0 then l else f(concatenate(l, l), n - 1), r: f([1], 40)}.r",
    "{f: function(c, n) if n = 0 then c else f({x: c, y: c}, n - 1), r: string(f({}, 38))}.r",
    "for i in 1..5000 return [partial]",
    "distinct values(for i in 1..50000 return [i])",
    'string join(for i in 1..90000 return "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "")',
    'replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "(a|aa)+$", "x")',
    "{f: function(n) sort([1, 2], function(a, b) f(n + 1)), r: f(1)}.r",
    "{f: function(n) {g: [f(n)[1]], r: g}.r, r: f(1)}.r",
    "{f: function(n) every x in [n] satisfies f(x), r: f(1)}.r",
]

HARMLESS = [
    "2 ** 1000000",
    "9 ** 9 ** 9 ** 9",
    "1.0000000001 ** 1e30",
    "exp(14000)",
    "modulo(1e6000, 7)",
    "decimal(1/3, 6000)",
    "string(1e6000)",
    "1e6144 * 10",
    '@"P999999999999999999D" * 1e300',
    '@"2026-01-01" + @"P999999999999999999D"',
    "[1..1000000000][item > 0]",
    'matches("a", "((((((a{1,9999}){1,9999}){1,9999}){1,9999})))*b")',
    "(-" * 70 + "1" + ")" * 70,
]


def _timed(source: str) -> float:
    start = time.process_time()
    compile_expression(source).evaluate({"a": Decimal(1)})
    return time.process_time() - start


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_monstrous_source_is_refused_in_time(name: str) -> None:
    start = time.process_time()
    with pytest.raises(FeelSyntaxError):
        compile_expression(UNREADABLE[name])
    with pytest.raises(FeelSyntaxError):
        compile_unary_tests(UNREADABLE[name])
    assert time.process_time() - start < 2 * LIMIT


@pytest.mark.parametrize("source", ENDLESS)
def test_endless_evaluation_is_stopped_in_time(source: str) -> None:
    start = time.process_time()
    with pytest.raises(FeelBudgetExceeded) as caught:
        compile_expression(source).evaluate({})
    assert time.process_time() - start < LIMIT
    assert "{" not in caught.value.message("vi")


@pytest.mark.parametrize("source", HARMLESS)
def test_huge_numbers_cost_nothing(source: str) -> None:
    assert _timed(source) < LIMIT


def test_widest_readable_source_evaluates_in_time() -> None:
    assert _timed("1" + "+1" * 3_900) < LIMIT
    assert _timed("[" * 99 + "]" * 99) < LIMIT


def test_budget_counts_the_same_every_time() -> None:
    expression = compile_expression("count(for i in 1..1000 return i * i)")
    needed = next(steps for steps in range(1000, 20_000, 100) if _fits(expression, steps))
    assert not _fits(expression, needed - 100)
    assert _fits(expression, needed)


def _fits(expression: object, steps: int) -> bool:
    try:
        expression.evaluate({}, budget=Budget(steps=steps))  # type: ignore[attr-defined]
    except FeelBudgetExceeded:
        return False
    return True


def test_deep_recursion_from_a_deep_caller_is_no_recursion_error() -> None:
    expression = compile_expression("{f: function(n) if n = 0 then 0 else 1 + f(n - 1), r: f(200)}.r")

    def down(levels: int) -> object:
        return down(levels - 1) if levels else expression.evaluate({}, budget=Budget(depth=100_000)).value

    with pytest.raises(FeelBudgetExceeded):
        down(700)
