"""Legal completeness: each promise of the manifest that the drawing breaks is named."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from engine.commands.draft_problems import problems_of
from engine.definitions import skeleton
from engine.definitions.legal_completeness import Drawing, Step, completeness
from engine.definitions.manifest import Manifest, read_manifest
from engine.definitions.national_catalogue import fill_manifest, parse_entry
from webapp.calendar_files import read_functions


@pytest.fixture
def files(entry: dict[str, Any], shared: dict[str, bytes], templates: dict[str, bytes]) -> dict[str, bytes]:
    """A valid draft."""
    filled = fill_manifest(parse_entry(entry))
    return shared | skeleton.from_template(templates, "fee", filled.manifest, filled.fees)


def _codes(files: dict[str, bytes]) -> set[str]:
    return {problem.code for problem in problems_of(files, functions=read_functions())}


def _changed(files: dict[str, bytes], **parts: Any) -> dict[str, bytes]:
    return files | {"procedure.json": orjson.dumps(orjson.loads(files["procedure.json"]) | parts)}


def _redrawn(files: dict[str, bytes], old: str, new: str) -> dict[str, bytes]:
    drawing = files["process.bpmn"].decode()
    assert old in drawing
    return files | {"process.bpmn": drawing.replace(old, new).encode()}


def test_required_paper_that_no_form_takes_is_an_error(files: dict[str, bytes]) -> None:
    paper = {"code": "khac", "name": {"vi": "Giấy khác", "en": "Another"}, "required": True}
    assert "legal-paper-unused" in _codes(_changed(files, papers=[paper]))


def test_fee_that_no_step_demands_is_an_error(files: dict[str, bytes]) -> None:
    assert "legal-fee-unused" in _codes(_redrawn(files, '>"phi"<', '>"khac"<'))


def test_result_type_that_is_not_listed_is_an_error(files: dict[str, bytes]) -> None:
    assert "legal-result-unlisted" in _codes(_redrawn(files, "KQ.G15.000022", "KQ.OTHER"))


def test_step_limits_beyond_the_term_are_an_error(files: dict[str, bytes]) -> None:
    over = _redrawn(files, 'motcua:form="appraise"', 'motcua:form="appraise" motcua:timeLimit="9 HOUR"')
    within = _redrawn(files, 'motcua:form="appraise"', 'motcua:form="appraise" motcua:timeLimit="8 HOUR"')
    assert "legal-steps-too-long" in _codes(over)
    assert "legal-steps-too-long" not in _codes(within)


def test_step_limit_that_is_no_quantity_is_an_error(files: dict[str, bytes]) -> None:
    wrong = _redrawn(files, 'motcua:form="appraise"', 'motcua:form="appraise" motcua:timeLimit="soon"')
    assert "legal-step-limit" in _codes(wrong)


def test_missing_process_is_named(files: dict[str, bytes]) -> None:
    assert "manifest-process" in _codes(_changed(files, process="other"))


def _manifest() -> Manifest:
    name = {"vi": "Tên", "en": "Name"}
    return read_manifest(
        orjson.dumps(
            {
                "code": "9.000001", "version": "1.0", "name": name, "short_name": name, "level": "commune",
                "field": {"code": "F", "name": name}, "decision": "1", "legal": [], "process": "p",
                "application_form": "application", "channels": ["online"],
                "limits": [{"qty": "1", "unit": "WORKING_DAY"}],
                "fees": [], "papers": [], "results": [{"code": "KQ", "name": name}],
            }
        )
    )  # fmt: skip


def _found(*steps: Step) -> set[str]:
    drawing = Drawing(main="p", processes={"p": {step.id: step for step in steps}})
    return {problem.code for problem in completeness(_manifest(), drawing, frozenset())}


def test_end_without_result_refusal_or_stop_is_an_error() -> None:
    start = Step(id="s", name="", kind="startEvent", follows=("e",))
    end = Step(id="e", name="", kind="endEvent")
    assert {"legal-end-unsettled", "legal-no-result", "legal-no-refusal"} <= _found(start, end)


def test_refusal_without_a_reason_is_an_error() -> None:
    start = Step(id="s", name="", kind="startEvent", follows=("d",))
    decline = Step(
        id="d", name="", kind="serviceTask", attributes={"operation": "dossier.decline"}, inputs={"reason": '""'}
    )
    assert "legal-refusal-reason" in _found(start, decline)


def test_loop_counts_once() -> None:
    start = Step(id="s", name="", kind="startEvent", follows=("a",))
    again = Step(id="a", name="", kind="userTask", attributes={"timeLimit": "5 HOUR"}, follows=("g",))
    gate = Step(id="g", name="", kind="exclusiveGateway", follows=("a", "i"))
    issue = Step(id="i", name="", kind="serviceTask", attributes={"operation": "result.issue"})
    assert "legal-steps-too-long" not in _found(start, again, gate, issue)
