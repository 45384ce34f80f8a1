"""The traps of the library, each with the remedy that this engine gives: every test fails on the stock behaviour."""

from __future__ import annotations

import json
from datetime import timedelta
from time import process_time

import pytest

from engine.bpmn import (
    BpmnErrorUncaught,
    DataConflict,
    DecisionUndecided,
    ExpressionFailed,
    Instance,
    InstanceVoid,
    NoFlowTaken,
    define,
    loaded_graph,
)
from engine.bpmn.library import require
from engine.bpmn.tokens import REFUSING
from engine.errors import DefinitionRefused
from tests.bpmn.runtime.driving import NOW, Drive, defined, diagram, drive, event, flows, nodes, other, path, users

ENDS = '<startEvent id="s"/><endEvent id="e"/>'
PARALLEL = f"{ENDS}{users('u', 'a', 'b', 'r')}{nodes('parallelGateway', 'p', 'j')}"
REWORK = (
    PARALLEL
    + '<exclusiveGateway id="x" default="x-e"/>'
    + path("s", "u", "p", "a", "j", "r", "x", "e")
    + flows(("p", "b"), ("b", "j"), ("x", "u", "again"))
)


def test_other_library_version_refused() -> None:
    with pytest.raises(ImportError, match=r"3\.2\.0"):
        require("3.2.1")


def test_t1_flow_without_id_is_followed() -> None:
    source = diagram(f'{ENDS}{users("u")}<sequenceFlow sourceRef="s" targetRef="u"/>{flows(("u", "e"))}')
    run = Drive(define({"p.bpmn": source}))
    assert run.open == ["u"]
    assert run.do("u").done


def test_t2_boundary_without_id_fires() -> None:
    timer = (
        '<boundaryEvent attachedToRef="u"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition>"
    )
    source = diagram(f"{ENDS}{users('u')}{timer}</boundaryEvent>{path('s', 'u', 'e')}")
    definition = define({"p.bpmn": source})
    graph = loaded_graph(definition)["P"]
    assert list(graph["boundaries"].values()) == ["u"]
    run = Drive(definition).wait(hours=2)
    assert run.open == []
    assert "u.cancelled" in run.trace


@pytest.mark.parametrize("name", ["End", "Start", "Root", "P.EndJoin", "StartEventSplit", "t.BoundaryEventSplit"])
def test_t3_element_named_like_builtin_runs(name: str) -> None:
    try:
        definition = defined(f"{ENDS}{users(name)}{path('s', name, 'e')}")
    except DefinitionRefused as refusal:
        assert all(problem.remedy.vi for problem in refusal.problems)
        return
    run = Drive(definition)
    assert run.open == [name]
    assert run.do(name).done


def test_t5_false_condition_after_task_not_taken() -> None:
    inside = f'{ENDS}{users("u", "v")}<task id="k"/>{path("s", "u", "k", "e")}{path("v", "e")}'
    inside = inside.replace(flows(("k", "e")), flows(("k", "v", "n &gt; 1"), ("k", "e", "n &lt; 1")))
    try:
        definition = defined(inside)
    except DefinitionRefused:
        return
    assert Drive(definition).do("u", n=0).done
    assert Drive(definition).do("u", n=2).open == ["v"]
    with pytest.raises(NoFlowTaken):
        Drive(definition).do("u", n=1)


def test_t6_signal_end_event_signals() -> None:
    inside = (
        f'{ENDS}{users("a", "b")}<parallelGateway id="p"/>'
        + event("endEvent", "x", "signal:S")
        + event("boundaryEvent", "c", "signal:S", attachedToRef="b")
        + path("s", "p", "a", "x")
        + flows(("p", "b"), ("b", "e"), ("c", "e"))
    )
    run = drive(inside).do("a")
    assert run.last[-5:] == ["c.fired", "b.cancelled", "c.completed", "e.entered", "e.completed"]
    assert run.done


