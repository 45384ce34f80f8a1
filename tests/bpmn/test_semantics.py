"""Diagrams drawn by hand with what BPMN 2.0 demands: each step of a script completes, interrupts and opens so much.

``semantics`` holds a diagram and a file of expectations each. Expectations were reasoned from the standard
(docs/engine-runtime.md says how where it leaves room), never copied from a run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.bpmn.run_script import run_script

FOLDER = Path(__file__).parent / "semantics"
CASES = sorted(path.stem for path in FOLDER.glob("*.json"))


def _outcome(name: str, script: Sequence[Any], process: str | None = None) -> dict[str, Any]:
    """The outcome, which is the same when the instance is saved and loaded between every two steps."""
    files = {f"{name}.bpmn": (FOLDER / f"{name}.bpmn").read_bytes()}
    plain = run_script(files, script, process=process)
    assert run_script(files, script, process=process, restart=True) == plain
    return plain


def _told(trace: Sequence[Mapping[str, str]], event: str) -> list[str]:
    return sorted(entry["element"] for entry in trace if entry["event"] == event)


def _check(name: str, run: Mapping[str, Any]) -> None:
    seen = 0
    outcome: dict[str, Any] = {}
    for number, (completed, cancelled) in enumerate(zip(run["completed"], run["cancelled"], strict=True)):
        outcome = _outcome(name, run["script"][:number], run.get("process"))
        assert "trace" in outcome, outcome
        new = outcome["trace"][seen:]
        seen = len(outcome["trace"])
        step = run["script"][number - 1] if number else "start"
        assert (_told(new, "completed"), _told(new, "cancelled")) == (completed, cancelled), step
    assert sorted(outcome["open"]) == sorted(run["open"])
    assert outcome["completed"] == run["ended"]
    if "data" in run:
        assert outcome["data"] == run["data"]
    problems = [f"{problem['code']}@{problem['element']}" for problem in outcome.get("problems", ())]
    assert problems == ([run["problem"]] if "problem" in run else [])


@pytest.mark.parametrize("name", CASES)
def test_diagram_runs_as_bpmn_says_or_is_refused_by_name(name: str) -> None:
    expected = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    if "refused" not in expected:
        for run in expected["runs"]:
            _check(name, run)
        return
    outcome = _outcome(name, [])
    assert "trace" not in outcome
    code, _, element = expected["refused"].partition("@")
    assert any(p["code"] == code and (not element or p["element"] == element) for p in outcome["problems"])
    assert all(p["message"] and p["message_vi"] and p["remedy"] and p["remedy_vi"] for p in outcome["problems"])
