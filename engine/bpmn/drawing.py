"""A drawing for a diagram that has none. Only the drawing is added: not a byte of what the diagram says changes.

Pools stand one above the other, lanes are bands in them; notes and data stand below the steps they belong to. Groups
are not drawn, for they say nothing without a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import quoteattr

from lxml import etree

from engine.bpmn.layout import EVENT, GAP, PADDING, Box, Line, Placed, Point, Step, arrange
from engine.bpmn.xml import BPMNDI, DC, DI, bpmn, children, local, parse

#: A diagram with more elements than this is left undrawn: nobody could read it, and placing takes long.
MOST: Final = 2000
#: Empty drawings are looked for and taken out one by one, so there have to be few.
_FEW: Final = 100
_HEAD: Final = 30  #: the strip of a pool or lane that holds its name
_POOL_GAP: Final = 60
_EMPTY_POOL: Final = (600, 100)
_EDGES: Final = frozenset({"association", "dataInputAssociation", "dataOutputAssociation"})
_SIZES: Final = {
    "dataObjectReference": (36, 50),
    "dataStoreReference": (50, 50),
    "textAnnotation": (170, 60),
}
_DRAWN: Final = re.compile(rb"<(?:[\w.-]+:)?BPMN(?:Shape|Edge)\b")
_UNDRAWN: Final = re.compile(r"<((?:[\w.-]+:)?)BPMNDiagram\b(?:[^>]*/>|.*?</\1BPMNDiagram\s*>)", re.DOTALL)
_END: Final = re.compile(r"</(?:[\w.-]+:)?definitions\s*>")
_DECLARED: Final = re.compile(r"""^(\ufeff?<\?xml[^>]*?encoding=)(["'])[\w.-]+\2""")


def drawn(source: bytes, *, file: str = "") -> bytes:
    """The diagram with a drawing, as UTF-8; as it is when it has one already, or is too large or empty.

    ``DefinitionRefused`` when the file cannot be read.
    """
    if _DRAWN.search(source):
        return source
    root = parse(source, file=file)
    if sum(1 for _element in root.iter(etree.Element)) > 10 * MOST or _nodes(root) > MOST:
        return source
    diagrams = "".join(_Sheet(root, number).written() for number, root in enumerate(_planes(root), 1))
    encoding = (root.getroottree().docinfo.encoding or "UTF-8").upper()
    try:
        text = source.decode(encoding)
    except LookupError:  # libxml2 reads more encodings than Python
        return source
    ends = list(_END.finditer(text))
    if not diagrams or not ends or text.count("BPMNDiagram") > _FEW:
        return source
    whole = text[: ends[-1].start()] + diagrams + text[ends[-1].start() :]
    whole = _UNDRAWN.sub(lambda found: found[0] if "BPMNShape" in found[0] else "", whole)
    return (whole if encoding == "UTF-8" else _DECLARED.sub(r"\1\2UTF-8\2", whole)).encode()


def _nodes(root: etree._Element) -> int:
    return sum(1 for element in root.iter(etree.Element) if _size(element) is not None)


def _planes(root: etree._Element) -> Iterator[etree._Element]:
    """What gets a sheet of its own: a collaboration with its processes, and each process in none."""
    played: set[str] = set()
    for collaboration in root.findall(bpmn("collaboration")):
        if collaboration.get("id") and collaboration.find(bpmn("participant")) is not None:
            played |= {one.get("processRef", "") for one in collaboration.findall(bpmn("participant"))}
            yield collaboration
    for process in root.findall(bpmn("process")):
        if process.get("id") and process.get("id") not in played:
            yield process


def _size(element: etree._Element) -> tuple[int, int] | None:
    """Width and height of what is drawn as a shape inside a process, None for anything else."""
    kind = local(element)
    if kind in _SIZES:
        return _SIZES[kind]
    if kind.endswith("Event"):
        return EVENT, EVENT
    if kind.endswith("Gateway"):
        return 50, 50
    if kind.endswith(("Task", "task", "callActivity", "subProcess", "SubProcess", "transaction")):
        return 100, 80
    return None


@dataclass(slots=True)
class _Sheet:
    """One ``BPMNDiagram`` being made."""

    plane: etree._Element
    number: int
    shapes: dict[str, tuple[Box, str]] = field(default_factory=dict)  #: with more attributes
    edges: dict[str, tuple[Point, ...]] = field(default_factory=dict)

    def written(self) -> str:
        """As XML with namespaces of its own."""
        if local(self.plane) == "collaboration":
            self._collaboration()
        else:
            self._process(self.plane, 100, 80)
        name = quoteattr(f"drawing_{self.number}_{self.plane.get('id')}")
        plane = quoteattr(f"drawing_{self.number}_plane_{self.plane.get('id')}")
        parts = [
            f'<bpmndi:BPMNDiagram xmlns:bpmndi="{BPMNDI}" xmlns:dc="{DC}" xmlns:di="{DI}" id={name}>',
            f"<bpmndi:BPMNPlane id={plane} bpmnElement={quoteattr(self.plane.get('id', ''))}>",
        ]
        for element, (box, more) in self.shapes.items():
            parts.append(
                f"<bpmndi:BPMNShape id={quoteattr(f'drawn_{element}')} bpmnElement={quoteattr(element)}{more}>"
                f'<dc:Bounds x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"/></bpmndi:BPMNShape>'
            )
        for element, points in self.edges.items():
            corners = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in points)
            parts.append(
                f"<bpmndi:BPMNEdge id={quoteattr(f'drawn_{element}')} bpmnElement={quoteattr(element)}>"
                f"{corners}</bpmndi:BPMNEdge>"
            )
        return "".join([*parts, "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"])

    # -- pools

    def _collaboration(self) -> None:
        processes = {process.get("id"): process for process in self.plane.getparent().findall(bpmn("process"))}  # type: ignore[union-attr]
        y = 80
        pools: list[tuple[str, int, int]] = []
        for participant in self.plane.findall(bpmn("participant")):
            process = processes.pop(participant.get("processRef", ""), None)
            height = _EMPTY_POOL[1]
            width = _EMPTY_POOL[0]
            at = len(self.shapes)
            if process is not None:
                width, height = self._process(process, 100 + _HEAD, y)
            if participant.get("id"):
                pools.append((participant.get("id", ""), y, height))
                self._first(at, participant.get("id", ""), Box(x=100, y=y, width=width + _HEAD, height=height))
            y += height + _POOL_GAP
        widest = max((self.shapes[name][0].width for name, _y, _height in pools), default=0)
        for name, top, height in pools:
            self.shapes[name] = (Box(x=100, y=top, width=widest, height=height), ' isHorizontal="true"')
        self._widen(100 + widest)
        for message in self.plane.findall(bpmn("messageFlow")):
            self._message(message)

    def _first(self, at: int, name: str, box: Box) -> None:
        """A shape before those that stand in it."""
        kept = list(self.shapes.items())
        self.shapes = dict([*kept[:at], (name, (box, ' isHorizontal="true"')), *kept[at:]])

    def _widen(self, right: int) -> None:
        """Lanes as wide as the widest pool."""
        lanes = {lane.get("id", "") for lane in self.plane.getparent().iter(bpmn("lane"))}  # type: ignore[union-attr]
        for name in lanes & self.shapes.keys():
            box, more = self.shapes[name]
            self.shapes[name] = (Box(x=box.x, y=box.y, width=right - box.x, height=box.height), more)

    def _message(self, message: etree._Element) -> None:
        ends = [self.shapes.get(_plain(message.get(end, ""))) for end in ("sourceRef", "targetRef")]
        if not message.get("id") or ends[0] is None or ends[1] is None:
            return
        source, target = ends[0][0], ends[1][0]
        down = source.y < target.y
        from_x, to_x = source.middle[0], target.middle[0]
        if target.width > 300:  # a pool: straight into its edge
            to_x = from_x
        elif source.width > 300:
            from_x = to_x
        begin = (from_x, source.y + source.height if down else source.y)
        end = (to_x, target.y if down else target.y + target.height)
        turn = end[1] - 25 if down else end[1] + 25
        points = [begin, end] if from_x == to_x else [begin, (from_x, turn), (to_x, turn), end]
        self.edges[message.get("id", "")] = tuple(points)

    # -- processes and sub-processes

    def _process(self, process: etree._Element, x: int, y: int) -> tuple[int, int]:
        """Draw a process with its lanes from a corner on; its width and height."""
        lanes = list(_lanes(process, 0))
        leaves = [lane for lane, _depth, _count in lanes if lane.find(bpmn("childLaneSet")) is None]
        depth = max((depth for _lane, depth, _count in lanes), default=-1) + 1
        bands = {
            _plain((named.text or "").strip()): number
            for number, lane in enumerate(leaves)
            for named in lane.findall(bpmn("flowNodeRef"))
        }
        inner = _Inner(process, bands, max(1, len(leaves)))
        width, height = inner.width + depth * _HEAD, inner.height
        tops = [y + sum(inner.heights[:number]) for number in range(len(inner.heights) + 1)]
        tops[-1] = y + height
        first = 0
        for lane, level, count in lanes:
            if lane in leaves:
                begun, ended = first, first + 1
                first += 1
            else:
                begun, ended = first, first + count
            if lane.get("id"):
                left = x + level * _HEAD
                box = Box(x=left, y=tops[begun], width=x + width - left, height=tops[ended] - tops[begun])
                self.shapes[lane.get("id", "")] = (box, ' isHorizontal="true"')
        inner.draw(self, x + depth * _HEAD, y)
        return width, height


