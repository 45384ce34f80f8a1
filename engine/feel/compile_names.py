"""Closures for literals, names, paths, filters, contexts and lists."""

from __future__ import annotations

from decimal import Decimal

from engine.feel import nodes
from engine.feel.builtins import as_value
from engine.feel.errors import Undefined
from engine.feel.kinds import kind
from engine.feel.nodes import Node, Place
from engine.feel.properties import attribute
from engine.feel.run import Code, Env, Run
from engine.feel.scope import Scope
from engine.feel.temporal import read_temporal
from engine.feel.values import Value

_MISSING = object()

#: Nodes that can only be true, false or null: a filter with one of these is no position.
BOOLEAN = (nodes.Comparison, nodes.Logic, nodes.Between, nodes.In, nodes.InstanceOf, nodes.Quantified)


def literal(node: nodes.Literal, scope: Scope) -> Code:
    """A constant."""
    del scope
    value = node.value
    return lambda env: value


def at_literal(node: nodes.AtLiteral, scope: Scope) -> Code:
    """``@"…"``, read at compile time; null with a reason when it is no temporal value."""
    del scope
    place = node.place
    try:
        value = read_temporal(node.text)
    except Undefined as undefined:
        failed = undefined
        return lambda env: env.run.note(failed, place)
    return lambda env: value


def name(node: nodes.Name, scope: Scope) -> Code:
    """A variable: local, then given, then a function of the installation or of FEEL; else null with a reason."""
    wanted, place = node.name, node.place
    if wanted == "?":
        scope.names.uses_input = True
    local = wanted in scope.locals
    if not local:
        scope.meet(wanted, builtin=as_value(wanted) is not None)

    def read_global(env: Env) -> Value:
        try:
            return env.globals[wanted]
        except KeyError:
            return _elsewhere(wanted, env.run, place)

    def read_local(env: Env) -> Value:
        try:
            return env.locals[wanted]
        except KeyError:
            return read_global(env)

    return read_local if local or scope.dynamic else read_global


def _elsewhere(wanted: str, run: Run, place: Place) -> Value:
    found = run.functions.find(wanted) if run.functions is not None else None
    if found is None:
        found = as_value(wanted)
    return run.note(Undefined("unknown-name", name=wanted), place) if found is None else found


def path(node: nodes.Path, scope: Scope) -> Code:
    """``base.name``: an entry or a property; over a list, the list of each item's."""
    base, wanted, place = scope.code(node.base), node.name, node.place

    def read(env: Env) -> Value:
        value = base(env)
        if type(value) is dict:
            found = value.get(wanted, _MISSING)
            if found is not _MISSING:
                return found
        return _read(value, wanted, env.run, place)

    return read


def _read(value: Value, wanted: str, run: Run, place: Place) -> Value:
    if type(value) is list:
        run.meter.list_of(len(value))
        return [_read_one(entry, wanted, run, place) for entry in value]
    return _read_one(value, wanted, run, place)


def _read_one(value: Value, wanted: str, run: Run, place: Place) -> Value:
    if type(value) is dict and wanted in value:
        return value[wanted]
    if type(value) is list:
        return _read(value, wanted, run, place)
    try:
        return attribute(value, wanted)
    except Undefined as undefined:
        return run.note(undefined, place)


def _position(value: list[Value], index: Decimal, run: Run, place: Place) -> Value:
    if index == index.to_integral_value():
        at = int(index) if abs(index) <= len(value) else 0
        if at > 0:
            return value[at - 1]
        if at < 0:
            return value[at]
    return run.note(Undefined("index", index=str(index), length=len(value)), place)


def _fixed_position(condition: Node) -> Decimal | None:
    if isinstance(condition, nodes.Negate) and isinstance(condition.operand, nodes.Literal):
        inner = condition.operand.value
        return -inner if isinstance(inner, Decimal) else None
    if isinstance(condition, nodes.Literal) and isinstance(condition.value, Decimal):
        return condition.value
    return None


def filtered(node: nodes.Filter, scope: Scope) -> Code:
    """``base[…]``: an item by its position counted from 1, or the items for which the condition is true."""
    base, place = scope.code(node.base), node.place
    fixed = _fixed_position(node.condition)
    if fixed is not None:
        index = fixed

        def pick(env: Env) -> Value:
            value = base(env)
            if type(value) is not list:
                if value is None:
                    return None
                value = [value]
            return _position(value, index, env.run, place)

        return pick
    return _condition(node, scope, base)


def _condition(node: nodes.Filter, scope: Scope, base: Code) -> Code:
    keeps, weight, place = scope.filtering().code(node.condition), node.condition.size + 2, node.place
    boolean = isinstance(node.condition, BOOLEAN)

    def keep(env: Env) -> Value:
        value = base(env)
        if type(value) is not list:
            if value is None:
                return None
            value = [value]
        if not value and not boolean:
            index = keeps(env)
            return _position(value, index, env.run, place) if type(index) is Decimal else []
        kept = []
        for item in value:
            env.run.meter.charge(weight)
            found = keeps(_within(item, env))
            if found is True:
                kept.append(item)
            elif type(found) is Decimal:
                return _position(value, found, env.run, place)
            elif found is not False and found is not None:
                return env.run.note(Undefined("not-a-boolean", kind=kind(found)), place)
        return kept

    return keep


def _within(item: Value, env: Env) -> Env:
    """The names inside a filter: ``item``, and the entries of an item that is a context."""
    own = {"item": item, **item} if type(item) is dict else {"item": item}
    return Env(env.globals, {**env.locals, **own}, env.run)


def context(node: nodes.ContextLiteral, scope: Scope) -> Code:
    """``{…}``; an entry sees those before it, and a repeated key makes the whole null with a reason."""
    entries: list[tuple[str, Code]] = []
    inner, place = scope, node.place
    seen: set[str] = set()
    for key, value in node.entries:
        if key in seen:
            again = Undefined("duplicate-key", key=key)
            return lambda env: env.run.note(again, place)
        seen.add(key)
        own = inner.bind(key) if isinstance(value, nodes.FunctionLiteral) else inner
        entries.append((key, own.code(value)))
        inner = inner.bind(key)

    def build(env: Env) -> Value:
        names = dict(env.locals)
        within = Env(env.globals, names, env.run)
        built: dict[str, Value] = {}
        for key, code in entries:
            built[key] = names[key] = code(within)
        return built

    return build


def listing(node: nodes.ListLiteral, scope: Scope) -> Code:
    """``[…]``."""
    items = [scope.code(item) for item in node.items]
    return lambda env: [item(env) for item in items]
