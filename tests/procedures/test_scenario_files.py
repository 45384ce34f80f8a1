"""A scenario file says what is wrong with it, and a scenario that does not hold says where."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.definitions.scenario import Scenario, ScenarioStep, differences, read_scenario, scenario_files
from engine.errors import DefinitionRefused, InvalidInput, Text
from engine.model.permission import LEADER
from engine.store.records import Assignment
from tests.conftest import MORNING, LiveClock
from tests.procedures.stories import PROCESSES, read
from webapp.bootstrap import Product
from webapp.cli import main
from webapp.scenarios.player import Play
from webapp.scenarios.stage import set_stage

GOOD: dict[str, Any] = json.loads((PROCESSES / "2.000815/scenarios/declined.json").read_bytes())


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda data: data.pop("start"), ""),
        (lambda data: data.update(start="tomorrow"), "start"),
        (lambda data: data.update(start="2026-11-10T08:30:00"), "start"),
        (lambda data: data["steps"].append({"jump": "x"}), "steps[4]"),
        (lambda data: data["steps"].append({"pay": "once", "advance": "P1D"}), "steps[4]"),
        (lambda data: data["steps"][1].update(pay="often"), "steps[1].pay"),
        (lambda data: data["steps"][1]["expect"].update(happy=True), "steps[1].expect"),
        (lambda data: data["steps"].pop(0), "steps[0]"),
        (lambda data: data.update(code="import os"), ""),
    ],
)
def test_read_scenario_wrong_file_names_place(spoil: Callable[[dict[str, Any]], Any], place: str) -> None:
    data = json.loads(json.dumps(GOOD))
    spoil(data)
    with pytest.raises(DefinitionRefused) as refused:
        read_scenario(json.dumps(data).encode(), file="x.json")
    assert {problem.code for problem in refused.value.problems} == {"scenario-invalid"}
    assert place in {problem.element for problem in refused.value.problems}


def test_read_scenario_broken_json_is_refused() -> None:
    with pytest.raises(DefinitionRefused):
        read_scenario(b'{"title": ', file="x.json")


def test_scenario_files_folder_without_any_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        list(scenario_files(tmp_path))


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"open": ["b", "a"]}, 0),
        ({"open": ["a"]}, 1),
        ({"letters": ["x"]}, 0),
        ({"letters": ["y"]}, 1),
        ({"events": ["!E"]}, 1),
        ({"events": ["!F", "E"]}, 0),
        ({"waiting": "ser"}, 0),
        ({"waiting": ""}, 1),
        ({"fee": 1}, 1),
        ({"read": {"k": "v"}}, 0),
        ({"read": {"k": "w"}}, 1),
        ({"due": None}, 1),
    ],
)
def test_differences_tells_each_one(expected: dict[str, Any], said: int) -> None:
    found = {
        "open": ["a", "b"],
        "letters": ["x", "z"],
        "events": ["E"],
        "waiting": "a service",
        "fee": 2,
        "read": {"k": "v"},
        "due": "2026",
    }
    assert len(differences(expected, found)) == said


def test_play_wrong_expectation_names_step_and_difference(installation: Product, clock: LiveClock) -> None:
    scenario = read(PROCESSES / "1.001193/scenarios/exempt.json")
    first = replace(scenario.steps[0], expect={"fee": 5})
    with set_stage(installation, scenario.start, fast=True) as stage:
        outcome = Play(stage, replace(scenario, steps=(first,))).run()
    assert outcome.failures == (
        Text(vi="bước 1 (file 1.001193): fee: mong 5, thấy 0", en="step 1 (file 1.001193): fee: expected 5, found 0"),
    )


@pytest.mark.parametrize(
    ("act", "value", "refused", "words"),
    [
        ("complete", "sign", "", "no such task is open; open: desk"),
        ("complete", "desk", "", "application-invalid"),
        ("pay", "once", "", "nothing is due"),
        ("advance", "P1D", "forbidden", "expected the refusal forbidden, but it was accepted"),
    ],
)
def test_play_step_that_cannot_be_done_is_a_failure(
    installation: Product, clock: LiveClock, act: str, value: str, refused: str, words: str
) -> None:
    scenario = read(PROCESSES / "1.001193/scenarios/exempt.json")
    step = ScenarioStep(number=2, act=act, value=value, refused=refused)
    with set_stage(installation, scenario.start, fast=True) as stage:
        outcome = Play(stage, replace(scenario, steps=(scenario.steps[0], step))).run()
    assert len(outcome.failures) == 1
    assert words in outcome.failures[0].en


def test_sign_by_who_prepared_is_refused(installation: Product, clock: LiveClock) -> None:
    scenario = read(PROCESSES / "1.001193/scenarios/refused.json")
    prepared = _until(scenario, "prepare")
    sign = ScenarioStep(
        number=9,
        act="complete",
        value="sign",
        who="hoa",
        data={"quyet_dinh": "approve", "da_xem": True},
        refused="same-person",
    )
    with set_stage(installation, scenario.start, fast=True) as stage:
        with stage.product.database.begin() as uow:
            uow.organisation.assign(
                Assignment(id="hoa:x", login="hoa", unit="H56.12", role=LEADER, valid_from=MORNING, valid_to=None)
            )
        outcome = Play(stage, replace(scenario, steps=(*prepared, sign))).run()
    assert outcome.failures == ()


def _until(scenario: Scenario, element: str) -> tuple[ScenarioStep, ...]:
    steps: list[ScenarioStep] = []
    for step in scenario.steps:
        steps.append(step)
        if step.value == element:
            break
    return tuple(steps)


def test_scenario_verb_failing_expectation_exits_1(tmp_path: Path) -> None:
    data = json.loads(json.dumps(GOOD)) | {"fast": True}
    data["steps"] = [data["steps"][0] | {"expect": {"fee": 7}}]
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    done = CliRunner().invoke(main, ["scenario", str(file), "--json"])
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["scenarios"][0]["failures"] == ["step 1 (file 2.000815): fee: expected 7, found 6000"]
    assert told["coverage"]["2.000815"]["nodes_passed"] > 3
