"""Regular expressions of XPath, translated for the ``regex`` package and run under a time limit."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import regex

from engine.feel.errors import Undefined
from engine.feel.run import Run

MAX_PATTERN = 2_000
_MAX_GROUPS_DEEP = 40
_MAX_REPEAT = 100_000

_T = TypeVar("_T")

_BLANK = " \t\n\r"
_SIMPLE = {"n": r"\n", "r": r"\r", "t": r"\t"}
_PUNCTUATION = frozenset("\\|.-^?*+{}()[]$")
_NAME_START = r"\p{L}_:"
_NAME_PART = r"\p{L}\p{N}\p{M}_:.\-\u00B7"
#: Class escapes, as the inside of a set.
_CLASSES = {
    "s": r"[\ \t\n\r]",
    "S": r"[^\ \t\n\r]",
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "w": r"[^\p{P}\p{Z}\p{C}]",
    "W": r"[\p{P}\p{Z}\p{C}]",
    "i": f"[{_NAME_START}]",
    "I": f"[^{_NAME_START}]",
    "c": f"[{_NAME_PART}]",
    "C": f"[^{_NAME_PART}]",
}
_PROPERTY = re.compile(r"\{(Is)?([A-Za-z0-9-]+)\}")
_REPEAT = re.compile(r"\{([0-9]{1,6})(,([0-9]{0,6}))?\}")


class _Wrong(Exception):
    pass


class _Translator:
    """One pass over one pattern."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.text = _without_blanks(pattern) if "x" in flags else pattern
        self.flags = flags
        self.at = 0
        self.groups = 0
        self.open: list[int] = []  #: numbers of open groups; 0 for one that does not capture

    def translate(self) -> str:
        """The pattern for ``regex`` in its version 1."""
        out: list[str] = []
        repeatable = False
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in "*+?{":
                if not repeatable:
                    raise _Wrong("nothing to repeat")
                out.append(self._repeat(char))
                repeatable = False
                continue
            piece, repeatable = self._piece(char)
            out.append(piece)
        if self.open:
            raise _Wrong("( is not closed")
        return "".join(out)

    def _repeat(self, char: str) -> str:
        if char == "{":
            match = _REPEAT.match(self.text, self.at)
            if match is None:
                raise _Wrong("{")
            least, most = int(match[1]), int(match[3]) if match[3] else int(match[1])
            if most < least or max(least, most) > _MAX_REPEAT:
                raise _Wrong(match.group())
            char = match.group()
        self.at += len(char)
        if self.text[self.at : self.at + 1] == "?":
            self.at += 1
            char += "?"
        return char

    def _piece(self, char: str) -> tuple[str, bool]:
        self.at += 1
        if char == "\\":
            return self._escape(in_class=False), True
        if char == "[":
            return self._class(), True
        if char == "(":
            return self._open_group(), False
        if char == ")":
            if not self.open:
                raise _Wrong(")")
            self.open.pop()
            return ")", True
        return self._sign(char)

    def _sign(self, char: str) -> tuple[str, bool]:
        if char == "|":
            return "|", False
        if char == ".":
            return (r"[\s\S]" if "s" in self.flags else r"[^\n\r]"), True
        if char == "^":
            return (r"(?m:^)" if "m" in self.flags else r"\A"), True
        if char == "$":
            return (r"(?m:$)" if "m" in self.flags else r"\Z"), True
        if char in "]}":
            raise _Wrong(char)
        return _quoted(char), True

    def _open_group(self) -> str:
        if len(self.open) >= _MAX_GROUPS_DEEP:
            raise _Wrong("(((…")
        if self.text.startswith("?:", self.at):
            self.at += 2
            self.open.append(0)
            return "(?:"
        if self.text.startswith("?", self.at):
            raise _Wrong("(?")
        self.groups += 1
        self.open.append(self.groups)
        return "("

    def _escape(self, *, in_class: bool) -> str:
        if self.at >= len(self.text):
            raise _Wrong("\\")
        char = self.text[self.at]
        self.at += 1
        if char in _SIMPLE:
            return _SIMPLE[char]
        if char in _PUNCTUATION:
            return "\\" + char
        if char in _CLASSES:
            return _CLASSES[char]
        if char in "pP":
            return self._property(char)
        if char in "123456789" and not in_class:
            return self._reference(char)
        raise _Wrong("\\" + char)

    def _property(self, char: str) -> str:
        match = _PROPERTY.match(self.text, self.at)
        if match is None:
            raise _Wrong("\\" + char)
        self.at = match.end()
        if match[1]:
            return f"\\{char}{{Block={match[2]}}}"
        if len(match[2]) > 2:
            raise _Wrong(match.group())
        return f"\\{char}{{{match[2]}}}"

    def _reference(self, digit: str) -> str:
        number = digit
        while (
            self.at < len(self.text)
            and self.text[self.at].isdigit()
            and int(number + self.text[self.at]) <= self.groups
        ):
            number += self.text[self.at]
            self.at += 1
        if int(number) > self.groups or int(number) in self.open:
            raise _Wrong("\\" + number)
        return f"(?:\\{number})"

    def _class(self, depth: int = 0) -> str:
        """A character class; the opening bracket is read already."""
        if depth > 10:
            raise _Wrong("[")
        negative = self.text.startswith("^", self.at)
        self.at += negative
        members: list[str] = []
        while True:
            if self.at >= len(self.text):
                raise _Wrong("[ is not closed")
            char = self.text[self.at]
            if char == "]" and members:
                self.at += 1
                return f"[{'^' if negative else ''}{''.join(members)}]"
            if char == "-" and members and self.text.startswith("-[", self.at):
                self.at += 2
                less = self._class(depth + 1)
                if not self.text.startswith("]", self.at):
                    raise _Wrong("-[")
                self.at += 1
                return f"[[{'^' if negative else ''}{''.join(members)}]--{less}]"
            members.append(self._member())

    def _member(self) -> str:
        first, single = self._one()
        rest = self.text[self.at :]
        if not single or not rest.startswith("-") or rest.startswith(("-]", "-[")):
            return first
        self.at += 1
        last, closed = self._one()
        if not closed:
            raise _Wrong("-" + last)
        return f"{first}-{last}"

    def _one(self) -> tuple[str, bool]:
        """One character or escape of a class, and whether it can begin a range."""
        if self.at >= len(self.text):
            raise _Wrong("[ is not closed")
        char = self.text[self.at]
        self.at += 1
        if char == "\\":
            escaped = self._escape(in_class=True)
            return escaped, len(escaped) == 2
        if char in "[]":
            raise _Wrong(char)
        if char == "-":
            edge = self.text[self.at - 2] in "[^" or self.text.startswith("]", self.at)
            if not edge and not self.text.startswith("-[", self.at - 1):
                raise _Wrong("-")
            return "\\-", False
        return _quoted(char), True


