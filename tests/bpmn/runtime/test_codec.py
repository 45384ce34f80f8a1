"""The compact form: small, versioned, readable for ever, and never trusted blindly."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import Instance, StateUnreadable, define
from engine.bpmn.export import export, restore
from engine.bpmn.reference import ANSWERS, reference_bpmn, reference_data, reference_dmn
from tests.bpmn.runtime.driving import NOW, Drive, defined, event, flows, nodes, path, users

ENDS = '<startEvent id="s"/><endEvent id="e"/>'
GOLDEN = Path(__file__).parent / "golden"
WIDE = (
    f"{ENDS}{users('a', 'b', 'h')}{nodes('parallelGateway', 'p', 'j')}<endEvent id='e2'/>"
    '<subProcess id="q"><startEvent id="qs"/><userTask id="qu"><multiInstanceLoopCharacteristics '
    'motcua:collection="items" motcua:elementVariable="item"/></userTask><endEvent id="qe"/>'
    + path("qs", "qu", "qe")
    + "</subProcess>"
    + event("boundaryEvent", "t", "timeCycle:R/P1D", attachedToRef="b", cancelActivity="false")
    + path("s", "p", "a", "j", "e")
    + flows(("p", "b"), ("b", "j"), ("p", "q"), ("q", "j"), ("t", "h"), ("h", "e2"))
)


def _mid_life() -> Drive:
    run = Drive(defined(WIDE), {"items": [1, {"x": "ấ"}], "text": "y" * 50}, seed="golden")
    return run.wait(days=1).do("a", a=1).do("qu", v=1).do("h", n=1)


def test_golden_state_stays_readable() -> None:
    definition = defined(WIDE)
    record = json.loads((GOLDEN / "m1.json").read_text())
    body = bytes.fromhex(record["state"])
    state = body[:2] + bytes.fromhex(definition.digest) + body[34:]
    instance = Instance.load(definition, state, now=NOW)
    assert [task.element for task in instance.open_tasks()] == record["open"]
    assert instance.data == record["data"]
    assert [str(timer.due_at) for timer in instance.timers()] == record["timers"]
    assert [task.id for task in instance.open_tasks()] == record["ids"]


def test_golden_record_is_what_is_written_today() -> None:
    run = _mid_life()
    record = json.loads((GOLDEN / "m1.json").read_text())
    assert [task.id for task in run.instance.open_tasks()] == record["ids"]
    assert run.result == record["data"]


def test_reference_procedure_stays_small() -> None:
    definition = define({"reference.bpmn": reference_bpmn(), "fee.dmn": reference_dmn()})
    instance = Instance.start(definition, reference_data(), now=NOW, seed="x")
    sizes = []
    while not instance.completed:
        task = instance.first_open()
        (instance.answer if task.kind == "service" else instance.complete)(task.id, ANSWERS[task.element], now=NOW)
        state = instance.save()
        sizes.append(len(state))
        instance = Instance.load(definition, state, now=NOW)
    assert len(json.dumps(reference_data(), ensure_ascii=False).encode()) > 7_500
    assert max(sizes) < 2_500


def test_damaged_state_is_refused() -> None:
    run = _mid_life()
    state = run.instance.save()
    definition = run.definition
    for broken in (b"", b"M1", state[:40], state[:-5], b"M9" + state[2:], state[:34] + b"\x00" * 20):
        with pytest.raises(StateUnreadable):
            Instance.load(definition, broken, now=NOW)
    with pytest.raises(StateUnreadable, match="definition"):
        Instance.load(defined(f"{ENDS}{users('u')}{path('s', 'u', 'e')}"), state, now=NOW)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_flipped_byte_never_escapes_as_another_error(data: st.DataObject) -> None:
    state = bytearray(_mid_life().instance.save())
    at = data.draw(st.integers(0, len(state) - 1))
    state[at] ^= data.draw(st.integers(1, 255))
    try:
        Instance.load(defined(WIDE), bytes(state), now=NOW)
    except StateUnreadable:
        return


def test_export_of_the_library_holds_the_same_instance() -> None:
    run = _mid_life()
    text = export(run.instance)
    again = restore(run.definition, text, seed="golden", now=run.now)
    assert again.fingerprint() == run.instance.fingerprint()
    assert len(text) > 8 * len(run.instance.save())
    record = json.loads(text)
    assert record["spec"]["name"] == "P"


def test_fingerprint_tells_different_states_apart() -> None:
    first, second = _mid_life(), _mid_life()
    assert first.instance.fingerprint() == second.instance.fingerprint()
    second.do("b", x=1)
    assert first.instance.fingerprint() != second.instance.fingerprint()
    assert len(bytes.fromhex(first.instance.fingerprint())) == hashlib.sha256().digest_size
