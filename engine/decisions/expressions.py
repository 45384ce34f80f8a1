"""Compiled boxed expressions other than tables: each knows how to evaluate itself in a scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from engine.decisions.running import Node, Run
from engine.decisions.types import ANY, MISMATCH, Type
from engine.feel import Expression, Function, Parameter, Range, Undefined, Value, compile_expression
from engine.feel.kinds import kind as kind_of

Scope = Mapping[str, Value]


def convert(value: Value, kind: Type, run: Run, *, name: str, element: str) -> Value:
    """``value`` as ``kind``; a value that does not conform becomes null with a reason."""
    if kind is ANY or value is None:
        return value
    converted = kind.convert(value)
    if converted is MISMATCH:
        run.note("dmn-type-mismatch", element=element, name=name, value=value, type=kind.name)
        return None
    return converted


@dataclass(slots=True)
class Broken(Node):
    """Stands for what could not be compiled: always null, with the reason why."""

    element: str
    code: str
    facts: dict[str, object]

    def evaluate(self, scope: Scope, run: Run) -> Value:
        run.note(self.code, element=self.element, **self.facts)
        return None


@dataclass(slots=True)
class Constant(Node):
    """A literal without parts that could change."""

    value: Value

    def evaluate(self, scope: Scope, run: Run) -> Value:
        return self.value


@dataclass(slots=True)
class Lookup(Node):
    """An expression that is just a name in scope."""

    name: str

    def evaluate(self, scope: Scope, run: Run) -> Value:
        return scope[self.name]


@dataclass(slots=True)
class Feel(Node):
    """A FEEL expression."""

    expression: Expression
    element: str

    def evaluate(self, scope: Scope, run: Run) -> Value:
        return run.feel(self.expression, scope, self.element)


@dataclass(slots=True)
class ContextEntry:
    """A named, typed entry; later entries see it."""

    name: str
    kind: Type
    node: Node
    element: str


@dataclass(slots=True)
class ContextNode(Node):
    """A boxed context; with ``result`` its value is that, else the context itself."""

    entries: tuple[ContextEntry, ...]  #: each after those it uses
    result: Node | None
    names: tuple[str, ...]  #: in the order of the author

    def evaluate(self, scope: Scope, run: Run) -> Value:
        inner = dict(scope)
        for entry in self.entries:
            value = entry.node.evaluate(inner, run)
            value = convert(value, entry.kind, run, name=entry.name, element=entry.element)
            inner[entry.name] = value
        if self.result is not None:
            return self.result.evaluate(inner, run)
        return {name: inner[name] for name in self.names}


@dataclass(slots=True)
class InvocationNode(Node):
    """A boxed invocation: the bindings are evaluated, then ``call`` invokes by parameter name."""

    callee: Node | None  #: when the callee is no plain FEEL expression
    bindings: tuple[tuple[str, str, Type, Node], ...]  #: name in ``call``, parameter, declared type, expression
    call: Expression
    element: str

    def evaluate(self, scope: Scope, run: Run) -> Value:
        inner = dict(scope)
        if self.callee is not None:
            inner["_callee"] = self.callee.evaluate(scope, run)
        for alias, parameter, kind, node in self.bindings:
            value = node.evaluate(scope, run)
            inner[alias] = convert(value, kind, run, name=parameter, element=self.element)
        return run.feel(self.call, inner, self.element)


@dataclass(slots=True)
class FunctionNode(Node):
    """A boxed function: a closure over the scope it is evaluated in."""

    name: str
    parameters: tuple[tuple[str, Type], ...]
    body: Node
    result: Type
    element: str

    def evaluate(self, scope: Scope, run: Run) -> Value:
        return make_function(self, scope, run, owner=run.owner)


def make_function(node: FunctionNode, scope: Scope, run: Run, *, owner: str) -> Function:
    """A FEEL function value for ``node`` in ``scope``."""
    types = run.types

    def call(*arguments: Value) -> Value:
        inner = dict(scope)
        for (name, kind), argument in zip(node.parameters, arguments, strict=True):
            converted = kind.convert(argument)
            if converted is MISMATCH:
                raise wrong_argument(node.name, name, argument, kind)
            inner[name] = converted
        with run.inside(owner, types):
            value = node.body.evaluate(inner, run)
            return convert(value, node.result, run, name=node.name or "function", element=node.element)

    parameters = tuple(Parameter(name) for name, _ in node.parameters)
    return Function(node.name, parameters, "Any", call, host=True)


def wrong_argument(function: str, parameter: str, argument: Value, kind: Type) -> Undefined:
    """The reason for an argument that does not conform to its declared type."""
    return Undefined(
        "argument-type", name=function or "function", argument=parameter, wanted=kind.name, kind=kind_of(argument)
    )


@dataclass(slots=True)
class ListNode(Node):
    """A boxed list."""

    items: tuple[Node, ...]

    def evaluate(self, scope: Scope, run: Run) -> Value:
        return [item.evaluate(scope, run) for item in self.items]


@dataclass(slots=True)
class RelationNode(Node):
    """A relation: a list of contexts with the column names as keys."""

    columns: tuple[tuple[str, Type], ...]
    rows: tuple[tuple[Node, ...], ...]
    element: str

    def evaluate(self, scope: Scope, run: Run) -> Value:
        return [
            {
                name: convert(node.evaluate(scope, run), kind, run, name=name, element=self.element)
                for (name, kind), node in zip(self.columns, row, strict=False)
            }
            for row in self.rows
        ]


@dataclass(slots=True)
class ConditionalNode(Node):
    """If / then / else; a condition that is neither true nor false makes it null."""

    condition: Node
    then: Node
    otherwise: Node
    element: str

    def evaluate(self, scope: Scope, run: Run) -> Value:
        condition = self.condition.evaluate(scope, run)
        if not isinstance(condition, bool):
            run.note("dmn-not-boolean", element=self.element, value=condition)
            return None
        return (self.then if condition is True else self.otherwise).evaluate(scope, run)


@dataclass(slots=True)
class FilterNode(Node):
    """The elements for which ``match`` is true; ``item`` and the members of the element are in its scope."""

    source: Node
    match: Node
    element: str

    def evaluate(self, scope: Scope, run: Run) -> Value:
        source = self.source.evaluate(scope, run)
        if source is None:
            run.note("dmn-not-list", element=self.element, value=None)
            return None
        items = source if isinstance(source, list) else [source]
        run.meter.list_of(len(items))
        kept = []
        for item in items:
            inner = {**scope, **item, "item": item} if isinstance(item, dict) else {**scope, "item": item}
            matched = self.match.evaluate(inner, run)
            if matched is True:
                kept.append(item)
            elif matched is not False:
                run.note("dmn-not-boolean", element=self.element, value=matched)
                return None
        return kept


@cache
def _elements() -> Expression:
    """FEEL knows which ranges can be walked, and in which direction."""
    return compile_expression("for _element in _source return _element", names=("_element", "_source"))


@dataclass(slots=True)
class IterationNode(Node):
    """``for`` (with ``partial`` in scope), ``every`` or ``some`` over a list."""

    kind: str
    variable: str
    type: Type
    source: Node
    body: Node
    element: str
    partial: bool = False  #: whether the body of a ``for`` may ask for the results so far

    def evaluate(self, scope: Scope, run: Run) -> Value:
        source = self.source.evaluate(scope, run)
        items = run.feel(_elements(), {"_source": source}, self.element) if isinstance(source, Range) else source
        if not isinstance(items, list):
            run.note("dmn-not-list", element=self.element, value=source)
            return None
        run.meter.list_of(len(items))
        results: list[Value] = []
        inner = dict(scope)
        for item in items:
            inner[self.variable] = convert(item, self.type, run, name=self.variable, element=self.element)
            if self.partial:
                run.meter.charge(len(results) >> 6)
                inner["partial"] = list(results)
            results.append(self.body.evaluate(inner, run))
            if self.kind != "for" and results[-1] is (self.kind == "some"):
                return self.kind == "some"
        return results if self.kind == "for" else self._verdict(results, run)

    def _verdict(self, results: list[Value], run: Run) -> Value:
        """No element decided it: true for ``every``, false for ``some``, null if one was neither."""
        for result in results:
            if not isinstance(result, bool):
                run.note("dmn-not-boolean", element=self.element, value=result)
                return None
        return self.kind == "every"
