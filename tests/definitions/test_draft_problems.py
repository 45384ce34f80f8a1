"""What is said of a draft follows every file at every save, though files that stay are judged once."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands.draft_problems import problems_of
from engine.definitions import skeleton
from engine.definitions.national_catalogue import fill_manifest, parse_entry
from engine.errors import Problem
from webapp.bench.studio import lengthened
from webapp.calendar_files import read_functions

#: One registry, as an installation has: what was judged with it is kept.
FUNCTIONS = read_functions()


@pytest.fixture
def files(entry: dict[str, Any], shared: dict[str, bytes], templates: dict[str, bytes]) -> dict[str, bytes]:
    """A draft without an error."""
    filled = fill_manifest(parse_entry(entry))
    return shared | skeleton.from_template(templates, "fee", filled.manifest, filled.fees)


def _found(files: dict[str, bytes]) -> tuple[Problem, ...]:
    return problems_of(files, functions=FUNCTIONS)


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("process.bpmn", b'motcua:role="specialist"', b'motcua:role="nobody"', "task-role"),
        ("shared/intake.bpmn", b'motcua:role="desk"', b'motcua:role="nobody"', "task-role"),
        ("forms/application.json", b'"type": "object"', b'"type": "objekt"', "form-"),
        ("decisions.dmn", b"<text>", b"<text>) ", "dmn-"),
        ("procedure.json", b'"level"', b'"grade"', "manifest-"),
    ],
)
def test_finding_comes_with_a_mistake_and_goes_with_it(
    files: dict[str, bytes], name: str, old: bytes, new: bytes, code: str
) -> None:
    clean = _found(files)
    assert not [problem for problem in clean if problem.severity == "error"]
    assert old in files[name]
    wrong = files | {name: files[name].replace(old, new, 1)}
    for _again in range(2):
        found = _found(wrong)
        assert any(problem.code.startswith(code) for problem in found), [problem.code for problem in found]
        assert _found(files) == clean


def test_lengthened_diagram_of_the_bench_has_no_error(files: dict[str, bytes]) -> None:
    longer = files | {"process.bpmn": lengthened(files["process.bpmn"], 40)}
    assert longer["process.bpmn"].count(b"<bpmn:userTask") > files["process.bpmn"].count(b"<bpmn:userTask") + 5
    assert not [problem.code for problem in _found(longer) if problem.severity == "error"]
