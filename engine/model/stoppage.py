"""Pauses on the line of working time: merged so that overlaps count once, and their effect on a point."""

from __future__ import annotations

from collections.abc import Sequence

from engine.model.term import Point

#: Start and end on the line of working time; an open stop has no end.
Stop = tuple[int, int | None]


def merge(stops: Sequence[Stop]) -> list[Stop]:
    """The union, in order of time; an open stop swallows all that comes after its start."""
    merged: list[Stop] = []
    for start, end in sorted(stops, key=lambda stop: stop[0]):
        if merged:
            first, last = merged[-1]
            if last is None:
                break
            if start <= last:
                merged[-1] = (first, None if end is None else max(last, end))
                continue
        merged.append((start, end))
    return merged


def shift(due: Point, stops: Sequence[Stop]) -> tuple[Point, int | None, int]:
    """The due point moved by the stops that begin before it, the start of an open one, and the working time moved.

    A stop that begins at the due point or later changes nothing. While an open stop holds, the due point is the one
    that would hold if work resumed at the start of that stop.
    """
    moved = 0
    for start, end in stops:
        if start >= due + moved:
            break
        if end is None:
            return due + moved, start, moved
        moved += end - start
    return due + moved, None, moved


def active_before(due: Point, stops: Sequence[Stop], seconds: Point) -> Point:
    """The earliest point from which ``seconds`` of running time are left until ``due``."""
    point, need = due, seconds
    for start, end in reversed(stops):
        if end is None or start >= point:
            continue
        run = point - end
        if need < run:
            break
        need -= run
        point = start
    return point - need