def test_t6_link_event_jumps() -> None:
    inside = (
        f"{ENDS}{users('u')}"
        + event("intermediateThrowEvent", "throw", "link:L")
        + event("intermediateCatchEvent", "catch", "link:L")
        + path("s", "throw")
        + path("catch", "u", "e")
    )
    assert drive(inside).open == ["u"]


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_t7_parallel_join_keeps_the_only_write(order: str) -> None:
    run = drive(PARALLEL + path("s", "u", "p", "a", "j", "r", "e") + flows(("p", "b"), ("b", "j")))
    run.do("u", st="OLD", gone=1)
    for name in order:
        run.do(name, **({"st": "NEW"} if name == "a" else {"other": [1]}))
    assert run.result == {"st": "NEW", "gone": 1, "other": [1]}


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_t7_two_different_writes_conflict(order: str) -> None:
    run = drive(PARALLEL + path("s", "u", "p", "a", "j", "r", "e") + flows(("p", "b"), ("b", "j")))
    run.do("u", items=[1]).do(order[0], items=[1, order[0]])
    with pytest.raises(DataConflict) as caught:
        run.do(order[1], items=[1, order[1]])
    facts = caught.value.facts
    assert (facts["element"], facts["key"]) == ("j", "items")
    assert {facts["first_branch"], facts["second_branch"]} == {"a", "b"}


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_t7_end_join_merges_two_end_events(order: str) -> None:
    inside = f'{ENDS}<endEvent id="e2"/>{users("a", "b")}<parallelGateway id="p"/>'
    run = drive(inside + path("s", "p", "a", "e") + flows(("p", "b"), ("b", "e2")), data={"st": "OLD"})
    for name in order:
        run.do(name, **({"st": "NEW"} if name == "a" else {"n": 1}))
    assert run.done
    assert run.result == {"st": "NEW", "n": 1}


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_t8_rework_returns_last_round(order: str) -> None:
    run = drive(REWORK)
    for turn in range(4):
        run.do("u", turn=turn)
        for name in order:
            run.do(name, **{f"v{name}": turn})
        assert run.task("r").data["va"] == run.task("r").data["vb"] == turn
        run.do("r", again=turn < 3)
    assert run.done


def test_t9_recorded_step_is_not_touched_later() -> None:
    definition = defined(f"{ENDS}{users('u', 'v')}{path('s', 'u', 'v', 'e')}")
    instance = Instance.start(definition, {}, now=NOW, seed="x")
    sent = {"case": {"list": []}}
    instance.complete(instance.open_tasks()[0].id, sent, now=NOW)
    step = next(step for step in instance.drain() if (step.element, step.event) == ("u", "completed"))
    sent["case"]["list"].append("by the caller")
    instance.open_tasks()[0].data["case"]["list"].append("by a reader")
    instance.complete(instance.open_tasks()[0].id, {"case": {"list": [1]}}, now=NOW)
    assert step.changed == {"case": {"list": []}}
    assert instance.data == {"case": {"list": [1]}}


def test_t10_long_loop_is_not_taken_for_completed() -> None:
    run = Drive(defined(REWORK), restart=False)
    for _ in range(600):
        run.do("u").do("a").do("b").do("r", again=True)
    assert not run.done
    assert run.open == ["u"]


@pytest.mark.slow
def test_t11_t12_ten_thousand_passes_linear_and_small() -> None:
    instance = Instance.start(defined(REWORK), {}, now=NOW, seed="x")
    times: list[float] = []
    began = process_time()
    for turn in range(10_000):
        for _ in range(4):
            task = instance.first_open()
            instance.complete(
                task.id, {"again": True} if task.element == "r" else {f"by_{task.element}": turn}, now=NOW
            )
        if turn % 1000 == 999:
            times.append(process_time() - began)
            began = process_time()
            instance.drain()
            assert len(instance.save()) < 400
    assert instance.open_tasks()[0].number > 40_000
    assert min(times[5:]) < 2.5 * min(times[:5])


def test_t13_completed_is_never_late() -> None:
    run = Drive(defined(f"{ENDS}{users('u')}{path('s', 'u', 'e')}"), restart=False)
    run.instance.complete(run.task("u").id, {}, now=NOW)
    assert run.instance.completed


def test_t14_event_subprocess_leaves_definition_alone() -> None:
    handler = (
        '<subProcess id="h" triggeredByEvent="true">'
        + event("startEvent", "hs", "message:M", isInterrupting="false")
        + f'{users("hu")}<endEvent id="he"/>{path("hs", "hu", "he")}</subProcess>'
    )
    definition = defined(f"{ENDS}{users('u')}{path('s', 'u', 'e')}{handler}")
    before = json.dumps(loaded_graph(definition))
    first = Drive(definition, seed="1")
    assert first.message("go")
    second = Drive(definition, seed="2")
    assert second.open == ["u"]
    assert second.do("u").done
    assert json.dumps(loaded_graph(definition)) == before
    assert first.do("hu").do("u").done


