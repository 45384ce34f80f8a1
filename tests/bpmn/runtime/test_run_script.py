"""What ``motcua run`` prints."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.bpmn.run_script import run_script
from tests.bpmn.runtime.driving import diagram, event, flows, other, path, users

ENDS = '<startEvent id="s"/><endEvent id="e"/>'
REMINDED = diagram(
    f"{ENDS}{users('u', 'late')}<serviceTask id='v'/><endEvent id='e2'/>"
    + event("boundaryEvent", "r", "timeCycle:R2/PT1H", attachedToRef="u", cancelActivity="false")
    + event("boundaryEvent", "x", "error:E1", attachedToRef="v")
    + path("s", "u", "v", "e")
    + path("r", "late", "e2")
    + path("x", "e")
)


def _run(source: bytes, *script: dict[str, Any], **options: Any) -> dict[str, Any]:
    plain = run_script({"x.bpmn": source}, script, **options)
    again = run_script({"x.bpmn": source}, script, restart=True, **options)
    assert plain == again
    json.dumps(plain)
    return plain


def _told(outcome: dict[str, Any]) -> list[str]:
    return [f"{step['element']}.{step['event']}" for step in outcome["trace"]]


def test_script_runs_to_the_end() -> None:
    outcome = _run(
        REMINDED,
        {"advance": "PT90M"},
        {"complete": "late", "data": {"n": 1}},
        {"complete": "u", "data": {"a": [1, "ấ"]}},
        {"service": "v", "result": {"b": 2}},
    )
    assert _told(outcome) == [
        "s.entered", "s.completed", "u.entered", "r.fired", "r.completed", "late.entered", "late.completed",
        "e2.entered", "e2.completed", "u.completed", "v.entered", "v.completed", "e.entered", "e.completed",
    ]  # fmt: skip
    assert outcome["completed"]
    assert outcome["open"] == []
    assert outcome["data"] == {"a": [1, "ấ"], "b": 2, "n": 1}


def test_service_error_is_caught() -> None:
    outcome = _run(REMINDED, {"complete": "u"}, {"service": "v", "error": "BAD"})
    assert _told(outcome)[-5:] == ["x.fired", "v.cancelled", "x.completed", "e.entered", "e.completed"]
    assert outcome["completed"]


def test_service_error_may_tell_its_text() -> None:
    outcome = _run(REMINDED, {"complete": "u"}, {"service": "v", "error": "BAD", "message": "no such person"})
    assert outcome["completed"]
    assert "problems" not in outcome


@pytest.mark.parametrize(
    ("inside", "source"),
    [
        (event("boundaryEvent", "b", "timeDuration:wait", attachedToRef="u") + path("b", "e"), "wait"),
        ("<subProcess id='x'><multiInstanceLoopCharacteristics><loopCardinality>many</loopCardinality>"
         "</multiInstanceLoopCharacteristics><task id='y'/></subProcess>" + path("s", "x", "e"), "many"),
    ],
)  # fmt: skip
def test_incident_says_why_in_each_language_alone(inside: str, source: str) -> None:
    problem = _run(diagram(f"{ENDS}{users('u')}{path('s', 'u', 'e')}{inside}"))["problems"][0]
    assert f"expression {source} " in problem["message"]
    assert f"Biểu thức {source} " in problem["message_vi"]
    assert "None" not in problem["message"] + problem["message_vi"]
    assert problem["message"].isascii()
    assert "không" in problem["message_vi"].partition(":")[2]


def test_open_elements_are_told_in_order_of_arrival() -> None:
    outcome = _run(REMINDED, {"advance": "P1D"})
    assert outcome["open"] == ["u", "late", "late"]
    assert not outcome["completed"]


def test_message_and_signal_steps() -> None:
    source = diagram(
        f"{ENDS}<receiveTask id='m' messageRef='M'/>"
        + event("intermediateCatchEvent", "c", "signal:S")
        + path("s", "m", "c", "e")
    )
    assert _run(source)["open"] == ["m"]
    outcome = _run(source, {"message": "go", "data": {"x": 1}}, {"signal": "alarm"})
    assert outcome["completed"]
    assert outcome["data"] == {"x": 1}
    assert _run(source, {"complete": "m"}, {"signal": "alarm"})["completed"]


def test_process_may_be_picked() -> None:
    source = diagram(
        f"{ENDS}<callActivity id='c' calledElement='Q'/>{path('s', 'c', 'e')}",
        others=other("Q", f"<startEvent id='qs'/>{users('qu')}<endEvent id='qe'/>{path('qs', 'qu', 'qe')}"),
    )
    assert _told(_run(source))[2] == "c.entered"
    assert _told(_run(source, process="Q"))[0] == "qs.entered"


def test_refused_diagram_names_its_problems() -> None:
    outcome = _run(diagram(f"{ENDS}<complexGateway id='g'/>{path('s', 'g', 'e')}"))
    (problem,) = [item for item in outcome["problems"] if item["element"] == "g"]
    assert problem["code"]
    assert problem["message"]
    assert problem["message_vi"]
    assert "trace" not in outcome


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ({"complete": "nobody"}, "bpmn-task-not-open"),
        ({"service": "u", "result": {}}, "bpmn-task-not-open"),
        ({"service": "u", "error": "NONE"}, "bpmn-error-uncaught"),
        ({"advance": "2 hours"}, "invalid-input"),
        ({"advance": "-PT1H"}, "invalid-input"),
        ({"jump": "u"}, "invalid-input"),
        ({"advance": "P99999999Y"}, "invalid-input"),
        ("complete u", "invalid-input"),
        ({"complete": "u", "data": [1]}, "invalid-input"),
    ],
)
def test_impossible_step_keeps_what_was_reached(step: Any, code: str) -> None:
    outcome = _run(REMINDED, step, {"complete": "u"})
    assert [problem["code"] for problem in outcome["problems"]] == [code]
    assert outcome["open"] == ["u"]


def test_conflict_of_branches_is_named() -> None:
    source = diagram(
        f"{ENDS}{users('a', 'b')}<parallelGateway id='p'/><parallelGateway id='j'/>"
        + path("s", "p", "a", "j", "e")
        + flows(("p", "b"), ("b", "j"))
    )
    outcome = _run(source, {"complete": "a", "data": {"x": 1}}, {"complete": "b", "data": {"x": 2}})
    (problem,) = outcome["problems"]
    assert (problem["code"], problem["element"]) == ("bpmn-data-conflict", "j")
    assert "x" in problem["message"]
