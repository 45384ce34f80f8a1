"""Words of a page put into the lines that a person sees.

A recogniser splits a form's line into blocks wherever a wide gap stands between label and value; here words whose
middles lie at the same height form one line again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from engine.ports import ReadWord


def in_lines(words: Sequence[ReadWord]) -> tuple[ReadWord, ...]:
    """The words top to bottom and left to right, each with the number of its line from 0."""
    lines: list[list[ReadWord]] = []
    for word in sorted(words, key=_middle):
        home = next((line for line in reversed(lines[-4:]) if _beside(line, word)), None)
        if home is None:
            lines.append([word])
        else:
            home.append(word)
    ordered = sorted(lines, key=lambda line: sum(map(_middle, line)) / len(line))
    return tuple(
        replace(word, line=number)
        for number, line in enumerate(ordered)
        for word in sorted(line, key=lambda word: word.left)
    )


def page_text(words: Sequence[ReadWord]) -> str:
    """The lines as text."""
    return "\n".join(" ".join(word.text for word in line) for _, line in groupby(words, key=lambda word: word.line))


def _middle(word: ReadWord) -> float:
    return word.top + word.height / 2


def _beside(line: list[ReadWord], word: ReadWord) -> bool:
    """Near its nearest neighbour's height, and beside it, not over it."""
    nearest = min(line, key=lambda other: abs(other.left - word.left))
    apart = abs(_middle(nearest) - _middle(word))
    overlap = min(nearest.left + nearest.width, word.left + word.width) - max(nearest.left, word.left)
    return apart < 0.45 * max(nearest.height, word.height) and overlap < 0.5 * min(nearest.width, word.width)
