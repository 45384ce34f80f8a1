"""Tasks, calls, sub-processes, data objects, repetition, gateways."""

from __future__ import annotations

import pytest

from engine.bpmn import ConditionUndecided, ExpressionFailed, NoFlowTaken, StepBudgetExceeded, TaskNotOpen
from engine.errors import DefinitionRefused, InvalidInput
from tests.bpmn.runtime.driving import NOW, defined, drive, event, flows, nodes, other, path, users

ENDS = '<startEvent id="s"/><endEvent id="e"/>'


def _mapped(tag: str, name: str, attributes: str = "", **pairs: str) -> str:
    inner = "".join(
        f'<motcua:{key.split("_")[0]} name="{key.split("_", 1)[1]}">{source}</motcua:{key.split("_")[0]}>'
        for key, source in pairs.items()
    )
    return f'<{tag} id="{name}" {attributes}><extensionElements>{inner}</extensionElements></{tag}>'


def _loop(inside: str = "", tag: str = "userTask", body: str = "", **attributes: str) -> str:
    own = {"items": "motcua:collection", "item": "motcua:elementVariable", "results": "motcua:outputCollection"}
    extra = " ".join(f'{own.get(key, key)}="{value}"' for key, value in attributes.items())
    return (
        f'<{tag} id="v"><multiInstanceLoopCharacteristics {extra}>{inside}</multiInstanceLoopCharacteristics>'
        f"{body}</{tag}>"
    )


def test_tasks_that_need_nobody_pass() -> None:
    run = drive(f'{ENDS}<task id="a"/><manualTask id="b"/><sendTask id="c"/>{path("s", "a", "b", "c", "e")}')
    assert run.done


def test_service_and_receive_tasks_wait() -> None:
    run = drive(f'{ENDS}<serviceTask id="a"/><receiveTask id="b" messageRef="M"/>{path("s", "a", "b", "e")}')
    assert [(task.element, task.kind) for task in run.instance.open_tasks()] == [("a", "service")]
    assert run.do("a", x=1).open == ["b"]
    assert run.message("go", y=2)
    assert run.result == {"x": 1, "y": 2}


def test_result_key_and_mappings() -> None:
    task = _mapped("serviceTask", "a", 'motcua:operation="ocr.read" motcua:result="ocr"',
                   input_page="pages[1]", output_sure="confidence &gt; 90", output_text="result.text")  # fmt: skip
    run = drive(f"{ENDS}{task}{path('s', 'a', 'e')}", data={"pages": ["p1", "p2"]})
    opened = run.task("a")
    assert opened.inputs == {"page": "p1"}
    assert opened.attributes["operation"] == "ocr.read"
    run.do("a", confidence=95, text="x")
    assert run.result == {
        "pages": ["p1", "p2"], "ocr": {"confidence": 95, "text": "x"}, "sure": True, "text": "x",
    }  # fmt: skip


def test_call_activity_passes_declared_data_only() -> None:
    call = _mapped("callActivity", "c", 'calledElement="Q"', input_x="a + 1", output_y="z")
    run = drive(
        f"{ENDS}{call}{path('s', 'c', 'e')}",
        data={"a": 1, "secret": 2},
        others=other("Q", f'<startEvent id="qs"/>{users("qu")}<endEvent id="qe"/>{path("qs", "qu", "qe")}'),
    )
    assert run.task("qu").data == {"x": 2}
    run.do("qu", z=5, w=6)
    assert run.result == {"a": 1, "secret": 2, "y": 5}


def test_call_activity_without_declarations_passes_everything() -> None:
    run = drive(
        f"{ENDS}<callActivity id='c' calledElement='Q'/>{path('s', 'c', 'e')}",
        data={"a": 1},
        others=other("Q", f'<startEvent id="qs"/>{users("qu")}<endEvent id="qe"/>{path("qs", "qu", "qe")}'),
    ).do("qu", z=5)
    assert run.result == {"a": 1, "z": 5}


def test_the_process_that_runs_is_the_one_nobody_calls() -> None:
    called = other("A_first", f'<startEvent id="qs"/>{users("qu")}<endEvent id="qe"/>{path("qs", "qu", "qe")}')
    definition = defined(f"{ENDS}<callActivity id='c' calledElement='A_first'/>{path('s', 'c', 'e')}", others=called)
    assert definition.process_id == "P"


