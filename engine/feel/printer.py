"""The canonical source of a tree: parsing it (with the same names) gives the same tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel import nodes
from engine.feel.nodes import Node
from engine.feel.show import quote
from engine.feel.tokens import KEYWORDS

_TAIL, _OR, _AND, _INSTANCE, _COMPARE, _ADD, _TERM, _POWER, _UNARY, _POSTFIX, _PRIMARY = range(11)
_WORDS = re.compile(r"[^\W\d]\w*(?: [^\W\d]\w*)*")
_LEVELS = {"+": _ADD, "-": _ADD, "*": _TERM, "/": _TERM, "**": _POWER}


def show_node(node: Node) -> str:
    """The source of an expression or of unary tests."""
    return _show(node, _TAIL)


def show_type(node: Node) -> str:
    """The source of a type."""
    if isinstance(node, nodes.TypeOf):
        return f"{node.word}<{show_type(node.element)}>"
    if isinstance(node, nodes.ContextType):
        return f"context<{', '.join(f'{name}: {show_type(entry)}' for name, entry in node.entries)}>"
    if isinstance(node, nodes.FunctionType):
        return f"function<{', '.join(map(show_type, node.parameters))}>->{show_type(node.returns)}"
    return node.name if isinstance(node, nodes.TypeName) else "Any"


def _show(node: Node, level: int) -> str:
    own, text = _SHOW[type(node)](node)
    return f"({text})" if own < level else text


_Shown = tuple[int, str]


def _literal(node: nodes.Literal) -> _Shown:
    value = node.value
    if value is None:
        return _PRIMARY, "null"
    if isinstance(value, bool):
        return _PRIMARY, "true" if value else "false"
    return _PRIMARY, str(value) if isinstance(value, Decimal) else quote(value)


def _at_literal(node: nodes.AtLiteral) -> _Shown:
    return _PRIMARY, "@" + quote(node.text)


def _name(node: nodes.Name) -> _Shown:
    return _PRIMARY, node.name


def _path(node: nodes.Path) -> _Shown:
    return _POSTFIX, f"{_show(node.base, _POSTFIX)}.{node.name}"


def _filter(node: nodes.Filter) -> _Shown:
    return _POSTFIX, f"{_show(node.base, _POSTFIX)}[{_show(node.condition, _TAIL)}]"


def _call(node: nodes.Call) -> _Shown:
    values = [_show(argument, _TAIL) for argument in node.arguments]
    if node.names:
        values = [f"{name}: {value}" for name, value in zip(node.names, values, strict=True)]
    return _POSTFIX, f"{_show(node.function, _POSTFIX)}({', '.join(values)})"


def _negate(node: nodes.Negate) -> _Shown:
    return _UNARY, f"-{_show(node.operand, _UNARY)}"


def _arithmetic(node: nodes.Arithmetic) -> _Shown:
    level = _LEVELS[node.rest[0][0]]
    rest = "".join(f" {sign} {_show(operand, level + 1)}" for sign, operand in node.rest)
    return level, _show(node.first, level + 1) + rest


def _logic(node: nodes.Logic) -> _Shown:
    level = _OR if node.word == "or" else _AND
    return level, f" {node.word} ".join(_show(operand, level + 1) for operand in node.operands)


def _comparison(node: nodes.Comparison) -> _Shown:
    return _COMPARE, f"{_show(node.left, _COMPARE)} {node.sign} {_show(node.right, _ADD)}"


def _between(node: nodes.Between) -> _Shown:
    low, high = _show(node.low, _ADD), _show(node.high, _ADD)
    return _COMPARE, f"{_show(node.value, _COMPARE)} between {low} and {high}"


def _bound_text(node: nodes.Bound) -> str:
    return f"{node.sign} {_show(node.operand, _ADD)}"


def _bound(node: nodes.Bound) -> _Shown:
    return _PRIMARY, f"({_bound_text(node)})"


def _test(node: Node, level: int) -> str:
    return _bound_text(node) if isinstance(node, nodes.Bound) else _show(node, level)


def _in(node: nodes.In) -> _Shown:
    value = _show(node.value, _COMPARE)
    if len(node.tests) == 1:
        return _COMPARE, f"{value} in {_test(node.tests[0], _ADD)}"
    return _COMPARE, f"{value} in ({', '.join(_test(test, _TAIL) for test in node.tests)})"


def _instance_of(node: nodes.InstanceOf) -> _Shown:
    return _INSTANCE, f"{_show(node.value, _POSTFIX)} instance of {show_type(node.kind)}"


def _range(node: nodes.RangeLiteral) -> _Shown:
    opening, closing = "[" if node.start_included else "(", "]" if node.end_included else ")"
    return _PRIMARY, f"{opening}{_show(node.start, _TAIL)}..{_show(node.end, _TAIL)}{closing}"


def _list(node: nodes.ListLiteral) -> _Shown:
    return _PRIMARY, f"[{', '.join(_show(item, _TAIL) for item in node.items)}]"


def _key(key: str) -> str:
    plain = _WORDS.fullmatch(key) and not KEYWORDS.intersection(key.split(" "))
    return key if plain else quote(key)


def _context(node: nodes.ContextLiteral) -> _Shown:
    return _PRIMARY, "{" + ", ".join(f"{_key(key)}: {_show(value, _TAIL)}" for key, value in node.entries) + "}"


def _if(node: nodes.If) -> _Shown:
    condition, yes, no = (_show(part, _TAIL) for part in (node.condition, node.yes, node.no))
    return _TAIL, f"if {condition} then {yes} else {no}"


def _iterators(iterators: tuple[nodes.Iterator, ...]) -> str:
    return ", ".join(_iterator(iterator)[1] for iterator in iterators)


def _iterator(node: nodes.Iterator) -> _Shown:
    end = f"..{_show(node.end, _OR)}" if node.end is not None else ""
    return _TAIL, f"{node.name} in {_show(node.domain, _OR)}{end}"


def _for(node: nodes.For) -> _Shown:
    return _TAIL, f"for {_iterators(node.iterators)} return {_show(node.result, _TAIL)}"


def _quantified(node: nodes.Quantified) -> _Shown:
    return _TAIL, f"{node.word} {_iterators(node.iterators)} satisfies {_show(node.condition, _TAIL)}"


def _function(node: nodes.FunctionLiteral) -> _Shown:
    parameters = ", ".join(f"{name}: {show_type(kind)}" if kind else name for name, kind in node.parameters)
    external = " external" if node.external else ""
    body = _show(node.body, _TAIL)
    return _TAIL, f"function({parameters}){external} {body}"


def _tests(node: nodes.Tests) -> _Shown:
    if not node.tests:
        return _TAIL, "-"
    shown = ", ".join(_test(test, _TAIL) for test in node.tests)
    return _TAIL, f"not({shown})" if node.negated else shown


_SHOW: dict[type[Node], Callable[[Any], _Shown]] = {
    nodes.Literal: _literal,
    nodes.AtLiteral: _at_literal,
    nodes.Name: _name,
    nodes.Path: _path,
    nodes.Filter: _filter,
    nodes.Call: _call,
    nodes.Negate: _negate,
    nodes.Arithmetic: _arithmetic,
    nodes.Logic: _logic,
    nodes.Comparison: _comparison,
    nodes.Between: _between,
    nodes.Bound: _bound,
    nodes.In: _in,
    nodes.InstanceOf: _instance_of,
    nodes.RangeLiteral: _range,
    nodes.ListLiteral: _list,
    nodes.ContextLiteral: _context,
    nodes.If: _if,
    nodes.Iterator: _iterator,
    nodes.For: _for,
    nodes.Quantified: _quantified,
    nodes.FunctionLiteral: _function,
    nodes.Tests: _tests,
}
