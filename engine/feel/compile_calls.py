"""Closures for calls, function literals and ``instance of``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, time

from engine.feel import nodes
from engine.feel.builtins import as_value
from engine.feel.calendar import combine
from engine.feel.calling import bind, invoke, wrong_type
from engine.feel.errors import Undefined
from engine.feel.kinds import DATE, kind
from engine.feel.nodes import Node
from engine.feel.printer import show_type
from engine.feel.run import Code, Env, Run, Types
from engine.feel.scope import Scope
from engine.feel.types import Check, checker, infer
from engine.feel.values import Function, Parameter, Value


def call(node: nodes.Call, scope: Scope) -> Code:
    """``f(…)`` by position or by name; null with a reason when the arguments do not fit."""
    function = _callee(node.function, scope)
    arguments = [scope.code(argument) for argument in node.arguments]
    names, place = node.names, node.place

    def run_call(env: Env) -> Value:
        target = function(env)
        values = [argument(env) for argument in arguments]
        try:
            return invoke(target, values, names, env.run)
        except Undefined as undefined:
            return env.run.note(undefined, place)

    return run_call


def _callee(node: Node, scope: Scope) -> Code:
    """The function called. A variable that is no function does not hide a built-in here."""
    code = scope.code(node)
    if not isinstance(node, nodes.Name):
        return code
    name, builtin = node.name, as_value(node.name)
    if builtin is None:
        return code
    inner = name in scope.locals or scope.dynamic

    def find(env: Env) -> Value:
        found = env.locals.get(name) if inner else None
        if found is None:
            found = env.globals.get(name)
        return found if type(found) is Function else builtin

    return find


def function(node: nodes.FunctionLiteral, scope: Scope) -> Code:
    """``function(…) body`` as a value; its parameters hide variables. An external one is null with a reason."""
    if node.external:
        place = node.place
        return lambda env: env.run.note(Undefined("external-function"), place)
    names = tuple(name for name, _ in node.parameters)
    parameters = tuple(Parameter(name, show_type(kind_) if kind_ else "Any") for name, kind_ in node.parameters)
    checks = tuple(checker(kind_) if kind_ is not None else None for _, kind_ in node.parameters)
    body, depth, weight = scope.bind(*names).code(node.body), node.body.depth + 5, node.body.size
    returns = show_type(infer(node.body))

    def build(env: Env) -> Value:
        def run_body(arguments: Sequence[Value], given: Sequence[str], run: Run) -> Value:
            bound = bind("", parameters, arguments, given)
            for at, check in enumerate(checks):
                if check is not None:
                    bound[at] = fit(bound[at], parameters[at], check, run.types)
            run.meter.charge(weight)
            run.meter.enter(depth)
            try:
                inner = {**env.locals, **dict(zip(names, bound, strict=True))}
                return body(Env(env.globals, inner, run))
            finally:
                run.meter.leave(depth)

        return Function("", parameters, returns, run_body)

    return build


def fit(value: Value, parameter: Parameter, check: Check, types: Types | None) -> Value:
    """``value`` after the implicit conversions to the parameter's type; ``Undefined`` if it does not fit."""
    if value is None or check(value, types):
        return value
    if type(value) is list and len(value) == 1 and check(value[0], types):
        return value[0]
    if type(value) is not list and check([value], types):
        return [value]
    if kind(value) == DATE:
        midnight = combine(value, time(tzinfo=UTC))
        if check(midnight, types):
            return midnight
    raise wrong_type("", parameter, value)


def instance_of(node: nodes.InstanceOf, scope: Scope) -> Code:
    """``value instance of type``."""
    value, check, place = scope.code(node.value), checker(node.kind), node.place

    def decide(env: Env) -> Value:
        try:
            return check(value(env), env.run.types)
        except Undefined as undefined:
            return env.run.note(undefined, place)

    return decide
