"""Rows of a table as boxes (one mask of regions for each axis): what several share, what none covers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

Box: TypeAlias = tuple[int, ...]

#: Most boxes looked at in one search; a table beyond that is reported as not analysed in full.
MAX_BOXES = 20_000


class TooComplex(Exception):
    """The search was given up at ``MAX_BOXES``."""


def meetings(whole: Box, boxes: Mapping[int, Box]) -> Iterator[tuple[int, int, Box]]:
    """The pairs of boxes that share something, with what they share; in rising order of their keys."""
    everyone = sum(1 << key for key in boxes)
    indifferent = [0] * len(whole)  # per axis the boxes that hold all of it, as a mask
    members: dict[tuple[int, int], int] = {}  # axis and region → the other boxes that hold it
    for key, box in boxes.items():
        for axis, mask in enumerate(box):
            if mask == whole[axis]:
                indifferent[axis] |= 1 << key
                continue
            for region in _bits(mask):
                members[axis, region] = members.get((axis, region), 0) | 1 << key
    for key, box in boxes.items():
        others = everyone & -(2 << key)
        for axis, mask in enumerate(box):
            if mask == whole[axis]:
                continue
            touching = indifferent[axis]
            for region in _bits(mask):
                touching |= members[axis, region]
            others &= touching
        for other in _bits(others):
            common = meet(box, boxes[other])
            if common is not None:
                yield key, other, common


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


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
