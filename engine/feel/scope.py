"""What the compiler knows about names at one place of an expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.feel.nodes import Node
from engine.feel.run import Code

#: Compiles one kind of node.
Handler = Callable[..., Code]


class Names:
    """What is collected over a whole expression."""

    __slots__ = ("certain", "declared", "possible", "uses_input")

    def __init__(self, declared: Iterable[str]) -> None:
        self.declared = frozenset(declared)
        self.certain: set[str] = set()  #: surely names of the caller
        self.possible: set[str] = set()  #: names of the caller, or entries of filtered contexts
        self.uses_input = False  #: ``?`` was met


class Scope:
    """Names bound around a node; ``dynamic`` inside a filter, where a context's entries are names too."""

    __slots__ = ("dynamic", "handlers", "locals", "names")

    def __init__(
        self, handlers: dict[type[Node], Handler], names: Names, bound: frozenset[str], *, dynamic: bool = False
    ) -> None:
        self.handlers, self.names, self.locals, self.dynamic = handlers, names, bound, dynamic

    def code(self, node: Node) -> Code:
        """``node`` as a closure."""
        return self.handlers[type(node)](node, self)

    def bind(self, *more: str) -> Scope:
        """The scope inside something that binds ``more``."""
        return Scope(self.handlers, self.names, self.locals.union(more), dynamic=self.dynamic)

    def filtering(self) -> Scope:
        """The scope inside a filter."""
        return Scope(self.handlers, self.names, self.locals | {"item"}, dynamic=True)

    def meet(self, name: str, *, builtin: bool) -> None:
        """``name`` is used here and is not bound here."""
        if builtin and name not in self.names.declared:
            return
        self.names.possible.add(name)
        if not self.dynamic:
            self.names.certain.add(name)
