"""Every scenario of every procedure holds, and together they go everywhere."""

from __future__ import annotations

from engine.definitions.package import read_folder
from engine.procedures import compile_package
from tests.procedures.stories import FILES, PROCESSES
from webapp.scenarios import Coverage, Outcome

_MAKING = {"letter.render", "copy.render", "letter.sign"}


def test_scenario_of_procedure_holds(outcome: Outcome) -> None:
    assert outcome.failures == ()
    assert outcome.steps


def test_every_procedure_has_scenarios() -> None:
    told = {file.parent.parent.name for file in FILES}
    assert told == {folder.parent.name for folder in PROCESSES.glob("*/procedure.json")}


def test_every_element_is_passed_by_some_scenario(coverage: dict[str, Coverage]) -> None:
    nodes = set().union(*(found.nodes for found in coverage.values()))
    passed = set().union(*(found.passed for found in coverage.values()))
    assert sorted(nodes - passed) == []


def test_every_flow_is_taken_by_some_scenario(coverage: dict[str, Coverage]) -> None:
    flows = {flow for found in coverage.values() for _, _, flow in found.flows}
    taken = set().union(*(found.taken for found in coverage.values()))
    assert sorted(flows - taken) == []


def test_every_letter_of_diagrams_is_made_by_some_scenario(coverage: dict[str, Coverage]) -> None:
    passed = set().union(*(found.passed for found in coverage.values()))
    for code in coverage:
        elements = compile_package(read_folder(PROCESSES / code)).definition.elements
        making = {name for name, element in elements.items() if element.attributes.get("operation") in _MAKING}
        assert making, code
        assert making <= passed, code
