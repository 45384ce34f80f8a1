"""The smallest pieces of FEEL text, before names are put together."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from engine.errors import Text
from engine.feel.errors import FeelSyntaxError

#: Characters of one source; longer text is refused before it is read.
MAX_SOURCE = 40_000
#: Raw tokens of one source.
MAX_PIECES = 8_000

_START = (
    r"?A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_PART = _START + r"0-9\u00B7\u0300-\u036F\u203F-\u2040"
_SPACE = r"\t\n\x0b\x0c\r\x20\x85\xa0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"

_RAW = regex.compile(
    rf"""(?P<space>(?:[{_SPACE}]+|//[^\r\n]*|/\*.*?\*/)+)
    |(?P<NUMBER>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<STRING>"(?:[^"\\]|\\.)*")
    |(?P<WORD>[{_START}--[{_SPACE}]][{_PART}]*)
    |(?P<SIGN>\*\*|->|\.\.|<=|>=|!=|[-+*/<>=()\[\]{{}},:.@'])""",
    regex.VERBOSE | regex.DOTALL | regex.V1,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One raw token: ``kind`` is NUMBER, STRING, WORD, SIGN or END; ``spaced`` when blanks stand before it."""

    kind: str
    text: str
    start: int
    spaced: bool


def pieces(source: str) -> list[Piece]:
    """The raw tokens of ``source``, closed by END. Raises ``FeelSyntaxError``."""
    if len(source) > MAX_SOURCE:
        raise _too_long(source, 0, MAX_SOURCE, Text(vi="ký tự", en="characters"))
    found: list[Piece] = []
    at, spaced = 0, False
    while at < len(source):
        match = _RAW.match(source, at)
        if match is None:
            raise unreadable(source, at)
        if match.lastgroup == "space":
            spaced = True
        else:
            found.append(Piece(match.lastgroup or "", match.group(), at, spaced))
            spaced = False
            if len(found) > MAX_PIECES:
                raise _too_long(source, at, MAX_PIECES, Text(vi="từ và dấu", en="words and signs"))
        at = match.end()
    found.append(Piece("END", "", len(source), spaced))
    return found


def _too_long(source: str, at: int, limit: int, what: Text) -> FeelSyntaxError:
    line, column = place(source, at)
    why = Text(
        vi=f"dài hơn {limit} {what.vi}; hãy tách thành nhiều biểu thức",
        en=f"it has more than {limit} {what.en}; split it",
    )
    return FeelSyntaxError(line=line, column=column, why=why)


def place(source: str, at: int) -> tuple[int, int]:
    """Line and column, from 1, of the offset ``at``."""
    return source.count("\n", 0, at) + 1, at - source.rfind("\n", 0, at)


def unreadable(source: str, at: int) -> FeelSyntaxError:
    """The error for a character that begins nothing, with the likely cause."""
    line, column = place(source, at)
    shown = source[at]
    if shown == '"':
        why = Text(vi="chuỗi mở bằng dấu nháy kép nhưng chưa đóng", en="a string is opened but not closed")
    elif shown in "“”‘’«»":
        why = Text(vi=f'dấu {shown} không dùng được, hãy dùng dấu nháy "', en=f'use " instead of {shown}')
    elif shown == "\\":
        why = Text(vi="dấu \\ chỉ đứng trong chuỗi", en="\\ may stand inside a string only")
    else:
        why = Text(vi=f"ký tự {shown!r} không thuộc FEEL", en=f"the character {shown!r} does not belong to FEEL")
    return FeelSyntaxError(line=line, column=column, why=why)
