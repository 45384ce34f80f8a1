"""The linked elements of a requirement graph and how each is evaluated."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.decisions import expressions as nodes
from engine.decisions.compiler import result_of
from engine.decisions.expressions import convert, make_function
from engine.decisions.running import Node, Run
from engine.decisions.types import ANY, MISMATCH, Type
from engine.feel import Function, Parameter, Value

#: Namespace and id: what an element is known by across models.
Key: TypeAlias = tuple[str, str]
#: Where a required value stands in scope: a name, or import name and name.
Path: TypeAlias = tuple[str, ...]
Values: TypeAlias = dict[Key, Value]


@dataclass(slots=True, kw_only=True, eq=False)
class Input:
    """An input of the model."""

    key: Key
    name: str
    variable: str
    kind: Type = ANY
    type_ref: str = ""
    types: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True, eq=False)
class DecisionUnit:
    """A decision; ``inputs`` are all it reads, directly or through other decisions."""

    key: Key
    name: str
    variable: str
    kind: Type = ANY
    type_ref: str = ""
    types: Mapping[str, Any] = field(default_factory=dict)
    node: Node | None = None
    needs: tuple[tuple[Path, Input | DecisionUnit], ...] = ()
    knowledge: tuple[tuple[Path, Callee], ...] = ()
    inputs: tuple[Input, ...] = ()
    _order: tuple[DecisionUnit, ...] = ()

    @property
    def order(self) -> tuple[DecisionUnit, ...]:
        """The decisions it needs, each after what it needs, itself last; found when first asked for."""
        if not self._order:
            self._order = evaluation_order((self,), ())
        return self._order

    def evaluate(self, values: Values, run: Run) -> Value:
        """The value, given those of what it needs."""
        run.owner, run.types = self.name, self.types
        if self.node is None:
            run.note("dmn-no-logic", element=self.key[1], name=self.name)
            return None
        scope: dict[str, Value] = {}
        for path, need in self.needs:
            put(scope, path, values.get(need.key))
        for path, callee in self.knowledge:
            put(scope, path, callee.function(run))
        value = self.node.evaluate(scope, run)
        return convert(value, self.kind, run, name=self.name, element=self.key[1])


@dataclass(slots=True, kw_only=True, eq=False)
class KnowledgeUnit:
    """A business knowledge model."""

    key: Key
    name: str
    variable: str
    kind: Type = ANY
    type_ref: str = ""
    types: Mapping[str, Any] = field(default_factory=dict)
    node: nodes.FunctionNode | nodes.Broken | None = None
    knowledge: tuple[tuple[Path, Callee], ...] = ()

    def function(self, run: Run) -> Function | None:
        """The function value; it sees its parameters and the knowledge it requires, nothing else."""
        if self.key in run.functions_made:
            known: Function | None = run.functions_made[self.key]
            return known
        made: Function | None = None
        if isinstance(self.node, nodes.FunctionNode):
            scope: dict[str, Value] = {}
            for path, callee in self.knowledge:
                put(scope, path, callee.function(run))
            before, run.types = run.types, self.types
            made = make_function(self.node, scope, run, owner=self.name)
            run.types = before
        run.functions_made[self.key] = made
        return made


@dataclass(slots=True, kw_only=True, eq=False)
class ServiceUnit:
    """A decision service: its input data and input decisions, in this order, are its parameters."""

    key: Key
    name: str
    variable: str
    kind: Type = ANY
    type_ref: str = ""
    types: Mapping[str, Any] = field(default_factory=dict)
    outputs: tuple[DecisionUnit, ...] = ()
    inputs: tuple[Input | DecisionUnit, ...] = ()
    order: tuple[DecisionUnit, ...] = ()

    def evaluate(self, values: Values, run: Run) -> Value:
        """The one output, or a context of several, given the values of the inputs."""
        values = dict(values)
        for decision in self.order:
            values[decision.key] = decision.evaluate(values, run)
        if len(self.outputs) == 1:
            value = values.get(self.outputs[0].key)
        else:
            value = {output.variable: values.get(output.key) for output in self.outputs}
        return convert(value, result_of(self.kind), run, name=self.name, element=self.key[1])

    def function(self, run: Run) -> Function | None:
        """The service as a function value."""

        def call(*arguments: Value) -> Value:
            values: Values = {}
            for parameter, argument in zip(self.inputs, arguments, strict=True):
                converted = parameter.kind.convert(argument)
                if converted is MISMATCH:
                    raise nodes.wrong_argument(self.name, parameter.variable, argument, parameter.kind)
                values[parameter.key] = converted
            with run.inside(self.name, self.types):
                return self.evaluate(values, run)

        parameters = tuple(Parameter(parameter.variable) for parameter in self.inputs)
        return Function(self.name, parameters, "Any", call, host=True)


Callee: TypeAlias = KnowledgeUnit | ServiceUnit
Unit: TypeAlias = Input | DecisionUnit | KnowledgeUnit | ServiceUnit
Invocable: TypeAlias = DecisionUnit | KnowledgeUnit | ServiceUnit


def put(scope: dict[str, Value], path: Path, value: Value) -> None:
    """Place ``value`` in ``scope``; values of imported models stand in a context named as the import."""
    for part in path[:-1]:
        scope = scope.setdefault(part, {})
    scope[path[-1]] = value


def evaluation_order(targets: Collection[DecisionUnit], given: Collection[Key]) -> tuple[DecisionUnit, ...]:
    """The decisions to evaluate for ``targets``, each after those it needs, without those in ``given``."""
    order: dict[Key, DecisionUnit] = {}
    stack: list[tuple[DecisionUnit, bool]] = [(target, False) for target in reversed(list(targets))]
    while stack:
        unit, ready = stack.pop()
        if ready:
            order.setdefault(unit.key, unit)
            continue
        if unit.key in order or unit.key in given:
            continue
        stack.append((unit, True))
        stack.extend(
            (need, False)
            for _, need in reversed(unit.needs)
            if isinstance(need, DecisionUnit) and need.key not in order
        )
    return tuple(order.values())


def set_inputs(decisions: Collection[DecisionUnit]) -> None:
    """Give each decision the inputs it reads, those of its needs first."""
    for decision in evaluation_order(decisions, ()):
        found: dict[Key, Input] = {}
        for _, need in decision.needs:
            for wanted in (need,) if isinstance(need, Input) else need.inputs:
                found.setdefault(wanted.key, wanted)
        decision.inputs = tuple(found.values())
