"""Procedures that pass the gate and still ask for what may not be: nothing is done, and everybody sees why."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from engine.commands.definitions import DeployProcedure, check_package
from engine.definitions.package import read_folder
from engine.definitions.scenario import ScenarioStep
from engine.model.permission import SYSTEM
from tests.conftest import LiveClock
from tests.procedures.stories import PROCESSES, read
from webapp.bootstrap import Product
from webapp.calendar_files import read_functions
from webapp.scenarios.player import Play
from webapp.scenarios.stage import set_stage


def test_decision_that_no_table_takes_is_refused() -> None:
    package = read_folder(PROCESSES / "2.000815")
    asked = package.files["process.bpmn"].replace(b'decision="fee"', b'decision="fees"')
    files = {**package.files, "process.bpmn": asked}
    found = check_package(replace(package, files=files), functions=read_functions())
    assert [(problem.code, problem.element) for problem in found] == [("task-decision", "compute_fee")]


@pytest.mark.parametrize(
    ("file", "old", "new", "scenario", "until", "told"),
    [
        (
            "_shared/confirm.bpmn",
            '<motcua:input name="document">document</motcua:input>',
            '<motcua:input name="document">"another dossier\'s"</motcua:input>',
            "on-time",
            "prepare",
            "chỉ tạm dừng khi có văn bản",
        ),
        (
            "_shared/verify.bpmn",
            '<motcua:input name="number">letter_book.number + "/UBND"</motcua:input>',
            '<motcua:input name="number">""</motcua:input>',
            "verified",
            "prepare",
            "chỉ tạm dừng khi có văn bản",
        ),
        (
            "1.001193/process.bpmn",
            '<motcua:input name="asked_unit">prepare.noi_xac_minh</motcua:input>',
            '<motcua:input name="asked_unit">"H99.99"</motcua:input>',
            "verified",
            "prepare",
            "H99.99",
        ),
    ],
    ids=["pause on a foreign document", "letter without a number", "task for a unit that is not there"],
)
def test_forbidden_wish_of_a_diagram_waits_with_its_reason(
    installation: Product, clock: LiveClock, tmp_path: Path, file: str, old: str, new: str, scenario: str, until: str,
    told: str,
) -> None:  # fmt: skip
    shutil.copytree(PROCESSES, tmp_path / "processes")
    diagram = tmp_path / "processes" / file
    text = diagram.read_text(encoding="utf-8")
    assert old in text
    diagram.write_text(text.replace(old, new), encoding="utf-8")
    package = read_folder(tmp_path / "processes" / "1.001193", forms=PROCESSES.parent / "forms" / "1.001193")
    story = read(PROCESSES / f"1.001193/scenarios/{scenario}.json")
    steps: list[ScenarioStep] = []
    for step in story.steps:
        if not step.refused:
            steps.append(replace(step, expect={}))
        if step.value == until:
            break
    steps[-1] = replace(steps[-1], expect={"waiting": told, "open": [], "events": ["IncidentOpened"]})
    with set_stage(installation, story.start, fast=True) as stage:
        stage.product.bus.execute(DeployProcedure(package=package), SYSTEM)
        outcome = Play(stage, replace(story, fast=True, steps=tuple(steps))).run()
    assert outcome.failures == ()