def _quoted(char: str) -> str:
    return char if char.isalnum() or ord(char) > 127 else "\\" + char


def _without_blanks(pattern: str) -> str:
    """The pattern with the blanks outside classes left out (flag ``x``)."""
    kept, inside, escaped = [], 0, False
    for char in pattern:
        if char in _BLANK and not inside:
            continue
        if not escaped:
            inside += (char == "[") - (char == "]" and inside > 0)
        escaped = char == "\\" and not escaped
        kept.append(char)
    return "".join(kept)


@lru_cache(maxsize=500)
def compiled(pattern: str, flags: str) -> regex.Pattern[str]:
    """The compiled pattern; ``Undefined`` when it is no XPath regular expression."""
    if set(flags) - set("smix"):
        raise Undefined("regex-flags", flags=flags[:40])
    if len(pattern) > MAX_PATTERN:
        raise Undefined("regex", pattern=pattern[:40], why=f"> {MAX_PATTERN}")
    try:
        translated = _Translator(pattern, flags).translate()
        return regex.compile(translated, regex.V1 | (regex.IGNORECASE if "i" in flags else 0))
    except (_Wrong, regex.error) as error:
        raise Undefined("regex", pattern=pattern[:60], why=str(error)[:60]) from error


def timed(run: Run, work: Callable[[float], _T]) -> _T:
    """``work(seconds left)``, its time charged to the evaluation."""
    start = time.monotonic()
    try:
        result = work(run.meter.regex_left)
    except TimeoutError:
        run.meter.regex_used(run.meter.regex_left)
        raise
    run.meter.regex_used(time.monotonic() - start)
    return result


def replacer(pattern: regex.Pattern[str], replacement: str) -> Callable[[Any], str]:
    """What ``$1`` and ``\\$`` of ``replacement`` make of a match; ``Undefined`` for a stray ``$`` or backslash."""
    parts: list[str | int] = []
    at = 0
    while at < len(replacement):
        char = replacement[at]
        at += 1
        if char == "\\":
            if replacement[at : at + 1] not in ("\\", "$"):
                raise Undefined("regex", pattern=replacement[:60], why="\\")
            parts.append(replacement[at])
            at += 1
        elif char == "$":
            number = re.compile(r"[0-9]").match(replacement, at)
            if number is None:
                raise Undefined("regex", pattern=replacement[:60], why="$")
            at += 1
            group = int(number.group())
            while (
                at < len(replacement)
                and replacement[at] in "0123456789"
                and group * 10 + int(replacement[at]) <= pattern.groups
            ):
                group = group * 10 + int(replacement[at])
                at += 1
            parts.append(group)
        else:
            parts.append(char)

    def build(match: Any) -> str:
        return "".join(
            part if isinstance(part, str) else (match.group(part) or "") if part <= pattern.groups else ""
            for part in parts
        )

    return build
