"""Built-in functions: how each is declared, chosen among its overloads, and called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from engine.errors import Text
from engine.feel.calling import Accept, Mismatch, accept, bind, wrong_type
from engine.feel.errors import Undefined
from engine.feel.run import Run
from engine.feel.values import Function, Parameter, Value

_ABSENT = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One way to call a function, as an editor shows it."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: str
    help: Text

    def __str__(self) -> str:
        shown = ", ".join(_shown(parameter) for parameter in self.parameters)
        return f"{self.name}({shown}): {self.returns}"


def _shown(parameter: Parameter) -> str:
    mark = "..." if parameter.variadic else "?" if parameter.optional else ""
    return f"{parameter.name}{mark}: {parameter.type}"


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature with the Python function behind it, called as ``call(run, *values)``."""

    signature: Signature
    call: Callable[..., Value]
    accepts: tuple[Accept, ...]
    defaults: tuple[Value, ...]  #: for absent optional parameters
    plain: int = field(default=-1)  #: count of parameters when none is optional or variadic

    def values(self, arguments: Sequence[Value], names: Sequence[str]) -> list[Value]:
        """The arguments bound and converted; ``Undefined`` when they do not fit."""
        parameters = self.signature.parameters
        if names or len(arguments) != self.plain:
            bound = bind(self.signature.name, parameters, arguments, names, _ABSENT)
        else:
            bound = list(arguments)
        for at, convert in enumerate(self.accepts):
            value = bound[at]
            if value is _ABSENT:
                bound[at] = self.defaults[at]
                continue
            try:
                bound[at] = convert(value)
            except Mismatch as error:
                raise wrong_type(self.signature.name, parameters[at], value) from error
        return bound


class Builtin:
    """A built-in with its overloads."""

    __slots__ = ("name", "overloads")

    def __init__(self, name: str) -> None:
        self.name = name
        self.overloads: list[Overload] = []

    def __call__(self, arguments: Sequence[Value], names: Sequence[str], run: Run) -> Value:
        first: Undefined | None = None
        for overload in self.overloads:
            try:
                values = overload.values(arguments, names)
            except Undefined as undefined:
                if first is None or (first.code.startswith("argument") and undefined.code == "argument-type"):
                    first = undefined
                continue
            return overload.call(run, *values)
        raise first if first is not None else Undefined("arguments", name=self.name, count=len(arguments))

    def as_function(self) -> Function:
        """The built-in as a value, with its first signature."""
        signature = self.overloads[0].signature
        return Function(self.name, signature.parameters, signature.returns, self)


class Library:
    """The built-ins of one module."""

    def __init__(self) -> None:
        self.builtins: dict[str, Builtin] = {}

    def function(self, declaration: str, *, vi: str, en: str) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
        """Declare ``name(parameter: type, optional?: type, rest...: type): type``."""
        signature = _read(declaration, Text(vi=vi, en=en))

        def declare(call: Callable[..., Value]) -> Callable[..., Value]:
            parameters = signature.parameters
            python = list(inspect.signature(call).parameters.values())[1:]
            defaults = tuple(None if entry.default is inspect.Parameter.empty else entry.default for entry in python)
            defaults += (None,) * (len(parameters) - len(defaults))
            simple = all(not parameter.optional for parameter in parameters)
            overload = Overload(
                signature,
                call,
                tuple(accept(_whole(parameter)) for parameter in parameters),
                defaults,
                len(parameters) if simple and not any(parameter.variadic for parameter in parameters) else -1,
            )
            overloads = self.builtins.setdefault(signature.name, Builtin(signature.name)).overloads
            overloads.append(overload)
            overloads.sort(key=parameters_vary)
            return call

        return declare


def parameters_vary(overload: Overload) -> bool:
    """Whether the overload takes any number of values; such ones are tried last."""
    return any(parameter.variadic for parameter in overload.signature.parameters)


def _whole(parameter: Parameter) -> str:
    return f"list<{parameter.type}>" if parameter.variadic else parameter.type


def _read(declaration: str, help_: Text) -> Signature:
    head, _, rest = declaration.partition("(")
    inside, _, returns = rest.rpartition("): ")
    parameters = []
    for part in filter(None, inside.split(", ")):
        name, _, kind = part.partition(": ")
        plain = name.rstrip("?.")
        parameters.append(Parameter(plain, kind, optional=name.endswith("?"), variadic=name.endswith("...")))
    return Signature(name=head, parameters=tuple(parameters), returns=returns, help=help_)