def test_parallel_instances_stop_at_the_completion_condition() -> None:
    run = drive(
        f"{ENDS}{_loop('<loopCardinality>3</loopCardinality><completionCondition>refused</completionCondition>')}"
        + path("s", "v", "e")
    )
    assert run.open == ["v", "v", "v"]
    run.do("v", refused=False)
    assert run.open == ["v", "v"]
    run.do("v", at=1, refused=True)
    assert run.done
    assert run.last == ["v.completed", "v.cancelled", "e.entered", "e.completed"]
    assert run.result == {"refused": True}


def test_parallel_instances_collect_results_in_order_of_items() -> None:
    run = drive(
        f"{ENDS}{_loop(items='items', item='item', results='votes')}{path('s', 'v', 'e')}",
        data={"items": ["x", "y", "z"]},
    )
    for at in (2, 0, 0):
        run.do("v", at=at, vote=run.task("v", at).data["item"])
    assert run.result == {"items": ["x", "y", "z"], "votes": [{"vote": "x"}, {"vote": "y"}, {"vote": "z"}]}


def test_sequential_instances_see_what_came_before() -> None:
    run = drive(f"{ENDS}{_loop('<loopCardinality>3</loopCardinality>', isSequential='true')}{path('s', 'v', 'e')}")
    for turn in range(3):
        assert run.open == ["v"]
        opened = run.task("v").data
        assert (opened["loopCounter"], opened.get("sum", 0)) == (turn + 1, turn)
        run.do("v", sum=turn + 1)
    assert run.done
    assert run.result == {"sum": 3}


def test_empty_collection_is_passed_at_once() -> None:
    run = drive(f"{ENDS}{_loop(items='items', item='i')}{path('s', 'v', 'e')}", data={"items": []})
    assert run.done
    assert run.trace[2:4] == ["v.entered", "v.completed"]


def test_collection_that_is_no_list_is_an_incident() -> None:
    with pytest.raises(ExpressionFailed):
        drive(f"{ENDS}{_loop(items='items', item='i')}{path('s', 'v', 'e')}")


def test_repeated_subprocess_keeps_its_instances_apart() -> None:
    body = f'<startEvent id="is"/>{users("iu", "iv")}<endEvent id="ie"/>{path("is", "iu", "iv", "ie")}'
    run = drive(
        f"{ENDS}{_loop(tag='subProcess', body=body, items='items', item='item', results='out')}"
        + event("boundaryEvent", "t", "timeDuration:P9D", attachedToRef="v")
        + path("s", "v", "e")
        + path("t", "e"),
        data={"items": [10, 20]},
    )
    run.do("iu", at=1, n=21).do("iv", n2=22).do("iu", n=11).do("iv", n2=12)
    assert run.done
    assert run.result["out"] == [{"n": 11, "n2": 12}, {"n": 21, "n2": 22}]


def test_boundary_timer_cancels_every_instance() -> None:
    run = drive(
        f"{ENDS}{_loop('<loopCardinality>2</loopCardinality>')}{users('h')}"
        + event("boundaryEvent", "t", "timeDuration:PT1H", attachedToRef="v")
        + path("s", "v", "e")
        + path("t", "h", "e")
    ).wait(hours=1)
    assert run.open == ["h"]
    assert run.last.count("v.cancelled") == 2


@pytest.mark.parametrize(("before", "rounds"), [("false", 3), ("true", 2)])
def test_standard_loop_goes_on_while_true(before: str, rounds: int) -> None:
    loop = (
        f'<userTask id="v"><standardLoopCharacteristics testBefore="{before}" loopMaximum="5">'
        "<loopCondition>n &lt; 2</loopCondition></standardLoopCharacteristics></userTask>"
    )
    run = drive(f"{ENDS}{loop}{path('s', 'v', 'e')}", data={"n": 0 if before == "true" else -1})
    for turn in range(rounds):
        assert not run.done
        run.do("v", n=turn + 1 if before == "true" else turn)
    assert run.done


