"""Ink that no recognised word explains: the sign that something was lost beside a value that looks right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.ports import ReadWord

#: Share of the ink around a value that may lie outside the recognised words.
STRAY = 0.10


def stray_ink(grey: npt.NDArray[np.uint8], box: tuple[int, int, int, int], words: Sequence[ReadWord]) -> float:
    """The share (0–1) of dark pixels around ``box`` that lie in no recognised word; 0 where there is hardly ink.

    Looked at is the line of the value, from three letter heights before to six after it.
    """
    left, top, width, height = box
    rows = slice(max(0, top - height // 6), top + height + height // 6)
    columns = slice(max(0, left - 3 * height), left + width + 6 * height)
    dark = grey[rows, columns] < 128
    inked = int(dark.sum())
    if inked < height * 2:
        return 0.0
    for word in words:
        rim = max(3, word.height // 5)
        first = max(0, word.top - rim - rows.start), max(0, word.left - rim - columns.start)
        last = word.top + word.height + rim - rows.start, word.left + word.width + rim - columns.start
        if last[0] > 0 and last[1] > 0:
            dark[first[0] : last[0], first[1] : last[1]] = False
    # Rules under a value and dots that lead to it are printed by the form and say nothing.
    dark[dark.mean(axis=1) > 0.5, :] = False
    return float(dark.sum()) / inked
