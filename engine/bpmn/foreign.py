"""Expressions of other engines that say plainly the same in FEEL, translated; everything else is left alone.

``${…}`` and ``#{…}`` (Camunda 7, Flowable, Activiti) are translated where they are comparisons of literals, dotted
names and quotients of them joined by and, or, not. A leading ``=`` (Camunda 8) marks FEEL and is dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<number>\d+(?:\.\d+)?)(?![\w.])
      | (?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?!\s*[(\[])
      | (?P<mark>&&|\|\||==|!=|<=|>=|<|>|!|\(|\)|-|/)
    )""",
    re.VERBOSE,
)
_COMPARE: Final = {
    "==": "=", "eq": "=", "!=": "!=", "ne": "!=",
    "<": "<", "lt": "<", ">": ">", "gt": ">", "<=": "<=", "le": "<=", ">=": ">=", "ge": ">=",
}  # fmt: skip
_WORDS: Final = frozenset({"and", "or", "not", "eq", "ne", "lt", "gt", "le", "ge", "div", "mod", "empty", "instanceof"})
#: Words that FEEL gives a meaning; as variable names they would be misread.
_FEEL_WORDS: Final = frozenset(
    {"if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between", "instance", "of", "function",
     "external", "item", "partial", "date", "time", "duration"}
)  # fmt: skip
#: Objects of the other engine, no variables of the process.
_ENGINE_OBJECTS: Final = frozenset({"execution", "task", "authenticatedUserId", "loopCounter"})
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}
_MAX_LENGTH: Final = 4_000
_MAX_DEPTH: Final = 50


class NotPlain(Exception):
    """The expression is more than a plain comparison."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: str


def is_foreign(text: str) -> bool:
    """Whether ``text`` carries the brackets of another expression language."""
    return "${" in text or "#{" in text


def to_feel(text: str) -> str:
    """The FEEL that says the same as ``text``; text without foreign marks is returned as it is. Raises ``NotPlain``."""
    stripped = text.strip()
    if stripped.startswith("=") and not stripped.startswith("=="):
        return stripped[1:].strip()
    if not is_foreign(stripped):
        return stripped
    if not re.fullmatch(r"[$#]\{[^{}]*\}", stripped) or len(stripped) > _MAX_LENGTH:
        raise NotPlain
    return _Reader(_tokens(stripped[2:-1])).whole()


def plain_name(text: str) -> str:
    """``text`` when it is the name of one variable that FEEL reads as that name. Raises ``NotPlain``."""
    name = text.strip()
    if not re.fullmatch(r"[^\W\d]\w*", name):
        raise NotPlain
    return _name(name)


def text_literal(text: str) -> str:
    """``text`` as a FEEL string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise NotPlain
        tokens.append(_Token(match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return tokens


class _Reader:
    """Recursive descent over or > and > comparison > not > operand, the precedence of both languages."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> str:
        feel = self._any_of()
        if self._at != len(self._tokens):
            raise NotPlain
        return feel

    def _peek(self) -> str:
        if self._at >= len(self._tokens):
            return ""
        token = self._tokens[self._at]
        return "" if token.kind == "text" else token.value

    def _take(self, *values: str) -> str:
        found = self._peek()
        if found not in values:
            return ""
        self._at += 1
        return found

    def _any_of(self) -> str:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise NotPlain
        parts = [self._all_of()]
        while self._take("||", "or"):
            parts.append(self._all_of())
        self._depth -= 1
        return " or ".join(parts)

    def _all_of(self) -> str:
        parts = [self._comparison()]
        while self._take("&&", "and"):
            parts.append(self._comparison())
        return " and ".join(parts)

    def _comparison(self) -> str:
        left = self._quotient()
        sign = self._take(*_COMPARE)
        if not sign:
            return left
        right = self._quotient()
        if self._peek() in _COMPARE:  # a == b == c compares a truth value: no plain comparison
            raise NotPlain
        return f"{left} {_COMPARE[sign]} {right}"

    def _quotient(self) -> str:
        """One number by another, as completion conditions have it; neither language cuts the fraction off."""
        left = self._negation()
        return f"{left} / {self._operand()}" if self._take("/", "div") else left

    def _negation(self) -> str:
        if self._take("!", "not"):
            self._depth += 1
            if self._depth > _MAX_DEPTH:
                raise NotPlain
            inner = self._negation()
            self._depth -= 1
            return f"not({inner})"
        return self._operand()

    def _operand(self) -> str:
        if self._take("("):
            inner = self._any_of()
            if not self._take(")"):
                raise NotPlain
            return f"({inner})"
        minus = self._take("-")
        if self._at >= len(self._tokens):
            raise NotPlain
        token = self._tokens[self._at]
        self._at += 1
        if token.kind == "number":
            return minus + token.value
        if minus or token.kind == "mark":
            raise NotPlain
        return _text(token.value) if token.kind == "text" else _name(token.value)


def _text(token: str) -> str:
    def unescape(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPES:
            raise NotPlain
        return _ESCAPES[match[1]]

    return text_literal(re.sub(r"\\(.)", unescape, token[1:-1], flags=re.DOTALL))


def _name(token: str) -> str:
    parts = token.split(".")
    if parts[0] in _ENGINE_OBJECTS or _WORDS & set(parts) or _FEEL_WORDS & set(parts):
        raise NotPlain
    if len(parts) > 1 and {"true", "false", "null"} & set(parts):
        raise NotPlain
    return token
