"""Random diagrams, driven at random: the runtime does what an independent token game says, step for step."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.bpmn.definition import define
from engine.bpmn.guard import inspect
from engine.bpmn.incidents import BpmnErrorUncaught, ConditionUndecided, DataConflict, NoFlowTaken, StepBudgetExceeded
from engine.bpmn.instance import Instance
from engine.bpmn.records import OpenTask
from engine.clock import ZONE
from tests.bpmn.oracle import Oracle
from tests.bpmn.random_bpmn import FACTS, random_bpmn
from tests.bpmn.token_board import NoWay

_RUNS = int(os.environ.get("MOTCUA_TEST_DIFFERENTIAL", "25"))
_START = datetime(2026, 1, 5, 8, 0, tzinfo=ZONE)
_STEPS = 25


class Difference(AssertionError):
    """The two disagree; the text says on what."""


def _compare(instance: Instance, oracle: Oracle, done: Counter[str], told: str) -> None:
    for step in instance.drain():
        if step.event == "completed":
            done[step.element] += 1
    opened = Counter(task.element for task in instance.open_tasks())
    due = sorted(round((timer.due_at - _START) / timedelta(minutes=1)) for timer in instance.timers())
    for what, ours, theirs in (
        ("open", opened, oracle.open()),
        ("completed", instance.completed, oracle.finished),
        ("timers", due, oracle.due()),
        ("steps", *_to_compare(_steps(done), _steps(oracle.completed), cut=instance.uncaught_error is not None)),
    ):
        if ours != theirs:
            raise Difference(f"after {told}: {what} {ours} here, {theirs} expected")


def _to_compare(ours: Counter[str], theirs: Counter[str], *, cut: bool) -> tuple[Counter[str], Counter[str]]:
    """Both; where an error that nobody caught ``cut`` off what went on, only what both sides had come to."""
    return (ours - theirs, Counter()) if cut else (ours, theirs)


def _steps(counts: Counter[str]) -> Counter[str]:
    """Only tasks and end events: gateways, scopes and waiting events are told differently."""
    return Counter({key: value for key, value in counts.items() if key[0] in "utme" and value})


class Pair:
    """One diagram on both sides."""

    def __init__(self, source: bytes, rng: random.Random, *, restart: bool) -> None:
        self._rng, self._restart = rng, restart
        self._text = source.decode()
        self._names = re.findall(r'<message id="(\w+)"', self._text)
        self._signals = re.findall(r'<signal id="(\w+)"', self._text)
        self._codes = re.findall(r'errorCode="(\w+)"', self._text)
        self._oracle = Oracle(inspect({"x.bpmn": source}).diagrams[0], "P")
        self._definition = define({"x.bpmn": source}, process="P")
        self._instance = Instance.start(self._definition, {}, now=_START, seed="r")
        self._done: Counter[str] = Counter()
        self._now, self._told = _START, "start"
        _compare(self._instance, self._oracle, self._done, self._told)

    def run(self) -> str:
        """Drive to the end; empty when both agree, else why the run could not be judged to its end."""
        for number in range(_STEPS):
            if self._instance.completed:
                _compare_data(self._instance, self._oracle)
                return ""
            if self._restart:
                self._instance = Instance.load(self._definition, self._instance.save(), now=self._now)
            try:
                self._step(number)
            except (DataConflict, NoFlowTaken, ConditionUndecided, StepBudgetExceeded):
                return "incident"
            except (NoWay, KeyError) as error:
                raise Difference(f"after {self._told}: an incident expected ({error!r}), none here") from error
            _compare(self._instance, self._oracle, self._done, self._told)
        return ""

    def _step(self, number: int) -> None:
        tasks, choice = self._instance.open_tasks(), self._rng.random()
        if tasks and choice < 0.75:
            picked = self._rng.choice(tasks).element
            self._complete(next(item for item in tasks if item.element == picked), number)
        elif self._signals and choice < 0.8:
            name = self._rng.choice(self._signals)
            self._told += f"; signal {name}"
            self._instance.signal(name, {}, now=self._now)
            self._oracle.signal(name)
        elif tasks and self._codes and choice < 0.84:
            self._fail(self._rng.choice(tasks).element, self._rng.choice(self._codes))
        elif self._names and choice < 0.9:
            name = self._rng.choice(self._names)
            self._told += f"; message {name}"
            self._instance.message(name, {}, now=self._now)
            self._oracle.message(name)
        else:
            minutes = self._rng.randint(1, 30)
            self._told += f"; {minutes} min"
            self._now += timedelta(minutes=minutes)
            self._instance.advance(self._now)
            self._oracle.advance(minutes)

    def _fail(self, element: str, code: str) -> None:
        self._told += f"; {element} fails with {code}"
        task = next(item for item in self._instance.open_tasks() if item.element == element)
        try:
            self._instance.fail(task.id, code, "", now=self._now)
            caught = True
        except BpmnErrorUncaught:
            caught = False
        if self._oracle.fail(element, code) != caught:
            raise Difference(f"after {self._told}: caught here is {caught}")

    def _complete(self, task: OpenTask, number: int) -> None:
        data: dict[str, Any] = {}
        if task.kind != "receive":
            data[f"r_{task.element}_{number}"] = number
        if f">again_{task.element}<" in self._text:
            data[f"again_{task.element}"] = self._rng.random() < 0.4
        if not self._done["u2"]:
            data.update({fact: self._rng.random() < 0.5 for fact in FACTS})
        self._told += f"; {task.element}"
        act = self._instance.answer if task.kind == "service" else self._instance.complete
        act(task.id, data, now=self._now)
        self._oracle.complete(task.element, data)


def drive(source: bytes, rng: random.Random, *, restart: bool = False) -> str:
    """``Pair.run`` for a diagram that the gate accepts."""
    if inspect({"x.bpmn": source}).refused:
        return "refused"
    return Pair(source, rng, restart=restart).run()


def _compare_data(instance: Instance, oracle: Oracle) -> None:
    expected = {key: value for key, (_, value) in oracle.result.items()}
    if instance.data != expected:
        raise Difference(f"at the end: data {instance.data} here, {expected} expected")


@pytest.mark.parametrize("bent", [False, True], ids=["blocks", "bent"])
def test_runtime_agrees_with_the_token_game(bent: bool) -> None:
    verdicts: Counter[str] = Counter()
    for seed in range(_RUNS):
        rng = random.Random(f"{bent}/{seed}")
        source = random_bpmn(rng, bent=bent)
        try:
            verdicts[drive(source, rng, restart=seed % 2 == 1)] += 1
        except Difference as difference:
            pytest.fail(f"seed {bent}/{seed}: {difference}\n{source.decode()}")
    assert verdicts[""] > _RUNS / 5, verdicts
