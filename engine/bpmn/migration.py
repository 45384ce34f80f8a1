"""Moving a running instance from one definition to another: what stands in the way, and the move itself.

What lies behind an instance is never rewritten. A node that a token has passed, or at which one still stands, has to
be the same in both definitions, apart from its name; an open user task may get another form, role or way out, for
nobody has done it yet. Ids of tasks stay as they are, and nothing happens in the process by being moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import orjson

from engine.bpmn import codec
from engine.bpmn.definition import Definition
from engine.bpmn.instance import Instance
from engine.bpmn.runtime import Runtime, Scope
from engine.bpmn.specs import ROOT, NodeConfig, NodeSpec, ScopeSpec
from engine.bpmn.tokens import (
    COMPLETED,
    CYCLE,
    DUE,
    ENDED,
    INSTANCE,
    LISTENER,
    LOOP,
    READY,
    WAITING,
    SubCase,
    Token,
    moment_of,
)
from engine.errors import DomainError, Problem, Text

#: What is said about a node without any bearing on how it runs.
_WORDS = frozenset({"label", "documentation", "lane"})
#: What an open user task may have otherwise: nobody has done it yet.
_OPEN = frozenset({"attributes", "inputs", "outputs", "flows"})
#: What may differ of a node, as people call it.
_PARTS: Mapping[str, Text] = {
    "kind": Text(vi="loại", en="kind"),
    "attributes": Text(vi="biểu mẫu, người làm hoặc thời hạn", en="form, assignment or limit"),
    "inputs": Text(vi="dữ liệu vào", en="data in"),
    "outputs": Text(vi="dữ liệu ra", en="data out"),
    "flows": Text(vi="đường đi tiếp", en="ways out"),
    "incoming": Text(vi="đường đi tới", en="ways in"),
    "event": Text(vi="sự kiện", en="event"),
    "loop": Text(vi="cách lặp", en="repetition"),
    "boundary": Text(vi="sự kiện gắn vào bước", en="attached events"),
    "attached_to": Text(vi="bước mà sự kiện gắn vào", en="the step it is attached to"),
    "interrupting": Text(vi="ngắt hay không ngắt", en="whether it interrupts"),
    "scope": Text(vi="quy trình được chạy", en="the process it runs"),
    "triggered": Text(vi="khởi phát bằng sự kiện", en="whether an event starts it"),
    "passes": Text(vi="dữ liệu đi qua", en="data passed through"),
    "decision": Text(vi="quyết định", en="decision"),
    "objects_in": Text(vi="dữ liệu đọc", en="data read"),
    "objects_out": Text(vi="dữ liệu ghi", en="data written"),
}
_REMEDY = Text(
    vi="Để hồ sơ này ở lại phiên bản của nó, hoặc sửa bản mới cho giống ở bước đó.",
    en="Leave this dossier on its version, or make the new version alike at that step.",
)


class MigrationRefused(DomainError):
    """The instance cannot be moved to the other version: {why}"""

    code = "migration-refused"
    vi = "Không chuyển được sang phiên bản kia: {why}"

    def __init__(self, *, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(why=problems[0].message)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerShift:
    """A running timer that the other definition wants at another moment, counted from when it began."""

    element: str
    old: datetime
    new: datetime


def suggest(source: Definition, target: Definition) -> dict[str, str]:
    """Old node → new node for nodes whose id is gone: of the same kind, process and name, if only one is."""
    taken, found = set(source.elements) & set(target.elements), dict[str, str]()
    for element in source.elements.values():
        if element.id in taken:
            continue
        alike = [
            other.id
            for other in target.elements.values()
            if other.id not in source.elements
            and (other.kind, other.name) == (element.kind, element.name)
            and element.name
        ]
        if len(alike) == 1 and alike[0] not in found.values():
            found[element.id] = alike[0]
    return found


def obstacles(instance: Instance, target: Definition, mapping: Mapping[str, str]) -> tuple[Problem, ...]:
    """Everything that stands in the way of moving ``instance`` to ``target``; ``mapping`` names renamed nodes."""
    return tuple(_Check(instance, target, mapping).problems())


def migrate(
    instance: Instance, target: Definition, mapping: Mapping[str, str], *, now: datetime
) -> tuple[Instance, tuple[TimerShift, ...]]:
    """A second instance in the same state on ``target``; the first is left as it is.

    Running timers that ``target`` draws otherwise are due anew, counted from when they began. Raises
    ``MigrationRefused`` with every obstacle.
    """
    check = _Check(instance, target, mapping)
    problems = tuple(check.problems())
    if problems:
        raise MigrationRefused(problems=problems)
    state = _carried(instance, target, check)
    moved = Instance.load(target, state, now=now, functions=instance.functions)
    return moved, tuple(_shift_timers(instance._runtime, moved._runtime))


def _carried(instance: Instance, target: Definition, check: _Check) -> bytes:
    """The compact state with the numbers that ``target`` gives to scopes, nodes and elements."""
    state = codec._state(instance.definition, instance._case, instance._seed)
    visited = 0
    for name in instance._case.visited:
        visited |= 1 << target._element_index[check.name(name)]
    state[4] = f"{visited:x}"
    for scope, row in zip(instance._case.scopes, state[7], strict=True):
        other = check.scope(scope.spec)
        assert other is not None  # a scope that is not there is an obstacle
        row[1] = target._index[other.name]
        names = scope.spec.names
        for token in row[3]:
            token[2] = other.index[check.name(names[token[2]])]
    return codec._packed(target, orjson.dumps(state, option=orjson.OPT_SORT_KEYS))


def _shift_timers(old: Runtime, new: Runtime) -> Iterator[TimerShift]:
    for scope in new.case.scopes:
        for token in sorted(scope.tasks.values(), key=lambda item: item.number):
            if token._state != WAITING or DUE not in token.internal_data or CYCLE in token.internal_data:
                continue
            event = new.events.event_of(token)
            was = old.events.event_of(_same(old, token))
            if (event.timer, event.expression) == (was.timer, was.expression):
                continue
            before = token.internal_data[DUE]
            clock, new.clock = new.clock, token.since
            parent = token.parent if LISTENER in token.internal_data else token
            new.events._arm(token, parent.data if parent is not None else {})
            new.clock = clock
            after = token.internal_data[DUE]
            if after != before:
                yield TimerShift(element=new.events.node_of(token).name, old=moment_of(before), new=moment_of(after))


def _same(runtime: Runtime, token: Token) -> Token:
    found: Token = next(scope.tasks[token.id] for scope in runtime.case.scopes if token.id in scope.tasks)
    return found


class _Check:
    """One instance against one definition."""

    def __init__(self, instance: Instance, target: Definition, mapping: Mapping[str, str]) -> None:
        self._instance, self._target, self._mapping = instance, target, mapping
        self._source = instance.definition
        self._nodes = {node.name: node for scope in target._scopes.values() for node in scope.nodes.values()}
        self._old = {node.name: node for scope in self._source._scopes.values() for node in scope.nodes.values()}

    def name(self, name: str) -> str:
        """What a node is called in the other definition."""
        return self._mapping.get(name, name)

    def scope(self, spec: ScopeSpec) -> ScopeSpec | None:
        """The scope of the other definition that stands for ``spec``."""
        if spec.name == self._source.process_id:
            return self._target._scopes[self._target.process_id]
        return self._target._scopes.get(self.name(spec.name))

    def problems(self) -> Iterator[Problem]:
        """Every obstacle, each node once."""
        if self._instance.completed:
            yield _problem("migration-completed", "", "quy trình đã kết thúc", "the process has ended")
            return
        active: dict[str, set[str] | None] = {}
        for scope in self._instance._case.scopes:
            yield from self._scope_kept(scope)
            for token in scope.tasks.values():
                if token.task_spec.name == ROOT:
                    continue
                name, allowed = token.element, self._allowed(token)
                known = active.get(name, allowed)
                active[name] = None if known is None or allowed is None else known & allowed
        for name in sorted(self._instance._case.visited | active.keys()):
            yield from self._node_kept(name, active.get(name) or set())

    def _allowed(self, token: Token) -> set[str] | None:
        """What may be otherwise at the node of a token; None = nothing, for the token has passed it."""
        internal = token.internal_data
        if token._state == COMPLETED or ENDED in internal:
            return None
        if token._state == READY and token.task_spec.kind == "userTask" and not internal.keys() & {LOOP, INSTANCE}:
            return set(_OPEN)
        if token.task_spec.kind == "eventBasedGateway":  # its ways out are listened on now
            return set()
        allowed = {"flows"}  # the way out is taken when the token leaves
        if token._state == WAITING and DUE in internal and CYCLE not in internal:
            allowed.add("event")
        return allowed

    def _node_kept(self, name: str, allowed: set[str]) -> Iterator[Problem]:
        old, new = self._old[name], self._nodes.get(self.name(name))
        if new is None:
            yield _problem("migration-node-missing", name, "bản mới không có bước này", "the new version lacks it")
            return
        expected = self.scope(old.scope)
        if expected is None or new.scope.name != expected.name:
            yield _problem("migration-node-moved", name, "bản mới vẽ bước này ở chỗ khác", "it is drawn elsewhere")
        different = self._differences(old, new) - allowed
        if "event" in allowed and not _retimed(old.config, new.config):
            different |= self._differences(old, new) & {"event"}
        if different:
            parts = [_PARTS[part] for part in sorted(different)]
            yield _problem(
                "migration-node-changed",
                name,
                f"bước này đã qua hoặc đang chạy mà bản mới vẽ khác ({', '.join(part.vi for part in parts)})",
                f"a token has passed it or stands there, and it is drawn otherwise "
                f"({', '.join(part.en for part in parts)})",
            )

    def _scope_kept(self, scope: Scope) -> Iterator[Problem]:
        other = self.scope(scope.spec)
        if other is None:
            yield _problem(
                "migration-scope-missing", scope.spec.name, "bản mới không có quy trình con này", "it is gone"
            )
            return
        if [self.name(node.name) for node in scope.spec.handlers] != [node.name for node in other.handlers]:
            yield _problem(
                "migration-handlers-changed",
                scope.spec.name,
                "bản mới có quy trình sự kiện khác",
                "its event sub-processes are others",
            )
        for token in scope.tasks.values():
            if token.internal_data.get(LISTENER) == "h":
                yield from self._start_kept(token)
        if not isinstance(scope, SubCase):
            return
        owner = self._instance._runtime.owner(scope)
        repeated = bool(owner.internal_data.keys() & {LOOP, INSTANCE})
        if (repeated or owner.task_spec.kind == "callActivity") and not self._alike(scope.spec, other, set()):
            yield _problem(
                "migration-call-changed",
                owner.element,
                "quy trình con đang chạy được vẽ khác trong bản mới",
                "the process that it runs now is drawn otherwise",
            )

    def _start_kept(self, listener: Token) -> Iterator[Problem]:
        """An event sub-process listens with its start event, at which no token stands yet."""
        old = self._instance._runtime.events.node_of(listener)
        new = self._nodes.get(self.name(old.name))
        if new is None or (old.config.event != new.config.event and not _retimed(old.config, new.config)):
            yield _problem(
                "migration-handlers-changed",
                listener.element,
                "bản mới bắt đầu quy trình sự kiện này khác đi",
                "its event sub-process starts otherwise",
            )

    def _alike(self, old: ScopeSpec, new: ScopeSpec, seen: set[str]) -> bool:
        """Whether two scopes, with all that they run, are the same but for words."""
        if old.name in seen:
            return True
        seen.add(old.name)
        if {self.name(name) for name in old.nodes} != set(new.nodes):
            return False
        for node in old.nodes.values():
            if self._differences(node, new.nodes[self.name(node.name)]):
                return False
            inner = self._source._scopes.get(node.config.scope)
            if inner is not None:
                other = self.scope(inner)
                if other is None or not self._alike(inner, other, seen):
                    return False
        return True

    def _differences(self, old: NodeSpec, new: NodeSpec) -> set[str]:
        was, now = self._comparable(old, self.name), self._comparable(new, str)
        return {name for name, value in was.items() if now[name] != value}

    @staticmethod
    def _comparable(node: NodeSpec, name: Any) -> dict[str, Any]:
        """What a node does, with the names that it has in the other definition."""
        config = node.config
        found = {field.name: getattr(config, field.name) for field in fields(config) if field.name not in _WORDS}
        found["attributes"] = dict(config.attributes)
        found["flows"] = {flow.id: (name(flow.target), flow.condition, flow.default) for flow in config.flows}
        found["incoming"] = sorted(config.incoming) if node.joins else ()
        found["boundary"] = sorted(name(event) for event in config.boundary)
        found["attached_to"] = name(config.attached_to)
        found["scope"] = name(config.scope) if config.kind != "callActivity" else config.scope
        return found


def _retimed(old: NodeConfig, new: NodeConfig) -> bool:
    """Whether the event of a running timer is still a timer of the same sort."""
    one, other = old.event, new.event
    return one.kind == other.kind == "timer" and one.timer == other.timer


def _problem(code: str, element: str, vi: str, en: str) -> Problem:
    return Problem(code=code, element=element, message=Text(vi=vi, en=en), remedy=_REMEDY)
