"""The library's own serializer over our tokens and specs: export of an instance with everything, and oracle of tests.

It embeds the whole specification in every instance, which is why it is not how instances are stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnSubWorkflowConverter, BpmnWorkflowConverter
from SpiffWorkflow.bpmn.serializer.helpers.bpmn_converter import BpmnConverter
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer

from engine.bpmn.definition import Definition
from engine.bpmn.instance import Instance
from engine.bpmn.specs import NodeSpec, ScopeSpec, from_plain, plain
from engine.bpmn.tokens import Case, SubCase, Token


class _Scopes(BpmnConverter):  # type: ignore[misc]  # the library is untyped
    def to_dict(self, spec: ScopeSpec) -> dict[str, Any]:
        return {
            "name": spec.name,
            "process": spec.process,
            "kind": spec.kind,
            "label": spec.label,
            "objects": dict(spec.objects),
            "takes": spec.takes,
            "gives": spec.gives,
            "nodes": [[node.name, plain(node.config)] for node in spec.nodes.values()],
        }

    def from_dict(self, record: dict[str, Any]) -> ScopeSpec:
        spec = ScopeSpec(record["name"], process=record["process"], kind=record["kind"], label=record["label"])
        spec.objects = record["objects"]
        spec.takes, spec.gives = record["takes"], record["gives"]
        for name, config in record["nodes"]:
            NodeSpec(spec, name, from_plain(config))
        return spec


class _Tokens(BpmnConverter):  # type: ignore[misc]
    def to_dict(self, token: Token) -> dict[str, Any]:
        return {
            "id": token.id,
            "number": token.number,
            "since": token.since,
            "parent": token._parent,
            "children": list(token._children),
            "state": token._state,
            "task_spec": token.task_spec.name,
            "internal_data": token.internal_data,
            "data": token.data,
        }

    def from_dict(self, record: dict[str, Any], workflow: Any) -> Token:
        spec = workflow.spec.task_specs[record["task_spec"]]
        token = Token(workflow, spec, identity=record["id"], number=record["number"], since=record["since"])
        token._parent = record["parent"]
        token._children = list(record["children"])
        token._state = record["state"]
        token.internal_data, token.data = record["internal_data"], record["data"]
        return token


class _Cases(BpmnWorkflowConverter):  # type: ignore[misc]
    def to_dict(self, case: Case) -> dict[str, Any]:
        record: dict[str, Any] = super().to_dict(case)
        record |= {
            "counter": case.counter,
            "uncaught": case.uncaught,
            "objects": case.objects,
            "visited": sorted(case.visited),
            "order": list(case.subprocesses),
        }
        return record

    def from_dict(self, record: dict[str, Any]) -> Case:
        case: Case = super().from_dict(record)
        case.subprocesses = {key: case.subprocesses[key] for key in record["order"]}
        case.counter, case.uncaught = record["counter"], record["uncaught"]
        case.objects, case.visited = record["objects"], set(record["visited"])
        return case

    def subprocesses_from_dict(self, record: dict[str, Any], workflow: Any, top_workflow: Any = None) -> None:
        top = top_workflow or workflow
        workflow.tasks = {token.id: token for token in workflow.tasks.values()}  # the library reads the keys as UUID
        for token in list(workflow.tasks.values()):
            if token.id in record:
                scope = self.registry.restore(record.pop(token.id), task=token, top_workflow=top)
                top.subprocesses[token.id] = scope
                self.subprocesses_from_dict(record, scope, top)


class _SubCases(BpmnSubWorkflowConverter):  # type: ignore[misc]
    def to_dict(self, scope: SubCase) -> dict[str, Any]:
        record: dict[str, Any] = super().to_dict(scope)
        return record | {"objects": scope.objects}

    def from_dict(self, record: dict[str, Any], task: Token, top_workflow: Case) -> SubCase:
        spec = top_workflow.subprocess_specs[record["spec"]]
        scope = SubCase(spec, task.id, top_workflow)
        top_workflow.subprocesses[task.id] = scope
        scope.tasks = self.mapping_from_dict(record["tasks"], str, workflow=scope)
        scope.task_tree = scope.tasks[record["root"]]
        self.set_default_attributes(scope, record)
        scope.objects = record["objects"]
        return scope


_CONVERTERS = {Case: _Cases, SubCase: _SubCases, Token: _Tokens, ScopeSpec: _Scopes}


def export(instance: Instance) -> str:
    """The instance as JSON of the library's serializer, definition included."""
    text: str = _serializer().serialize_json(instance._case)
    return text


def restore(definition: Definition, text: str, *, seed: str, now: datetime) -> Instance:
    """The instance that ``export`` wrote, running on the specs embedded in it."""
    return Instance(definition, _serializer().deserialize_json(text), seed=seed, now=now)


def _serializer() -> BpmnWorkflowSerializer:
    return BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(_CONVERTERS))


__all__ = ["export", "restore"]
