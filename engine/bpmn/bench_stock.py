"""The library as it comes, for comparison only: its parser, specs, task tree and serializer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.defaults import NoneTask, UserTask

from engine.bpmn.definition import Definition
from engine.bpmn.library import BpmnWorkflow, TaskState
from engine.bpmn.reference import ANSWERS

_NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


class _Ruling(NoneTask):  # type: ignore[misc]  # the library is untyped
    """A business rule task that asks the same decision as ours."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.manual = False

    def _run_hook(self, my_task: Any) -> bool:
        rulings = my_task.workflow.script_engine.definition._rulings
        my_task.data["fee"] = rulings.decide("fee", my_task.data, now=_NOW)
        return True


class _Parser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - the library's own extension point
        full_tag("serviceTask"): (TaskParser, UserTask),
        full_tag("businessRuleTask"): (TaskParser, _Ruling),
    }


class _Feel(PythonScriptEngine):  # type: ignore[misc]
    """Conditions through our language instead of ``eval``."""

    def __init__(self, definition: Definition) -> None:
        super().__init__()
        self.definition = definition

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        if expression.startswith("P"):
            return expression
        return self.definition._conditions.decide(expression, task.data, now=_NOW, element=task.task_spec.name)


class Stock:
    """Runs the reference case: load → complete → save with the stock serializer."""

    def __init__(self, diagram: bytes, definition: Definition, data: dict[str, Any]) -> None:
        parser = _Parser()
        parser.add_bpmn_xml(etree.fromstring(diagram), "reference.bpmn")
        self._spec = parser.get_spec("reference_procedure")
        config = {**DEFAULT_CONFIG, _Ruling: BpmnTaskSpecConverter}
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(config))
        self._engine = _Feel(definition)
        self._data = data

    def _start(self) -> str:
        workflow = BpmnWorkflow(self._spec, script_engine=self._engine)
        workflow.task_tree.data.update(self._data)
        workflow.do_engine_steps()
        text: str = self._serializer.serialize_json(workflow)
        return text

    def _step(self, text: str) -> tuple[str, bool]:
        workflow = self._serializer.deserialize_json(text)
        workflow.script_engine = self._engine
        tasks = [task for task in workflow.get_tasks(state=TaskState.READY) if task.task_spec.manual]
        if not tasks:
            return text, True
        tasks[0].data.update(ANSWERS[tasks[0].task_spec.name])
        tasks[0].run()
        workflow.do_engine_steps()
        return self._serializer.serialize_json(workflow), False

    def run(self) -> int:
        """One case from start to end; the number of completions."""
        text, done, steps = self._start(), False, -1
        while not done:
            text, done = self._step(text)
            steps += 1
        return steps

    def run_storing(self, store: Callable[[str], str]) -> int:
        """One case whose state goes through ``store`` (writes it, reads it back) after each step; the completions."""
        text, done, steps = store(self._start()), False, -1
        while not done:
            text, done = self._step(text)
            text = store(text)
            steps += 1
        return steps

    def mid_life_bytes(self) -> int:
        """Size of the state after half of the steps."""
        text = self._start()
        for _ in range(8):
            text, _ = self._step(text)
        return len(text.encode())
