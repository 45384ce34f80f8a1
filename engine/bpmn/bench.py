"""What the engine costs, measured against the library as it comes, on the same diagram in the same run.

A *completion* is load → complete → save of one task, user and service tasks alike, in memory and without any cache of
live objects. Both sides do the same number of completions. The stock side has the library's parser, specs, script
engine hook and serializer; service tasks wait there as they do here, its conditions and its decision are evaluated by
our own language, so only the engine differs. Times are CPU time of the best of several rounds.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time
from typing import Any

from engine.bpmn import definition as definitions
from engine.bpmn.bench_stock import Stock
from engine.bpmn.definition import Definition, define
from engine.bpmn.instance import Instance
from engine.bpmn.reference import ANSWERS, reference_bpmn, reference_data, reference_dmn, rework_bpmn

_NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
_FILES = {"reference.bpmn": reference_bpmn(), "fee.dmn": reference_dmn()}


def bench(*, rounds: int = 5, cases: int = 12) -> dict[str, Any]:
    """The figures that need no database: completions per CPU second of both sides, their ratio, load and dump in
    milliseconds, bytes of state in mid-life, KiB per live instance, cost of step 200 against step 10, parsing."""
    definition = define(_FILES)
    stock = Stock(_FILES["reference.bpmn"], definition, json.loads(json.dumps(reference_data())))
    steps = _run_compact(definition)
    compact = steps * cases / _best(lambda: [_run_compact(definition) for _ in range(cases)], rounds)
    plain = stock.run() / _best(stock.run, rounds)
    state = _mid_life(definition)
    return {
        "stock_per_cpu_s": round(plain, 1),
        "compact_per_cpu_s": round(compact, 1),
        "compact_over_stock": round(compact / plain, 2),
        "load_ms": round(_each(lambda: Instance.load(definition, state, now=_NOW), rounds) * 1000, 4),
        "dump_ms": round(_each(Instance.load(definition, state, now=_NOW).save, rounds) * 1000, 4),
        "state_bytes_mid_life": len(state),
        "stock_bytes_mid_life": stock.mid_life_bytes(),
        "instance_kib": round(_memory(definition, state), 1),
        "step200_over_step10": round(_flatness(rounds), 3),
        "parse_ms": round(_best(_parse, rounds) * 1000, 2),
        "completions_per_case": steps,
    }


def _run_compact(definition: Definition, stop: str = "") -> int:
    state = Instance.start(definition, reference_data(), now=_NOW, seed="bench").save()
    steps = 0
    while True:
        instance = Instance.load(definition, state, now=_NOW)
        if instance.completed:
            return steps
        task = instance.first_open()
        act = instance.answer if task.kind == "service" else instance.complete
        act(task.id, ANSWERS[task.element], now=_NOW)
        instance.drain()
        state = instance.save()
        steps += 1


def _mid_life(definition: Definition) -> bytes:
    instance = Instance.start(definition, reference_data(), now=_NOW, seed="bench")
    while instance.first_open().element != "compare_answer":
        task = next(task for task in instance.open_tasks() if task.element != "appraise")
        act = instance.answer if task.kind == "service" else instance.complete
        act(task.id, ANSWERS[task.element], now=_NOW)
        if [task.element for task in instance.open_tasks()] == ["appraise", "compare_answer"]:
            break
    return instance.save()


def _memory(definition: Definition, state: bytes, count: int = 200) -> float:
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    held = [Instance.load(definition, state, now=_NOW) for _ in range(count)]
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return grown / len(held) / 1024


def _flatness(rounds: int) -> float:
    definition = define({"rework.bpmn": rework_bpmn()})
    return min(_late_over_early(definition) for _ in range(rounds))


def _late_over_early(definition: Definition) -> float:
    """Cost of load → complete → save around step 200 over that around step 10, on 1 KB more data per case."""
    state = Instance.start(definition, {"text": "x" * 1000}, now=_NOW, seed="bench").save()
    times: list[float] = []
    for step in range(230):
        began = process_time()
        instance = Instance.load(definition, state, now=_NOW)
        task = instance.first_open()
        instance.complete(task.id, {f"by_{task.element}": step, "again": True} if task.element == "b" else {}, now=_NOW)
        state = instance.save()
        times.append(process_time() - began)
    early, late = sorted(times[3:33]), sorted(times[193:223])
    return sum(late[:15]) / sum(early[:15])


def _parse() -> None:
    definitions._CACHE.clear()
    define(_FILES)


def _each(act: Callable[[], Any], rounds: int, count: int = 400) -> float:
    return _best(lambda: [act() for _ in range(count)], rounds) / count


def _best(act: Callable[[], Any], rounds: int) -> float:
    times: list[float] = []
    for _ in range(rounds):
        began = process_time()
        act()
        times.append(process_time() - began)
    return min(times)