def test_standard_loop_ends_at_its_maximum() -> None:
    loop = (
        '<userTask id="v"><standardLoopCharacteristics loopMaximum="2"><loopCondition>true</loopCondition>'
        "</standardLoopCharacteristics></userTask>"
    )
    run = drive(f"{ENDS}{loop}{path('s', 'v', 'e')}").do("v").do("v")
    assert run.done


def test_exclusive_gateway_takes_the_first_true_flow() -> None:
    inside = f"{ENDS}{users('a', 'b')}<exclusiveGateway id='x'/>{path('s', 'x')}{path('a', 'e')}{path('b', 'e')}"
    both = inside + flows(("x", "a", "n &gt; 1"), ("x", "b", "n &gt; 0"))
    assert drive(both, data={"n": 5}).open == ["a"]
    assert drive(both, data={"n": 1}).open == ["b"]
    with pytest.raises(NoFlowTaken):
        drive(both, data={"n": 0})
    with pytest.raises(ConditionUndecided, match="x"):
        drive(both, data={"m": 0})


def test_unbalanced_inclusive_join_waits_for_what_can_still_come() -> None:
    inside = (
        f"{ENDS}{users('a', 'b', 'c', 'z')}{nodes('inclusiveGateway', 'o', 'j')}"
        "<exclusiveGateway id='x' default='x-e2'/><endEvent id='e2'/>"
        + path("s", "o", "a", "j", "z", "e")
        + flows(("b", "x"), ("x", "j", "back"), ("x", "e2"), ("c", "j"))
    )
    inside = inside.replace(
        flows(("o", "a")), flows(("o", "a", "n &gt; 0"), ("o", "b", "n &gt; 1"), ("o", "c", "n &gt; 2"))
    )
    run = drive(inside, data={"n": 2}).do("a")
    assert run.open == ["b"]
    run.do("b", back=False)
    assert run.open == ["z"]
    assert run.do("z").done
    assert drive(inside, data={"n": 1}).do("a").open == ["z"]
    three = drive(inside, data={"n": 3}).do("a").do("c")
    assert three.open == ["b"]
    three.do("b", back=True)
    assert three.open == ["z"]
    assert three.trace.count("j.completed") == 1


def test_inclusive_join_in_a_loop_is_passed_every_time() -> None:
    inside = (
        f"{ENDS}{users('a', 'b')}{nodes('inclusiveGateway', 'o', 'j')}<task id='k'/>"
        "<exclusiveGateway id='x' default='x-e'/>"
        + path("s", "k", "o")
        + path("a", "j", "x", "e")
        + flows(("o", "a", "true"), ("o", "b", "true"), ("b", "j"), ("x", "k", "again"))
    )
    run = drive(inside)
    for turn in range(3):
        run.do("a", a=turn, again=turn < 2).do("b", b=turn)
    assert run.done
    assert run.result == {"a": 2, "b": 2, "again": False}


def test_several_flows_out_of_a_task_part_and_implicit_merge_runs_twice() -> None:
    run = drive(
        f"{ENDS}<task id='k'/>{users('a', 'b', 'm')}{path('s', 'k', 'a', 'm', 'e')}{flows(('k', 'b'), ('b', 'm'))}"
    )
    assert run.open == ["a", "b"]
    run.do("a").do("b")
    assert run.open == ["m", "m"]
    assert run.do("m").do("m").done


def test_conditional_flows_out_of_a_task_with_default() -> None:
    inside = f"{ENDS}<userTask id='k' default='k-c'/>{users('a', 'b', 'c')}{path('s', 'k')}" + flows(
        ("k", "a", "n &gt; 1"), ("k", "b", "n &gt; 2"), ("k", "c"), ("a", "e"), ("b", "e"), ("c", "e")
    )
    assert drive(inside).do("k", n=3).open == ["a", "b"]
    assert drive(inside).do("k", n=2).open == ["a"]
    assert drive(inside).do("k", n=1).open == ["c"]


