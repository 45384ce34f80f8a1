"""Boxed expressions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.decisions import Decided, check_model, load_model, read_model
from tests.decisions.written import decision, knowledge, literal, model, variable

_YES, _NO, _RUNTIME = '"yes"', '"no"', '"java.lang.Runtime"'


def _decide(logic: str, *parts: str, knows: tuple[str, ...] = ()) -> Decided:
    return load_model(model(*parts, decision("D", logic, knowledge=knows))).decide("D", {})


def _entry(name: str, text: str, type_ref: str = "") -> str:
    return f"<contextEntry>{variable(name, type_ref)}{literal(text)}</contextEntry>"


def test_context_entries_see_earlier_ones() -> None:
    assert _decide(f"<context>{_entry('a', '1')}{_entry('b b', 'a + 1')}</context>").value == {"a": 1, "b b": 2}


def test_context_entries_see_later_ones() -> None:
    entries = _entry("total", "fee * copies") + _entry("fee", "base + 1") + _entry("base", "1") + _entry("copies", "3")
    assert _decide(f"<context>{entries}</context>").value == {"total": 6, "fee": 2, "base": 1, "copies": 3}
    assert list(_decide(f"<context>{entries}</context>").value) == ["total", "fee", "base", "copies"]


def test_context_inner_context_may_use_later_entries() -> None:
    inner = f"<contextEntry>{variable('all')}<context>{_entry('x', 'late + 1')}</context></contextEntry>"
    assert _decide(f"<context>{inner}{_entry('late', '1')}</context>").value == {"all": {"x": 2}, "late": 1}


def test_context_parameters_are_no_entries() -> None:
    function = (
        f"<contextEntry>{variable('f')}<functionDefinition><formalParameter name='b'/>{literal('b + 1')}"
        "</functionDefinition></contextEntry>"
    )
    decided = _decide(f"<context>{function}{_entry('b', 'f(1)')}<contextEntry>{literal('b')}</contextEntry></context>")
    assert decided.value == 2


def test_context_entry_named_as_something_outside_sees_the_outside() -> None:
    entries = _entry("a", "b + 1") + _entry("b", "b * 10")
    source = model(decision("b", literal("5")), decision("D", f"<context>{entries}</context>", decisions=["b"]))
    assert load_model(source).decide("D", {}).value == {"a": 6, "b": 50}


def test_context_entries_in_a_circle_are_refused() -> None:
    entries = _entry("a", "b + 1") + _entry("b", "a + 1")
    (found,) = check_model(model(decision("D", f"<context>{entries}</context>")))
    assert found.code == "dmn-cycle"


def test_context_with_result_cell_gives_the_result() -> None:
    result = f"<contextEntry>{literal('a * 10')}</contextEntry>"
    assert _decide(f"<context>{_entry('a', '4')}{result}</context>").value == 40


def test_context_entry_of_wrong_type_is_null_with_reason() -> None:
    decided = _decide(f"<context>{_entry('a', '1', 'string')}</context>")
    assert decided.value == {"a": None}
    assert [reason.code for reason in decided.reasons] == ["dmn-type-mismatch"]


def test_list_and_relation_make_lists() -> None:
    assert _decide(f"<list>{literal('1')}{literal('2 + 1')}</list>").value == [1, 3]
    columns = '<column name="name"/><column name="fee of"/>'
    row = f"<row>{literal(chr(34) + 'a' + chr(34))}{literal('2')}</row>"
    assert _decide(f"<relation>{columns}{row}</relation>").value == [{"name": "a", "fee of": 2}]


def test_invocation_binds_by_name() -> None:
    logic = knowledge("minus", [("left side", "number"), ("right", "number")], literal("left side - right"))
    bindings = "".join(
        f'<binding><parameter name="{name}"/>{literal(text)}</binding>'
        for name, text in (("right", "1"), ("left side", "10"))
    )
    assert _decide(f"<invocation>{literal('minus')}{bindings}</invocation>", logic, knows=("minus",)).value == 9


def test_invocation_of_unknown_parameter_is_null_with_reason() -> None:
    logic = knowledge("f", [("a", "number")], literal("a"))
    binding = f'<binding><parameter name="b"/>{literal("1")}</binding>'
    decided = _decide(f"<invocation>{literal('f')}{binding}</invocation>", logic, knows=("f",))
    assert decided.value is None
    assert decided.reasons


def test_boxed_function_is_a_closure() -> None:
    function = (
        f"<contextEntry>{variable('add')}<functionDefinition><formalParameter name='x' typeRef='number'/>"
        f"{literal('x + base')}</functionDefinition></contextEntry>"
    )
    result = f"<contextEntry>{literal('add(5)')}</contextEntry>"
    assert _decide(f"<context>{_entry('base', '100')}{function}{result}</context>").value == 105


@pytest.mark.parametrize(("condition", "value"), [("1 > 0", "yes"), ("1 < 0", "no"), ('"abc"', None), ("null", None)])
def test_conditional_needs_true_or_false(condition: str, value: str | None) -> None:
    logic = (
        f"<conditional><if>{literal(condition)}</if><then>{literal(_YES)}</then>"
        f"<else>{literal(_NO)}</else></conditional>"
    )
    assert _decide(logic).value == value


def test_filter_sees_item_and_its_members() -> None:
    source = literal("[{a: 1, b: 2}, {a: 3, b: 4}]")
    for match in ("a > 1", "item.a > 1"):
        decided = _decide(f"<filter><in>{source}</in><match>{literal(match)}</match></filter>")
        assert decided.value == [{"a": 3, "b": 4}]


def test_filter_of_no_list_filters_a_list_of_one() -> None:
    assert _decide(f"<filter><in>{literal('5')}</in><match>{literal('item > 3')}</match></filter>").value == [5]


def test_for_sees_partial_results() -> None:
    logic = (
        f'<for iteratorVariable="n"><in>{literal("1..5")}</in>'
        f"<return>{literal('if n = 1 then 1 else n * partial[-1]')}</return></for>"
    )
    logic = logic.replace("1..5", "[1, 2, 3, 4, 5]")
    assert _decide(logic).value == [1, 2, 6, 24, 120]


@pytest.mark.parametrize(
    ("kind", "items", "value"),
    [("every", "[1, 2]", True), ("every", "[0, 2]", False), ("some", "[0, 2]", True), ("some", "[0]", False)],
)
def test_every_and_some_judge_all(kind: str, items: str, value: object) -> None:
    logic = f'<{kind} iteratorVariable="n"><in>{literal(items)}</in><satisfies>{literal("n > 0")}</satisfies></{kind}>'
    assert _decide(logic).value is value


def test_every_with_a_body_that_is_no_truth_is_null() -> None:
    logic = f'<every iteratorVariable="n"><in>{literal("[1]")}</in><satisfies>{literal("n")}</satisfies></every>'
    decided = _decide(logic)
    assert decided.value is None
    assert decided.reasons[-1].code == "dmn-not-boolean"


def test_iteration_over_no_list_is_null_with_reason() -> None:
    decided = _decide(f'<for iteratorVariable="n"><in>{literal("null")}</in><return>{literal("n")}</return></for>')
    assert decided.value is None
    assert decided.reasons[-1].code == "dmn-not-list"


@pytest.mark.parametrize("kind", ["Java", "PMML"])
def test_external_functions_are_refused_and_never_run(kind: str) -> None:
    entry = f"<contextEntry>{variable('class')}{literal(_RUNTIME)}</contextEntry>"
    function = f'<functionDefinition kind="{kind}"><context>{entry}</context></functionDefinition>'
    source = model(decision("D", f"<context><contextEntry>{variable('f')}{function}</contextEntry></context>"))
    assert [found.code for found in check_model(source)] == ["dmn-external-function"]
    decided = read_model(source).decide("D", {})
    assert decided.value == {"f": None}
    assert decided.reasons[0].code == "dmn-external-function"


def test_syntax_error_names_the_place_and_the_element() -> None:
    logic = '<literalExpression id="e1"><text>1 + (2</text></literalExpression>'
    (found,) = check_model(model(decision("D", logic)))
    assert (found.code, found.element) == ("dmn-feel-syntax", "e1")
    assert "dòng 1" in found.message.vi


def test_reason_of_feel_carries_element_and_place() -> None:
    decided = _decide('<literalExpression id="e1"><text>1 + "a"</text></literalExpression>')
    assert decided.value is None
    assert (decided.reasons[0].element, decided.reasons[0].decision) == ("e1", "D")
    assert decided.reasons[0].place.startswith("1:")


def test_value_is_decimal_exact() -> None:
    assert _decide(literal("0.1 + 0.2")).value == Decimal("0.3")
