"""Events: boundary, intermediate, event sub-processes, throw and catch, end events."""

from __future__ import annotations

import pytest

from engine.bpmn import BpmnErrorUncaught, ConditionUndecided, define
from tests.bpmn.runtime.driving import NOW, Drive, diagram, drive, event, flows, nodes, other, path, users

ENDS = '<startEvent id="s"/><endEvent id="e"/>'


def _sub(name: str, inside: str, **attributes: str) -> str:
    extra = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<subProcess id="{name}"{extra}>{inside}</subProcess>'


def _handler(start: str, *, interrupting: str = "true") -> str:
    inner = event("startEvent", "hs", start, isInterrupting=interrupting)
    return _sub("h", f"{inner}{users('hu')}<endEvent id='he'/>{path('hs', 'hu', 'he')}", triggeredByEvent="true")


def test_interrupting_boundary_cancels_and_goes_on() -> None:
    run = drive(
        f"{ENDS}{users('u', 'v')}"
        + event("boundaryEvent", "t", "timeDuration:PT1H", attachedToRef="u")
        + path("s", "u", "e")
        + path("t", "v", "e"),
        data={"kept": 1},
    ).wait(hours=1)
    assert run.last == ["t.fired", "u.cancelled", "t.completed", "v.entered"]
    assert run.open == ["v"]
    assert run.do("v").done
    assert run.result == {"kept": 1}


def test_boundary_is_silent_when_task_ends_first() -> None:
    run = drive(
        f"{ENDS}{users('u', 'v')}"
        + event("boundaryEvent", "t", "timeDuration:PT1H", attachedToRef="u")
        + path("s", "u", "e")
        + path("t", "v", "e")
    ).do("u")
    assert run.done
    assert run.wait(hours=2).last == []


def test_non_interrupting_message_boundary_fires_each_time() -> None:
    run = drive(
        f"{ENDS}{users('u', 'v')}<endEvent id='e2'/>"
        + event("boundaryEvent", "m", "message:M", attachedToRef="u", cancelActivity="false")
        + path("s", "u", "e")
        + path("m", "v", "e2")
    )
    assert run.message("go", n=1)
    assert run.message("go", n=1)
    assert run.open == ["u", "v", "v"]
    run.do("v").do("u").do("v")
    assert run.done
    assert run.result == {"n": 1}


def test_later_handler_sees_what_the_earlier_wrote() -> None:
    run = drive(
        f"{ENDS}{users('u', 'v')}<endEvent id='e2'/>"
        + event("boundaryEvent", "t", "timeCycle:R3/PT1H", attachedToRef="u", cancelActivity="false")
        + path("s", "u", "e")
        + path("t", "v", "e2")
    )
    for turn in range(3):
        run.wait(hours=1)
        assert run.task("v").data.get("n", 0) == turn
        run.do("v", n=turn + 1)
    assert run.do("u").done
    assert run.result == {"n": 3}


def test_signal_reaches_everyone_message_only_the_first() -> None:
    inside = (
        f"{ENDS}{nodes('parallelGateway', 'p', 'j')}"
        + event("intermediateCatchEvent", "a", "signal:S")
        + event("intermediateCatchEvent", "b", "signal:S")
        + path("s", "p", "a", "j", "e")
        + flows(("p", "b"), ("b", "j"))
    )
    run = drive(inside)
    assert run.signal("alarm")
    assert run.done
    assert not run.signal("alarm")
    run = drive(inside.replace('signalEventDefinition signalRef="S"', 'messageEventDefinition messageRef="M"'))
    assert run.message("go")
    assert not run.done
    assert run.message("go")
    assert run.done


def test_event_gateway_takes_the_first_event() -> None:
    inside = (
        f"{ENDS}{users('a', 'b')}<eventBasedGateway id='g'/>"
        + event("intermediateCatchEvent", "m", "message:M")
        + event("intermediateCatchEvent", "t", "timeDuration:PT1H")
        + '<receiveTask id="r" messageRef="M2"/>'
        + path("s", "g", "m", "a", "e")
        + flows(("g", "t"), ("t", "b"), ("b", "e"), ("g", "r"), ("r", "e"))
    )
    by_message = drive(inside)
    by_message.message("go", x=1)
    assert by_message.last == ["g.completed", "m.entered", "m.fired", "m.completed", "a.entered"]
    assert by_message.wait(hours=3).open == ["a"]
    by_timer = drive(inside).wait(hours=1)
    assert by_timer.open == ["b"]
    assert not by_timer.message("go")
    by_task = drive(inside)
    assert by_task.message("stop")
    assert by_task.done


