"""Arguments to parameters: implicit conversions, binding by position or name, and the call itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import UTC, time
from functools import lru_cache

from engine.errors import MotcuaError, Text
from engine.feel.calendar import combine
from engine.feel.errors import FeelBudgetExceeded, Undefined
from engine.feel.kinds import DATE, DATE_TIME, kind
from engine.feel.run import Run
from engine.feel.values import Function, Parameter, Value

#: The evaluation inside which a product function runs; a nested evaluation shares its budget.
CURRENT: ContextVar[Run | None] = ContextVar("feel_run", default=None)


class Mismatch(Exception):
    """A value does not fit a type, even after the implicit conversions."""


Accept = Callable[[Value], Value]


@lru_cache(maxsize=4096)
def accept(wanted: str) -> Accept:
    """The conversion of an argument to the FEEL type ``wanted``; ``|`` separates alternatives; raises ``Mismatch``."""
    if wanted == "Any":
        return lambda value: value
    kinds = frozenset(part.strip() for part in wanted.split("|"))
    if "list" in kinds:
        return _to_list
    if wanted.startswith("list<"):
        return _list_of(accept(wanted[5:-1]))
    if wanted.partition("<")[0] in ("context", "function", "range"):
        return _one_of(frozenset((wanted.partition("<")[0],)))
    return _one_of(kinds)


def _to_list(value: Value) -> Value:
    if type(value) is list:
        return value
    if value is None:
        raise Mismatch
    return [value]


def _list_of(element: Accept) -> Accept:
    def convert(value: Value) -> Value:
        return [element(entry) for entry in _to_list(value)]

    return convert


def _one_of(kinds: frozenset[str]) -> Accept:
    to_midnight = DATE_TIME in kinds and DATE not in kinds

    def convert(value: Value) -> Value:
        of = kind(value)
        if of in kinds:
            return value
        if of == "list" and len(value) == 1:
            return convert(value[0])
        if of == DATE and to_midnight:
            return combine(value, time(tzinfo=UTC))
        raise Mismatch

    return convert


def bind(
    name: str, parameters: Sequence[Parameter], arguments: Sequence[Value], names: Sequence[str], absent: Value = None
) -> list[Value]:
    """One value per parameter, in order (a variadic one takes a list); ``Undefined`` when they do not fit."""
    if names:
        return _bind_named(name, parameters, arguments, names, absent)
    variadic = bool(parameters) and parameters[-1].variadic
    least = sum(not parameter.optional for parameter in parameters)
    if len(arguments) < least or (len(arguments) > len(parameters) and not variadic):
        raise Undefined("arguments", name=name or "function", count=len(arguments))
    if variadic:
        fixed = len(parameters) - 1
        return [*arguments[:fixed], list(arguments[fixed:])]
    return [*arguments, *([absent] * (len(parameters) - len(arguments)))]


def _bind_named(
    name: str, parameters: Sequence[Parameter], arguments: Sequence[Value], names: Sequence[str], absent: Value
) -> list[Value]:
    given = dict(zip(names, arguments, strict=True))
    if len(given) < len(names):
        raise Undefined("arguments", name=name or "function", count=len(names))
    bound = []
    for parameter in parameters:
        if parameter.name in given:
            bound.append(given.pop(parameter.name))
        elif parameter.optional:
            bound.append(absent)
        else:
            raise Undefined("argument-missing", name=name or "function", argument=parameter.name)
    if given:
        raise Undefined("argument-name", name=name or "function", argument=next(iter(given)))
    return bound


def invoke(function: Value, arguments: Sequence[Value], names: Sequence[str], run: Run) -> Value:
    """The result of calling ``function``; ``Undefined`` when there is none."""
    if type(function) is not Function:
        raise Undefined("not-a-function", kind=kind(function))
    run.meter.charge(4)
    if not function.host:
        return function.call(arguments, names, run)
    bound = bind(function.name, function.parameters, arguments, names)
    for at, parameter in enumerate(function.parameters):
        if bound[at] is None and (parameter.optional or parameter.type == "Any"):
            continue
        try:
            bound[at] = accept(parameter.type)(bound[at])
        except Mismatch as error:
            raise wrong_type(function.name, parameter, bound[at]) from error
    return _call_host(function, bound, run)


def wrong_type(name: str, parameter: Parameter, value: Value) -> Undefined:
    """The reason for an argument of the wrong type."""
    return Undefined(
        "argument-type", name=name or "function", argument=parameter.name, wanted=parameter.type, kind=kind(value)
    )


def _call_host(function: Function, bound: list[Value], run: Run) -> Value:
    before = CURRENT.set(run)
    run.meter.enter(20)
    try:
        return function.call(*bound)
    except FeelBudgetExceeded:
        raise
    except MotcuaError as error:
        why = Text(vi=error.message("vi"), en=error.message("en"))
        raise Undefined("function-failed", name=function.name, why=why.vi, text=why) from error
    finally:
        run.meter.leave(20)
        CURRENT.reset(before)
