"""Closures for arithmetic, comparison, logic and tests."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from engine.feel import nodes
from engine.feel.arithmetic import calculate, negative
from engine.feel.errors import Undefined
from engine.feel.kinds import equal, inside, kind, order, passes
from engine.feel.nodes import Node, Place
from engine.feel.run import Code, Env, Run
from engine.feel.scope import Scope
from engine.feel.values import DECIMAL, Range, Value

_QUICK: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": DECIMAL.add,
    "-": DECIMAL.subtract,
    "*": DECIMAL.multiply,
    "/": DECIMAL.divide,
}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def arithmetic(node: nodes.Arithmetic, scope: Scope) -> Code:
    """``+ - * / **`` from left to right; null with a reason where the operands have no such sum."""
    steps = [(sign, scope.code(operand)) for sign, operand in node.rest]
    first, place = scope.code(node.first), node.place
    if len(steps) > 1:

        def chain(env: Env) -> Value:
            value = first(env)
            for sign, operand in steps:
                value = _step(sign, value, operand(env), env.run, place)
            return value

        return chain
    ((sign, second),) = steps
    quick = _QUICK.get(sign)

    def pair(env: Env) -> Value:
        left, right = first(env), second(env)
        if quick is not None and type(left) is Decimal and type(right) is Decimal:
            try:
                return quick(left, right)
            except (DivisionByZero, InvalidOperation, Overflow):
                pass  # told apart below
        return _step(sign, left, right, env.run, place)

    return pair


def _step(sign: str, left: Value, right: Value, run: Run, place: Place) -> Value:
    if sign == "+" and type(left) is str and type(right) is str:
        run.meter.string_of(len(left) + len(right))
        return left + right
    try:
        return calculate(sign, left, right)
    except Undefined as undefined:
        return run.note(undefined, place)


def negate(node: nodes.Negate, scope: Scope) -> Code:
    """``-x`` of a number or a duration, else null with a reason."""
    operand, place = scope.code(node.operand), node.place

    def turn(env: Env) -> Value:
        try:
            return negative(operand(env))
        except Undefined as undefined:
            return env.run.note(undefined, place)

    return turn


def compared(sign: str, left: Value, right: Value, run: Run, place: Place) -> bool | None:
    """``left sign right``, null with a reason when the two cannot be compared."""
    try:
        if sign in ("=", "!="):
            same = equal(left, right)
            if same is None:
                raise Undefined("not-comparable", left=kind(left), right=kind(right))
            return same if sign == "=" else not same
        return _ORDERS[sign](order(left, right), 0)
    except Undefined as undefined:
        run.note(undefined, place)
        return None


def comparison(node: nodes.Comparison, scope: Scope) -> Code:
    """``= != < <= > >=``; null with a reason when the two cannot be compared."""
    left, right, sign, place = scope.code(node.left), scope.code(node.right), node.sign, node.place
    quick = _ORDERS.get(sign)
    if quick is not None:

        def ordered(env: Env) -> Value:
            a, b = left(env), right(env)
            if type(a) is Decimal and type(b) is Decimal:
                return quick(a, b)
            return compared(sign, a, b, env.run, place)

        return ordered
    wanted = sign == "="

    def equality(env: Env) -> Value:
        a, b = left(env), right(env)
        if type(a) is type(b) and (type(a) is str or type(a) is Decimal):
            return (a == b) is wanted
        return compared(sign, a, b, env.run, place)

    return equality


def logic(node: nodes.Logic, scope: Scope) -> Code:
    """``and`` and ``or`` in three-valued logic; ends at the first decisive operand."""
    operands = [(scope.code(operand), operand.place) for operand in node.operands]
    decisive = node.word == "or"

    def decide(env: Env) -> Value:
        result: bool | None = not decisive
        for operand, place in operands:
            value = operand(env)
            if value is decisive:
                return decisive
            if type(value) is not bool:
                result = None
                if value is not None:
                    env.run.note(Undefined("not-a-boolean", kind=kind(value)), place)
        return result

    return decide


def between(node: nodes.Between, scope: Scope) -> Code:
    """``x between a and b``, both ends included."""
    value, low, high, place = scope.code(node.value), scope.code(node.low), scope.code(node.high), node.place

    def decide(env: Env) -> Value:
        at = value(env)
        above = compared(">=", at, low(env), env.run, place)
        below = compared("<=", at, high(env), env.run, place)
        if above is False or below is False:
            return False
        return None if above is None or below is None else True

    return decide


#: Whether a value passes a test, in an environment.
Test = Callable[[Value, Env], "bool | None"]


def test(node: Node, scope: Scope) -> Test:
    """One test of ``in (…)``."""
    if isinstance(node, nodes.Bound):
        return _bound_test(node, scope)
    code, place = scope.code(node), node.place

    spelled = isinstance(node, nodes.Literal)

    def decide(value: Value, env: Env) -> bool | None:
        wanted = code(env)
        if wanted is None and value is not None and not spelled:  # an undefined test decides nothing
            return None
        found = passes(value, wanted)
        if found is None:
            env.run.note(Undefined("not-comparable", left=kind(value), right=kind(wanted)), place)
        return found

    return decide


def _bound_test(node: nodes.Bound, scope: Scope) -> Test:
    operand, sign, place = scope.code(node.operand), node.sign, node.place
    quick = _ORDERS.get(sign)

    def decide(value: Value, env: Env) -> bool | None:
        wanted = operand(env)
        if quick is not None and type(value) is Decimal and type(wanted) is Decimal:
            return quick(value, wanted)
        return compared(sign, value, wanted, env.run, place)

    return decide


def contained(node: nodes.In, scope: Scope) -> Code:
    """``x in (…)``: true when a test holds, else false when one decidedly does not, else null."""
    value = scope.code(node.value)
    tests = [test(entry, scope) for entry in node.tests]

    def decide(env: Env) -> Value:
        at = value(env)
        found = [entry(at, env) for entry in tests]
        if True in found:
            return True
        return False if False in found else None

    return decide


def bound(node: nodes.Bound, scope: Scope) -> Code:
    """``(< 10)`` as a value: a range with one open end."""
    operand, sign, place = scope.code(node.operand), node.sign, node.place

    def build(env: Env) -> Value:
        end = operand(env)
        if sign == "=":
            return Range(end, end, unary=True)
        if end is None or sign == "!=" or inside(end, Range(end, end)) is None:
            return env.run.note(Undefined("not-a-range", text=f"{sign} {kind(end)}"), place)
        if sign in ("<", "<="):
            return Range(None, end, False, sign == "<=", unary=True)
        return Range(end, None, sign == ">=", False, unary=True)

    return build


def ranged(node: nodes.RangeLiteral, scope: Scope) -> Code:
    """``[a..b]``: a range; null with a reason when its ends cannot be ordered."""
    start, end, place = scope.code(node.start), scope.code(node.end), node.place
    left, right = node.start_included, node.end_included

    if isinstance(node.start, nodes.Literal) and isinstance(node.end, nodes.Literal):
        try:
            order(node.start.value, node.end.value)
        except Undefined:
            wrong = Undefined("range-order")
            return lambda env: env.run.note(wrong, place)
        fixed = Range(node.start.value, node.end.value, left, right)
        return lambda env: fixed

    def build(env: Env) -> Value:
        first, last = start(env), end(env)
        try:
            order(first, last)
        except Undefined:
            return env.run.note(Undefined("range-order"), place)
        return Range(first, last, left, right)

    return build
