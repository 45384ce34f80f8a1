"""Functions that FEEL expressions may call, each with types and a help text for the editor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.errors import InvalidInput, Text
from engine.feel.builtins import is_builtin, signatures
from engine.feel.kinds import is_kind
from engine.feel.signature import Signature
from engine.feel.values import Function, Parameter, Value


@dataclass(slots=True, eq=False)
class FunctionRegistry:
    """Product functions by name; one is equal to itself alone. ``catalogue()`` lists the built-ins too."""

    _functions: dict[str, Function] = field(default_factory=dict)
    _signatures: list[Signature] = field(default_factory=list)

    def register(
        self,
        name: str,
        parameters: Iterable[tuple[str, str]],
        returns: str,
        help: Text,  # noqa: A002 - the word of the interface
        callable: Callable[..., Value],  # noqa: A002
    ) -> None:
        """Add ``callable``, which gets one checked FEEL value per parameter, in order.

        A type is a FEEL type name; a ``?`` behind it makes the parameter optional (``None`` is passed).
        The function may raise ``Undefined`` or a ``MotcuaError``: the result is null with that reason.
        """
        if name in self._functions or is_builtin(name):
            raise InvalidInput(what="FEEL function", why=f"{name!r} is registered already")
        parameters = list(parameters)
        for parameter, kind in parameters:
            base = kind.rstrip("?").partition("<")[0]
            if base != "Any" and not all(is_kind(part.strip()) for part in base.split("|")):
                raise InvalidInput(what=f"FEEL type of {name}({parameter})", why=f"{kind!r} is no built-in type")
        declared = tuple(
            Parameter(parameter, kind.rstrip("?"), optional=kind.endswith("?")) for parameter, kind in parameters
        )
        self._functions[name] = Function(name, declared, returns, callable, host=True)
        self._signatures.append(Signature(name=name, parameters=declared, returns=returns, help=help))

    def calling(self, callables: Mapping[str, Callable[..., Value]]) -> FunctionRegistry:
        """The same declarations, each calling the one of ``callables`` that has its name."""
        functions = {
            name: Function(name, known.parameters, known.returns, callables[name], host=True)
            for name, known in self._functions.items()
        }
        return FunctionRegistry(functions, self._signatures)

    def find(self, name: str) -> Function | None:
        """The product function of that name."""
        return self._functions.get(name)

    def names(self) -> frozenset[str]:
        """The names of the product functions; pass them to ``compile_expression`` too."""
        return frozenset(self._functions)

    def catalogue(self) -> tuple[Signature, ...]:
        """Every built-in and every product function, with types and help, sorted by name."""
        return tuple(sorted([*signatures(), *self._signatures], key=lambda entry: entry.name))

    def __iter__(self) -> Iterator[Function]:
        return iter(self._functions.values())
