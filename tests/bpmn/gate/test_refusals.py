"""More than a hundred hostile files: each refused quickly, by name, in both languages."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from engine.bpmn.guard import check_files
from engine.bpmn.rules_catalogue import CATALOGUE
from tests.bpmn.gate.drawing import around, definitions, flow, process, task
from tests.bpmn.gate.hostile import HOSTILE
from tests.bpmn.gate.hostile_extensions import HARMLESS

_PYTHON = re.compile(r"Traceback|Exception|\w+Error\b|NoneType|lxml|object at 0x|(?<!\$)\{\w+\}")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_by_name(name: str) -> None:
    source, code = HOSTILE[name]
    began = time.process_time()
    problems = check_files({"x.bpmn": source})
    assert time.process_time() - began < 5  # promised: 1 s; other work on the machine slows this one
    errors = [problem for problem in problems if problem.severity == "error"]
    assert code in {problem.code for problem in errors}, [problem.code for problem in errors]
    for problem in problems:
        for text in (problem.message.vi, problem.message.en, problem.remedy.vi, problem.remedy.en):
            assert text
            assert not _PYTHON.search(text), text


@pytest.mark.parametrize("name", HARMLESS)
def test_extension_that_says_what_holds_anyway_is_accepted(name: str) -> None:
    assert not [problem for problem in check_files({"x.bpmn": HARMLESS[name]}) if problem.severity == "error"]


def test_hostile_corpus_has_a_hundred_files() -> None:
    assert len(HOSTILE) >= 100


def test_process_asked_for_is_missing() -> None:
    codes = {problem.code for problem in check_files({"a": task()}, process="Other")}
    assert codes == {"bpmn-process-unknown"}


def test_process_in_two_files_is_named_with_both() -> None:
    problems = check_files({"a.bpmn": task(), "b.bpmn": process('<userTask id="x"/>')})
    assert {problem.code for problem in problems} == {"bpmn-process-duplicate"}
    assert "a.bpmn" in problems[0].message.vi
    assert "b.bpmn" in problems[0].message.vi


def _many() -> dict[str, bytes]:
    branches = "".join(f'<userTask id="a{n}"/>{flow("p", f"a{n}")}{flow(f"a{n}", "j")}' for n in range(900))
    lanes = "".join(f'<lane id="l{n}"><flowNodeRef>t</flowNodeRef></lane>' for n in range(10_000))
    calls = "".join(
        f'<process id="p{n}" isExecutable="true"><startEvent id="s{n}"/><callActivity id="c{n}" '
        f'calledElement="p{n + 1}"/>{flow(f"s{n}", f"c{n}")}</process>'
        for n in range(900)
    )
    return {
        "wide": around(f'<parallelGateway id="p"/><parallelGateway id="j"/>{branches}', first="p", last="j"),
        "lanes": around(f'<userTask id="t"/><laneSet id="ls">{lanes}</laneSet>'),
        "calls": definitions(f'{calls}<process id="p900" isExecutable="true"><task id="t"/></process>'),
        "processes": definitions(
            "".join(f'<process id="p{n}" isExecutable="true"><task id="t{n}"/></process>' for n in range(6_000))
        ),
    }


@pytest.mark.parametrize("name", ["wide", "lanes", "calls", "processes"])
def test_huge_diagram_is_judged_quickly(name: str) -> None:
    source = _many()[name]
    began = time.process_time()
    assert check_files({"x.bpmn": source}) == ()
    assert time.process_time() - began < 10  # promised: 2 s; other work on the machine slows this one


def test_every_code_is_documented() -> None:
    text = (Path(__file__).parents[3] / "docs" / "engine-gate.md").read_text(encoding="utf-8")
    assert [code for code in CATALOGUE if f"`{code}`" not in text] == []


def test_every_code_that_is_raised_is_in_the_catalogue() -> None:
    sources = (Path(__file__).parents[3] / "engine" / "bpmn").glob("*.py")
    raised = {code for path in sources for code in re.findall(r'"(bpmn-[a-z-]+)"', path.read_text(encoding="utf-8"))}
    assert CATALOGUE.keys() <= raised
    assert {code for _, code in HOSTILE.values()} <= CATALOGUE.keys()
