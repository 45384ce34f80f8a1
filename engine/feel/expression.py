"""Compiled expressions and unary tests: the face of the package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from engine.feel import compile_calls, compile_loops, compile_names, compile_operators, nodes
from engine.feel.budget import Budget
from engine.feel.builtins import is_builtin
from engine.feel.calling import CURRENT
from engine.feel.compile_operators import Test
from engine.feel.errors import Reason, Undefined
from engine.feel.kinds import kind
from engine.feel.nodes import Node
from engine.feel.parser import parse
from engine.feel.printer import show_node
from engine.feel.registry import FunctionRegistry
from engine.feel.run import Code, Env, Run, Types
from engine.feel.scope import Handler, Names, Scope
from engine.feel.values import Value

_HANDLERS: dict[type[Node], Handler] = {
    nodes.Literal: compile_names.literal,
    nodes.AtLiteral: compile_names.at_literal,
    nodes.Name: compile_names.name,
    nodes.Path: compile_names.path,
    nodes.Filter: compile_names.filtered,
    nodes.ContextLiteral: compile_names.context,
    nodes.ListLiteral: compile_names.listing,
    nodes.Arithmetic: compile_operators.arithmetic,
    nodes.Negate: compile_operators.negate,
    nodes.Comparison: compile_operators.comparison,
    nodes.Logic: compile_operators.logic,
    nodes.Between: compile_operators.between,
    nodes.In: compile_operators.contained,
    nodes.Bound: compile_operators.bound,
    nodes.RangeLiteral: compile_operators.ranged,
    nodes.If: compile_loops.choice,
    nodes.For: compile_loops.loop,
    nodes.Quantified: compile_loops.quantified,
    nodes.Call: compile_calls.call,
    nodes.FunctionLiteral: compile_calls.function,
    nodes.InstanceOf: compile_calls.instance_of,
}

_NOTHING: Mapping[str, Value] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an evaluation gave. ``reasons`` tell why parts of it became null; a value may stand beside them."""

    value: Value
    reasons: tuple[Reason, ...] = ()


class _Compiled:
    """What expressions and unary tests share."""

    __slots__ = ("_certain", "_node", "free_names", "source")

    def __init__(self, source: str, node: Node, names: Names) -> None:
        self.source = source
        #: Names of the caller that it may use; inside a filter that includes entries of the filtered contexts.
        self.free_names = frozenset(names.possible)
        self._certain = frozenset(names.certain)
        self._node = node

    def print(self) -> str:
        """The canonical source; parsing it with the same names gives the same tree."""
        return show_node(self._node)

    @property
    def certain_names(self) -> frozenset[str]:
        """The free names that cannot be entries of a filtered context."""
        return self._certain

    @property
    def tree(self) -> Node:
        """The syntax tree."""
        return self._node

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source!r})"


class Expression(_Compiled):
    """A compiled FEEL expression; immutable and safe to share between threads."""

    __slots__ = ("_code",)

    def __init__(self, source: str, node: Node, names: Names, code: Code) -> None:
        super().__init__(source, node, names)
        self._code = code

    def evaluate(
        self,
        context: Mapping[str, Value],
        *,
        functions: FunctionRegistry | None = None,
        budget: Budget | None = None,
        now: datetime | None = None,
        types: Types | None = None,
    ) -> Outcome:
        """The value in ``context``. Raises nothing but ``FeelBudgetExceeded``.

        ``now`` (aware) is what ``now()`` and ``today()`` tell; ``types`` are the item definitions that
        ``instance of`` may name.
        """
        run = _run(functions, budget, now, types)
        try:
            value = self._code(Env(context, _NOTHING, run))
        except RecursionError as error:
            raise run.meter.too_deep() from error
        return Outcome(value, tuple(run.reasons) if run.reasons else ())


