"""Places the steps of a process that was never drawn: columns from left to right, lanes as bands, square ways.

A step stands in the column after the last of those that lead to it. A way between steps runs in the gaps between the
columns and, past other steps, in a row that is kept free for it, so that no line runs through a step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

#: Pixels between columns, between rows, and around what a lane or sub-process holds.
GAP: Final = 60
ROW_GAP: Final = 50
PADDING: Final = 30
#: The least height of a row, so that a row of events is as high as one of tasks.
ROW: Final = 80
EVENT: Final = 36
_TRACK: Final = 15  #: between ways that lead back
_SPREAD: Final = (0, 10, -10, 20, -20)  #: of ways in one gap
Point = tuple[int, int]
_Cell = tuple[int, int]  #: column, row


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something to be placed."""

    id: str
    width: int
    height: int
    band: int = 0  #: the lane, from the top
    attached_to: str = ""  #: of a boundary event: its activity


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A way from one step to another."""

    id: str
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where something is, in pixels."""

    x: int
    y: int
    width: int
    height: int

    def moved(self, x: int, y: int) -> Box:
        """The same box elsewhere."""
        return Box(x=self.x + x, y=self.y + y, width=self.width, height=self.height)

    @property
    def middle(self) -> Point:
        """Its centre."""
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where everything is, from the left upper corner (0, 0)."""

    boxes: Mapping[str, Box]
    ways: Mapping[str, tuple[Point, ...]]
    bands: tuple[int, ...]  #: the height of each
    width: int
    height: int


def arrange(steps: Sequence[Step], lines: Iterable[Line], *, bands: int = 1) -> Placed:
    """Place the steps and lead the ways. Lines to or from what is not among ``steps`` are left out."""
    known = {step.id: step for step in steps}
    kept = [line for line in lines if line.source in known and line.target in known]
    grid = _Grid(known=known, lines=kept, bands=max(1, bands))
    grid.rank()
    grid.place()
    grid.reserve()
    return grid.drawn()


@dataclass(slots=True)
class _Grid:
    known: Mapping[str, Step]
    lines: list[Line]
    bands: int
    column: dict[str, int] = field(default_factory=dict)
    row: dict[str, int] = field(default_factory=dict)
    taken: dict[int, set[_Cell]] = field(default_factory=lambda: defaultdict(set))  #: by band
    tracks: dict[str, int] = field(default_factory=dict)  #: line → row past other steps, in its target's band

    def host(self, name: str) -> str:
        """The step that stands in a cell: the activity of a boundary event, else the step itself."""
        attached = self.known[name].attached_to
        return attached if attached in self.known else name

    def hosts(self) -> Iterator[Step]:
        """The steps that stand in a cell."""
        return (step for step in self.known.values() if self.host(step.id) == step.id)

    # -- columns

    def rank(self) -> None:
        """The column of each step: one after the last that leads to it; ways that lead back do not count."""
        after: dict[str, list[str]] = defaultdict(list)
        for line in self.lines:
            after[self.host(line.source)].append(self.host(line.target))
        entered = {target for targets in after.values() for target in targets}
        names = [step.id for step in self.hosts()]
        order = self._ordered([name for name in names if name not in entered] + names, after)
        place = {name: number for number, name in enumerate(order)}
        self.column = dict.fromkeys(order, 0)
        for name in order:
            for target in after[name]:
                if place[target] > place[name]:
                    self.column[target] = max(self.column[target], self.column[name] + 1)

    @staticmethod
    def _ordered(roots: list[str], after: Mapping[str, list[str]]) -> list[str]:
        """Each step before those it leads to, but for ways that lead back. Depth first, without recursion."""
        done: list[str] = []
        seen: set[str] = set()
        for root in roots:
            waiting = [(root, iter(after.get(root, ())))] if root not in seen else []
            seen.add(root)
            while waiting:
                name, targets = waiting[-1]
                target = next((one for one in targets if one not in seen), None)
                if target is None:
                    done.append(name)
                    waiting.pop()
                else:
                    seen.add(target)
                    waiting.append((target, iter(after.get(target, ()))))
        return done[::-1]

    # -- rows

    def place(self) -> None:
        """The row of each step: that of a step which leads to it where this is free, else the nearest free one.

        Of several ways on, the longest keeps the row: it is the way that the process usually takes.
        """
        before: dict[str, list[str]] = defaultdict(list)
        for line in self.lines:
            before[self.host(line.target)].append(self.host(line.source))
        onward = self._onward()
        order = sorted(self.hosts(), key=lambda step: (self.column[step.id], -onward[step.id]))
        for step in order:
            rows = [
                self.row[name]
                for name in before[step.id]
                if name in self.row and self.known[name].band == step.band and name != step.id
            ]
            self.row[step.id] = self._free(step.band, [self.column[step.id]], rows[0] if rows else 0)
            self.taken[step.band].add((self.column[step.id], self.row[step.id]))

    def _onward(self) -> dict[str, int]:
        """How many columns a step leads on for, by ways that do not lead back."""
        onward = dict.fromkeys(self.column, 0)
        for line in sorted(self.lines, key=lambda one: -self.column[self.host(one.source)]):
            if self.forward(line):
                source = self.host(line.source)
                onward[source] = max(onward[source], onward[self.host(line.target)] + 1)
        return onward

    def _free(self, band: int, columns: Iterable[int], wanted: int) -> int:
        """The row nearest to ``wanted`` that is free in every column; rows below come first."""
        cells = list(columns)
        for distance in range(len(self.known) + len(self.lines) + 2):
            for row in (wanted + distance, wanted - distance):
                if row >= 0 and not any((column, row) in self.taken[band] for column in cells):
                    return row
        raise AssertionError("a row below everything is free")

    def forward(self, line: Line) -> bool:
        """Whether a way leads to a later column."""
        return self.column[self.host(line.target)] > self.column[self.host(line.source)]

    def reserve(self) -> None:
        """A free row for each way that passes columns of other steps."""
        for line in self.lines:
            source, target = self.host(line.source), self.host(line.target)
            between = range(self.column[source] + 1, self.column[target])
            if between:
                band = self.known[target].band
                row = self._free(band, between, self.row[target])
                self.tracks[line.id] = row
                self.taken[band] |= {(column, row) for column in between}

    # -- pixels

    def drawn(self) -> Placed:
        """Everything in pixels."""
        back = [line for line in self.lines if not self.forward(line)]
        lefts, width = self._columns()
        tops, bands = self._rows(len(back))
        boxes = {}
        for step in self.hosts():
            left, room = lefts[self.column[step.id]]
            top, height = tops[step.band, self.row[step.id]]
            boxes[step.id] = Box(
                x=left + (room - step.width) // 2,
                y=top + (height - step.height) // 2,
                width=step.width,
                height=step.height,
            )
        boxes |= self._attached(boxes)
        total = sum(bands)
        ways, used = {}, dict[int, int]()
        for line in self.lines:
            below = total - PADDING // 2 - _TRACK * back.index(line) if line in back else None
            ways[line.id] = self._way(line, boxes, lefts, tops, used, below)
        return Placed(boxes=boxes, ways=ways, bands=bands, width=width, height=total)

    def _columns(self) -> tuple[list[tuple[int, int]], int]:
        """Left edge and width of each column, and the width of all."""
        widths = [0] * (max(self.column.values(), default=-1) + 1)
        for step in self.hosts():
            widths[self.column[step.id]] = max(widths[self.column[step.id]], step.width)
        lefts, x = [], GAP
        for width in widths:
            lefts.append((x, width))
            x += width + GAP
        return lefts, x

    def _rows(self, back: int) -> tuple[dict[tuple[int, int], tuple[int, int]], tuple[int, ...]]:
        """Top and height of each row of each band, and the height of each band; ways back run below the last."""
        heights: dict[tuple[int, int], int] = {}
        for band in range(self.bands):
            for row in range(max((row for _column, row in self.taken[band]), default=0) + 1):
                heights[band, row] = ROW
        for step in self.hosts():
            place = step.band, self.row[step.id]
            heights[place] = max(heights[place], step.height)
        tops, bands, y = {}, [], 0
        for band in range(self.bands):
            begun = y
            y += PADDING
            for row in range(sum(one == band for one, _row in heights)):
                tops[band, row] = (y, heights[band, row])
                y += heights[band, row] + ROW_GAP
            y += PADDING - ROW_GAP // 2 + (_TRACK * back if band == self.bands - 1 else 0)
            bands.append(y - begun)
        return tops, tuple(bands)

    def _attached(self, boxes: Mapping[str, Box]) -> dict[str, Box]:
        """Boundary events on the lower edge of their activity, from the right."""
        found, counts = {}, dict[str, int]()
        for step in self.known.values():
            host = self.host(step.id)
            if host == step.id:
                continue
            number, around = counts.get(host, 0), boxes[host]
            counts[host] = number + 1
            right = around.x + around.width - EVENT - 10 - number * (EVENT + 8)
            found[step.id] = Box(
                x=max(around.x - EVENT // 2, right), y=around.y + around.height - EVENT // 2, width=EVENT, height=EVENT
            )
        return found

    def _way(
        self,
        line: Line,
        boxes: Mapping[str, Box],
        lefts: list[tuple[int, int]],
        tops: Mapping[tuple[int, int], tuple[int, int]],
        used: dict[int, int],
        below: int | None,
    ) -> tuple[Point, ...]:
        """The corners of a way: out at the right (of a boundary event below), in at the left."""
        source, target = boxes[line.source], boxes[line.target]
        begin, end = (source.x + source.width, source.middle[1]), (target.x, target.middle[1])
        points = [begin]
        if self.host(line.source) != line.source:
            down = source.y + source.height + ROW_GAP // 4
            points, begin = [(source.middle[0], source.y + source.height), (source.middle[0], down)], (begin[0], down)
        first, last = self.column[self.host(line.source)], self.column[self.host(line.target)] - 1
        if below is None and begin[1] == end[1] and line.id not in self.tracks:
            return _corners([*points, end])
        row = self.tracks.get(line.id)
        track = below if below is not None else end[1]
        if row is not None:
            top, height = tops[self.known[line.target].band, row]
            track = end[1] if row == self.row[self.host(line.target)] else top + height // 2
        out, into = self._gap(lefts, used, first), self._gap(lefts, used, last)
        if begin[1] == track:  # past others in its own row
            out = into
        return _corners([*points, (out, begin[1]), (out, track), (into, track), (into, end[1]), end])

    @staticmethod
    def _gap(lefts: list[tuple[int, int]], used: dict[int, int], column: int) -> int:
        """The line in the gap right of a column (-1: left of all); several in one gap stand a little apart."""
        number = used[column] = used.get(column, -1) + 1
        middle = lefts[column][0] + lefts[column][1] + GAP // 2 if column >= 0 else GAP // 2
        return middle + _SPREAD[number % len(_SPREAD)]


def _corners(points: list[Point]) -> tuple[Point, ...]:
    """The points without those that stand on the straight line between their neighbours."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept.pop()
        kept.append(point)
    return tuple(kept)
