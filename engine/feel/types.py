"""Types: which values belong to one, which type conforms to which, and what a literal's type is."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from engine.feel import nodes
from engine.feel.errors import FeelSyntaxError, Undefined
from engine.feel.kinds import DATE, DATE_TIME, DAYS, MONTHS, TIME, kind
from engine.feel.nodes import Node
from engine.feel.parser import parse
from engine.feel.run import Types
from engine.feel.values import Value

#: Whether a value belongs to a type; ``Undefined`` when the type is not known.
Check = Callable[[Value, "Types | None"], bool]

ANY = nodes.TypeName("Any")

_SIMPLE = {
    "number": "number",
    "string": "string",
    "boolean": "boolean",
    "date": DATE,
    "time": TIME,
    "date and time": DATE_TIME,
    "dateTime": DATE_TIME,
    "days and time duration": DAYS,
    "dayTimeDuration": DAYS,
    "years and months duration": MONTHS,
    "yearMonthDuration": MONTHS,
    "list": "list",
    "context": "context",
    "function": "function",
    "range": "range",
    "Null": "null",
    "null": "null",
}


def checker(node: Node) -> Check:
    """The test for ``value instance of node``."""
    if isinstance(node, nodes.TypeName):
        return _named(node.name)
    if isinstance(node, nodes.TypeOf):
        return _list_of(node.element) if node.word == "list" else _range_of(node.element)
    if isinstance(node, nodes.ContextType):
        return _context(node)
    return lambda value, types: kind(value) == "function" and conforms(type_of(value), node)


def _named(name: str) -> Check:
    if name == "Any":
        return lambda value, types: value is not None
    wanted = _SIMPLE.get(name)
    if wanted is not None:
        return lambda value, types: kind(value) == wanted

    def check(value: Value, types: Types | None) -> bool:
        found = types.get(name) if types is not None else None
        if found is None:
            raise Undefined("unknown-type", name=name)
        return found(value)

    return check


def _list_of(element: Node) -> Check:
    inner = checker(element)
    anything = element == ANY

    def check(value: Value, types: Types | None) -> bool:
        return type(value) is list and (anything or all(entry is None or inner(entry, types) for entry in value))

    return check


def _range_of(element: Node) -> Check:
    inner = checker(element)

    def check(value: Value, types: Types | None) -> bool:
        ends = (value.start, value.end) if kind(value) == "range" else ()
        return bool(ends) and all(end is None or inner(end, types) for end in ends)

    return check


def _context(node: nodes.ContextType) -> Check:
    entries = [(name, checker(entry)) for name, entry in node.entries]

    def check(value: Value, types: Types | None) -> bool:
        return type(value) is dict and all(
            name in value and (value[name] is None or inner(value[name], types)) for name, inner in entries
        )

    return check


@lru_cache(maxsize=2000)
def read_type(text: str) -> Node:
    """The type that ``text`` spells; ``Any`` for one that cannot be read."""
    if "|" in text:
        return ANY
    try:
        return parse(text, start="type")
    except FeelSyntaxError:
        return nodes.TypeName(text)


def type_of(function: Value) -> Node:
    """The type of a function value."""
    parameters = tuple(read_type(parameter.type) for parameter in function.parameters)
    return nodes.FunctionType(parameters, read_type(function.returns))


def conforms(sub: Node, wider: Node) -> bool:
    """Whether every value of ``sub`` is one of ``wider`` (DMN 1.5, 10.3.2.9.2)."""
    if wider == ANY or sub == wider or sub == nodes.TypeName("Null"):
        return True
    if isinstance(sub, nodes.TypeOf) and isinstance(wider, nodes.TypeOf):
        return sub.word == wider.word and conforms(sub.element, wider.element)
    if isinstance(sub, nodes.ContextType) and isinstance(wider, nodes.ContextType):
        has = dict(sub.entries)
        return all(name in has and conforms(has[name], entry) for name, entry in wider.entries)
    if isinstance(sub, nodes.FunctionType) and isinstance(wider, nodes.FunctionType):
        return (
            len(sub.parameters) == len(wider.parameters)
            and all(conforms(b, a) for a, b in zip(sub.parameters, wider.parameters, strict=True))
            and conforms(sub.returns, wider.returns)
        )
    return (
        isinstance(sub, nodes.TypeName)
        and isinstance(wider, nodes.TypeName)
        and _SIMPLE.get(sub.name, sub.name) == _SIMPLE.get(wider.name, wider.name)
    )


_BOOLEAN = (nodes.Comparison, nodes.Logic, nodes.Between, nodes.In, nodes.InstanceOf, nodes.Quantified)


def infer(node: Node) -> Node:
    """The type that ``node`` surely has; ``Any`` when nothing is sure."""
    if isinstance(node, nodes.Literal):
        return _infer_literal(node.value)
    if isinstance(node, _BOOLEAN):
        return nodes.TypeName("boolean")
    if isinstance(node, nodes.ContextLiteral):
        return nodes.ContextType(tuple((name, infer(entry)) for name, entry in node.entries))
    if isinstance(node, nodes.ListLiteral):
        return nodes.TypeOf("list", _common([infer(item) for item in node.items]))
    if isinstance(node, nodes.RangeLiteral):
        return nodes.TypeOf("range", _common([infer(node.start), infer(node.end)]))
    if isinstance(node, nodes.If):
        return _common([infer(node.yes), infer(node.no)])
    if isinstance(node, nodes.FunctionLiteral):
        return nodes.FunctionType(tuple(kind_ or ANY for _, kind_ in node.parameters), infer(node.body))
    return ANY


def _infer_literal(value: Decimal | str | bool | None) -> Node:
    return nodes.TypeName("Null" if value is None else kind(value))


def _common(types: list[Node]) -> Node:
    return types[0] if types and all(entry == types[0] for entry in types) else ANY
