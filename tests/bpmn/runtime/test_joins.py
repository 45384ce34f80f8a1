"""The merge of branches: no order matters, no write is lost, no value is chosen silently; the tree stays small."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import DataConflict
from engine.bpmn.joins import difference, same
from tests.bpmn.runtime.driving import Drive, defined, drive, event, flows, nodes, path, users

ENDS = '<startEvent id="s"/><endEvent id="e"/>'
NESTED = defined(
    f"{ENDS}{users('a', 'b', 'c', 'd', 'r')}{nodes('parallelGateway', 'p', 'q', 'j')}"
    + path("s", "p", "a", "j", "r", "e")
    + flows(("p", "q"), ("q", "b"), ("q", "c"), ("b", "j"), ("c", "j"), ("p", "d"), ("d", "j"))
)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.lists(st.integers(0, 1), max_size=2))
WRITES = st.dictionaries(st.sampled_from(["x", "y", "z"]), VALUES, max_size=2)


def _expected(base: dict[str, Any], writes: list[dict[str, Any]]) -> dict[str, Any] | None:
    merged = dict(base)
    for key in {key for write in writes for key in write}:
        given_values = [
            write[key] for write in writes if key in write and not same(write[key], base.get(key, object()))
        ]
        if any(not same(value, given_values[0]) for value in given_values):
            return None
        if given_values:
            merged[key] = given_values[0]
    return merged


@given(base=WRITES, writes=st.lists(WRITES, min_size=4, max_size=4), order=st.permutations(list("abcd")))
@settings(max_examples=120, deadline=None)
def test_nested_splits_meet_at_one_join_in_any_order(
    base: dict[str, Any], writes: list[dict[str, Any]], order: list[str]
) -> None:
    run = Drive(NESTED, base)
    by_name = dict(zip("abcd", writes, strict=True))
    expected = _expected(base, writes)
    try:
        for name in order:
            run.do(name, **by_name[name])
    except DataConflict:
        assert expected is None
        return
    assert expected is not None
    assert run.result == expected


@pytest.mark.parametrize("order", ["".join(order) for order in permutations("abc")])
def test_end_join_gives_one_result_in_every_order(order: str) -> None:
    inside = (
        f"{ENDS}{users('a', 'b', 'c')}{nodes('endEvent', 'e2', 'e3')}{nodes('parallelGateway', 'p', 'q')}"
        + path("s", "p", "a", "e")
        + flows(("p", "q"), ("q", "b"), ("q", "c"), ("b", "e2"), ("c", "e3"))
    )
    run = drive(inside, data={"base": 1})
    for name in order:
        run.do(name, **{name: [name]})
    assert run.done
    assert run.result == {"base": 1, "a": ["a"], "b": ["b"], "c": ["c"]}


def test_direct_flow_from_split_to_join_writes_nothing() -> None:
    run = drive(
        f"{ENDS}{users('a')}{nodes('parallelGateway', 'p', 'j')}{path('s', 'p', 'a', 'j', 'e')}{flows(('p', 'j'))}",
        data={"x": 1},
    )
    assert run.do("a", x=2).done
    assert run.result == {"x": 2}


def test_branch_interrupted_by_its_boundary_joins_with_what_it_had() -> None:
    run = drive(
        f"{ENDS}{users('a', 'b', 'h')}{nodes('parallelGateway', 'p', 'j')}<exclusiveGateway id='m'/>"
        + event("boundaryEvent", "t", "timeDuration:PT1H", attachedToRef="b")
        + path("s", "p", "a", "j", "e")
        + flows(("p", "b"), ("b", "m"), ("t", "h"), ("h", "m"), ("m", "j"))
    )
    run.do("a", a=1).wait(hours=1).do("h", h=2)
    assert run.done
    assert run.result == {"a": 1, "h": 2}


def test_conflict_is_found_at_the_end_of_the_scope_too() -> None:
    inside = f"{ENDS}{users('a', 'b')}<endEvent id='e2'/><parallelGateway id='p'/>"
    run = drive(inside + path("s", "p", "a", "e") + flows(("p", "b"), ("b", "e2"))).do("a", x=1)
    with pytest.raises(DataConflict) as caught:
        run.do("b", x=2)
    assert {caught.value.facts["first_branch"], caught.value.facts["second_branch"]} == {"e", "e2"}


def _tokens(run: Drive) -> int:
    return sum(len(scope.tasks) for scope in run.instance._case.scopes)


def test_loop_that_leaves_ended_branches_behind_stays_small() -> None:
    inside = (
        f"{ENDS}{users('u', 'n')}<endEvent id='e2'/><exclusiveGateway id='x' default='x-e'/><parallelGateway id='p'/>"
        + path("s", "u", "p", "n", "e2")
        + flows(("p", "x"), ("x", "u", "again"), ("x", "e"))
    )
    run = Drive(defined(inside), restart=False)
    sizes = []
    for turn in range(60):
        run.do("u", again=turn < 59).do("n", told=True)
        sizes.append(_tokens(run))
    assert max(sizes[1:-1]) == sizes[1]
    assert run.done
    assert run.result == {"again": False, "told": True}


def test_thousands_of_open_branches_do_not_exhaust_the_stack() -> None:
    inside = (
        f"{ENDS}{users('n')}<endEvent id='e2'/><task id='k'/><exclusiveGateway id='x' default='x-e'/>"
        "<parallelGateway id='p'/>"
        + path("s", "k", "p", "n", "e2")
        + flows(("p", "x"), ("x", "k", "i &lt; 3000"), ("x", "e"))
    )
    inside = inside.replace(
        "<task id='k'/>",
        '<task id="k"><extensionElements><motcua:output name="i">i + 1</motcua:output></extensionElements></task>',
    )
    run = drive(inside, data={"i": 0})
    assert len(run.open) == 3000
    assert run.result["i"] == 3000
    run.do("n", at=2999).do("n", at=0)
    assert len(run.open) == 2998


@pytest.mark.parametrize(
    ("first", "second", "equal"),
    [(1, 1.0, False), (True, 1, False), ([1, {"a": None}], [1, {"a": None}], True), ({"a": 1}, {"a": True}, False)],
)
def test_values_are_equal_only_when_json_is(first: Any, second: Any, equal: bool) -> None:
    assert same(first, second) is equal


def test_difference_names_writes_and_deletions() -> None:
    assert difference({"a": 1, "b": 2}, {"a": 1, "c": 3}) == ({"c": 3}, ("b",))
