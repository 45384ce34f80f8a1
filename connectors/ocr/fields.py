"""Fields found on a read page: a label found fuzzily, the value right of it or below it.

A reader proposes. ``check`` is false only when the label was found, pattern and check digits pass, the value agrees
with what is expected and every word has confidence 93 or more: measured, confidence alone misses most errors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from connectors.ocr.folding import alike, fold
from connectors.ocr.values import Reading, normalise
from engine.ports import FieldRule, ReadField, ReadWord

#: Least confidence of every word of a value that may pass unchecked.
SURE = 93.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    words: tuple[ReadWord, ...]
    page: int
    reading: Reading
    rank: int  #: 0 right of the label, 1 below it


def find_fields(pages: Sequence[tuple[ReadWord, ...]], rules: Sequence[FieldRule]) -> tuple[ReadField, ...]:
    """One field for each rule; ``label_found=False`` when nothing on the pages looks like one of its labels.

    ``pages`` hold their words in reading order with line numbers, as ``in_lines`` gives them.
    """
    labels = {fold(label) for rule in rules for label in rule.labels}
    return tuple(_find(pages, rule, labels) for rule in rules)


def _find(pages: Sequence[tuple[ReadWord, ...]], rule: FieldRule, labels: set[str]) -> ReadField:
    found: list[_Candidate] = []
    seen = False
    for page, words in enumerate(pages, start=1):
        lines = [tuple(group) for _, group in groupby(words, key=lambda word: word.line)]
        for number, line in enumerate(lines):
            for start, end in _places(line, rule.labels):
                seen = True
                right = _until_next_label(line[end:], labels)
                found += _candidate(rule, page, right, rank=0)
                below = lines[number + 1] if number + 1 < len(lines) else ()
                found += _candidate(rule, page, _under(line[start:end], below, labels), rank=1)
    if not found:
        return ReadField(key=rule.key, value="", confidence=0.0, label_found=seen)
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


def _places(line: tuple[ReadWord, ...], labels: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where one of the labels stands in ``line`` as (first word, word after); the longest label wins."""
    folded = [fold(word.text) for word in line]
    found: list[tuple[int, int]] = []
    for label in sorted((fold(label) for label in labels), key=len, reverse=True):
        if not label:
            continue
        count = len(label.split())
        for start in range(len(line)):
            for length in {count, count - 1, count + 1}:
                end = start + length
                if length < 1 or end > len(line) or any(a < end and start < b for a, b in found):
                    continue
                if _is_label(line, start, end) and alike(" ".join(folded[start:end]).strip(), label):
                    found.append((start, end))
                    break
    return sorted(found)


def _is_label(line: tuple[ReadWord, ...], start: int, end: int) -> bool:
    """A label begins its line, follows a wide gap or punctuation, or ends in a colon."""
    if start == 0 or line[end - 1].text.rstrip().endswith(":"):
        return True
    before, first = line[start - 1], line[start]
    gap = first.left - (before.left + before.width)
    return gap > 1.5 * first.height or before.text[-1:] in {";", ".", ",", ")"}


def _until_next_label(words: tuple[ReadWord, ...], labels: set[str]) -> tuple[ReadWord, ...]:
    """The words up to where another label, a column gap or the end begins."""
    for place in range(len(words)):
        if place and _column_gap(words[place - 1], words[place]):
            return words[:place]
        for length in range(min(7, len(words) - place), 0, -1):
            stretch = words[place : place + length]
            ends = stretch[-1].text.rstrip().endswith(":")
            if ends and place and any(alike(fold(" ".join(w.text for w in stretch)), label) for label in labels):
                return words[:place]
    return words


def _column_gap(before: ReadWord, after: ReadWord) -> bool:
    return after.left - (before.left + before.width) > 4 * max(before.height, after.height)


def _under(label: tuple[ReadWord, ...], below: tuple[ReadWord, ...], labels: set[str]) -> tuple[ReadWord, ...]:
    """The words of the next line that begin below the label, unless that line is a label itself."""
    if not below or not label:
        return ()
    if any(word.text.rstrip().endswith(":") for word in below):
        return ()
    left = label[0].left - 2 * label[0].height
    near = below[0].top - (label[0].top + label[0].height) < 3 * label[0].height
    return _until_next_label(tuple(word for word in below if word.left >= left), labels) if near else ()


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
