"""Item definitions, checks and implicit conversions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from engine.decisions import check_model, load_model
from engine.errors import DefinitionRefused
from tests.decisions.written import component, decision, input_data, item, literal, model, table


def _value(text: str, type_ref: str, *items: str) -> object:
    return load_model(model(*items, decision("D", literal(text), type_ref=type_ref))).decide("D", {}).value


@pytest.mark.parametrize(
    ("text", "type_ref", "value"),
    [
        ("1", "number", 1),
        ("1", "string", None),
        ("[1]", "number", 1),
        ("[1, 2]", "number", None),
        ("true", "boolean", True),
        ("1", "boolean", None),
        ('date("2026-01-02")', "date", dt.date(2026, 1, 2)),
        ('date("2026-01-02")', "date and time", dt.datetime(2026, 1, 2, tzinfo=dt.UTC)),
        ('date and time("2026-01-02T00:00:00Z")', "date", None),
        ("1", "Any", 1),
        ("null", "number", None),
    ],
)
def test_result_is_converted_or_null(text: str, type_ref: str, value: object) -> None:
    assert _value(text, type_ref) == value


def test_one_value_becomes_a_list_where_a_list_is_declared() -> None:
    assert _value("1", "tNumbers", item("tNumbers", "number", collection=True)) == [1]


def test_list_with_a_wrong_element_is_null() -> None:
    assert _value('[1, "a"]', "tNumbers", item("tNumbers", "number", collection=True)) is None


def test_allowed_values_are_enforced() -> None:
    kind = item("tGrade", "string", allowed='"A", "B"')
    assert _value('"A"', "tGrade", kind) == "A"
    assert _value('"C"', "tGrade", kind) is None


def test_allowed_values_of_a_collection_hold_for_each_element() -> None:
    kind = item("tGrades", "string", allowed='"A", "B"', collection=True)
    assert _value('["A", "B"]', "tGrades", kind) == ["A", "B"]
    assert _value('["A", "C"]', "tGrades", kind) is None


def test_type_constraint_of_a_collection_holds_for_the_list() -> None:
    kind = item("tPair", "number", collection=True, constraint="count(?) = 2")
    assert _value("[1, 2]", "tPair", kind) == [1, 2]
    assert _value("[1, 2, 3]", "tPair", kind) is None


def test_structure_needs_its_components_with_their_types() -> None:
    kind = item("tPerson", inner=component("full name", "string") + component("age", "number"))
    assert _value('{full name: "A", age: 1}', "tPerson", kind) == {"full name": "A", "age": 1}
    assert _value('{full name: "A", age: "1"}', "tPerson", kind) is None
    assert _value('{full name: "A"}', "tPerson", kind) is None


def test_types_may_refer_forward_and_to_themselves() -> None:
    tree = item("tTree", inner=component("value", "number") + component("children", "tTrees"))
    trees = item("tTrees", "tTree", collection=True)
    text = "{value: 1, children: [{value: 2, children: []}]}"
    assert _value(text, "tTree", tree, trees) == {"value": 1, "children": [{"value": 2, "children": []}]}
    assert _value("{value: 1, children: [{value: true, children: []}]}", "tTree", tree, trees) is None


def test_type_defined_by_itself_is_refused() -> None:
    source = model(item("a", "b"), item("b", "a"), decision("D", literal("1"), type_ref="a"))
    with pytest.raises(DefinitionRefused) as refused:
        load_model(source)
    assert {found.code for found in refused.value.problems} == {"dmn-type-cycle"}


def test_unknown_type_is_refused() -> None:
    (found,) = check_model(model(decision("D", literal("1"), type_ref="tFee")))
    assert (found.code, found.severity) == ("dmn-type-unknown", "error")


def test_instance_of_looks_at_the_type_not_at_allowed_values() -> None:
    kind = item("tSmall", "number", allowed="[0..9]")
    logic = literal('[5 instance of tSmall, 50 instance of tSmall, "5" instance of tSmall]')
    assert load_model(model(kind, decision("D", logic))).decide("D", {}).value == [True, True, False]


def test_input_outside_input_values_is_null_with_reason() -> None:
    logic = table([("x", "[0..10]")], ["out"], [("-", "1")])
    source = model(input_data("x", "number"), decision("D", logic, inputs=["x"]))
    decided = load_model(source).decide("D", {"x": Decimal(11)})
    assert decided.value is None
    assert [reason.code for reason in decided.reasons] == ["dmn-input-value"]
    assert load_model(source).decide("D", {"x": Decimal(10)}).value == 1


def test_output_outside_output_values_is_null_with_reason() -> None:
    logic = table(["x"], ["out"], [("-", "x")], values=["1, 2"])
    source = model(input_data("x", "number"), decision("D", logic, inputs=["x"]))
    assert load_model(source).decide("D", {"x": Decimal(2)}).value == 2
    decided = load_model(source).decide("D", {"x": Decimal(3)})
    assert decided.value is None
    assert [reason.code for reason in decided.reasons] == ["dmn-output-value"]


def test_null_conforms_to_every_type() -> None:
    kind = item("tGrade", "string", allowed='"A"')
    source = model(kind, input_data("x", "tGrade"), decision("D", literal("x = null"), inputs=["x"]))
    decided = load_model(source).decide("D", {"x": None})
    assert decided.value is True
    assert decided.reasons == ()