def test_error_end_event_is_caught_by_its_code() -> None:
    inner = (
        f"<startEvent id='is'/>{users('iu', 'iv')}<parallelGateway id='ip'/><endEvent id='ie'/>"
        + event("endEvent", "ix", "error:E1")
        + path("is", "ip", "iu", "ix")
        + flows(("ip", "iv"), ("iv", "ie"))
    )
    run = drive(
        f"{ENDS}{users('all', 'worse', 'bad')}{_sub('b', inner)}"
        + event("boundaryEvent", "any", "error:", attachedToRef="b")
        + event("boundaryEvent", "w", "error:E2", attachedToRef="b")
        + event("boundaryEvent", "x", "error:E1", attachedToRef="b")
        + path("s", "b", "e")
        + flows(("any", "all"), ("all", "e"), ("w", "worse"), ("worse", "e"), ("x", "bad"), ("bad", "e"))
    ).do("iu", why="scan unreadable")
    assert run.open == ["bad"]
    assert run.last[1:] == [
        "ix.entered", "ix.completed", "x.fired", "iv.cancelled", "b.cancelled", "x.completed", "bad.entered",
    ]  # fmt: skip
    assert run.result == {"why": "scan unreadable"}


def test_error_passes_through_a_call_activity() -> None:
    called = f"<startEvent id='qs'/>{users('qu')}" + event("endEvent", "qx", "error:E1") + path("qs", "qu", "qx")
    run = drive(
        f"{ENDS}{users('h')}<callActivity id='c' calledElement='Q'/>"
        + event("boundaryEvent", "x", "error:E1", attachedToRef="c")
        + path("s", "c", "e")
        + path("x", "h", "e"),
        others=other("Q", called),
    ).do("qu")
    assert run.open == ["h"]


def test_error_event_subprocess_catches_inside_the_scope() -> None:
    run = drive(
        f"{ENDS}{users('u')}<serviceTask id='v' motcua:operation='x'/>{_handler('error:E1')}{path('s', 'u', 'v', 'e')}"
    ).do("u", a=1)
    run.fail("v", "BAD")
    assert run.last[:4] == ["hs.fired", "v.cancelled", "h.entered", "hs.completed"]
    assert run.task("hu").data == {"a": 1}
    assert run.do("hu", b=2).done
    assert run.result == {"a": 1, "b": 2}


def test_uncaught_error_of_a_task_changes_nothing() -> None:
    run = drive(f"{ENDS}<serviceTask id='v' motcua:operation='x'/>{path('s', 'v', 'e')}")
    with pytest.raises(BpmnErrorUncaught):
        run.fail("v", "BAD")
    assert run.do("v").done


def test_uncaught_error_end_event_ends_the_process() -> None:
    run = drive(
        f"{ENDS}{users('a', 'b')}<parallelGateway id='p'/>"
        + event("endEvent", "x", "error:E1")
        + path("s", "p", "a", "x")
        + flows(("p", "b"), ("b", "e"))
    ).do("a", n=1)
    assert run.done
    assert run.instance.uncaught_error == "BAD"
    assert "b.cancelled" in run.last
    assert run.result == {"n": 1}


@pytest.mark.parametrize("cancel", ["true", "false"])
def test_escalation_reaches_the_boundary(cancel: str) -> None:
    inner = (
        f"<startEvent id='is'/>{users('iu')}<endEvent id='ie'/>"
        + event("intermediateThrowEvent", "ix", "escalation:X1")
        + path("is", "ix", "iu", "ie")
    )
    run = drive(
        f"{ENDS}{users('h')}<endEvent id='e2'/>{_sub('b', inner)}"
        + event("boundaryEvent", "x", "escalation:X1", attachedToRef="b", cancelActivity=cancel)
        + path("s", "b", "e")
        + path("x", "h", "e2")
    )
    assert run.open == (["h"] if cancel == "true" else ["h", "iu"])
    for name in run.open:
        run.do(name)
    assert run.done


def test_escalation_event_subprocess_and_uncaught_escalation() -> None:
    thrown = event("intermediateThrowEvent", "x", "escalation:X1")
    run = drive(
        f"{ENDS}{users('u')}{thrown}{path('s', 'x', 'u', 'e')}{_handler('escalation:X1', interrupting='false')}"
    )
    assert sorted(run.open) == ["hu", "u"]
    run.do("hu").do("u")
    assert run.done
    assert drive(f"{ENDS}{users('u')}{thrown}{path('s', 'x', 'u', 'e')}").do("u").done


