"""What activities do: wait, call, decide, run a scope, repeat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.bpmn.incidents import ExpressionFailed, StepBudgetExceeded
from engine.bpmn.joins import difference
from engine.bpmn.specs import Loop, NodeSpec, ScopeSpec
from engine.bpmn.token_tree import remove
from engine.bpmn.tokens import INSTANCE, LOOP, READY, STARTED, WAITING, Token
from engine.errors import Text

if TYPE_CHECKING:
    from engine.bpmn.runtime import Runtime

#: Instances of one repeated activity.
INSTANCE_BUDGET = 20_000


class Activities:
    """The activities of one running instance."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def begin(self, token: Token) -> None:
        """A token has come to an activity, or an instance of a repeated one begins."""
        if INSTANCE not in token.internal_data:
            self._runtime.events.listen_on(token)
            self._read_objects(token)
        if token.task_spec.config.loop is not None and INSTANCE not in token.internal_data:
            token.run()
        elif token.task_spec.kind == "userTask":
            token._state = READY
        elif token.task_spec.kind == "receiveTask":
            token._state = WAITING
        else:
            token.run()

    def perform(self, token: Token) -> bool | None:
        """Do the activity; None when somebody else has to finish it."""
        node = token.task_spec
        config = node.config
        if config.loop is not None and INSTANCE not in token.internal_data:
            return self._repeat(token, config.loop)
        if config.scope:
            token._state = STARTED
            inputs = self.inputs(token)
            if node.kind == "callActivity":
                inputs = _only(inputs, self._called(token).takes)
            else:
                inputs = {**token.data, **inputs}
            self._runtime.start_sub_scope(token, inputs)
            return None
        if node.kind == "businessRuleTask" and config.decision and self._runtime.decisions.knows(config.decision):
            result = self._runtime.decisions.decide(config.decision, self.inputs(token), now=self._runtime.now)
            self.apply(token, result if isinstance(result, dict) else {_last(config.decision): result}, raw=result)
            self._write_objects(token)
            return True
        if token.task_spec.done_by == "service":
            return None
        if config.outputs:
            self.apply(token, {})
        self._write_objects(token)
        if node.kind == "sendTask":
            return self._runtime.throwing.throw(token)
        return True

    def inputs(self, token: Token) -> dict[str, Any]:
        """The declared inputs evaluated, or all data when none are declared; a call may pass all beside them."""
        config = token.task_spec.config
        whole = config.passes in ("both", "in") if token.task_spec.kind == "callActivity" else not config.inputs
        given = dict(token.data) if whole else {}
        return given | {name: self._json(source, token.data, token) for name, source in config.inputs}

    def finish(self, token: Token, result: Mapping[str, Any]) -> None:
        """Somebody has done the task."""
        self.apply(token, result)
        self._write_objects(token)
        token.complete()

    def apply(
        self,
        token: Token,
        result: Mapping[str, Any],
        *,
        raw: Any = None,
        node: NodeSpec | None = None,
        onto: Mapping[str, Any] | None = None,
    ) -> None:
        """Take a result into the token's data: under ``motcua:result``, through declared outputs, or merged.

        ``node`` is the event that says how, where it is not the token's own element; ``onto`` are the data that take it
        in, where they are not the token's own.
        """
        node = node or token.task_spec
        base = token.data if onto is None else onto
        changes: dict[str, Any] = {}
        if node.result_key and (result or raw is not None or not passes(token)):
            changes[node.result_key] = dict(result) if raw is None else raw
        elif not node.config.outputs:
            changes.update(result)
        context = {**token.data, "result": dict(result) if raw is None else raw, **result}
        changes.update({name: self._json(source, context, token) for name, source in node.config.outputs})
        self._set(token, {**base, **changes})
        token.given = tuple(changes)

    def _json(self, source: str, data: Mapping[str, Any], token: Token) -> Any:
        return self._runtime.conditions.json(source, data, now=self._runtime.now, element=token.element)

    def _set(self, token: Token, data: dict[str, Any]) -> None:
        token.effect = difference(token.data, data)
        token.data = data

    def scope_done(self, owner: Token, result: dict[str, Any]) -> None:
        """The scope that ``owner`` ran has ended with ``result``."""
        config = owner.task_spec.config
        if owner.task_spec.kind == "callActivity":
            self._returned(owner, result)
        elif config.outputs or owner.task_spec.result_key:
            self.apply(owner, result)
        elif not config.inputs:
            self._set(owner, result)
        else:
            local = {name for name, _ in config.inputs}
            kept = {name: value for name, value in owner.data.items() if name in local}
            self._set(owner, {name: value for name, value in result.items() if name not in local} | kept)
        self._write_objects(owner)
        owner.complete()

    def _called(self, call: Token) -> ScopeSpec:
        return self._runtime.case.subprocess_specs[call.task_spec.config.scope]  # type: ignore[no-any-return]

    def _returned(self, call: Token, result: dict[str, Any]) -> None:
        """A called process has ended: what it gives and what the call takes of that."""
        config, called = call.task_spec.config, self._called(call)
        result = _only(result, called.gives)
        onto: Mapping[str, Any] = call.data
        if config.passes == "both" and called.takes is None and not config.inputs:
            onto = result  # what went in came back, less what was deleted there
        elif config.passes in ("both", "out"):
            onto = {**call.data, **result}
        if config.outputs or call.task_spec.result_key:
            self.apply(call, result, onto=onto)
        else:
            self._set(call, dict(onto))

    # Data objects: what a task writes through a data association, a later task reads, on whatever branch it is.

    def _read_objects(self, token: Token) -> None:
        for name in token.task_spec.config.objects_in:
            objects = self._objects(token, name)
            if name in objects:
                token.data = {**token.data, name: objects[name]}

    def _write_objects(self, token: Token) -> None:
        for name in token.task_spec.config.objects_out:
            if name in token.data:
                self._objects(token, name)[name] = token.data[name]

    def _objects(self, token: Token, name: str) -> dict[str, Any]:
        scope = token.workflow
        while name not in scope.spec.objects and scope is not self._runtime.case:
            scope = self._runtime.owner(scope).workflow
        return scope.objects  # type: ignore[no-any-return]

    # Repetition: the token of the activity is the frame, each instance is a token below it.

    def _repeat(self, frame: Token, loop: Loop) -> bool | None:
        items: list[Any] | None = None
        count: int | None = None
        if loop.kind == "standard":
            count = loop.maximum
        elif loop.collection:
            items = self._collection(frame, loop.collection)
            count = len(items)
        else:
            count = self._cardinality(frame, loop.cardinality)
        if count is not None and count > INSTANCE_BUDGET:
            raise StepBudgetExceeded(
                element=frame.element, limit=INSTANCE_BUDGET, what=Text(vi="lần lặp", en="instances")
            )
        progress: dict[str, Any] = {"n": count, "s": 0, "k": 0, "x": 0, "w": {}, "d": []}
        if items is not None:
            progress["i"] = items
        if loop.results:
            progress["r"] = {}
        frame.internal_data[LOOP] = progress
        frame._state = STARTED
        if count == 0 or (loop.test_before and not self._goes_on(frame, loop)):
            self._runtime.emit(frame, "entered")
            self._collect(frame, loop)
            return True
        for _ in range(count if loop.kind == "parallel" and count is not None else 1):
            self._start_instance(frame, loop)
        return None

    def _collection(self, frame: Token, source: str) -> list[Any]:
        value = self._json(source, frame.data, frame)
        if not isinstance(value, list):
            raise ExpressionFailed(
                source=source, element=frame.element, why=Text(vi="không phải danh sách", en="no list")
            )
        return value

    def _cardinality(self, frame: Token, source: str) -> int:
        value = self._json(source, frame.data, frame)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            why = Text(vi="không phải số lần nguyên, không âm", en="no whole number of instances")
            raise ExpressionFailed(source=source, element=frame.element, why=why)
        return value

    def _start_instance(self, frame: Token, loop: Loop) -> None:
        progress = frame.internal_data[LOOP]
        progress["s"] += 1
        number = progress["s"]
        data = self._so_far(frame) if loop.kind != "parallel" else dict(frame.data)
        data["loopCounter"] = number
        if loop.item and "i" in progress:
            data[loop.item] = progress["i"][number - 1]
        token = self._runtime.place(frame.workflow, frame.task_spec, data, parent=frame)
        token.internal_data[INSTANCE] = number
        self._runtime.emit(token, "entered")

    def _so_far(self, frame: Token) -> dict[str, Any]:
        progress = frame.internal_data[LOOP]
        data = {**frame.data, **progress["w"]}
        for key in progress["d"]:
            data.pop(key, None)
        return data

    def known(self, frame: Token) -> dict[str, Any]:
        """The data of a repeated activity with what its instances have written so far."""
        data = self._so_far(frame)
        loop = frame.task_spec.config.loop
        if loop is None or loop.results:
            return data
        local = {"loopCounter", loop.item}
        for instance in frame.children:
            inner = self._runtime.inside(instance) if INSTANCE in instance.internal_data else None
            if inner is not None:
                written, deleted = difference(instance.data, inner)
                data |= {key: value for key, value in written.items() if key not in local}
                for key in deleted:
                    data.pop(key, None)
        return data

    def instance_done(self, token: Token) -> None:
        """An instance has finished: keep its result, then stop, go on, or wait for the others."""
        frame = token.parent
        loop = token.task_spec.config.loop
        assert frame is not None and loop is not None  # an instance hangs below its frame
        self._runtime.emit(token, "completed")
        progress = frame.internal_data[LOOP]
        self._keep(frame, token, loop)
        for child in token.children:
            remove(child)
        remove(token)
        progress["k"] += 1
        if self._all_done(frame, loop, token):
            self._stop(frame, loop)
        elif loop.kind != "parallel":
            self._start_instance(frame, loop)

    def _keep(self, frame: Token, token: Token, loop: Loop) -> None:
        progress = frame.internal_data[LOOP]
        base = frame.data if loop.kind == "parallel" else self._so_far(frame)
        local = {"loopCounter", loop.item}
        written, deleted = difference(base, token.data)
        written |= {key: token.data[key] for key in token.given}
        written = {key: value for key, value in written.items() if key not in local}
        if loop.results:
            key = token.task_spec.result_key
            number = str(token.internal_data[INSTANCE])
            if loop.result:
                progress["r"][number] = self._json(loop.result, token.data, token)
            else:
                progress["r"][number] = written.get(key) if key else written
        else:
            progress["w"].update(written)
            gone = [key for key in deleted if key not in local]
            progress["d"] = sorted({*progress["d"], *gone} - set(written))

    def _all_done(self, frame: Token, loop: Loop, token: Token) -> bool:
        progress = frame.internal_data[LOOP]
        if loop.kind == "standard":
            return not self._goes_on(frame, loop)
        if progress["k"] >= progress["n"]:
            return True
        return bool(loop.completion) and self._decide(frame, loop, loop.completion, token.data)

    def _goes_on(self, frame: Token, loop: Loop) -> bool:
        progress = frame.internal_data[LOOP]
        if progress["n"] is not None and progress["k"] >= progress["n"]:
            return False
        return not loop.condition or self._decide(frame, loop, loop.condition, {})

    def _decide(self, frame: Token, loop: Loop, source: str, local: Mapping[str, Any]) -> bool:
        progress = frame.internal_data[LOOP]
        done, count = progress["k"], progress["n"]
        active = progress["s"] - done
        context = {**frame.data, **local, **progress["w"]}
        context |= {
            "loopCounter": done,
            "numberOfInstances": count,
            "numberOfCompletedInstances": done,
            "numberOfActiveInstances": active,
            "numberOfTerminatedInstances": 0,
            "nrOfInstances": count,
            "nrOfCompletedInstances": done,
            "nrOfActiveInstances": active,
        }
        if loop.results:
            context[loop.results] = self._results(progress)
        return self._runtime.conditions.decide(source, context, now=self._runtime.now, element=frame.element)

    @staticmethod
    def _results(progress: Mapping[str, Any]) -> list[Any]:
        return [progress["r"][key] for key in sorted(progress["r"], key=int)]

    def _stop(self, frame: Token, loop: Loop) -> None:
        for child in frame.children:
            if INSTANCE in child.internal_data:
                self._runtime.cancel(child)
                remove(child)
        self._collect(frame, loop)
        frame.complete()

    def _collect(self, frame: Token, loop: Loop) -> None:
        data = self._so_far(frame)
        if loop.results:
            data[loop.results] = self._results(frame.internal_data[LOOP])
        self._set(frame, data)


def passes(token: Token) -> bool:
    """Whether the activity needs nobody outside."""
    kind = token.task_spec.kind
    return kind in ("task", "manualTask") or (kind == "sendTask" and not token.task_spec.done_by)


def _only(data: dict[str, Any], names: tuple[str, ...] | None) -> dict[str, Any]:
    return data if names is None else {name: value for name, value in data.items() if name in names}


def _last(decision: str) -> str:
    return decision.rsplit(".", 1)[-1]
