"""Raw tokens put together to names, with the names in scope: the lexer that lark's LALR parser reads from.

FEEL names may contain blanks, operators and keywords (``first name``, ``Date-Time``, ``profit and loss``), so what a
name is depends on the names in scope: those given, the built-ins, and those the text itself introduces (context keys,
iteration variables, parameters). The longest known name wins; words side by side that are no keywords are one name.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

from lark import Token
from lark.lexer import Lexer

from engine.errors import Text
from engine.feel.errors import FeelSyntaxError
from engine.feel.lexicon import Piece, pieces, place

#: Brackets that may stand inside one another.
MAX_NESTING = 100

KEYWORDS = frozenset(
    (
        *("and", "between", "else", "every", "external", "false", "for", "function", "if", "in", "instance"),
        *("null", "or", "return", "satisfies", "some", "then", "true"),
    )
)
TYPE_NAMES = ("date and time", "days and time duration", "years and months duration")

_SIGNS = {
    "**": "POWER", "->": "ARROW", "..": "DOTS", "<=": "LE", ">=": "GE", "!=": "NE", "<": "LT", ">": "GT",
    "=": "EQ", "(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB", "{": "LBRACE", "}": "RBRACE", ",": "COMMA",
    ":": "COLON", "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH", ".": "DOT", "@": "AT",
}  # fmt: skip
_NAME_SIGNS = frozenset("+-*/.'") | {"**"}
_OPENERS = {"(": ")", "[": "]", "{": "}"}
#: Words that cannot follow a range, so ``[`` before them closes one: ``[1..5[ and …``.
_AFTER_RANGE = frozenset(["and", "between", "else", "in", "instance", "or", "return", "satisfies", "then"])

#: A name as its raw tokens; the flag tells whether blanks stand before the token.
_Key = tuple[tuple[str, bool], ...]


@lru_cache(maxsize=20_000)
def _key(name: str) -> _Key:
    try:
        found = pieces(name)[:-1]
    except FeelSyntaxError:  # a name that FEEL text cannot spell is never met in FEEL text
        return ()
    return tuple((piece.text, piece.spaced and index > 0) for index, piece in enumerate(found))


class Names:
    """Known names, found by their first raw token, longest first. A child sees its parents' names."""

    __slots__ = ("by_first", "parent")

    def __init__(self, names: Iterable[str] = (), parent: Names | None = None) -> None:
        self.by_first: dict[str, list[_Key]] = {}
        self.parent = parent
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make ``name`` known."""
        key = _key(name)
        if key:
            keys = self.by_first.setdefault(key[0][0], [])
            if key not in keys:
                keys.append(key)
                keys.sort(key=len, reverse=True)

    def longest(self, found: list[Piece], at: int) -> int:
        """How many pieces from ``at`` on make up the longest known name; 0 for none."""
        best = 0
        scope: Names | None = self
        while scope is not None:
            for key in scope.by_first.get(found[at].text, ()):
                if len(key) <= best:
                    break
                if _matches(key, found, at):
                    best = len(key)
                    break
            scope = scope.parent
        return best


def _matches(key: _Key, found: list[Piece], at: int) -> bool:
    if at + len(key) > len(found):
        return False
    return found[at].text == key[0][0] and all(
        found[at + index].text == text and found[at + index].spaced == spaced
        for index, (text, spaced) in enumerate(key)
        if index
    )


def spelled(found: list[Piece]) -> str:
    """The name that ``found`` spells, with single blanks."""
    return "".join((" " if piece.spaced and index else "") + piece.text for index, piece in enumerate(found))


class _Bracket:
    """An open bracket (or an open for, some, every) and the names introduced inside it."""

    __slots__ = ("dots", "formal", "names", "piece", "sign", "takes_names")

    def __init__(self, sign: str, piece: Piece | None, names: Names, *, takes_names: bool = False) -> None:
        self.sign, self.piece, self.names = sign, piece, names
        self.dots = False  #: ``..`` was met: an open square bracket may now close a range
        self.formal = False  #: this is a parameter list
        self.takes_names = takes_names  #: names may stand before a colon here


class Tokeniser:
    """One pass over one source."""

    def __init__(self, source: str, names: Names, *, tests: bool = False) -> None:
        self.source, self.tests = source, tests
        self.pieces = pieces(source)
        self.lines = [0, *(at + 1 for at, char in enumerate(source) if char == "\n")]
        self.at = 0
        self.operand = True  #: an operand is expected next, not an operator
        self.previous = self.earlier = ""  #: types of the last two tokens
        self.types = 0  #: open ``<`` of types
        self.open = [_Bracket("", None, Names((), names))]

    def __iter__(self) -> Iterator[Token]:
        if self.tests and self._negated():
            yield self._token("NOT_TESTS", self.pieces[0], "not")
            self.at = 1
        while self.pieces[self.at].kind != "END":
            token = self._next()
            self.earlier, self.previous = self.previous, token.type
            yield token

    def _negated(self) -> bool:
        """Whether the tests are ``not(…)`` as a whole."""
        first, second = self.pieces[0], self.pieces[min(1, len(self.pieces) - 1)]
        if first.text != "not" or second.text != "(":
            return False
        level = 0
        for index, piece in enumerate(self.pieces[1:], 1):
            if piece.kind == "SIGN":
                level += (piece.text in "([{") - (piece.text in ")]}")
            if level == 0:
                return self.pieces[index + 1].kind == "END"
        return False

    def _token(self, kind: str, piece: Piece, value: str) -> Token:
        line = bisect_right(self.lines, piece.start)
        return Token(kind, value, piece.start, line, piece.start - self.lines[line - 1] + 1)

    def _next(self) -> Token:
        piece = self.pieces[self.at]
        if piece.kind == "SIGN":
            return self._sign(piece)
        if piece.kind == "WORD":
            return self._word(piece)
        following = self.pieces[self.at + 1]
        if piece.kind == "STRING" and following.text == ":" and self.open[-1].sign == "{":
            self._learn(self.open[-1], piece.text[1:-1])
        self.at += 1
        self.operand = False
        return self._token(piece.kind, piece, piece.text)

    # names ---------------------------------------------------------------------------------------

    def _introduces(self) -> bool:
        """Whether a name is declared here: before a colon, or after for, some and every."""
        top = self.open[-1]
        if top.sign == "for":
            return self.previous in ("FOR", "SOME", "EVERY", "COMMA")
        return top.takes_names and self.previous in ("LBRACE", "COMMA", "LPAR") and self._colon_after() > 0

    def _colon_after(self) -> int:
        for ahead in range(self.at, min(self.at + 40, len(self.pieces))):
            piece = self.pieces[ahead]
            if piece.text == ":" and piece.kind == "SIGN":
                return ahead - self.at
            if piece.kind in ("STRING", "END") or (piece.kind == "SIGN" and piece.text not in _NAME_SIGNS):
                return 0
        return 0

    def _introduced(self) -> Token:
        piece = self.pieces[self.at]
        top = self.open[-1]
        end = self.at
        if top.sign == "for":
            while self.pieces[end].kind != "END" and self.pieces[end].text != "in":
                end += 1
        else:
            end += self._colon_after()
        name = spelled(self.pieces[self.at : end])
        if end == self.at:
            raise self._wrong(piece, Text(vi="thiếu tên biến", en="the name of a variable is missing"))
        self.at, self.operand = end, False
        home = self.open[-2] if top.sign == "for" else top
        self._learn(home, name)
        return self._token("NAME", piece, name)

    def _learn(self, bracket: _Bracket, name: str) -> None:
        """Make an introduced name known, unless it begins with a keyword: then it can only be reached by a path."""
        if name.split(" ", 1)[0] not in KEYWORDS:
            bracket.names.add(name)

    def _word(self, piece: Piece) -> Token:
        if self._introduces():
            return self._introduced()
        known = 0 if not self.operand else self.open[-1].names.longest(self.pieces, self.at)
        if piece.text in KEYWORDS and known < 2:
            return self._keyword(piece)
        end = self.at + max(known, 1)
        while self._continues(end):
            end += 1
        name = spelled(self.pieces[self.at : end])
        self.at, self.operand = end, False
        return self._token("NAME", piece, name)

    def _continues(self, end: int) -> bool:
        """Whether the piece at ``end`` is one more word of an unknown name."""
        piece = self.pieces[end]
        if piece.kind == "NUMBER":
            return piece.spaced and piece.text.isdigit()
        return piece.kind == "WORD" and piece.text not in KEYWORDS

    def _keyword(self, piece: Piece) -> Token:
        self.at += 1
        word = piece.text
        self.operand = word not in ("true", "false", "null")
        if self.previous == "DOT":  # a property may be called like a keyword
            self.operand = False
            return self._token("NAME", piece, word)
        if word == "instance" and self.pieces[self.at].text == "of":
            self.at += 1
            return self._token("INSTANCE_OF", piece, "instance of")
        if word in ("for", "some", "every"):
            self._push("for", piece)
        elif word in ("return", "satisfies"):
            if self.open[-1].sign != "for":
                raise self._wrong(
                    piece,
                    Text(vi=f"{word} không có for, some, every đi trước", en=f"{word} without for, some or every"),
                )
            self.open.pop()
        return self._token(word.upper(), piece, word)

    # signs ---------------------------------------------------------------------------------------

    def _push(self, sign: str, piece: Piece, *, takes_names: bool = False) -> None:
        if len(self.open) > MAX_NESTING:
            raise self._wrong(
                piece,
                Text(vi=f"lồng quá {MAX_NESTING} tầng ngoặc", en=f"brackets are nested more than {MAX_NESTING} deep"),
            )
        self.open.append(_Bracket(sign, piece, Names((), self.open[-1].names), takes_names=takes_names))

    def _sign(self, piece: Piece) -> Token:
        text = piece.text
        self.at += 1
        if text == "'":
            raise self._wrong(
                piece,
                Text(
                    vi="dấu ' chỉ đứng trong một tên đã biết; chuỗi dùng dấu \"",
                    en="' may stand in a known name only; strings use \"",
                ),
            )
        if text == "]" and self.operand and self.previous != "LSQB":
            self._push("[", piece)
            return self._token("OPEN_RANGE", piece, text)
        if text == "[" and not self.operand and self._closes_range():
            self.open.pop()
            return self._token("CLOSE_RANGE", piece, text)
        if text in _OPENERS:
            self._push(text, piece, takes_names=text != "[")
            self.open[-1].formal = text == "(" and self.previous == "FUNCTION"
            self.operand = True
        elif text in ")]}":
            self.operand = self._close(piece)
        elif text == ">" and self.types:
            self.types -= 1
            self.operand = False
        else:
            self.operand = True
            self.types += text == "<" and self._opens_type()
            if text == "..":
                self.open[-1].dots = True
        return self._token(_SIGNS[text], piece, text)

    def _opens_type(self) -> bool:
        """Whether the ``<`` just read begins the arguments of a type."""
        if self.previous == "FUNCTION":
            return True
        typed = self.earlier == "INSTANCE_OF" or self.types > 0 or (self.earlier == "COLON" and self.open[-1].formal)
        return typed and self.pieces[self.at - 2].text in ("list", "range", "context")

    def _closes_range(self) -> bool:
        if not self.open[-1].dots or self.open[-1].sign not in ("[", "("):
            return False
        following = self.pieces[self.at]
        if following.kind == "SIGN":
            return following.text not in ("(", "{", "-", "@", "[", "]")
        return following.kind == "END" or following.text in _AFTER_RANGE

    def _close(self, piece: Piece) -> bool:
        """Close a bracket; whether an operand follows, as after a parameter list."""
        top = self.open[-1]
        if top.sign == "for":
            raise self._wrong(piece, Text(vi="thiếu return hoặc satisfies", en="return or satisfies is missing"))
        fits = piece.text == _OPENERS.get(top.sign) or (piece.text in ")]" and top.dots and top.sign in "[(")
        if not fits:
            raise self._wrong(
                piece,
                Text(
                    vi=f"dấu {piece.text} không có ngoặc mở tương ứng", en=f"{piece.text} closes nothing that is open"
                ),
            )
        self.open.pop()
        return top.formal

    def _wrong(self, piece: Piece, why: Text) -> FeelSyntaxError:
        line, column = place(self.source, piece.start)
        return FeelSyntaxError(line=line, column=column, why=why)


class FeelLexer(Lexer):
    """Hands a prepared ``Tokeniser`` to lark."""

    def __init__(self, lexer_conf: object) -> None:
        del lexer_conf

    def lex(self, data: Tokeniser) -> Iterator[Token]:  # type: ignore[override]
        """The tokens of ``data``."""
        yield from data