def test_interrupting_event_subprocess_ends_the_scope_only() -> None:
    inner = f"<startEvent id='is'/>{users('iu')}<endEvent id='ie'/>{path('is', 'iu', 'ie')}{_handler('message:M')}"
    run = drive(f"{ENDS}{users('after')}{_sub('b', inner)}{path('s', 'b', 'after', 'e')}")
    assert run.message("go", reason="x")
    assert run.last == ["hs.fired", "iu.cancelled", "h.entered", "hs.completed", "hu.entered"]
    assert run.do("hu", y=1).open == ["after"]
    assert run.result == {"reason": "x", "y": 1}


def test_non_interrupting_event_subprocess_runs_beside() -> None:
    run = drive(f"{ENDS}{users('u', 'v')}{path('s', 'u', 'v', 'e')}{_handler('timeCycle:R/P1D', interrupting='false')}")
    run.do("u", a=1).wait(days=2)
    assert run.open == ["v", "hu", "hu"]
    run.do("v", b=2).do("hu").wait(days=1)
    assert run.open == ["hu", "hu"]
    run.do("hu").do("hu")
    assert run.done
    assert run.result == {"a": 1, "b": 2}
    assert not run.instance.timers()


def test_conditional_boundary_fires_when_it_becomes_true() -> None:
    run = drive(
        f"{ENDS}{users('a', 'b', 'h')}<endEvent id='e2'/>{nodes('parallelGateway', 'p', 'j')}"
        + event("boundaryEvent", "c", "conditional:n > 5", attachedToRef="b", cancelActivity="false")
        + path("s", "p", "a", "j", "e")
        + flows(("p", "b"), ("b", "j"), ("c", "h"), ("h", "e2"))
    )
    assert run.open == ["a", "b"]
    run.do("a", n=6)
    assert run.open == ["b", "h"]
    run.do("h").do("b")
    assert run.done
    assert run.trace.count("c.fired") == 1


def test_conditional_catch_event_waits_for_the_other_branch() -> None:
    run = drive(
        f"{ENDS}{users('a')}{nodes('parallelGateway', 'p', 'j')}"
        + event("intermediateCatchEvent", "c", "conditional:ready")
        + path("s", "p", "a", "j", "e")
        + flows(("p", "c"), ("c", "j"))
    )
    assert "c.fired" not in run.trace
    assert run.do("a", ready=True).done
    undecided = drive(
        f"{ENDS}{users('a')}{nodes('parallelGateway', 'p', 'j')}"
        + event("intermediateCatchEvent", "c", "conditional:ready")
        + path("s", "p", "a", "j", "e")
        + flows(("p", "c"), ("c", "j"))
    )
    with pytest.raises(ConditionUndecided):
        undecided.do("a", ready="yes")


def test_terminate_ends_its_own_scope_only() -> None:
    inner = (
        f"<startEvent id='is'/>{users('iu', 'iv')}<parallelGateway id='ip'/><endEvent id='ie'/>"
        + event("endEvent", "it", "terminate:")
        + path("is", "ip", "iu", "it")
        + flows(("ip", "iv"), ("iv", "ie"))
    )
    run = drive(f"{ENDS}{users('after')}{_sub('b', inner)}{path('s', 'b', 'after', 'e')}").do("iu", x=1)
    assert run.open == ["after"]
    assert run.last == ["iu.completed", "it.entered", "it.completed", "iv.cancelled", "b.completed", "after.entered"]
    assert run.result == {"x": 1}


def test_thrown_message_is_taken_by_the_waiting_branch() -> None:
    run = drive(
        f"{ENDS}{users('a')}{nodes('parallelGateway', 'p', 'j')}"
        + event("intermediateThrowEvent", "x", "message:M")
        + event("intermediateCatchEvent", "c", "message:M")
        + path("s", "p", "c", "j", "e")
        + flows(("p", "a"), ("a", "x"), ("x", "j"))
    )
    assert run.do("a").done


def test_message_end_event_and_send_task_pass() -> None:
    run = drive(
        "<startEvent id='s'/>"
        + event("endEvent", "e", "message:M")
        + "<sendTask id='n' messageRef='M2'/>"
        + path("s", "n", "e")
    )
    assert run.done
    assert run.trace == [
        "s.entered", "s.completed", "n.entered", "n.completed", "e.entered", "e.completed",
    ]  # fmt: skip


