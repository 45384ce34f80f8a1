"""Rows of a table as boxes (one mask of regions for each axis): what several share, what none covers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

Box: TypeAlias = tuple[int, ...]

#: Most boxes looked at in one search; a table beyond that is reported as not analysed in full.
MAX_BOXES = 20_000


class TooComplex(Exception):
    """The search was given up at ``MAX_BOXES``."""


def meet(one: Box, other: Box) -> Box | None:
    """What two boxes share, or ``None``."""
    common = tuple(left & right for left, right in zip(one, other, strict=True))
    return common if all(common) else None


def uncovered(whole: Box, rows: Iterable[Box]) -> list[Box]:
    """Disjoint boxes that together are ``whole`` without ``rows``. Raises ``TooComplex``."""
    left = [whole] if all(whole) else []
    seen = 0
    for row in rows:
        following: list[Box] = []
        for box in left:
            following.extend(_without(box, row))
        left = following
        seen += len(left)
        if seen > MAX_BOXES:
            raise TooComplex
    return left


def _without(box: Box, row: Box) -> Sequence[Box]:
    if not all(mine & theirs for mine, theirs in zip(box, row, strict=True)):
        return (box,)
    pieces: list[Box] = []
    shared: tuple[int, ...] = ()
    for position, (mine, theirs) in enumerate(zip(box, row, strict=True)):
        outside = mine & ~theirs
        if outside:
            pieces.append((*shared, outside, *box[position + 1 :]))
        shared = (*shared, mine & theirs)
    return pieces