class UnaryTests(_Compiled):
    """Compiled unary tests (a cell of a decision table)."""

    __slots__ = ("_negated", "_tests")

    def __init__(self, source: str, node: nodes.Tests, names: Names, tests: tuple[Test, ...]) -> None:
        super().__init__(source, node, names)
        self._tests, self._negated = tests, node.negated

    def evaluate(
        self,
        value: Value,
        context: Mapping[str, Value],
        *,
        functions: FunctionRegistry | None = None,
        budget: Budget | None = None,
        now: datetime | None = None,
        types: Types | None = None,
    ) -> Outcome:
        """Whether ``value`` (``?``) passes: true, false, or null with reasons."""
        if not self._tests:
            return _PASSED
        run = _run(functions, budget, now, types)
        env = Env(context, {"?": value}, run)
        try:
            if len(self._tests) == 1:
                found = self._tests[0](value, env)
            else:
                found = _any([test(value, env) for test in self._tests])
        except RecursionError as error:
            raise run.meter.too_deep() from error
        if self._negated and found is not None:
            found = not found
        if run.reasons or found is None:
            return Outcome(found, tuple(run.reasons))
        return _PASSED if found else _FAILED


_PASSED, _FAILED = Outcome(True), Outcome(False)


def _any(found: list[bool | None]) -> bool | None:
    if True in found:
        return True
    return None if None in found else False


def _run(functions: FunctionRegistry | None, budget: Budget | None, now: datetime | None, types: Types | None) -> Run:
    """A run of its own, or, inside a product function, one that shares what is left of the budget."""
    run = Run(budget, functions, now, types)
    outer = CURRENT.get()
    if outer is not None:
        run.meter = outer.meter
        run.functions = functions if functions is not None else outer.functions
        run.now = now if now is not None else outer.now
        run.types = types if types is not None else outer.types
    return run


def _test(node: Node, scope: Scope) -> Test:
    """A test that uses ``?`` decides by itself; any other is compared with the input value."""
    if isinstance(node, nodes.Bound):
        return compile_operators.test(node, scope)
    before = scope.names.uses_input
    scope.names.uses_input = False
    code = scope.code(node)
    decides, scope.names.uses_input = scope.names.uses_input, before
    place = node.place
    if not decides:
        return _compared_or_decided(node, scope, code)

    def by_itself(value: Value, env: Env) -> bool | None:
        found = code(env)
        if type(found) is bool:
            return found
        if found is not None:
            env.run.note(Undefined("not-a-boolean", kind=kind(found)), place)
        return None

    return by_itself


def _compared_or_decided(node: Node, scope: Scope, code: Code) -> Test:
    """Compared with the input, but a condition without ``?`` decides where the input is no boolean."""
    compare = compile_operators.test(node, scope)
    if not isinstance(node, compile_names.BOOLEAN):
        return compare

    def decide(value: Value, env: Env) -> bool | None:
        if type(value) is bool:
            return compare(value, env)
        found = code(env)
        return found if type(found) is bool else None

    return decide


def compile_expression(source: str, *, names: Iterable[str] = ()) -> Expression:
    """Read ``source``, where ``names`` may contain blanks and operators. Raises ``FeelSyntaxError``. Cached."""
    return _expression(source, names if isinstance(names, frozenset) else frozenset(names))


def compile_unary_tests(source: str, *, names: Iterable[str] = ()) -> UnaryTests:
    """Read the unary tests ``source``. Raises ``FeelSyntaxError``. Cached."""
    return _unary_tests(source, names if isinstance(names, frozenset) else frozenset(names))


@lru_cache(maxsize=4096)
def _expression(source: str, names: frozenset[str]) -> Expression:
    node = parse(source, names)
    met = Names(names)
    code = Scope(_HANDLERS, met, frozenset()).code(node)
    return Expression(source, node, met, code)


@lru_cache(maxsize=4096)
def _unary_tests(source: str, names: frozenset[str]) -> UnaryTests:
    node = parse(source, names, start="tests")
    if not isinstance(node, nodes.Tests):
        raise TypeError(source)  # the grammar gives nothing else
    met = Names(names)
    scope = Scope(_HANDLERS, met, frozenset({"?"}))
    return UnaryTests(source, node, met, tuple(_test(entry, scope) for entry in node.tests))


def unknown_names(expression: Expression | UnaryTests, known: Iterable[str]) -> tuple[str, ...]:
    """The names the expression surely uses that are neither in ``known`` nor built-in, sorted."""
    allowed = set(known)
    return tuple(sorted(name for name in expression.certain_names if name not in allowed and not is_builtin(name)))
