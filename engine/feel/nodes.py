"""The closed syntax tree of FEEL. Equality ignores places, so that parsing what was printed can be compared."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Decimal

#: Line and column, from 1.
Place = tuple[int, int]

NOWHERE: Place = (1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Any node; ``depth`` and ``size`` count it and all below."""

    place: Place = field(default=NOWHERE, compare=False, repr=False)
    depth: int = field(default=1, compare=False, repr=False, init=False)
    size: int = field(default=1, compare=False, repr=False, init=False)

    def __post_init__(self) -> None:
        depth, size = 0, 1
        for name in _inner_fields(type(self)):
            for child in _below(getattr(self, name)):
                depth, size = max(depth, child.depth), size + child.size
        object.__setattr__(self, "depth", depth + 1)
        object.__setattr__(self, "size", size)


_INNER: dict[type, tuple[str, ...]] = {}


def _inner_fields(kind: type[Node]) -> tuple[str, ...]:
    known = _INNER.get(kind)
    if known is None:
        known = tuple(entry.name for entry in fields(kind) if entry.name not in ("place", "depth", "size"))
        _INNER[kind] = known
    return known


def _below(value: object) -> list[Node]:
    if isinstance(value, Node):
        return [value]
    if isinstance(value, tuple):
        return [node for part in value for node in _below(part)]
    return []


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, string, boolean or null."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    """``@"2026-11-21"``."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable or function."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """``base.name``."""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``base[condition]``."""

    base: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``function(arguments)``; ``names`` are those of named arguments, empty for positional ones."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """``-operand``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """``first op operand op operand …`` of one level (``+ -``, ``* /`` or ``**``), from the left."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """``and`` or ``or`` over two and more operands."""

    word: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``left op right``."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``value between low and high``."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Bound(Node):
    """``< operand`` and the like: a test, and in brackets a range."""

    sign: str
    operand: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """``value in test`` or ``value in (test, test)``."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """A built-in or named type."""

    name: str


@dataclass(frozen=True, slots=True)
class TypeOf(Node):
    """``list<T>`` or ``range<T>``."""

    word: str
    element: Node


@dataclass(frozen=True, slots=True)
class ContextType(Node):
    """``context<a: T, b: U>``."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class FunctionType(Node):
    """``function<T, U> -> V``."""

    parameters: tuple[Node, ...]
    returns: Node


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """``value instance of kind``."""

    value: Node
    kind: Node


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    """``[start..end]`` with either bracket open."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """``{a: 1, b: a}``; a later entry sees the earlier ones."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if … then … else …``."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """``name in domain`` or ``name in domain..end``."""

    name: str
    domain: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """``for … return result``."""

    iterators: tuple[Iterator, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``some`` or ``every`` … ``satisfies condition``."""

    word: str
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class FunctionLiteral(Node):
    """``function(a: number, b) body``; an external one is kept to be refused by name."""

    parameters: tuple[tuple[str, Node | None], ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """Unary tests; no ``tests`` is ``-`` (anything)."""

    tests: tuple[Node, ...]
    negated: bool = False