def test_data_object_written_on_one_branch_is_read_on_another() -> None:
    objects = '<dataObject id="D" name="receipt"/><dataObjectReference id="Dr" dataObjectRef="D"/>'
    write = (
        '<userTask id="w"><dataOutputAssociation id="o"><targetRef>Dr</targetRef></dataOutputAssociation></userTask>'
    )
    read = (
        '<userTask id="r"><property id="r_in"/><dataInputAssociation id="i"><sourceRef>Dr</sourceRef>'
        "<targetRef>r_in</targetRef></dataInputAssociation></userTask>"
    )
    run = drive(
        f"{ENDS}{objects}{write}{read}{users('w2', 'wait')}{nodes('parallelGateway', 'p', 'j')}"
        + path("s", "p", "w", "w2", "j", "e")
        + flows(("p", "wait"), ("wait", "r"), ("r", "j"))
    )
    run.do("w", D={"number": 7}).do("wait")
    assert run.task("r").data["D"] == {"number": 7}
    run.do("r").do("w2")
    assert run.result == {"D": {"number": 7}}


def test_lane_and_attributes_reach_the_task() -> None:
    lanes = '<laneSet id="l"><lane id="l1" name="Một cửa"><flowNodeRef>u</flowNodeRef></lane></laneSet>'
    run = drive(
        f"{lanes}{ENDS}<userTask id='u' name='Tiếp nhận' motcua:form='intake' motcua:role='desk'/>{path('s', 'u', 'e')}"
    )
    opened = run.task("u")
    assert (opened.lane, opened.name, opened.attributes) == ("Một cửa", "Tiếp nhận", {"form": "intake", "role": "desk"})
    assert opened.created_at == NOW


def test_ids_follow_from_seed_and_order() -> None:
    inside = f"{ENDS}{users('u', 'v')}{path('s', 'u', 'v', 'e')}"
    first, second = drive(inside), drive(inside)
    assert first.do("u").task("v").id == second.do("u").task("v").id


def test_closed_task_cannot_be_completed_again() -> None:
    run = drive(f"{ENDS}{users('u', 'v')}{path('s', 'u', 'v', 'e')}")
    task = run.task("u").id
    run.do("u")
    with pytest.raises(TaskNotOpen):
        run.instance.complete(task, {}, now=NOW)
    with pytest.raises(TaskNotOpen):
        run.instance.answer(run.task("v").id, {}, now=NOW)
    assert run.do("v").done


@pytest.mark.parametrize("bad", [2**70, float("nan"), {1: 2}, {"a": {1, 2}}, "\ud800"])
def test_data_that_json_cannot_carry_are_refused(bad: object) -> None:
    run = drive(f"{ENDS}{users('u')}{path('s', 'u', 'e')}")
    with pytest.raises(InvalidInput):
        run.do("u", value=bad)
    assert run.do("u", value=[1, 2.5, None, {"x": "ấ"}]).done


def test_mapping_on_a_task_that_passes_sets_data() -> None:
    task = _mapped("task", "a", output_n="n + 1", output_word='"x"')
    inside = f"{ENDS}{task}<exclusiveGateway id='x' default='x-e'/>{path('s', 'a', 'x', 'e')}"
    inside += flows(("x", "a", "n &lt; 10000"))
    run = drive(inside, data={"n": 0})
    assert run.done
    assert run.result == {"n": 10000, "word": "x"}


def test_endless_automatic_loop_is_stopped_by_name() -> None:
    inside = f"{ENDS}<task id='a'/><exclusiveGateway id='x' default='x-e'/>{path('s', 'a', 'x', 'e')}"
    inside += flows(("x", "a", "go"))
    with pytest.raises((StepBudgetExceeded, DefinitionRefused)):
        drive(inside, data={"go": True})


def test_inputs_of_a_subprocess_are_local_to_it() -> None:
    body = f'<startEvent id="is"/>{users("iu")}<endEvent id="ie"/>{path("is", "iu", "ie")}'
    mapping = '<extensionElements><motcua:input name="x">a + 1</motcua:input></extensionElements>'
    run = drive(f"{ENDS}<subProcess id='q'>{mapping}{body}</subProcess>{path('s', 'q', 'e')}", data={"a": 1})
    assert run.task("iu").data == {"a": 1, "x": 2}
    assert run.do("iu", b=3).result == {"a": 1, "b": 3}
