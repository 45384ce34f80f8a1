"""Where the labels of a form stand on a line of read words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.ocr.folding import distance, fold
from engine.ports import ReadWord

#: A reader may err in one letter of eight and still mean the label.
_LETTERS_PER_ERROR = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """``label`` (folded) stands at the words from ``start`` to before ``end``, read with so many ``errors``."""

    label: str
    start: int
    end: int
    errors: int


def find_labels(line: tuple[ReadWord, ...], labels: Sequence[str]) -> tuple[Label, ...]:
    """The labels on the line from left to right, none over another.

    Fewer errors win, then the longer label: ``họ tên mẹ`` is neither ``họ tên cha`` nor ``họ tên``.
    """
    found = [
        Label(label=label, start=start, end=end, errors=errors)
        for label in labels
        for start, end, errors in _stretches(line, label)
    ]
    chosen: list[Label] = []
    for one in sorted(found, key=lambda at: (at.errors - len(at.label) / 4, at.start)):
        if all(one.end <= other.start or other.end <= one.start for other in chosen):
            chosen.append(one)
    return tuple(sorted(chosen, key=lambda at: at.start))


def _stretches(line: tuple[ReadWord, ...], label: str) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    count, limit = len(label.split()), len(label) // _LETTERS_PER_ERROR
    for start in range(len(line)):
        for end in range(start + max(1, count - 1), min(len(line), start + count + 1) + 1):
            if not _begins_label(line, start, end) or _goes_on(line, end):
                continue
            text = fold(" ".join(word.text for word in line[start:end]))
            errors = distance(text, label, limit=limit)
            if errors <= limit:
                found.append((start, end, errors))
    return found


def _begins_label(line: tuple[ReadWord, ...], start: int, end: int) -> bool:
    """A label begins its line, ends in a colon, or follows punctuation or a gap; the same word in prose does not."""
    if start == 0 or line[end - 1].text.rstrip().endswith(":"):
        return True
    before, first = line[start - 1], line[start]
    gap = first.left - (before.left + before.width)
    return gap > 1.5 * first.height or before.text[-1:] in {";", ".", ",", ")"}


def _goes_on(line: tuple[ReadWord, ...], end: int) -> bool:
    """Whether a few more plain words and a colon follow: then this is only the beginning of another label."""
    if line[end - 1].text.rstrip().endswith(":"):
        return False
    for word in line[end : end + 3]:
        text = word.text.strip()
        if text == ":":
            return word is not line[end]
        if text.endswith(":"):
            return text[:-1].isalpha() and not text[:-1].isupper()
        if not text.isalpha() or text.isupper():
            return False
    return False
