"""Where the library is right, we agree with it: random nestings of tasks, choices and parallel blocks, step by step."""

from __future__ import annotations

import random
from typing import Any

from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer

from engine.bpmn import define
from tests.bpmn.runtime.driving import Drive, diagram, flows


class _Drawing:
    """Blocks with one entrance and one exit; conditions read ``n`` in a syntax both languages share."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.count = rng, 0
        self.parts: list[str] = []
        self.flows: list[tuple[str, ...]] = []

    def name(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def node(self, tag: str, stem: str, attributes: str = "") -> str:
        name = self.name(stem)
        self.parts.append(f'<{tag} id="{name}"{attributes}/>')
        return name

    def block(self, depth: int) -> tuple[str, str]:
        kind = self.rng.choice(["task", "task", "chain", "choice", "parallel"]) if depth else "task"
        if kind == "chain":
            first, last = self.block(depth - 1), self.block(depth - 1)
            self.flows.append((first[1], last[0]))
            return first[0], last[1]
        if kind == "choice":
            return self._choice(depth)
        if kind == "parallel":
            return self._parallel(depth)
        task = self.node("userTask", "u")
        return task, task

    def _choice(self, depth: int) -> tuple[str, str]:
        blocks = [self.block(depth - 1) for _ in range(2)]
        merge, name = self.node("exclusiveGateway", "m"), self.name("x")
        self.parts.append(f'<exclusiveGateway id="{name}" default="{name}-{blocks[1][0]}"/>')
        self.flows += [(name, blocks[0][0], f"n &gt; {self.rng.randint(0, 9)}"), (name, blocks[1][0])]
        self.flows += [(last, merge) for _, last in blocks]
        return name, merge

    def _parallel(self, depth: int) -> tuple[str, str]:
        split, join = self.node("parallelGateway", "p"), self.node("parallelGateway", "j")
        for _ in range(self.rng.randint(2, 3)):
            first, last = self.block(depth - 1)
            self.flows += [(split, first), (last, join)]
        return split, join

    def draw(self) -> bytes:
        first, last = self.block(3)
        ends = '<startEvent id="s"/><endEvent id="e"/>'
        return diagram(f"{ends}{''.join(self.parts)}{flows(('s', first), (last, 'e'), *self.flows)}")


class _Stock:
    """The library with its own parser, specs and serializer, restarted before every step."""

    def __init__(self, source: bytes, data: dict[str, Any]) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(source))
        self.serializer = BpmnWorkflowSerializer()
        self.workflow = BpmnWorkflow(parser.get_spec("P"))
        self.workflow.task_tree.data.update(data)
        self.workflow.do_engine_steps()

    def ready(self) -> list[Any]:
        return [task for task in self.workflow.get_tasks(state=TaskState.READY) if task.task_spec.manual]

    def do(self, element: str, data: dict[str, Any]) -> None:
        self.workflow = self.serializer.deserialize_json(self.serializer.serialize_json(self.workflow))
        task = next(task for task in self.ready() if task.task_spec.name == element)
        task.data.update(data)
        task.run()
        self.workflow.do_engine_steps()


def test_same_tasks_and_data_as_the_library() -> None:
    for number in range(24):
        rng = random.Random(f"stock/{number}")
        source = _Drawing(rng).draw()
        data = {"n": rng.randint(0, 10)}
        ours, stock = Drive(define({"p.bpmn": source}), data), _Stock(source, data)
        while True:
            opened = sorted(ours.open)
            assert opened == sorted(task.task_spec.name for task in stock.ready()), number
            if not opened:
                break
            element = rng.choice(opened)
            for task in stock.ready():
                if task.task_spec.name == element:
                    assert ours.task(element).data == task.data
            ours.do(element, **{f"by_{element}": [number]})
            stock.do(element, {f"by_{element}": [number]})
        assert ours.done
        assert stock.workflow.is_completed()
        assert ours.result == stock.workflow.data
