"""A running instance goes to another definition: what is behind it has to be the same, what is ahead may differ."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import Definition, Instance
from engine.bpmn.migration import MigrationRefused, migrate, obstacles, suggest
from tests.bpmn.runtime.driving import NOW, Drive, defined, event, flows, nodes, path, users

ENDS = '<startEvent id="s"/><endEvent id="e"/>'
#: s → a → b → e, with a timer on b that leads to c.
TIMED = (
    ENDS
    + users("a", "b", "c")
    + event("boundaryEvent", "t", "timeDuration:PT2H", attachedToRef="b", cancelActivity="false")
    + path("s", "a", "b", "e")
    + flows(("t", "c"), ("c", "e"))
)


def _moved(run: Drive, target: Definition, **mapping: str) -> Instance:
    return migrate(run.instance, target, mapping, now=NOW)[0]


def _codes(run: Drive, target: Definition, **mapping: str) -> dict[str, str]:
    return {problem.element: problem.code for problem in obstacles(run.instance, target, mapping)}


def _at_b() -> Drive:
    return Drive(defined(TIMED), {"x": 1}, seed="one").do("a", y=2)


def test_task_inserted_after_the_open_one_is_reached() -> None:
    target = defined(TIMED.replace(path("s", "a", "b", "e"), users("n") + path("s", "a", "b", "n", "e")))
    run = _at_b()
    moved = _moved(run, target)
    assert [task.id for task in moved.open_tasks()] == [task.id for task in run.instance.open_tasks()]
    assert moved.data == run.instance.data
    assert moved.drain() == ()
    moved.complete(moved.first_open().id, {"z": 3}, now=NOW)
    assert [task.element for task in moved.open_tasks()] == ["n"]


def test_former_instance_is_left_as_it_was() -> None:
    run = _at_b()
    before = run.instance.fingerprint()
    moved = _moved(run, defined(TIMED.replace('id="b"', 'id="b" name="B"')))
    moved.complete(moved.first_open().id, {}, now=NOW)
    assert run.instance.fingerprint() == before
    assert not run.instance.completed


def test_moving_there_and_back_is_the_same_state() -> None:
    run = _at_b()
    other = defined(TIMED.replace('"b"', '"bb"'))
    there = _moved(run, other, b="bb")
    assert [task.element for task in there.open_tasks()] == ["bb"]
    back = migrate(there, run.instance.definition, {"bb": "b"}, now=NOW)[0]
    assert back.fingerprint() == run.instance.fingerprint()


def test_running_timer_is_due_anew_from_when_it_began() -> None:
    run = _at_b()
    later = NOW + timedelta(minutes=30)
    moved, shifts = migrate(run.instance, defined(TIMED.replace("PT2H", "PT5H")), {}, now=later)
    assert [(shift.element, shift.new - shift.old) for shift in shifts] == [("t", timedelta(hours=3))]
    assert [timer.due_at for timer in moved.timers()] == [NOW + timedelta(hours=5)]
    assert [timer.due_at for timer in run.instance.timers()] == [NOW + timedelta(hours=2)]


CHANGED = "migration-node-changed"
DATED = ("timeDuration>PT2H</timeDuration", "timeDate>2026-01-09T08:00:00+07:00</timeDate")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('<userTask id="a"/>', '<userTask id="a" motcua:form="other"/>', {"a": CHANGED}),
        ('<userTask id="a"/>', '<manualTask id="a"/>', {"a": CHANGED}),
        ('cancelActivity="false"', 'cancelActivity="true"', {"t": CHANGED}),
        (*DATED, {"t": CHANGED}),
        ('"a"', '"z"', {"a": "migration-node-missing", "s": CHANGED}),
        ('id="s-a"', 'id="other"', {"s": CHANGED}),
        ('<userTask id="b"/>', '<userTask id="b" motcua:form="new" name="B"/>', {}),
        ('<userTask id="c"/>', '<userTask id="c" motcua:form="later"/>', {}),
        ('<userTask id="a"/>', '<userTask id="a" name="A"/>', {}),
    ],
)
def test_change_at_or_before_a_step_taken_is_refused_by_name(old: str, new: str, expected: dict[str, str]) -> None:
    assert old in TIMED
    run, target = _at_b(), defined(TIMED.replace(old, new))
    assert _codes(run, target) == expected
    if expected:
        with pytest.raises(MigrationRefused):
            _moved(run, target)


def test_open_step_with_one_more_boundary_event_is_refused() -> None:
    more = TIMED + event("boundaryEvent", "u", "timeDuration:PT1H", attachedToRef="b") + path("u", "c")
    assert _codes(_at_b(), defined(more)) == {"b": CHANGED}


CALLED = ENDS + users("after") + '<callActivity id="call" calledElement="Q"/>' + path("s", "call", "after", "e")
INNER = '<process id="Q" isExecutable="true"><startEvent id="qs"/><endEvent id="qe"/>{tasks}</process>'


def _calling(inside: str) -> Definition:
    return defined(CALLED, others=INNER.format(tasks=inside))


def test_active_call_has_to_be_the_same_through_and_through() -> None:
    source = _calling(users("q", "r") + path("qs", "q", "r", "qe"))
    run = Drive(source, {}, seed="one")
    changed = _calling(users("q") + '<userTask id="r" motcua:form="x"/>' + path("qs", "q", "r", "qe"))
    assert _codes(run, changed) == {"call": "migration-call-changed"}
    renamed = _calling(users("q") + '<userTask id="r" name="R"/>' + path("qs", "q", "r", "qe"))
    assert _codes(run, renamed) == {}
    run.do("q").do("r")
    assert _codes(run, changed) == {"r": "migration-node-changed"}


def test_way_out_of_an_active_call_may_be_another() -> None:
    inside = users("q") + path("qs", "q", "qe")
    run = Drive(_calling(inside), {}, seed="one")
    longer = CALLED.replace(path("call", "after"), users("n") + flows(("call", "n"), ("n", "after")))
    moved = _moved(run, defined(longer, others=INNER.format(tasks=inside)))
    moved.complete(moved.first_open().id, {}, now=NOW)
    assert [task.element for task in moved.open_tasks()] == ["n"]


def test_active_repetition_has_to_be_the_same() -> None:
    many = (
        ENDS
        + '<userTask id="m"><multiInstanceLoopCharacteristics motcua:collection="items" motcua:elementVariable="i"/>'
        + "</userTask>"
        + path("s", "m", "e")
    )
    run = Drive(defined(many), {"items": [1, 2]}, seed="one")
    assert _codes(run, defined(many.replace('id="m"', 'id="m" motcua:form="x"'))) == {"m": "migration-node-changed"}
    assert _codes(run, defined(many.replace('id="m"', 'id="m" name="M"'))) == {}


def test_join_that_waits_keeps_its_ways_in() -> None:
    split = ENDS + users("a", "b") + nodes("parallelGateway", "p", "j") + path("s", "p", "a", "j", "e")
    source = split + flows(("p", "b"), ("b", "j"))
    run = Drive(defined(source), {}, seed="one").do("a", v=1)
    late = defined(split + users("n") + flows(("p", "b"), ("b", "n"), ("n", "j")))
    assert _codes(run, late) == {"j": "migration-node-changed"}


def test_finished_instance_is_not_moved() -> None:
    run = _at_b().do("b")
    assert _codes(run, defined(TIMED.replace('id="c"', 'id="c" name="C"'))) == {"": "migration-completed"}


def test_lost_names_are_suggested_only_when_one_fits() -> None:
    source = defined(TIMED.replace('<userTask id="b"/>', '<userTask id="b" name="Thẩm định"/>'))
    renamed = TIMED.replace('"b"', '"bb"').replace('<userTask id="bb"/>', '<userTask id="bb" name="Thẩm định"/>')
    assert suggest(source, defined(renamed)) == {"b": "bb"}
    twice = renamed + '<userTask id="b3" name="Thẩm định"/>' + path("c", "b3", "e")
    assert suggest(source, defined(twice)) == {}


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.sampled_from(["a", "b", "c", "wait"]), max_size=6))
def test_move_to_an_equal_drawing_changes_nothing_that_follows(steps: list[str]) -> None:
    """Moving at any point to a version that differs in words alone leads to the same end."""
    plain, worded = defined(TIMED), defined(TIMED.replace('id="c"', 'id="c" name="C"'))
    stayed = Drive(plain, {"x": 1}, seed="one")
    moved = Drive(plain, {"x": 1}, seed="one")
    for step in steps:
        for run in (stayed, moved):
            if step == "wait":
                run.wait(hours=1)
            elif any(task.element == step for task in run.instance.open_tasks()):
                run.do(step, done=step)
        if not moved.instance.completed:
            other = worded if moved.instance.definition is plain else plain
            moved.instance = migrate(moved.instance, other, {}, now=moved.now)[0]
            moved.definition = other
    one, other_end = stayed.instance, moved.instance
    assert one.data == other_end.data
    assert [(task.id, task.element) for task in one.open_tasks()] == [
        (task.id, task.element) for task in other_end.open_tasks()
    ]
    assert one.timers() == other_end.timers()