def _lanes(holder: etree._Element, level: int) -> Iterator[tuple[etree._Element, int, int]]:
    """Each lane with its depth and the number of innermost lanes in it; outer ones first."""
    for lane_set in holder.findall(bpmn("laneSet")) + holder.findall(bpmn("childLaneSet")):
        for lane in lane_set.findall(bpmn("lane")):
            within = list(_lanes(lane, level + 1))
            yield lane, level, sum(one.find(bpmn("childLaneSet")) is None for one, _level, _count in within)
            yield from within


class _Inner:
    """What a process or sub-process holds, placed."""

    def __init__(self, holder: etree._Element, bands: dict[str, int] | None = None, count: int = 1) -> None:
        self.elements = {child.get("id", ""): child for child in children(holder) if child.get("id")}
        self.holds = {
            name: _Inner(child)
            for name, child in self.elements.items()
            if local(child).endswith(("ubProcess", "transaction"))
        }
        steps = [
            Step(
                id=name,
                width=self._width(name, size[0]),
                height=self._height(name, size[1]),
                band=(bands or {}).get(name, 0),
                attached_to=_plain(child.get("attachedToRef", "")),
            )
            for name, child in self.elements.items()
            if (size := _size(child)) is not None and local(child) not in _SIZES
        ]
        lines = [
            Line(id=name, source=_plain(child.get("sourceRef", "")), target=_plain(child.get("targetRef", "")))
            for name, child in self.elements.items()
            if local(child) == "sequenceFlow"
        ]
        self.placed: Placed = arrange(steps, lines, bands=count)
        self.joined = dict(_associations(holder))
        self.beside = self._placed_beside()
        strip = 0
        if self.beside:
            strip = max(box.height for box in self.beside.values()) + PADDING
        self.heights = (*self.placed.bands[:-1], self.placed.bands[-1] + strip)
        self.height = self.placed.height + strip
        self.width = max([self.placed.width, *(box.x + box.width + GAP for box in self.beside.values())])

    def _width(self, name: str, width: int) -> int:
        return max(width, self.holds[name].width) if self._open(name) else width

    def _height(self, name: str, height: int) -> int:
        return max(height, self.holds[name].height) if self._open(name) else height

    def _open(self, name: str) -> bool:
        return name in self.holds and bool(self.holds[name].placed.boxes)

    def _placed_beside(self) -> dict[str, Box]:
        """Notes and data in a strip below the steps, each as near as may be to what it belongs to."""
        found: dict[str, Box] = {}
        wishes = []
        for name, element in self.elements.items():
            if local(element) in _SIZES:
                others = [end for pair in self.joined.values() if name in pair for end in pair if end != name]
                steps = [self.placed.boxes[other] for other in others if other in self.placed.boxes]
                wishes.append((steps[0].x if steps else 0, name, _SIZES[local(element)]))
        x = GAP
        for wish, name, (width, height) in sorted(wishes):
            x = max(x, wish)
            found[name] = Box(x=x, y=self.placed.height, width=width, height=height)
            x += width + PADDING
        return found

    def draw(self, sheet: _Sheet, x: int, y: int) -> None:
        """Put everything on a sheet, from a corner on."""
        for name, box in {**self.placed.boxes, **self.beside}.items():
            more = ""
            if self._open(name):
                more = ' isExpanded="true"'
            elif local(self.elements[name]) == "exclusiveGateway":
                more = ' isMarkerVisible="true"'
            sheet.shapes[name] = (box.moved(x, y), more)
            if self._open(name):
                inner = self.holds[name]
                inner.draw(sheet, x + box.x + (box.width - inner.width) // 2, y + box.y)
        for name, points in self.placed.ways.items():
            sheet.edges[name] = tuple((x + left, y + top) for left, top in points)
        boxes = {**self.placed.boxes, **self.beside}
        for name, (one, other) in self.joined.items():
            if one in boxes and other in boxes:
                sheet.edges[name] = tuple((x + left, y + top) for left, top in _straight(boxes[one], boxes[other]))


def _associations(holder: etree._Element) -> Iterator[tuple[str, tuple[str, str]]]:
    """What joins notes and data to steps: id, and the ids of both ends."""
    for child in children(holder):
        for edge in [child, *children(child)]:
            if local(edge) not in _EDGES or not edge.get("id"):
                continue
            source = edge.get("sourceRef") or edge.findtext(bpmn("sourceRef")) or ""
            target = edge.get("targetRef") or edge.findtext(bpmn("targetRef")) or ""
            if local(edge) == "dataInputAssociation":
                target = child.get("id", "")
            elif local(edge) == "dataOutputAssociation":
                source = child.get("id", "")
            yield edge.get("id", ""), (_plain(source.strip()), _plain(target.strip()))


def _straight(one: Box, other: Box) -> tuple[Point, Point]:
    """From the lower edge of the upper to the upper edge of the lower."""
    if one.y <= other.y:
        return (one.middle[0], one.y + one.height), (other.middle[0], other.y)
    return (one.middle[0], one.y), (other.middle[0], other.y + other.height)


def _plain(reference: str) -> str:
    """A reference without the prefix that some tools write before it."""
    return reference.rpartition(":")[2]
