"""The built-in functions, with the edges that the standard or its test kit settles."""

from __future__ import annotations

import pytest

from engine.feel import FunctionRegistry, compile_expression
from engine.feel.builtins import names, signatures
from engine.feel.kinds import equal

CASES = [
    # strings
    ('substring("foobar", -2, 1)', '"a"'),
    ('substring("foobar", 3, 3.8)', '"oba"'),
    ('substring("foobar", 0)', "null"),
    ('substring("\\U01F40Eab", 2)', '"ab"'),
    ('string length("\\U01F40Eab")', "3"),
    ('upper case("đường")', '"ĐƯỜNG"'),
    ('substring before("foobar", "x")', '""'),
    ('substring after("foobar", "")', '"foobar"'),
    ('contains("foobar", "ob")', "true"),
    ('split("a;b;;c", ";")', '["a", "b", "", "c"]'),
    ('split("John Doe", "\\s")', '["John", "Doe"]'),
    ('string join(["a", null, "c"], "-")', '"a-c"'),
    ('replace("abracadabra", "a(.)", "a$1$1")', '"abbraccaddabbra"'),
    ('replace("a", "(a)", "\\$1")', '"$1"'),
    ('replace("a", "a", "$")', "null"),
    ('replace("abc", "x*", "-")', "null"),
    # numbers
    ("decimal(2.5, 0)", "2"),
    ("round half up(-2.5, 0)", "-3"),
    ("round half down(-2.5, 0)", "-2"),
    ("round up(1.121, 2)", "1.13"),
    ("floor(-1.56, 1)", "-1.6"),
    ("ceiling(1234, -2)", "1300"),
    ("modulo(-12, 5)", "3"),
    ("modulo(10.1, -4.5)", "-3.4"),
    ("sqrt(16)", "4"),
    ("sqrt(-1)", "null"),
    ("decimal(log(exp(1)), 30)", "1"),
    ("even(-2)", "true"),
    ("odd(1e3)", "false"),
    ('abs(@"-P1D")', '@"P1D"'),
    ('number("1.000.000,01", ".", ",")', "1000000.01"),
    ('number("1,0", ",", ",")', "null"),
    ("string(1.10)", '"1.1"'),
    ("string(1e3)", '"1000"'),
    ('string([1, "a", {b: null}])', '"[1, \\"a\\", {b: null}]"'),
    # lists
    ("count([1, null])", "2"),
    ("min([3, 1, 2])", "1"),
    ('max("a", "b")', '"b"'),
    ("sum([])", "null"),
    ("sum(1, 2)", "3"),
    ("mean([1, 2, 6])", "3"),
    ("median([1, 2, 3, 4])", "2.5"),
    ("stddev([2, 4, 7, 5])", "2.081665999466132735282297706979931"),
    ("mode([6, 1, 9, 6, 1])", "[1, 6]"),
    ("product([2, 3, 4])", "24"),
    ("all([true, null])", "null"),
    ("any([null, true])", "true"),
    ("all([])", "true"),
    ("sublist([1, 2, 3], -2, 1)", "[2]"),
    ("insert before([1, 3], 2, 2)", "[1, 2, 3]"),
    ("remove([1, 2, 3], -1)", "[1, 2]"),
    ("list replace([2, 4, 7, 8], 3, 6)", "[2, 4, 6, 8]"),
    ("list replace([2, 4, 7], function(item, newItem) item < newItem, 5)", "[5, 5, 7]"),
    ("union([1, 2], [2, 3])", "[1, 2, 3]"),
    ("distinct values([1, 1.0, [1], [1]])", "[1, [1]]"),
    ("flatten([[1, [2]], 3])", "[1, 2, 3]"),
    ("index of([1, 2, 1], 1)", "[1, 3]"),
    ("sort([3, 1, 2])", "[1, 2, 3]"),
    ('sort([1, "a"])', "null"),
    # contexts
    ('get value({a: {b: 1}}, ["a", "b"])', "1"),
    ("get entries({a: 1})", '[{key: "a", value: 1}]'),
    ('context([{key: "a", value: 1}])', "{a: 1}"),
    ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "null"),
    ('context put({x: 1, y: {a: 0}}, ["y", "a"], 2)', "{x: 1, y: {a: 2}}"),
    ("context merge([{a: 1}, {a: 2, b: 3}])", "{a: 2, b: 3}"),
    # dates
    ('date("2026-02-29")', "null"),
    ("date(2026, 11, 21)", '@"2026-11-21"'),
    ('date and time("2026-11-21")', '@"2026-11-21T00:00:00"'),
    ('date and time(@"2026-11-21", @"10:00:00+07:00")', '@"2026-11-21T10:00:00+07:00"'),
    ('date and time(2026, 11, 21, 8, 0, 0, "Asia/Ho_Chi_Minh")', '@"2026-11-21T08:00:00@Asia/Ho_Chi_Minh"'),
    ('string(time(11, 59, 45, duration("-PT2H45M55S")))', '"11:59:45-02:45:55"'),
    ('time("13:20:00+19:00")', "null"),
    ('time("13:20:00@xyz/abc")', "null"),
    ('years and months duration(@"2026-01-31", @"2026-03-01")', '@"P1M"'),
    ('years and months duration(@"2026-03-01", @"2026-01-31")', '@"-P1M"'),
    ('duration("P1Y1D")', "null"),
    ('string(duration("PT1000M"))', '"PT16H40M"'),
    ('week of year(@"2005-01-01")', "53"),
    ('month of year(@"2026-11-21")', '"November"'),
    ('is(@"23:00:50Z", @"23:00:50+00:00")', "true"),
    ('is(@"23:00:50@Etc/GMT", @"23:00:50Z")', "false"),
    # ranges
    ('range("[1..3)")', "[1..3)"),
    ('range("[3..1]")', "null"),
    ("before([1..10), [10..20])", "true"),
    ("meets([1..5], (5..8])", "false"),
    ("overlaps before([1..5], [3..8])", "true"),
    ("overlaps after([3..8], [1..5])", "true"),
    ("finishes(10, [1..10])", "true"),
    ("started by([1..10], (1..5])", "false"),
    ("includes([1..10], (1..10))", "true"),
    ("coincides([1..5], (1..5])", "false"),
    ("after(5, (< 3))", "true"),
    ("during(2, (< 3))", "true"),
]


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_builtin_gives_what_the_standard_says(source: str, expected: str) -> None:
    got, wanted = compile_expression(source).evaluate({}), compile_expression(expected).evaluate({})
    assert wanted.value is not None or expected == "null"
    assert equal(got.value, wanted.value) is True, (got, wanted)
    assert got.value is not None or got.reasons or source == "sum([])"


