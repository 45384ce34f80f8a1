"""Requirement graphs, knowledge models, services and imports."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.decisions import check_model, load_model, model_for, read_model
from engine.errors import DefinitionRefused, InvalidInput, NotFound
from tests.decisions.written import decision, input_data, knowledge, literal, model, table

_FEE = table(["copies"], ["fee"], [("<= 3", "0"), ("> 3", "(copies - 3) * 2000")])


def test_decision_reads_only_what_it_requires() -> None:
    source = model(
        input_data("a", "number"),
        input_data("b", "number"),
        decision("D", literal("a + b"), inputs=["a"]),
    )
    decided = read_model(source).decide("D", {"a": Decimal(1), "b": Decimal(2)})
    assert decided.value is None
    assert decided.reasons
    assert "dmn-feel-name" in {found.code for found in check_model(source)}


def test_required_decision_is_evaluated_once_first() -> None:
    source = model(
        input_data("number of copies", "number"),
        decision("copies", literal("number of copies + 1"), inputs=["number of copies"]),
        decision("fee", _FEE, decisions=["copies"]),
        decision("twice", literal("fee + fee"), decisions=["fee"]),
    )
    decided = load_model(source).decide("twice", {"number of copies": Decimal(4)})
    assert decided.value == 8000
    assert [(rule.decision, rule.index) for rule in decided.fired] == [("fee", 2)]


def test_chain_of_two_thousand_decisions_is_decided() -> None:
    parts = [decision("d0", literal("1"))]
    parts += [decision(f"d{at}", literal(f"d{at - 1} + 1"), decisions=[f"d{at - 1}"]) for at in range(1, 2000)]
    assert load_model(model(*parts)).decide("d1999", {}).value == 2000


def test_names_with_blanks_and_marks_are_one_name() -> None:
    source = model(
        input_data("lệ phí - bản sao", "number"),
        decision("D", literal("lệ phí - bản sao * 2"), inputs=["lệ phí - bản sao"]),
    )
    assert load_model(source).decide("D", {"lệ phí - bản sao": Decimal(2)}).value == 4


def test_missing_input_is_null() -> None:
    source = model(input_data("a", "number"), decision("D", literal("a = null"), inputs=["a"]))
    assert load_model(source).decide("D", {}).value is True


def test_input_of_other_type_is_null_with_reason() -> None:
    source = model(input_data("a", "number"), decision("D", literal("a = null"), inputs=["a"]))
    decided = load_model(source).decide("D", {"a": "12"})
    assert decided.value is True
    assert [reason.code for reason in decided.reasons] == ["dmn-input-type"]
    assert "“a”" in decided.reasons[0].message.vi


def test_unknown_decision_is_not_found() -> None:
    with pytest.raises(NotFound):
        load_model(model(decision("D", literal("1")))).decide("E", {})


def test_no_name_means_the_top_decision() -> None:
    source = model(decision("a", literal("1")), decision("b", literal("a + 1"), decisions=["a"]))
    assert load_model(source).decide(None, {}).value == 2


def test_no_name_with_two_top_decisions_asks_for_one() -> None:
    with pytest.raises(InvalidInput):
        load_model(model(decision("a", literal("1")), decision("b", literal("2")))).decide(None, {})


def test_knowledge_is_called_from_feel_and_by_name() -> None:
    logic = knowledge(
        "fee for", [("copies", "number"), ("price", "number")], literal("copies * price"), type_ref="number"
    )
    source = model(
        logic,
        decision("one", literal("fee for(3, 2000)"), knowledge=["fee for"]),
        decision("two", literal("fee for(price: 1000, copies: 3)"), knowledge=["fee for"]),
    )
    loaded = load_model(source)
    assert loaded.decide("one", {}).value == 6000
    assert loaded.decide("two", {}).value == 3000
    assert loaded.decide("fee for", {"copies": Decimal(2), "price": Decimal(5)}).value == 10


@pytest.mark.parametrize("call", ["f()", "f(1, 2)", 'f("a")', "f(y: 1)"])
def test_knowledge_called_wrongly_is_null_with_reason(call: str) -> None:
    source = model(knowledge("f", [("x", "number")], literal("1")), decision("D", literal(call), knowledge=["f"]))
    decided = load_model(source).decide("D", {})
    assert decided.value is None
    assert decided.reasons


def test_knowledge_does_not_see_the_callers_names() -> None:
    source = model(
        input_data("a", "number"),
        knowledge("f", [], literal("a")),
        decision("D", literal("f()"), inputs=["a"], knowledge=["f"]),
    )
    assert read_model(source).decide("D", {"a": Decimal(1)}).value is None


def test_knowledge_may_use_required_knowledge() -> None:
    needs = '<knowledgeRequirement><requiredKnowledge href="#k_g"/></knowledgeRequirement>'
    source = model(
        knowledge("f", [("x", "")], literal("g(x) + 1"), needs=needs),
        knowledge("g", [("x", "")], literal("x * 2")),
        decision("D", literal("f(5)"), knowledge=["f"]),
    )
    assert load_model(source).decide("D", {}).value == 11


def test_rows_of_knowledge_tables_are_reported_under_its_name() -> None:
    source = model(
        knowledge("fee of", [("copies", "number")], _FEE), decision("D", literal("fee of(5)"), knowledge=["fee of"])
    )
    decided = load_model(source).decide("D", {})
    assert decided.value == 4000
    assert [(rule.decision, rule.index) for rule in decided.fired] == [("fee of", 2)]


_SERVICE = (
    '<decisionService name="S" id="k_S"><variable name="S"/><outputDecision href="#d_total"/>'
    '{extra}<inputDecision href="#d_base"/><inputData href="#i_x"/></decisionService>'
)


def _service(extra: str = "") -> bytes:
    return model(
        input_data("x", "number"),
        decision("base", literal("100")),
        decision("total", literal("base + x"), decisions=["base"], inputs=["x"]),
        decision("half", literal("total / 2"), decisions=["total"]),
        decision("caller", literal("S(1, 2)"), knowledge=["S"]),
        decision("wrong", literal('S("a", 2)'), knowledge=["S"]),
        _SERVICE.format(extra=extra),
    )


def test_service_takes_input_data_then_input_decisions() -> None:
    assert load_model(_service()).decide("caller", {}).value == 3


def test_service_called_directly_takes_its_input_decisions_as_given() -> None:
    loaded = load_model(_service())
    assert loaded.decide("S", {"x": Decimal(1), "base": Decimal(10)}).value == 11
    assert loaded.decide("total", {"x": Decimal(1), "base": Decimal(10)}).value == 101


def test_service_with_several_outputs_gives_a_context() -> None:
    loaded = load_model(_service('<outputDecision href="#d_half"/>'))
    assert loaded.decide("S", {"x": Decimal(2), "base": Decimal(2)}).value == {"total": 4, "half": 2}


def test_service_with_argument_of_wrong_type_is_not_run() -> None:
    decided = load_model(_service()).decide("wrong", {})
    assert decided.value is None
    assert decided.reasons


_LIBRARY = model(
    '<itemDefinition name="tFee"><typeRef>number</typeRef></itemDefinition>',
    input_data("x", "tFee"),
    decision("double x", literal("x * 2"), inputs=["x"]),
    knowledge("plus one", [("n", "number")], literal("n + 1")),
    namespace="urn:library",
)
_IMPORTING = model(
    '<import name="lib" namespace="urn:library" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>',
    '<decision name="D" id="d_D"><variable name="D" typeRef="lib.tFee"/>'
    '<informationRequirement><requiredDecision href="urn:library#d_double_x"/></informationRequirement>'
    '<knowledgeRequirement><requiredKnowledge href="urn:library#k_plus_one"/></knowledgeRequirement>'
    f"{literal('lib.plus one(lib.double x)')}</decision>",
)


def test_imported_elements_are_reached_by_the_name_of_the_import() -> None:
    loaded = load_model(_IMPORTING, imports={"urn:library": _LIBRARY})
    assert loaded.decide("D", {"x": Decimal(4)}).value == 9
    assert loaded.decide("D", {"urn:library#x": Decimal(5)}).value == 11


def test_missing_import_is_refused() -> None:
    with pytest.raises(DefinitionRefused) as refused:
        load_model(_IMPORTING)
    assert "dmn-import-missing" in {found.code for found in refused.value.problems}


def test_import_of_itself_is_refused() -> None:
    own = model('<import name="me" namespace="urn:test" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>')
    with pytest.raises(DefinitionRefused) as refused:
        load_model(own, imports={"urn:test": own})
    assert "dmn-import-cycle" in {found.code for found in refused.value.problems}


def test_lists_of_decisions_tell_inputs_and_kinds() -> None:
    loaded = load_model(_service())
    known = {info.name: info for info in loaded.decisions}
    assert {name: info.kind for name, info in known.items()} == {
        "base": "decision",
        "total": "decision",
        "half": "decision",
        "caller": "decision",
        "wrong": "decision",
        "S": "service",
    }
    assert [(wanted.name, wanted.type_name) for wanted in known["half"].inputs] == [("x", "number")]
    assert [wanted.name for wanted in known["S"].inputs] == ["x", "base"]
    assert [wanted.id for wanted in loaded.input_data] == ["i_x"]


def test_model_for_keeps_a_model_by_content() -> None:
    source = model(decision("D", literal("1")))
    assert model_for(source) is model_for(bytes(source))
    assert model_for(source) is not model_for(source + b" ")


def test_decision_without_logic_is_a_warning_and_null() -> None:
    source = model(decision("D", ""))
    assert [(found.code, found.severity) for found in check_model(source)] == [("dmn-no-logic", "warning")]
    decided = load_model(source).decide("D", {})
    assert decided.value is None
    assert decided.reasons[0].code == "dmn-no-logic"


@pytest.mark.parametrize(
    "version",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_all_versions_are_read(version: str) -> None:
    source = model(
        input_data("x", "feel:number"),
        decision("D", literal("x + 1"), inputs=["x"]),
        version=version,
        attributes='xmlns:feel="http://www.omg.org/spec/FEEL/20140401"',
    )
    assert load_model(source).decide("D", {"x": Decimal(1)}).value == 2


def test_vendor_extensions_are_passed_over() -> None:
    body = decision("D", literal("1")).replace(
        "<variable",
        '<extensionElements><camunda:x class="java.lang.Runtime"/></extensionElements>'
        '<variable camunda:historyTimeToLive="P1D"',
    )
    source = model(body, attributes='xmlns:camunda="http://camunda.org/schema/1.0/dmn"')
    assert check_model(source) == ()
    assert load_model(source).decide("D", {}).value == 1


def test_comment_inside_an_expression_does_not_cut_it() -> None:
    source = model(decision("D", "<literalExpression><text>1 <!-- one --> + 2</text></literalExpression>"))
    assert load_model(source).decide("D", {}).value == 3
