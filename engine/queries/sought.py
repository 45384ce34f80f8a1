"""How the dossiers of a typed phrase are reached when a unit has a hundred thousand of them.

A dossier fits when each word typed begins a word of its number, its applicant's name or its procedure. Three ways lead
to such dossiers without reading them all:

- words of numbers and names stand in ``dossier_word`` by unit: when one of them, or all together, leads to few
  dossiers, those are looked at;
- a procedure whose code or name has every word is a list of its own, by its index;
- when everything typed is common, so many dossiers fit that a list in its own order soon meets a page of them. It is
  looked through a stretch at a time, so that a phrase of common words that nobody bears costs no more.

A phrase is first taken for a number, a name or a procedure as a whole; when there is none of these its words may be
spread over them ("lan khai sinh").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from engine.queries import phrase
from engine.store.connection import Connection
from engine.store.statement import Statement

#: From this many dossiers of the units on, a way through the words is not taken.
FEW = 3000
#: How many rows of a list are looked at in one go when the phrase is common.
LOOK = 4000
_PROCEDURES = Statement("SELECT procedure FROM procedure_word WHERE word >= :low AND word < :high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A phrase and the ways to its dossiers."""

    words: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()  #: words to look up in ``dossier_word``; a dossier has them all
    through: bool = False  #: the list has to be looked through in its own order
    procedures: tuple[str, ...] = ()  #: every dossier of these fits

    @property
    def hopeless(self) -> bool:
        """Whether no dossier fits."""
        return bool(self.words) and not (self.ranges or self.through or self.procedures)


def sought(connection: Connection, words: tuple[str, ...], units: Sequence[str], *, spread: bool = False) -> Sought:
    """The ways to the dossiers of ``words`` that have to do with ``units``; with ``spread`` to all of them, without
    it to those whose number and name, or whose procedure, has every word."""
    if not words or not units:
        return Sought(words=words)
    named = {word: frozenset(row[0] for row in _procedures(connection, word)) for word in words}
    if spread:
        words_that_lead = tuple(word for word in words if not named[word])
        if not words_that_lead:
            return Sought(words=words, through=True)
        return _by_words(connection, words, words_that_lead, units, frozenset())
    return _by_words(connection, words, words, units, frozenset.intersection(*named.values()))


def _by_words(
    connection: Connection,
    words: tuple[str, ...],
    leading: tuple[str, ...],
    units: Sequence[str],
    procedures: frozenset[str],
) -> Sought:
    found = tuple(sorted(procedures))
    counted = {word: _count(connection, (word,), units) for word in leading}
    rarest = min(leading, key=lambda word: counted[word])
    if not counted[rarest]:
        return Sought(words=words, procedures=found)
    if counted[rarest] < FEW:
        return Sought(words=words, ranges=(rarest,), procedures=found)
    if len(leading) > 1:
        together = _count(connection, leading, units)
        if together < FEW:
            return Sought(words=words, ranges=leading if together else (), procedures=found)
    return Sought(words=words, through=True, procedures=found)


def _procedures(connection: Connection, word: str) -> list[Any]:
    low, high = phrase.span(word)
    return _PROCEDURES.run(connection, low=low, high=high).fetchall()


def _count(connection: Connection, words: tuple[str, ...], units: Sequence[str]) -> int:
    values = parameters(Sought(words=words, ranges=words), units)
    return int(_counting(len(words), len(units)).run(connection, **values, most=FEW).scalar_one())


@cache
def _counting(words: int, units: int) -> Statement:
    found = numbers(words, units)
    return Statement(f"SELECT count(*) FROM (SELECT number FROM ({found}) AS w LIMIT :most) AS c")  # noqa: S608


def numbers(words: int, units: int) -> str:
    """The SQL that selects the numbers of the dossiers that have each of ``words`` words, in ``units`` units."""
    one = [
        " UNION ALL ".join(
            f"SELECT number FROM dossier_word WHERE unit = :near_{phrase.letter(unit)} "  # noqa: S608 - our own words
            f"AND word >= :low_{phrase.letter(word)} AND word < :high_{phrase.letter(word)}"
            for unit in range(units)
        )
        for word in range(words)
    ]
    if len(one) == 1:
        return one[0]
    return " INTERSECT ".join(f"SELECT number FROM ({part}) AS p" for part in one)  # noqa: S608 - our own words


def parameters(found: Sought, units: Sequence[str]) -> dict[str, str]:
    """The parameters of ``numbers``, and those of the words that every row is compared with."""
    values = {f"near_{phrase.letter(place)}": unit for place, unit in enumerate(units)}
    for place, word in enumerate(found.ranges):
        low, high = phrase.span(word)
        values |= {f"low_{phrase.letter(place)}": low, f"high_{phrase.letter(place)}": high}
    return values | phrase.beginnings(found.words)
