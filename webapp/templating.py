"""Templates that are compiled for pages of some hundred sentences and a thousand values.

The words already stand in them: they are compiled once for each language, with the catalogue's sentence in place.
Looked up while a page is made the words were the dearest part of making it; here ``_("Đăng xuất")`` becomes
``("Sign out"|safe)`` before the template is compiled, and Jinja joins it with the markup around it. A sentence with
values, ``_("Còn %(n)s", n=1)``, is still looked up when it is said.

And a value is escaped where there is something to escape: most are numbers, codes and names, and the library makes an
object of markup of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import flask.templating
from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape

from webapp import words

_NAMES = frozenset({"_", "gettext"})
_SHAPE = ("name", "lparen", "string", "rparen")
_SPECIAL = re.compile("[&<>'\"]").search


class _Output(CodeGenerator):
    """Compiles ``{{ value }}`` to a call of ``Quick.said``, as the library's own generators override it."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.said(")


class Quick(Environment):
    """An environment that always escapes and does so where it has to."""

    code_generator_class = _Output

    @staticmethod
    def said(value: object) -> str:
        """``value`` as it stands in the markup of a page."""
        if type(value) is str:
            return value if _SPECIAL(value) is None else escape(value)
        return value if type(value) is Markup else escape(value)


class Pages(Quick, flask.templating.Environment):
    """The templates of the screens in one language."""

    spoken: str = words.FIRST

    def in_language(self, language: str) -> Pages:
        """The same with templates of its own in ``language``; filters and globals are shared."""
        other = self.overlay()
        assert isinstance(other, Pages)
        other.spoken = language
        return other


class FixedWords(Extension):
    """Puts sentences without values into the template, in the language of its environment."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """The template's tokens, each fixed sentence translated."""
        assert isinstance(self.environment, Pages)
        return _translated(iter(stream), self.environment.spoken)


def _translated(tokens: Iterator[Token], spoken: str) -> Iterator[Token]:
    held: list[Token] = []
    before = ""
    for token in tokens:
        held.append(token)
        if not _may_begin(held, before):
            yield from held
            before, held = held[-1].type, []
        elif len(held) == len(_SHAPE):
            yield from _said(held, spoken)
            before, held = "rparen", []
    yield from held


def _may_begin(held: list[Token], before: str) -> bool:
    """Whether the tokens held are, so far, a call of a name of ours with one string."""
    return (
        before != "dot"
        and held[0].value in _NAMES
        and all(token.type == kind for token, kind in zip(held, _SHAPE, strict=False))
    )


def _said(call: list[Token], spoken: str) -> Iterable[Token]:
    _name, opened, sentence, closed = call
    line, text = sentence.lineno, words.fixed(spoken, str(sentence.value))
    parts: list[tuple[str, Any]] = [("string", text), ("pipe", "|"), ("name", "safe")]
    return chain([opened], (Token(line, kind, value) for kind, value in parts), [closed])
