"""Patterns that cannot run away: a small sub-language, and a time limit on every match."""

from __future__ import annotations

from typing import Final

import regex

MAX_LENGTH: Final = 200
#: A group may be repeated this often although its inside is of variable length.
_SMALL: Final = 10
_TIMEOUT_SECONDS: Final = 0.1


def pattern_fault(pattern: str) -> str:
    """Why ``pattern`` is refused (length, syntax, lookaround, backreference, nested), else empty."""
    if len(pattern) > MAX_LENGTH:
        return "length"
    try:
        regex.compile(pattern, regex.V0)
    except (regex.error, OverflowError, ValueError):
        return "syntax"
    return _shape(pattern)


def matches(pattern: str, text: str) -> bool:
    """Whether ``pattern`` is found in ``text``; a match that takes too long counts as none."""
    try:
        return regex.compile(pattern, regex.V0).search(text, timeout=_TIMEOUT_SECONDS) is not None
    except TimeoutError:
        return False


def _shape(pattern: str) -> str:
    """Refuse look-around, back-references and a long repetition of something of variable length.

    Each open group remembers whether its inside can match different lengths or in different ways.
    """
    variable = [False]
    at = 0
    just_closed: bool | None = None  # variability of the group that ended right here
    while at < len(pattern):
        letter = pattern[at]
        if letter == "\\":
            escape = pattern[at + 1 : at + 2]
            if (escape.isdigit() and escape != "0") or escape in ("g", "k"):
                return "backreference"
            at = pattern.find("}", at) + 1 if escape in ("p", "P") and pattern[at + 2 : at + 3] == "{" else at + 2
            just_closed = None
            continue
        if letter == "[":
            at = _class_end(pattern, at)
            just_closed = None
            continue
        if letter == "(":
            if pattern.startswith("(?", at) and not pattern.startswith("(?:", at):
                return "lookaround"
            variable.append(False)
            at += 3 if pattern.startswith("(?:", at) else 1
            just_closed = None
            continue
        if letter == ")":
            inner = variable.pop() if len(variable) > 1 else False
            variable[-1] = variable[-1] or inner
            just_closed = inner
            at += 1
            continue
        if letter == "|":
            variable[-1] = True
        low, high, length = _quantifier(pattern, at)
        if letter == "{" and not length:
            return "syntax"  # the library would read it as fuzzy matching
        if length:
            if just_closed and high > _SMALL:
                return "nested"
            variable[-1] = variable[-1] or low != high
        just_closed = None
        at += length or 1
    return ""


def _class_end(pattern: str, at: int) -> int:
    """The index after the character class that begins at ``at``."""
    at += 2 if pattern.startswith("[^", at) else 1
    at += pattern.startswith("]", at)
    while at < len(pattern) and pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return at + 1


def _quantifier(pattern: str, at: int) -> tuple[int, float, int]:
    """Least and greatest count and length in characters of the quantifier at ``at``; length 0 when there is none."""
    letter = pattern[at]
    if letter in "*+?":
        low, high = {"*": (0, float("inf")), "+": (1, float("inf")), "?": (0, 1.0)}[letter]
        return low, high, 1
    found = regex.compile(r"\{(\d+)(,?)(\d*)\}").match(pattern, at)
    if found is None:
        return 0, 0.0, 0
    least = int(found[1])
    most = float(found[3]) if found[3] else (float("inf") if found[2] else float(least))
    return least, most, len(found[0])