def test_message_start_event_waits_for_its_message() -> None:
    run = drive(f"{event('startEvent', 's', 'message:M')}<endEvent id='e'/>{users('u')}{path('s', 'u', 'e')}")
    assert run.open == []
    assert not run.done
    assert run.message("go", x=1)
    assert run.open == ["u"]
    assert run.task("u").data == {"x": 1}


def test_two_timers_due_at_once_fire_in_order_and_time() -> None:
    inside = (
        f"{ENDS}{nodes('parallelGateway', 'p', 'j')}"
        + event("intermediateCatchEvent", "late", "timeDuration:PT2H")
        + event("intermediateCatchEvent", "early", "timeDuration:PT1H")
        + event("intermediateCatchEvent", "chained", "timeDuration:PT30M")
        + path("s", "p", "late", "j", "e")
        + flows(("p", "early"), ("early", "chained"), ("chained", "j"))
    )
    run = drive(inside).wait(days=1)
    assert [step for step in run.last if step.endswith(".fired")] == ["early.fired", "chained.fired", "late.fired"]
    assert run.done


def test_rescheduled_timer_fires_at_its_new_moment() -> None:
    run = drive(f"{ENDS}{event('intermediateCatchEvent', 't', 'timeDuration:PT1H')}{path('s', 't', 'e')}")
    (timer,) = run.instance.timers()
    run.instance.reschedule(timer.task_id, NOW.replace(hour=20), now=run.now)
    assert not run.wait(hours=2).done
    assert run.wait(hours=10).done


def test_boundary_on_user_task_can_be_failed_by_its_form() -> None:
    run = drive(
        f"{ENDS}{users('u', 'h')}"
        + event("boundaryEvent", "x", "error:E1", attachedToRef="u", **{"motcua:result": "failure"})
        + path("s", "u", "e")
        + path("x", "h", "e")
    )
    run.fail("u", "BAD", "không đọc được")
    assert run.task("h").data == {"failure": {"code": "BAD", "message": "không đọc được"}}


def test_handler_scope_is_left_when_the_instance_is_restored() -> None:
    run = Drive(drive(f"{ENDS}{users('u')}{path('s', 'u', 'e')}{_handler('signal:S')}").instance.definition)
    assert [(wait.kind, wait.name, wait.element) for wait in run.instance.waits()] == [("signal", "alarm", "hs")]
    assert run.signal("alarm")
    assert run.instance.waits() == ()
    assert run.do("hu").done


def test_native_correlation_needs_the_bound_value() -> None:
    source = (
        '<correlationProperty id="number"><correlationPropertyRetrievalExpression messageRef="M"><messagePath>'
        "order.number</messagePath></correlationPropertyRetrievalExpression></correlationProperty>"
    )
    subscription = (
        '<correlationSubscription id="cs" correlationKeyRef="k">'
        '<correlationPropertyBinding correlationPropertyRef="number">'
        "<dataPath>number</dataPath></correlationPropertyBinding></correlationSubscription>"
    )
    receives = "<receiveTask id='m' messageRef='M'/><receiveTask id='m2' messageRef='M'/>"
    inside = f"{{}}{ENDS}{receives}{path('s', 'm', 'm2', 'e')}"

    def run(bound: str) -> Drive:
        drawn = diagram(inside.format(bound)).replace(b"<process ", source.encode() + b"<process ", 1)
        return Drive(define({"p.bpmn": drawn}), {"number": 7})

    bound = run(subscription)
    assert not bound.message("go", order={"number": 8})
    assert bound.message("go", order={"number": 7})
    conversation = run("")
    assert conversation.message("go", order={"number": 8})
    assert not conversation.message("go", order={"number": 9})
    assert conversation.message("go", order={"number": 8})
    assert conversation.done


def test_start_event_of_a_handler_says_where_its_message_goes() -> None:
    start = event("startEvent", "hs", "message:M", **{"motcua:result": "request"})
    inner = f"{start}{users('hu')}<endEvent id='he'/>{path('hs', 'hu', 'he')}"
    run = drive(f"{ENDS}{users('u')}{path('s', 'u', 'e')}{_sub('h', inner, triggeredByEvent='true')}", data={"a": 1})
    assert run.message("go", why="x")
    assert run.task("hu").data == {"a": 1, "request": {"why": "x"}}


def test_reader_of_a_step_cannot_change_the_instance() -> None:
    instance = drive(f"{ENDS}{users('u', 'v')}{path('s', 'u', 'v', 'e')}").instance
    instance.complete(instance.first_open().id, {"list": [1]}, now=NOW)
    for step in instance.drain():
        for value in step.changed.values():
            value.append("by the reader")
    assert instance.data == {"list": [1]}
