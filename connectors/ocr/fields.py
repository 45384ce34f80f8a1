"""Fields found on a read page: a label found fuzzily, the value right of it or below it.

A reader proposes. ``check`` is false only when the label was found, pattern and check digits pass, the value agrees
with what is expected and every word has confidence 93 or more: measured, confidence alone misses most errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from connectors.ocr.folding import fold
from connectors.ocr.labels import Label, find_labels
from connectors.ocr.values import Reading, normalise
from engine.ports import FieldRule, ReadField, ReadWord

#: Least confidence of every word of a value that may pass unchecked.
SURE = 93.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    words: tuple[ReadWord, ...]
    page: int
    reading: Reading
    rank: int  #: less is nearer: errors in the label, and 100 for a value below it


def find_fields(pages: Sequence[tuple[ReadWord, ...]], rules: Sequence[FieldRule]) -> tuple[ReadField, ...]:
    """One field for each rule; ``label_found=False`` when nothing on the pages looks like one of its labels.

    ``pages`` hold their words in reading order with line numbers, as ``in_lines`` gives them.
    """
    labels = sorted({fold(label) for rule in rules for label in rule.labels} - {""}, key=len, reverse=True)
    found: dict[str, list[_Candidate]] = {rule.key: [] for rule in rules}
    seen: set[str] = set()
    for page, words in enumerate(pages, start=1):
        lines = [tuple(group) for _, group in groupby(words, key=lambda word: word.line)]
        places = [find_labels(line, labels) for line in lines]
        for number, line in enumerate(lines):
            below = () if places[number + 1 : number + 2] != [()] else lines[number + 1]
            for rule in rules:
                for at in _places_of(rule, places[number]):
                    seen.add(rule.key)
                    right = _cell(line, at, places[number])
                    found[rule.key] += _candidate(rule, page, right, rank=at.errors)
                    found[rule.key] += _candidate(rule, page, _under(line, at, below), rank=at.errors + 100)
    return tuple(_best(rule, found[rule.key], label_found=rule.key in seen) for rule in rules)


def _places_of(rule: FieldRule, places: tuple[Label, ...]) -> Iterator[Label]:
    own = {fold(label) for label in rule.labels}
    return (at for at in places if at.label in own)


def _best(rule: FieldRule, found: list[_Candidate], *, label_found: bool) -> ReadField:
    if not found:
        return ReadField(key=rule.key, value="", confidence=0.0, label_found=label_found)
    best = max(found, key=lambda item: (item.reading.valid, -item.rank, _confidence(item.words)))
    return _field(rule, best)


def _field(rule: FieldRule, best: _Candidate) -> ReadField:
    confidence = _confidence(best.words)
    expected = normalise(rule.expected, rule.kind).value if rule.expected else ""
    agrees = bool(expected) and _same(best.reading.value, expected, rule.kind)
    return ReadField(
        key=rule.key,
        value=best.reading.value,
        confidence=round(confidence, 1),
        page=best.page,
        box=_box(best.words),
        label_found=True,
        check=not (best.reading.valid and agrees and confidence >= SURE),
    )


def _same(value: str, expected: str, kind: str) -> bool:
    if kind == "name":
        return " ".join(value.casefold().split()) == " ".join(expected.casefold().split())
    return " ".join(value.split()) == " ".join(expected.split())


def _candidate(rule: FieldRule, page: int, words: tuple[ReadWord, ...], *, rank: int) -> list[_Candidate]:
    words = _strip_leaders(words)
    if not words:
        return []
    text = " ".join(word.text for word in words)
    reading = normalise(text, rule.kind)
    if rule.pattern and not re.fullmatch(rule.pattern, reading.value):
        reading = Reading(value=reading.value, valid=False)
    return [_Candidate(words=words, page=page, reading=reading, rank=rank)]


def _cell(line: tuple[ReadWord, ...], at: Label, places: tuple[Label, ...]) -> tuple[ReadWord, ...]:
    """The words right of the label, up to the next label or a column's gap."""
    end = min((other.start for other in places if other.start >= at.end), default=len(line))
    return _until_gap(line[at.end : end])


def _until_gap(words: tuple[ReadWord, ...]) -> tuple[ReadWord, ...]:
    for place in range(1, len(words)):
        before, after = words[place - 1], words[place]
        if after.left - (before.left + before.width) > 4 * max(before.height, after.height):
            return words[:place]
    return words


def _under(line: tuple[ReadWord, ...], at: Label, below: tuple[ReadWord, ...]) -> tuple[ReadWord, ...]:
    """The words of the next line that begin below the label, when that line has no label of its own."""
    first = line[at.start]
    if not below or below[0].top - (first.top + first.height) > 3 * first.height:
        return ()
    if any(word.text.rstrip().endswith(":") for word in below):
        return ()
    return _until_gap(tuple(word for word in below if word.left >= first.left - 2 * first.height))


def _strip_leaders(words: tuple[ReadWord, ...]) -> tuple[ReadWord, ...]:
    """Without the colons and rows of dots between a label and its value."""
    kept = [word for word in words if word.text.strip(" .:;…_-·|")]
    return tuple(kept)


def _confidence(words: tuple[ReadWord, ...]) -> float:
    return min((word.confidence for word in words), default=0.0)


def _box(words: tuple[ReadWord, ...]) -> tuple[int, int, int, int]:
    left, top = min(word.left for word in words), min(word.top for word in words)
    right = max(word.left + word.width for word in words)
    bottom = max(word.top + word.height for word in words)
    return left, top, right - left, bottom - top