def test_t15_error_of_a_connector_keeps_its_text() -> None:
    inside = (
        f'{ENDS}<serviceTask id="v" motcua:operation="registry.look"/>'
        + event("boundaryEvent", "c", "error:E1", attachedToRef="v")
        + users("h")
        + path("s", "v", "e")
        + path("c", "h", "e")
    )
    definition = defined(inside)
    instance = Instance.start(definition, {}, now=NOW, seed="x")
    instance.fail(instance.first_open().id, "BAD", "Sở Tư pháp: không có hồ sơ", now=NOW)
    fired = next(step for step in instance.drain() if step.event == "fired")
    assert fired.changed == {"error": {"code": "BAD", "message": "Sở Tư pháp: không có hồ sơ"}}
    other_run = Drive(definition)
    with pytest.raises(BpmnErrorUncaught, match="kaputt"):
        other_run.fail("v", "OTHER", "kaputt")
    assert other_run.open == ["v"]


def test_t16_failed_step_voids_the_instance() -> None:
    definition = defined(
        f'{ENDS}{users("u")}<exclusiveGateway id="x"/>{path("s", "u", "x")}{flows(("x", "e", "n &gt; 1"))}'
    )
    instance = Instance.start(definition, {}, now=NOW, seed="x")
    state = instance.save()
    with pytest.raises(NoFlowTaken):
        instance.complete(instance.first_open().id, {"n": 0}, now=NOW)
    with pytest.raises(InstanceVoid):
        instance.save()
    again = Instance.load(definition, state, now=NOW)
    again.complete(again.first_open().id, {"n": 2}, now=NOW)
    assert again.completed


def test_t17_no_python_is_evaluated() -> None:
    for name in ("evaluate", "execute", "call_service"):
        with pytest.raises(PermissionError):
            getattr(REFUSING, name)(None, "1 + 1")
    definition = None
    try:
        definition = defined(
            f'{ENDS}{users("u")}<exclusiveGateway id="x" default="x-e"/>{path("s", "x", "e")}{path("u", "e")}'
            + flows(("x", "u", "__import__(&quot;os&quot;).getpid() &gt; 0"))
        )
    except DefinitionRefused:
        return
    with pytest.raises(Exception, match=r"(?i)condition|expression"):
        Drive(definition)


DMN = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">'
    b'<inputData id="i" name="n"><variable name="n" typeRef="number"/></inputData>'
    b'<decision id="fee" name="fee"><variable name="fee"/>'
    b'<informationRequirement id="r"><requiredInput href="#i"/></informationRequirement>'
    b'<decisionTable id="t" hitPolicy="UNIQUE"><input id="in"><inputExpression id="ie"><text>n</text></inputExpression>'
    b'</input><output id="o"/><rule id="r1"><inputEntry id="a"><text>[1..5]</text></inputEntry><outputEntry id="b">'
    b"<text>2000</text></outputEntry></rule></decisionTable></decision></definitions>"
)


def test_t18_decision_without_match_is_an_incident() -> None:
    inside = f'{ENDS}{users("u")}<businessRuleTask id="d" motcua:decision="fee" motcua:result="fee"/>' + path(
        "s", "u", "d", "e"
    )
    run = drive(inside, d_dmn=DMN).do("u", n=3)
    assert run.done
    assert run.result == {"n": 3, "fee": 2000}
    with pytest.raises(DecisionUndecided, match="fee"):
        drive(inside, d_dmn=DMN).do("u", n=9)


