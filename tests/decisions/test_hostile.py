"""Files that want to hurt, and requirements without an end."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from engine.decisions import check_model, load_model
from engine.decisions.xml import MAX_BYTES
from engine.errors import DefinitionRefused, MotcuaError
from engine.feel import Budget, FeelBudgetExceeded
from tests.decisions.written import NAMESPACE, decision, input_data, knowledge, literal, model, table

_LAUGHS = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' if at else '<!ENTITY l0 "lol">' for at in range(10))
_HOSTILE = {
    "billion laughs": f"<!DOCTYPE d [{_LAUGHS}]><definitions xmlns='{NAMESPACE}' name='&l9;'/>".encode(),
    "external entity": (
        f'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><definitions xmlns="{NAMESPACE}">&x;</definitions>'
    ).encode(),
    "utf-16 doctype": f"<!DOCTYPE d []><definitions xmlns='{NAMESPACE}'/>".encode("utf-16"),
    "too large": b" " * (MAX_BYTES + 1),
    "not xml": b"PK\x03\x04 no xml at all",
    "empty": b"",
    "nul bytes": b"\x00" * 100,
    "other root": b"<html/>",
    "bpmn": b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
    "deep nesting": model("<list>" * 5000 + "</list>" * 5000),
    "unclosed": model("<decision>")[:-14],
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_file_is_refused_quickly(name: str) -> None:
    begun = time.process_time()
    with pytest.raises(DefinitionRefused) as refused:
        load_model(_HOSTILE[name], file="x.dmn")
    assert time.process_time() - begun < 5
    assert all(found.file == "x.dmn" and found.message.vi and found.remedy.vi for found in refused.value.problems)
    assert check_model(_HOSTILE[name], file="x.dmn") == refused.value.problems


def _codes(source: bytes) -> set[str]:
    with pytest.raises(DefinitionRefused) as refused:
        load_model(source)
    return {found.code for found in refused.value.problems}


def test_cyclic_requirements_are_refused_with_the_path() -> None:
    source = model(
        decision("a", literal("b"), decisions=["b"]),
        decision("b", literal("c"), decisions=["c"]),
        decision("c", literal("a"), decisions=["a"]),
    )
    assert _codes(source) == {"dmn-cycle"}
    (found,) = check_model(source)
    assert all(name in found.message.en for name in "abc")


def test_cycle_hidden_behind_one_id_is_refused() -> None:
    twice = decision("a", literal("b"), decisions=["b"]) + decision("b", literal("a"), decisions=["a"])
    source = model(decision("a", literal("1")) + twice.replace('id="d_b"', 'id="d_a"'))
    assert "dmn-id-duplicate" in _codes(source)
    assert check_model(source)


def test_thousands_of_cycles_are_refused_quickly() -> None:
    parts = [decision(f"d{at}", literal("1"), decisions=[f"d{at ^ 1}"]) for at in range(3000)]
    begun = time.process_time()
    assert _codes(model(*parts)) == {"dmn-cycle"}
    assert time.process_time() - begun < 15


def test_decision_requiring_itself_is_refused() -> None:
    assert _codes(model(decision("a", literal("a"), decisions=["a"]))) == {"dmn-cycle"}


def test_knowledge_requiring_itself_is_refused() -> None:
    needs = '<knowledgeRequirement><requiredKnowledge href="#k_f"/></knowledgeRequirement>'
    assert _codes(model(knowledge("f", [], literal("f()"), needs=needs))) == {"dmn-cycle"}


def test_dangling_reference_is_refused() -> None:
    assert _codes(model(decision("a", literal("b"), decisions=["b"]))) == {"dmn-reference"}


def test_requirement_of_the_wrong_kind_is_refused() -> None:
    source = model(knowledge("f", [], literal("1")), decision("a", literal("1"), inputs=["f"]))
    assert _codes(source.replace(b"#i_f", b"#k_f")) == {"dmn-reference"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('hitPolicy="UNIQUE"', 'hitPolicy="LAST"', "dmn-hit-policy"),
        ('hitPolicy="UNIQUE"', 'hitPolicy="UNIQUE" aggregation="SUM"', "dmn-aggregation"),
        ('hitPolicy="UNIQUE"', 'hitPolicy="COLLECT" aggregation="AVG"', "dmn-aggregation"),
        ("<inputEntry><text>-</text></inputEntry>", "", "dmn-rule-width"),
        ("<inputExpression>", '<inputExpression expressionLanguage="groovy">', "dmn-language"),
        ("<text>x</text>", "<text>x +</text>", "dmn-feel-syntax"),
        ('<output name="out"></output>', "", "dmn-no-output"),
        ('id="r1"', 'id="t"', "dmn-id-duplicate"),
        ('<inputData name="x"', '<inputData name=""', "dmn-name-missing"),
        ('<decision name="D"', '<decision name="x"', "dmn-name-duplicate"),
    ],
)
def test_broken_table_is_refused_with_its_code(old: str, new: str, code: str) -> None:
    source = model(input_data("x"), decision("D", table(["x"], ["out"], [("-", "1")]), inputs=["x"])).decode()
    assert old in source
    assert code in _codes(source.replace(old, new).encode())


def test_several_outputs_need_names() -> None:
    source = model(decision("D", table([], ["a", "a"], [("1", "2")])))
    assert _codes(source) == {"dmn-output-names"}


def test_aggregation_of_compound_outputs_is_refused() -> None:
    source = model(decision("D", table([], ["a", "b"], [("1", "2")], policy="COLLECT", aggregation="SUM")))
    assert _codes(source) == {"dmn-aggregation-compound"}


def test_all_problems_are_told_at_once() -> None:
    source = model(
        decision("a", literal("1 +")), decision("b", literal("(")), decision("c", literal("1"), inputs=["z"])
    )
    with pytest.raises(DefinitionRefused) as refused:
        load_model(source)
    assert len(refused.value.problems) == 3


def test_one_budget_covers_the_whole_run() -> None:
    source = model(
        knowledge("work", [("n", "number")], literal("sum(for i in 1..n return i)")),
        decision("D", literal("for k in 1..1000 return work(1000)"), knowledge=["work"]),
    )
    loaded = load_model(source)
    begun = time.process_time()
    with pytest.raises(FeelBudgetExceeded):
        loaded.decide("D", {})
    assert time.process_time() - begun < 10
    with pytest.raises(FeelBudgetExceeded):
        loaded.decide("D", {}, budget=Budget(steps=100))


def test_function_that_calls_itself_through_a_value_is_stopped() -> None:
    source = model(
        knowledge("again", [("f", ""), ("n", "")], literal("f(f, n + 1)")),
        decision("D", literal("again(again, 0)"), knowledge=["again"]),
    )
    begun = time.process_time()
    try:
        decided = load_model(source).decide("D", {})
        assert decided.value is None
        assert decided.reasons
    except MotcuaError as error:
        assert error.message("vi")
    assert time.process_time() - begun < 10


def test_expression_nested_to_the_limit_is_decided() -> None:
    depth = 100
    source = model(decision("D", "<list>" * depth + literal("1") + "</list>" * depth))
    value = load_model(source).decide("D", {}).value
    for _ in range(depth):
        (value,) = value
    assert value == 1


def test_results_so_far_cannot_hold_themselves() -> None:
    logic = (
        f'<for iteratorVariable="n"><in>{literal("1..2000")}</in><return>{literal("count(partial)")}</return></for>'
    ).replace("1..2000", "for k in 1..2000 return k")
    value = load_model(model(decision("D", logic))).decide("D", {}).value
    assert value == list(range(2000))


def test_table_of_a_thousand_rows_is_decided() -> None:
    rows = [(f"[{at}..{at + 1})", str(at)) for at in range(1000)]
    source = model(input_data("x", "number"), decision("D", table(["x"], ["out"], rows), inputs=["x"]))
    assert load_model(source).decide("D", {"x": Decimal("999.5")}).value == 999
