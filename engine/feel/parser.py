"""FEEL text to the syntax tree, by lark's LALR parser."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedToken

from engine.errors import Text
from engine.feel import nodes
from engine.feel.builtins import names as builtin_names
from engine.feel.errors import FeelSyntaxError
from engine.feel.grammar import GRAMMAR
from engine.feel.lexicon import place
from engine.feel.nodes import Node, Place
from engine.feel.tokens import TYPE_NAMES, FeelLexer, Names, Tokeniser
from engine.feel.values import DECIMAL

#: Nodes above one another; brackets have a limit of their own.
MAX_DEPTH = 150

_Children = list[Any]

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "'": "'"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def unquote(text: str) -> str:
    """The string a string literal (with its quotes) stands for; an unknown escape stands for itself."""
    inside = text[1:-1]
    if "\\" not in inside:
        return inside
    plain = _ESCAPE.sub(_unescape, inside)
    return _SURROGATES.sub(lambda pair: pair.group().encode("utf-16", "surrogatepass").decode("utf-16"), plain)


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    if len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number <= 0x10FFFF else match.group()
    return _PLAIN.get(code, match.group())


def _at(token: Token) -> Place:
    return (token.line or 1, token.column or 1)


def _below(children: _Children) -> tuple[Node, ...]:
    return tuple(child for child in children if isinstance(child, Node))


class _Builder(Transformer[Token, Node]):
    """One method for each rule or alias of the grammar; called while parsing, so nothing recurses."""

    def _checked(self, node: Node) -> Node:
        if node.depth > MAX_DEPTH:
            line, column = node.place
            raise FeelSyntaxError(
                line=line,
                column=column,
                why=Text(vi=f"lồng quá {MAX_DEPTH} tầng", en=f"it is nested more than {MAX_DEPTH} deep"),
            )
        return node

    def start_expression(self, children: _Children) -> Node:
        return children[0]  # type: ignore[no-any-return]

    start_type = start_expression

    def anything(self, children: _Children) -> Node:
        return nodes.Tests((), place=_at(children[0]))

    def start_tests(self, children: _Children) -> Node:
        return children[0]  # type: ignore[no-any-return]

    def none_of(self, children: _Children) -> Node:
        (tests,) = (child for child in children if isinstance(child, nodes.Tests))
        return nodes.Tests(tests.tests, negated=True, place=_at(children[0]))

    def test_list(self, children: _Children) -> Node:
        tests = _below(children)
        return self._checked(nodes.Tests(tests, place=tests[0].place))

    def bound(self, children: _Children) -> Node:
        sign, operand = children
        return self._checked(nodes.Bound(str(sign), operand, place=_at(sign)))

    # operators

    def logic(self, children: _Children) -> Node:
        operands = _below(children)
        return self._checked(nodes.Logic(str(children[1]), operands, place=_at(children[1])))

    def comparison(self, children: _Children) -> Node:
        left, sign, right = children
        return self._checked(nodes.Comparison(str(sign), left, right, place=_at(sign)))

    def between(self, children: _Children) -> Node:
        value, low, high = _below(children)
        return self._checked(nodes.Between(value, low, high, place=_at(children[1])))

    def in_one(self, children: _Children) -> Node:
        value, test = _below(children)
        return self._checked(nodes.In(value, (test,), place=_at(children[1])))

    def in_many(self, children: _Children) -> Node:
        value, *tests = _below(children)
        return self._checked(nodes.In(value, tuple(tests), place=_at(children[1])))

    def arithmetic(self, children: _Children) -> Node:
        rest = tuple((str(children[at]), children[at + 1]) for at in range(1, len(children), 2))
        return self._checked(nodes.Arithmetic(children[0], rest, place=_at(children[1])))

    def negate(self, children: _Children) -> Node:
        return self._checked(nodes.Negate(children[1], place=_at(children[0])))

    def instance_of(self, children: _Children) -> Node:
        value, word, kind = children
        return self._checked(nodes.InstanceOf(value, kind, place=_at(word)))

    # postfix

    def path(self, children: _Children) -> Node:
        base, _, name = children
        return self._checked(nodes.Path(base, str(name), place=_at(name)))

    def filter(self, children: _Children) -> Node:
        base, bracket, condition, _ = children
        return self._checked(nodes.Filter(base, condition, place=_at(bracket)))

    def call(self, children: _Children) -> Node:
        function, *arguments = _below(children)
        return self._checked(nodes.Call(function, tuple(arguments), place=function.place))

    call_empty = call

    def call_named(self, children: _Children) -> Node:
        function = children[0]
        named = [child for child in children[1:] if isinstance(child, tuple)]
        names = tuple(name for name, _ in named)
        arguments = tuple(value for _, value in named)
        return self._checked(nodes.Call(function, arguments, names, place=function.place))

    def named(self, children: _Children) -> tuple[str, Node]:
        return str(children[0]), children[2]

    # literals

    def number(self, children: _Children) -> Node:
        try:
            value = DECIMAL.create_decimal(str(children[0]))
        except ArithmeticError as error:
            line, column = _at(children[0])
            why = Text(vi="số quá lớn", en="the number is too large")
            raise FeelSyntaxError(line=line, column=column, why=why) from error
        return nodes.Literal(value, place=_at(children[0]))

    def string(self, children: _Children) -> Node:
        return nodes.Literal(unquote(children[0]), place=_at(children[0]))

    def at_literal(self, children: _Children) -> Node:
        return nodes.AtLiteral(unquote(children[1]), place=_at(children[0]))

    def true(self, children: _Children) -> Node:
        return nodes.Literal(True, place=_at(children[0]))

    def false(self, children: _Children) -> Node:
        return nodes.Literal(False, place=_at(children[0]))

    def null(self, children: _Children) -> Node:
        return nodes.Literal(None, place=_at(children[0]))

    def name(self, children: _Children) -> Node:
        return nodes.Name(str(children[0]), place=_at(children[0]))

    def bracketed(self, children: _Children) -> Node:
        return children[1]  # type: ignore[no-any-return]

    def range(self, children: _Children) -> Node:
        opening, start, _, end, closing = children
        return self._checked(
            nodes.RangeLiteral(start, end, opening.type == "LSQB", closing.type == "RSQB", place=_at(opening))
        )

    def list(self, children: _Children) -> Node:
        return self._checked(nodes.ListLiteral(_below(children), place=_at(children[0])))

    def context(self, children: _Children) -> Node:
        entries = tuple(child for child in children if isinstance(child, tuple))
        return self._checked(nodes.ContextLiteral(entries, place=_at(children[0])))

    def entry(self, children: _Children) -> tuple[str, Node]:
        key, _, value = children
        return (unquote(key) if key.type == "STRING" else str(key)), value

    # the long forms

    def choice(self, children: _Children) -> Node:
        condition, yes, no = _below(children)
        return self._checked(nodes.If(condition, yes, no, place=_at(children[0])))

    def iterator(self, children: _Children) -> Node:
        domain, *end = _below(children)
        return self._checked(nodes.Iterator(str(children[0]), domain, end[0] if end else None, place=_at(children[0])))

    def loop(self, children: _Children) -> Node:
        *iterators, result = _below(children)
        return self._checked(nodes.For(tuple(iterators), result, place=_at(children[0])))  # type: ignore[arg-type]

    def quantified(self, children: _Children) -> Node:
        *iterators, condition = _below(children)
        word = children[0]
        return self._checked(nodes.Quantified(str(word), tuple(iterators), condition, place=_at(word)))  # type: ignore[arg-type]

    def parameter(self, children: _Children) -> tuple[str, Node | None]:
        return str(children[0]), children[2]

    def function(self, children: _Children) -> Node:
        parameters = tuple(child for child in children if isinstance(child, tuple))
        external = any(isinstance(child, Token) and child.type == "EXTERNAL" for child in children)
        return self._checked(nodes.FunctionLiteral(parameters, children[-1], external, place=_at(children[0])))

    # types

    def type(self, children: _Children) -> Node:
        return children[0]  # type: ignore[no-any-return]

    def type_name(self, children: _Children) -> Node:
        return nodes.TypeName("".join(str(child) for child in children), place=_at(children[0]))

    def type_of(self, children: _Children) -> Node:
        below = _below(children)
        word = str(children[0])
        if word == "context" and not below:
            return nodes.ContextType((), place=_at(children[0]))
        if word not in ("list", "range") or not below:
            line, column = _at(children[0])
            why = Text(vi=f"{word}<…> không phải là kiểu", en=f"{word}<…> is no type")
            raise FeelSyntaxError(line=line, column=column, why=why)
        return self._checked(nodes.TypeOf(word, below[0], place=_at(children[0])))

    def context_type(self, children: _Children) -> Node:
        entries = tuple(child for child in children if isinstance(child, tuple))
        return self._checked(nodes.ContextType(entries, place=_at(children[0])))

    def type_entry(self, children: _Children) -> tuple[str, Node]:
        return str(children[0]), children[2]

    def function_type(self, children: _Children) -> Node:
        below = _below(children)
        returns = isinstance(children[-1], Node)
        result = below[-1] if returns else nodes.TypeName("Any")
        return self._checked(nodes.FunctionType(below[:-1] if returns else below, result, place=_at(children[0])))


@cache
def _lark() -> Lark:
    return Lark(
        GRAMMAR,
        parser="lalr",
        lexer=FeelLexer,
        start=["start_expression", "start_tests", "start_type"],
        transformer=_Builder(),
    )


@cache
def _base() -> Names:
    return Names([*builtin_names(), *TYPE_NAMES])


def parse(source: str, names: Iterable[str] = (), *, start: str = "expression") -> Node:
    """The tree of ``source``; ``start`` is ``expression``, ``tests`` or ``type``. Raises ``FeelSyntaxError``."""
    tokens = Tokeniser(source, Names(names, _base()), tests=start == "tests")
    try:
        return _lark().parse(tokens, start=f"start_{start}")  # type: ignore[return-value]
    except UnexpectedToken as error:
        raise _unexpected(source, error.token) from error


def _unexpected(source: str, token: Token) -> FeelSyntaxError:
    if token.type == "$END":
        line, column = place(source, len(source))
        if not source.strip():
            why = Text(vi="biểu thức rỗng", en="it is empty")
        else:
            why = Text(vi="biểu thức dừng giữa chừng, còn thiếu phần sau", en="it stops half-way; something is missing")
    else:
        line, column = _at(token)
        why = Text(vi=f"không hợp lệ ở chữ {str(token)[:40]!r}", en=f"{str(token)[:40]!r} does not fit here")
    return FeelSyntaxError(line=line, column=column, why=why)
