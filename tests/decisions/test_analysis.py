"""Findings about tables, each with its example."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions import check_model, read_model
from engine.errors import Problem
from tests.decisions.written import component, decision, input_data, item, model, table


def _check(
    inputs: dict[str, str], rows: list, *, items: str = "", outputs=("out",), **options: object
) -> list[Problem]:
    logic = table(list(inputs), list(outputs), rows, **options)
    data = [input_data(name, kind) for name, kind in inputs.items()]
    return list(check_model(model(items, *data, decision("D", logic, inputs=list(inputs)))))


def _codes(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(found.code, found.severity) for found in problems]


def test_complete_table_has_no_findings() -> None:
    assert _check({"age": "number"}, [("< 18", "1"), (">= 18", "2")]) == []


def test_unique_overlap_is_an_error_with_example() -> None:
    (found,) = _check({"age": "number"}, [("<= 18", "1"), (">= 18", "2")])
    assert (found.code, found.severity, found.element) == ("dmn-overlap", "error", "r2")
    assert "age = 18" in found.message.en
    assert "1, 2" in found.message.vi


def test_number_gap_is_a_warning_with_example() -> None:
    (found,) = _check({"age": "number"}, [("< 18", "1"), ("> 18", "2")])
    assert (found.code, found.severity) == ("dmn-gap", "warning")
    assert "age = 18" in found.message.en


def test_gap_between_whole_numbers_is_found() -> None:
    (found,) = _check({"age": "number"}, [("<= 17", "1"), (">= 18", "2")])
    assert "age = 17.5" in found.message.en


def test_neighbouring_dates_leave_no_gap() -> None:
    rows = [('<= date("2026-06-30")', "1"), ('>= date("2026-07-01")', "2")]
    assert _check({"day": "date"}, rows) == []


def test_date_gap_names_the_day() -> None:
    rows = [('< date("2026-06-30")', "1"), ('>= date("2026-07-01")', "2")]
    (found,) = _check({"day": "date"}, rows)
    assert "day = 2026-06-30" in found.message.en


def test_declared_words_without_a_row_are_an_error() -> None:
    kind = item("tKind", "string", allowed='"born", "married", "died"')
    (found,) = _check({"kind": "tKind"}, [('"born"', "1"), ('"married"', "2")], items=kind)
    assert _codes([found]) == [("dmn-gap", "error")]
    assert 'kind = "died"' in found.message.en


def test_free_words_leave_a_gap_for_others() -> None:
    (found,) = _check({"kind": "string"}, [('"born"', "1"), ('"married"', "2")])
    assert _codes([found]) == [("dmn-gap", "warning")]


def test_negated_words_close_the_gap() -> None:
    assert _check({"kind": "string"}, [('"born","died"', "1"), ('not("born","died")', "2")]) == []


def test_boolean_gap_is_an_error() -> None:
    (found,) = _check({"urgent": "boolean"}, [("true", "1")])
    assert _codes([found]) == [("dmn-gap", "error")]
    assert "urgent = false" in found.message.en


def test_two_columns_overlap_shows_both_values() -> None:
    rows = [("< 18", "-", "1"), (">= 18", "true", "2"), ("-", "false", "3")]
    (found,) = _check({"age": "number", "poor": "boolean"}, rows)
    assert found.code == "dmn-overlap"
    assert "age = 17" in found.message.en
    assert "poor = false" in found.message.en


def test_default_output_closes_gaps() -> None:
    assert _check({"age": "number"}, [("< 18", "1")], defaults=["0"]) == []


def test_any_with_equal_results_may_overlap() -> None:
    assert _check({"age": "number"}, [("<= 18", "1"), (">= 18", "1")], policy="ANY") == []


def test_any_with_other_results_is_an_error() -> None:
    found = _check({"age": "number"}, [("<= 18", "1"), (">= 18", "2")], policy="ANY")
    assert _codes(found) == [("dmn-overlap", "error")]


def test_first_with_covered_row_warns() -> None:
    rows = [("< 18", "1"), ("-", "2"), ("> 60", "3")]
    (found,) = _check({"age": "number"}, rows, policy="FIRST")
    assert (found.code, found.element) == ("dmn-row-dead", "r3")


def test_word_outside_the_declared_ones_is_impossible() -> None:
    kind = item("tKind", "string", allowed='"born", "died"')
    codes = _codes(_check({"kind": "tKind"}, [('"bron"', "1"), ('not("bron")', "2")], items=kind))
    assert ("dmn-cell-impossible", "error") in codes


def test_word_in_a_number_column_is_impossible() -> None:
    codes = _codes(_check({"age": "number"}, [('"18"', "1"), ("-", "2")]))
    assert ("dmn-cell-impossible", "error") in codes


def test_empty_range_is_impossible() -> None:
    codes = _codes(_check({"age": "number"}, [("[20..10]", "1"), ("-", "2")]))
    assert ("dmn-cell-impossible", "error") in codes


def test_result_outside_output_values_is_an_error() -> None:
    found = _check({"age": "number"}, [("-", '"maybe"')], values=['"yes","no"'])
    assert _codes(found) == [("dmn-output-value", "error")]


def test_conditions_beyond_constants_are_never_guessed() -> None:
    found = _check({"age": "number"}, [("? > 10 + 8", "1"), ("<= 18", "2")])
    assert _codes(found) == [("dmn-analysis-partial", "warning")]


def test_null_is_a_case_where_the_table_speaks_of_it() -> None:
    assert _check({"age": "number"}, [("null", "0"), ("not(null)", "1")]) == []
    (found,) = _check({"age": "number"}, [("null", "0"), ("> 1", "1"), ("<= 1, null", "2")])
    assert found.code == "dmn-overlap"
    assert "age = null" in found.message.en


def test_moments_are_compared_with_their_like() -> None:
    moment = '@"2026-07-01T00:00:00Z"'
    assert _check({"at": "date and time"}, [(f"< {moment}", "1"), (f">= {moment}", "2")]) == []
    (found,) = _check({"at": "date and time"}, [(f"< {moment}", "1"), (f"> {moment}", "2")])
    assert found.code == "dmn-gap"
    mixed = _check({"at": "date and time"}, [(f"< {moment}", "1"), ('>= @"2026-07-01T00:00:00"', "2")])
    assert _codes(mixed) == [("dmn-analysis-partial", "warning")]


def test_equal_input_expressions_are_one_axis() -> None:
    rows = [("< 10", "< 5", "1"), (">= 10", ">= 10", "2"), ("[5..10)", "-", "3")]
    logic = table(["age", "age"], ["out"], rows)
    source = model(input_data("age", "number"), decision("D", logic, inputs=["age"]))
    assert check_model(source) == ()


def test_member_types_limit_the_axis() -> None:
    kind = item("tKind", "string", allowed='"a", "b"')
    person = item("tPerson", inner=component("kind", "tKind"))
    logic = table(["person.kind"], ["out"], [('"a"', "1"), ('"b"', "2")])
    source = model(kind, person, input_data("person", "tPerson"), decision("D", logic, inputs=["person"]))
    assert check_model(source) == ()


_CONDITIONS = st.sampled_from(
    [
        "-",
        "< 1",
        "<= 1",
        "1",
        "> 1",
        "[1..3]",
        "(1..3)",
        "not(2)",
        "2,3",
        ">= 3",
        "null",
        "2,null",
        "not(null)",
        "not(> 1)",
    ]
)
_BOOLEANS = st.sampled_from(["-", "true", "false"])


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(_CONDITIONS, _BOOLEANS), min_size=1, max_size=4))
def test_findings_agree_with_deciding_every_input(rows: list[tuple[str, str]]) -> None:
    logic = table(["x", "b"], ["out"], [(*row, str(at)) for at, row in enumerate(rows)])
    source = model(input_data("x", "number"), input_data("b", "boolean"), decision("D", logic, inputs=["x", "b"]))
    decide = read_model(source).decide
    points: list[Decimal | None] = [Decimal(half) / 2 for half in range(-2, 10)]
    if any("null" in x for x, _ in rows):  # without a word about null, null is not looked at
        points.append(None)
    outcomes = [
        {reason.code for reason in decide("D", {"x": x, "b": b}).reasons}
        for x, b in itertools.product(points, [True, False])
    ]
    codes = {found.code for found in check_model(source)}
    assert ("dmn-overlap" in codes) == any("dmn-not-unique" in outcome for outcome in outcomes)
    assert ("dmn-gap" in codes) == any("dmn-no-rule" in outcome for outcome in outcomes)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(_CONDITIONS, _BOOLEANS), min_size=1, max_size=4))
def test_every_gap_example_decides_to_no_rule(rows: list[tuple[str, str]]) -> None:
    logic = table(["x", "b"], ["out"], [(*row, str(at)) for at, row in enumerate(rows)])
    source = model(input_data("x", "number"), input_data("b", "boolean"), decision("D", logic, inputs=["x", "b"]))
    decide = read_model(source).decide
    for found in check_model(source):
        shown = dict(re.findall(r"(\w) = ([\w.\-]+?)(?=[,.]? |[,.]?$)", found.message.en))
        x = shown.get("x", "0")
        inputs = {"x": None if x == "null" else Decimal(x), "b": shown.get("b") == "true"}
        if found.code == "dmn-gap":
            assert decide("D", inputs).reasons[-1].code == "dmn-no-rule"
        if found.code == "dmn-overlap":
            assert decide("D", inputs).reasons[-1].code == "dmn-not-unique"


@pytest.mark.parametrize("rows", [600])
def test_large_table_is_analysed_in_bounded_time(rows: int) -> None:
    bands = [(f"[{at}..{at + 1})", "-", str(at)) for at in range(rows)]
    found = _check({"x": "number", "y": "number"}, bands)
    assert {problem.code for problem in found} == {"dmn-gap"}
