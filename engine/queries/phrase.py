"""What a person typed into a search box, ready for a query."""

from __future__ import annotations

from engine.model import folding
from engine.model.folding import folded

#: Words of a phrase that count; more only narrow what is found already.
MAX_WORDS = 6
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def patterns(typed: str) -> tuple[str, ...]:
    """One LIKE pattern (escape character ``!``) for each word typed, tones folded, wildcards taken literally."""
    words = folded(" ".join(typed.split()))[:200].split()[:MAX_WORDS]
    return tuple(f"%{_literal(word)}%" for word in words)


def _literal(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def words(typed: str) -> tuple[str, ...]:
    """The words typed, tones folded; a dossier matches when each of them begins one of its own words."""
    return folding.words(" ".join(typed.split())[:200])[:MAX_WORDS]


def beginning(count: int, column: str) -> str:
    """The SQL for ``count`` words that begin words of ``column``, each beginning with ``AND``."""
    return conditions(count, f"(' ' || replace({column}, '-', ' '))")


def beginnings(found: tuple[str, ...]) -> dict[str, str]:
    """The parameters of ``beginning``."""
    return values(tuple(f"% {_literal(word)}%" for word in found))


def span(word: str) -> tuple[str, str]:
    """What lies between, the first included, begins with ``word``."""
    return word, f"{word}\U0010ffff"


def letter(number: int) -> str:
    """A name of letters for the parameter ``number``, from 0: ``a`` … ``z``, ``ba`` …"""
    high, low = divmod(number, len(_LETTERS))
    return (letter(high) if high else "") + _LETTERS[low]


def conditions(count: int, column: str = "search") -> str:
    """The SQL for ``count`` patterns given as ``word_a``, ``word_b`` …, each beginning with ``AND``."""
    return "".join(f" AND {column} LIKE :word_{letter(number)} ESCAPE '!'" for number in range(count))


def values(found: tuple[str, ...]) -> dict[str, str]:
    """The parameters of ``conditions``."""
    return {f"word_{letter(number)}": pattern for number, pattern in enumerate(found)}
