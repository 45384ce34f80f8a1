"""What expressions mean, case by case. Expected values are FEEL too, so that no Python value hides a difference."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.feel import FeelSyntaxError, Outcome, compile_expression, unknown_names
from engine.feel.kinds import equal

CONTEXT = {
    "a": Decimal(5),
    "full name": "Nguyễn Thị Hoa",
    "Date-Time": Decimal(7),
    "profit and loss": Decimal(-3),
    "phí/bản": Decimal(2000),
    "people": [{"name": "An", "age": Decimal(20)}, {"name": "Bình", "age": Decimal(30)}],
    "nothing": None,
}
NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def outcome(source: str) -> Outcome:
    return compile_expression(source, names=CONTEXT.keys()).evaluate(CONTEXT, now=NOW)


SAME = [
    # names
    ("Date-Time - 1", "6"),
    ("profit and loss + a", "2"),
    ("phí/bản * 3", "6000"),
    ('"Họ tên: " + full name', '"Họ tên: Nguyễn Thị Hoa"'),
    ("{lệ phí: 10, tổng cộng: lệ phí * 2}.tổng cộng", "20"),
    ("{a-b: 1, c: a-b + 1}.c", "2"),
    ("for số bản in [1, 2] return số bản + 1", "[2, 3]"),
    # arithmetic and precedence
    ("0.1 + 0.2", "0.3"),
    ("2 + 3 * 4 ** 2", "50"),
    ("-2 ** 2", "4"),
    ("10 - 3 - 2", "5"),
    ("1 / 3 * 3", "0.9999999999999999999999999999999999"),
    ('"a" + "b"', '"ab"'),
    ("2 ** -1", "0.5"),
    ("1 + if true then 1 else 2", "2"),
    # logic is ternary
    ("false and null", "false"),
    ("true and null", "null"),
    ("true or null", "true"),
    ("null or false", "null"),
    ("1 = null", "false"),
    ("null = null", "true"),
    ('1 = "1"', "null"),
    ("a between 1 and 5", "true"),
    ("a in (< 3, [5..6])", "true"),
    ("a in ]5..6]", "false"),
    ("1 in [1..5[ and true", "true"),
    ("a in null", "false"),
    # lists and filters
    ("[1, 2, 3][-1]", "3"),
    ("[1, 2, 3][item >= 2]", "[2, 3]"),
    ("people[age > 25].name", '["Bình"]'),
    ('people[name = "An"].age', "[20]"),
    ("people.age", "[20, 30]"),
    ("people[1].name", '"An"'),
    ("5[1]", "5"),
    ("[{item: 1}, {item: 2}][item >= 2]", "[{item: 2}]"),
    ("[1, 2, 3][10]", "null"),
    ("nothing[1]", "null"),
    # iteration
    ("for i in 3..1 return i", "[3, 2, 1]"),
    ("for i in [1, 2], j in [i, 10] return i * j", "[1, 10, 4, 20]"),
    ("for i in 1..4 return if i = 1 then 1 else i * partial[-1]", "[1, 2, 6, 24]"),
    ("for i in [1..3) return i", "[1, 2]"),
    ('for d in @"2026-02-27"..@"2026-03-01" return d.day', "[27, 28, 1]"),
    ("some x in [1, 2] satisfies x > 1", "true"),
    ("every x in [] satisfies false", "true"),
    ("some x in [] satisfies true", "false"),
    ("every x in [1, null] satisfies x > 0", "null"),
    # functions
    ("(function(x: number) x + 1)(1)", "2"),
    ("(function(x: number) x + 1)([1])", "2"),
    ("(function(x: list<number>) count(x))(1)", "1"),
    ('(function(x: number) x)("1")', "null"),
    ("{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(10)}.r", "3628800"),
    ("{k: 2, f: function(x) x * k, r: f(3)}.r", "6"),
    ("(function(x) function(y) x + y)(1)(2)", "3"),
    ('substring(start position: 3, string: "foobar")', '"obar"'),
    ("sort([3, 1, 2], function(x, y) x < y)", "[1, 2, 3]"),
    # temporal
    ('@"2026-01-31" + @"P1M"', '@"2026-02-28"'),
    ('@"2026-11-21" - @"2026-11-01"', '@"P20D"'),
    ('@"2026-11-21T10:00:00+07:00" = @"2026-11-21T03:00:00Z"', "true"),
    ('@"2026-11-21T10:00:00@Asia/Ho_Chi_Minh" = @"2026-11-21T03:00:00Z"', "true"),
    ('@"10:00:00" + @"PT15H"', '@"01:00:00"'),
    ('@"P1Y2M" * 2', '@"P2Y4M"'),
    ('@"P1D" / @"PT6H"', "4"),
    ('date("2026-11-21").weekday', "6"),
    ('time("10:30:00+07:00").time offset', '@"PT7H"'),
    ('date("-0044-03-15").year', "-44"),
    ('date("12026-03-15") - date("12026-03-14")', '@"P1D"'),
    ('string(@"10:30:00.123456789")', '"10:30:00.123456789"'),
    ("now()", '@"2026-11-21T08:30:00Z"'),
    ("today()", '@"2026-11-21"'),
    ('@"2026-11-21T10:00:00Z" - @"2026-11-21"', '@"PT10H"'),
    ('@"2026-11-21T10:00:00" - @"2026-11-21"', "null"),
    ('[1, 2]["a"]', "null"),
    # types
    ("1 instance of number", "true"),
    ("null instance of Any", "false"),
    ('[1, "a"] instance of list<number>', "false"),
    ("{a: 1} instance of context<a: number>", "true"),
    ("[1..2] instance of range<number>", "true"),
    ('@"P1D" instance of days and time duration', "true"),
    ('(function(x: number) "a") instance of function<number>->string', "true"),
    # ranges
    ("(< 10).end", "10"),
    ("[1..10).end included", "false"),
    ('["a".."c"] = range("[\\"a\\"..\\"c\\"]")', "true"),
    ("overlaps([1..5], [5..8])", "true"),
    ("1 /* chú thích */ + 1 // hết", "2"),
    ('"\\u1EA1\\U01F40E\\t"', '"ạ🐎\\t"'),
    ('"\\uD83D\\uDC0E"', '"🐎"'),
]


@pytest.mark.parametrize(("source", "expected"), SAME)
def test_expression_means_what_the_standard_says(source: str, expected: str) -> None:
    got, wanted = outcome(source), outcome(expected)
    assert wanted.value is not None or expected == "null"
    assert equal(got.value, wanted.value) is True, (got, wanted)


REASONS = [
    ("phí + 1", "unknown-name", 1, 1),
    ("1 +\n x.y", "unknown-name", 2, 2),
    ("{a: 1}.b", "no-entry", 1, 8),
    ("1 / 0", "division-by-zero", 1, 3),
    ('date("2026-02-30")', "no-such-date", 1, 1),
    ('1 < "a"', "not-comparable", 1, 3),
    ("substring(1, 2)", "argument-type", 1, 1),
    ('substring("a")', "arguments", 1, 1),
    ('substring(chuỗi: "a", start position: 1)', "argument-missing", 1, 1),
    ("abs(n: 1, m: 2)", "argument-name", 1, 1),
    ('true and "x"', "not-a-boolean", 1, 10),
    ('matches("a", "[")', "regex", 1, 1),
    ('function() external {java: {class: "java.lang.Math"}}', "external-function", 1, 1),
    ("[1, 2][3]", "index", 1, 7),
    ("1 instance of tNothing", "unknown-type", 1, 3),
    ("a.b", "no-property", 1, 3),
    ("{x: 1, x: 2}", "duplicate-key", 1, 1),
    ('@"never"', "not-a-temporal", 1, 1),
    ("9e6000 * 9e6000", "number-overflow", 1, 8),
]


@pytest.mark.parametrize(("source", "code", "line", "column"), REASONS)
def test_null_tells_reason_and_place(source: str, code: str, line: int, column: int) -> None:
    got = outcome(source)
    first = got.reasons[0]
    assert (first.code, first.line, first.column) == (code, line, column)
    assert first.message.vi
    assert first.message.en
    assert "{" not in first.message.vi


def test_present_moment_without_clock_is_null_with_reason() -> None:
    got = compile_expression("now()").evaluate({})
    assert got.value is None
    assert got.reasons[0].code == "no-clock"


def test_context_is_never_changed() -> None:
    context = {"list": [Decimal(1)], "m": {"a": Decimal(1)}}
    compile_expression('[append(list, 2), context put(m, "a", 3), reverse(list)]').evaluate(context)
    assert context == {"list": [Decimal(1)], "m": {"a": Decimal(1)}}


def test_host_value_is_refused_not_misread() -> None:
    got = compile_expression("x + 1").evaluate({"x": 1})
    assert got.value is None
    assert "foreign int" in got.reasons[0].message.en


def test_named_types_of_the_caller_are_asked() -> None:
    expression = compile_expression("x instance of tAdult")
    types = {"tAdult": lambda value: value >= 18}
    assert expression.evaluate({"x": Decimal(20)}, types=types).value is True
    assert expression.evaluate({"x": Decimal(2)}, types=types).value is False


SYNTAX = [
    ("", 1, 1),
    ("1 +", 1, 4),
    ("1 +\n* 2", 2, 1),
    ("(1", 1, 3),
    ("1)", 1, 2),
    ('"abc', 1, 1),
    ("if a then b", 1, 12),
    ("a ; b", 1, 3),
    ("“a”", 1, 1),
    ("for in x return 1", 1, 5),
    ("{a 1}", 1, 5),
    ("return 1", 1, 1),
    ("1e99999", 1, 1),
]


@pytest.mark.parametrize(("source", "line", "column"), SYNTAX)
def test_unreadable_text_is_refused_with_place(source: str, line: int, column: int) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(source)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.code == "feel-syntax"
    assert str(line) in caught.value.message("vi")


def test_free_names_are_those_of_the_caller() -> None:
    expression = compile_expression("for x in list return x + count(list) + fee[amount > limit].total")
    assert expression.free_names == {"list", "fee", "amount", "limit"}
    assert unknown_names(expression, ["list"]) == ("fee",)


def test_same_source_is_compiled_once() -> None:
    assert compile_expression("1 + 1", names=["x"]) is compile_expression("1 + 1", names=["x"])
