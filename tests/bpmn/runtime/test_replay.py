"""The same commands at the same moments give the same ids, steps and states, in any process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.bpmn.runtime.driving import Drive, defined, event, flows, nodes, path, users

ENDS = '<startEvent id="s"/><endEvent id="e"/>'
ROOT = Path(__file__).parents[3]


def replayed() -> str:
    """Everything that a busy little process tells, as one text."""
    inside = (
        f"{ENDS}{users('a', 'b', 'c', 'h')}{nodes('inclusiveGateway', 'o', 'j')}<endEvent id='e2'/>"
        + event("boundaryEvent", "t", "timeCycle:R2/PT1H", attachedToRef="a", cancelActivity="false")
        + path("s", "o")
        + path("a", "j", "e")
        + flows(("o", "a", "true"), ("o", "b", "n &gt; 1"), ("o", "c", "n &gt; 2"), ("b", "j"), ("c", "j"))
        + path("t", "h", "e2")
    )
    run = Drive(defined(inside), {"n": 3, "gone": 1, "also": [1, {"x": None}]})
    told = [run.instance.fingerprint()]
    for element in ("c", "b"):
        told.append(run.do(element, **{element: [element]}).instance.fingerprint())
    told.append(run.wait(hours=3).do("h", h=1).do("a", a=1).do("h", h=1).instance.fingerprint())
    return "\n".join([*told, *run.trace, repr(run.result)])


def test_hash_seed_of_the_process_has_no_effect() -> None:
    program = "from tests.bpmn.runtime.test_replay import replayed; print(replayed())"
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0].strip() == replayed()