STANDARD = """
abs; after; all; any; append; before; ceiling; coincides; concatenate; contains; context; context merge; context put;
count; date; date and time; day of week; day of year; decimal; distinct values; duration; during; ends with; even; exp;
finished by; finishes; flatten; floor; get entries; get value; includes; index of; insert before; is; list contains;
list replace; log; lower case; matches; max; mean; median; meets; met by; min; mode; modulo; month of year; not; now;
number; odd; overlaps; overlaps after; overlaps before; product; range; remove; replace; reverse; round down;
round half down; round half up; round up; sort; split; sqrt; started by; starts; starts with; stddev; string;
string join; string length; sublist; substring; substring after; substring before; sum; time; today; union;
upper case; week of year; years and months duration
"""


def test_every_standard_function_is_there() -> None:
    wanted = {name.strip() for name in STANDARD.replace("\n", " ").split(";")}
    assert wanted <= names()
    assert wanted == {signature.name for signature in signatures()}


@pytest.mark.parametrize("name", sorted({signature.name for signature in signatures()}))
def test_builtin_survives_any_single_argument(name: str) -> None:
    values = ("null", "1", '"a"', "true", "[]", "[1, null]", "{}", "[1..2]", '@"2026-11-21"', '@"10:00:00"', '@"P1D"')
    for value in values:
        for arguments in (value, f"{value}, {value}", f"{value}, 1, {value}", f"{value}, {value}, {value}, {value}"):
            compile_expression(f"{name}({arguments})").evaluate({})


def test_catalogue_describes_each_signature_in_both_languages() -> None:
    catalogue = FunctionRegistry().catalogue()
    assert [entry.name for entry in catalogue] == sorted(entry.name for entry in catalogue)
    assert all(entry.help.vi and entry.help.en and entry.returns for entry in catalogue)
    shown = [str(entry) for entry in catalogue]
    assert "substring(string: string, start position: number, length?: number): string" in shown
