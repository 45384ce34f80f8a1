"""The built-in functions of FEEL, DMN 1.5 chapter 10.3.4."""

from __future__ import annotations

from engine.feel.builtins import contexts as contexts
from engine.feel.builtins import conversion as conversion
from engine.feel.builtins import dates as dates
from engine.feel.builtins import lists as lists
from engine.feel.builtins import numbers as numbers
from engine.feel.builtins import ranges as ranges
from engine.feel.builtins import statistics as statistics
from engine.feel.builtins import strings as strings
from engine.feel.signature import Builtin, Signature
from engine.feel.values import Function

_BUILTINS: dict[str, Builtin] = {}
for _library in (
    conversion.LIBRARY,
    strings.LIBRARY,
    numbers.LIBRARY,
    lists.LIBRARY,
    statistics.LIBRARY,
    contexts.LIBRARY,
    dates.LIBRARY,
    ranges.LIBRARY,
):
    _BUILTINS.update(_library.builtins)
_FUNCTIONS: dict[str, Function] = {name: builtin.as_function() for name, builtin in _BUILTINS.items()}


def is_builtin(name: str) -> bool:
    """Whether ``name`` is a built-in function."""
    return name in _FUNCTIONS


def as_value(name: str) -> Function | None:
    """The built-in as a value."""
    return _FUNCTIONS.get(name)


def names() -> frozenset[str]:
    """The names of all built-ins and of their parameters (which named arguments spell)."""
    parameters = {
        parameter.name
        for builtin in _BUILTINS.values()
        for overload in builtin.overloads
        for parameter in overload.signature.parameters
    }
    return frozenset(_FUNCTIONS) | frozenset(name for name in parameters if " " in name)


def signatures() -> list[Signature]:
    """Every signature of every built-in."""
    return [overload.signature for builtin in _BUILTINS.values() for overload in builtin.overloads]