@pytest.mark.parametrize(
    ("timer", "due"),
    [
        ("timeDuration:PT5H", timedelta(hours=5)),
        ("timeDuration:P5D", timedelta(days=5)),
        ("timeDuration:P1M", timedelta(days=31)),
        ("timeDate:2026-01-07T08:00:00+07:00", timedelta(days=2)),
        ("timeDate:2026-01-07", timedelta(days=1, hours=16)),
        ('timeDuration:duration("P" + string(n) + "D")', timedelta(days=3)),
    ],
)
def test_t19_timer_is_due_as_written(timer: str, due: timedelta) -> None:
    run = drive(f"{ENDS}{event('intermediateCatchEvent', 't', timer)}{path('s', 't', 'e')}", data={"n": 3})
    assert [waiting.due_at - NOW for waiting in run.instance.timers()] == [due]
    run.wait(seconds=due.total_seconds() - 1)
    assert not run.done
    assert run.wait(seconds=1).done


def test_t20_naive_moment_is_refused() -> None:
    inside = f"{ENDS}{event('intermediateCatchEvent', 't', 'timeDate:2026-01-07T08:00:00')}{path('s', 't', 'e')}"
    with pytest.raises((DefinitionRefused, ExpressionFailed)):
        drive(inside)


def test_t20_cycle_fires_at_each_of_its_moments() -> None:
    inside = (
        f"{ENDS}{users('u')}<endEvent id='e2'/><serviceTask id='r' motcua:operation='remind'/>"
        + event("boundaryEvent", "t", "timeCycle:R3/PT1H", attachedToRef="u", cancelActivity="false")
        + path("s", "u", "e")
        + path("t", "r", "e2")
    )
    run = drive(inside).wait(hours=10)
    created = [task.created_at - NOW for task in run.instance.open_tasks() if task.element == "r"]
    assert created == [timedelta(hours=1), timedelta(hours=2), timedelta(hours=3)]
    assert not run.instance.timers()


def test_t21_what_follows_a_timer_runs_at_once() -> None:
    inside = (
        f"{ENDS}{users('u', 'v')}<task id='k'/>"
        + event("boundaryEvent", "t", "timeDuration:PT1H", attachedToRef="u")
        + path("s", "u", "e")
        + path("t", "k", "v", "e")
    )
    assert drive(inside).wait(hours=1).open == ["v"]


def test_t22_correlation_needs_every_key() -> None:
    keys = "".join(f'<motcua:correlation name="{key}">{key}</motcua:correlation>' for key in ("number", "unit"))
    receive = f'<receiveTask id="m" messageRef="M"><extensionElements>{keys}</extensionElements></receiveTask>'
    run = drive(f"{ENDS}{receive}{path('s', 'm', 'e')}", data={"number": "7", "unit": "A"})
    assert not run.message("go", number="7", unit="B")
    assert not run.message("nothing of the kind")
    assert run.message("go", number="7", unit="A")
    assert run.done


def test_t23_instances_share_nothing_and_outputs_may_exist() -> None:
    loop = (
        '<userTask id="u"><multiInstanceLoopCharacteristics motcua:collection="items" motcua:elementVariable="item" '
        'motcua:outputCollection="votes"/></userTask>'
    )
    definition = defined(f"{ENDS}{loop}{path('s', 'u', 'e')}")
    first = Drive(definition, {"items": [1, 2], "votes": "old", "item": 9}, seed="1")
    second = Drive(definition, {"items": [3]}, seed="2")
    first.do("u", v=1)
    second.do("u", v=3)
    first.do("u", v=2)
    assert first.result == {"items": [1, 2], "votes": [{"v": 1}, {"v": 2}], "item": 9}
    assert second.result == {"items": [3], "votes": [{"v": 3}]}


def test_t25_comment_in_condition_does_not_cut_it() -> None:
    condition = "a &gt; 5 <!-- really --> and b"
    inside = (
        f'{ENDS}{users("u", "v")}<exclusiveGateway id="x" default="x-e"/>{path("s", "u", "x", "e")}{path("v", "e")}'
    )
    assert drive(inside + flows(("x", "v", condition))).do("u", a=6, b=False).done


def test_call_activity_recursion_is_stopped() -> None:
    call = '<callActivity id="c" calledElement="Q"/>'
    again = '<callActivity id="qc" calledElement="Q"/>'
    try:
        definition = defined(
            f"{ENDS}{call}{path('s', 'c', 'e')}",
            others=other("Q", f'<startEvent id="qs"/>{again}<endEvent id="qe"/>{path("qs", "qc", "qe")}'),
        )
    except DefinitionRefused:
        return
    with pytest.raises(Exception, match="nested scopes"):
        Drive(definition)
