"""Random processes: memory, compact form and the library's serializer hold the same instance on every path."""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from engine.bpmn import DataConflict, Instance, NoFlowTaken, ProcessIncident, define
from engine.bpmn.export import export, restore
from engine.bpmn.guard import inspect
from tests.bpmn.random_bpmn import FACTS, random_bpmn
from tests.bpmn.runtime.driving import NOW

_RUNS = int(os.environ.get("MOTCUA_TEST_RESTARTS", "12"))


def _act(instance: Instance, rng: random.Random, now: Any, number: int) -> None:
    tasks = instance.open_tasks()
    waits = instance.waits()
    choice = rng.random()
    if tasks and choice < 0.75:
        task = rng.choice(tasks)
        data: dict[str, Any] = {f"again_{task.element}": rng.random() < 0.4, f"r_{task.element}": [number]}
        if number == 0:
            data |= {fact: rng.random() < 0.5 for fact in FACTS}
        (instance.answer if task.kind == "service" else instance.complete)(task.id, data, now=now)
    elif waits and choice < 0.9:
        wait = rng.choice(waits)
        (instance.message if wait.kind == "message" else instance.signal)(wait.name, {"got": wait.name}, now=now)
    else:
        instance.advance(now)


def _lockstep(source: bytes, seed: str) -> str:
    definition = define({"x.bpmn": source}, process="P")
    memory = Instance.start(definition, {}, now=NOW, seed=seed)
    compact = Instance.start(definition, {}, now=NOW, seed=seed)
    stock = Instance.start(definition, {}, now=NOW, seed=seed)
    now = NOW
    for number in range(30):
        if memory.completed:
            return "completed"
        now += timedelta(minutes=random.Random(f"{seed}{number}").randint(0, 20))
        compact = Instance.load(definition, compact.save(), now=now)
        stock = restore(definition, export(stock), seed=seed, now=now)
        outcomes = []
        for instance in (memory, compact, stock):
            try:
                _act(instance, random.Random(f"{seed}/{number}"), now, number)
                steps = [(step.element, step.event, step.task_id, step.changed) for step in instance.drain()]
                outcomes.append((instance.fingerprint(), instance.data, steps if number else [], instance.completed))
            except ProcessIncident as incident:
                assert isinstance(incident, (DataConflict, NoFlowTaken)) or incident.code
                outcomes.append(incident.message("en"))
        assert outcomes[0] == outcomes[1] == outcomes[2], (seed, number)
        if isinstance(outcomes[0], str):
            return "incident"
    return "open"


@pytest.mark.parametrize("bent", [False, True], ids=["blocks", "bent"])
def test_every_form_holds_the_same_instance(bent: bool) -> None:
    verdicts: Counter[str] = Counter()
    for number in range(_RUNS):
        seed = f"restart/{bent}/{number}"
        source = random_bpmn(random.Random(seed), bent=bent)
        verdicts["refused" if inspect({"x.bpmn": source}).refused else _lockstep(source, seed)] += 1
    assert verdicts["completed"] + verdicts["open"] > 1, verdicts
