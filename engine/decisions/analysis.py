"""Overlaps, gaps, dead rows and impossible cells of decision tables, each with an example input.

What is claimed is certain: a cell that is more than constants counts as "may hold" for gaps and as "may fail" for
overlaps. Null inputs are not looked at. Columns with the same input expression are one axis.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from engine.decisions.boxes import Box, TooComplex, meetings, uncovered
from engine.decisions.cells import ORDERED, Condition, read_condition
from engine.decisions.expressions import Constant
from engine.decisions.problems import finding
from engine.decisions.regions import Axis, make_axis
from engine.decisions.running import shown_value
from engine.decisions.tables import TableCell, TableNode, TableRule
from engine.decisions.types import BOOLEAN, Basic, Named, Structure, Type
from engine.errors import Problem
from engine.feel import Value

#: Most findings of one kind for one table.
_SHOWN = 8
#: Largest table that is analysed.
_MAX_ROWS = 2000
#: Most pairs of rows that hold together and are looked at.
_MAX_PAIRS = 100_000


def analyse(
    table: TableNode, expressions: Mapping[int, str], kinds: Mapping[str, Type], *, file: str
) -> tuple[Problem, ...]:
    """The findings about ``table``.

    ``expressions`` holds the text of each input column, ``kinds`` the types of the names they may use.
    """
    return tuple(_Analysis(table, expressions, kinds, file).findings())


@dataclass(frozen=True, slots=True)
class _Row:
    rule: TableRule
    sure: Box | None  #: inputs for which the row certainly holds; ``None`` if unknown
    likely: Box  #: inputs for which the row may hold


class _Analysis:
    def __init__(self, table: TableNode, expressions: Mapping[int, str], kinds: Mapping[str, Type], file: str) -> None:
        self.table, self.kinds, self.file = table, kinds, file
        self.partial: list[str] = []
        self.texts = [" ".join(expressions[at].split()) for at in range(len(table.columns))]
        self.axes: dict[str, Axis] = {}
        for text in dict.fromkeys(self.texts):
            axis = self._axis(text)
            if axis is not None:
                self.axes[text] = axis
        self.rows = [self._row(rule) for rule in table.rules]

    def findings(self) -> Iterator[Problem]:
        """All findings, cells first."""
        yield from self._cells()
        yield from self._outputs()
        if len(self.rows) > _MAX_ROWS:
            self.partial.append(f"{len(self.rows)} rows")
        else:
            yield from self._overlaps()
            yield from self._dead_rows()
        yield from self._gaps()
        if self.partial:
            why = "; ".join(dict.fromkeys(self.partial))
            yield self._problem("dmn-analysis-partial", "warning", why=why, why_en=why)

    def _problem(self, code: str, severity: str, *, element: str = "", **facts: object) -> Problem:
        return finding(code, facts, file=self.file, element=element or self.table.element, severity=severity)

    # -- axes and rows ----------------------------------------------------------------------------------------

    def _axis(self, text: str) -> Axis | None:
        cells = [cell for at, _, cell in self._all_cells() if self.texts[at] == text]
        conditions = [cell.condition for cell in cells if cell.condition is not None]
        domain = self._domain(text)
        declared = self._basic(text)
        used = [*conditions, *([domain] if domain is not None else [])]
        kinds = {condition.kind for condition in used} - {type(None)}
        if not kinds and isinstance(declared, Basic) and (cells or declared is BOOLEAN):
            kinds.update(kind for kind in declared.classes if kind in ORDERED)
        if len(kinds) != 1:
            return None
        kind = kinds.pop()
        ends = [end for one in used for part in one.intervals for end in (part.low, part.high)]
        if kind is str and not all(part.point for one in used for part in one.intervals):
            self.partial.append(f"{text}: ranges of text")
            return None
        if kind is dt.datetime and len({end.tzinfo is None for end in ends if end is not None}) > 1:
            self.partial.append(f"{text}: moments with and without zone")
            return None
        axis = make_axis(text, kind, conditions, domain)
        return axis if axis.examples else None

    def _all_cells(self) -> Iterator[tuple[int, TableRule, TableCell]]:
        for rule in self.table.rules:
            for at, cell in rule.cells:
                yield at, rule, cell

    def _kind(self, text: str) -> Type | None:
        for at, column in enumerate(self.table.columns):
            if self.texts[at] == text and column.kind.name != "Any":
                return column.kind
        first, *rest = text.split(".")
        kind = self.kinds.get(first.strip())
        for part in rest:
            base = _structure(kind)
            kind = None if base is None else base.components.get(part.strip())
        return kind

    def _basic(self, text: str) -> Type | None:
        kind = self._kind(text)
        while isinstance(kind, Named):
            kind = kind.base
        return kind

    def _domain(self, text: str) -> Condition | None:
        """The values the author declared for an input: of the column, else of its type."""
        for at, column in enumerate(self.table.columns):
            if self.texts[at] == text and column.values is not None:
                return read_condition(column.values.source)
        kind = self._kind(text)
        while isinstance(kind, Named):
            if kind.allowed_cell is not None:
                return read_condition(kind.allowed_cell.text)
            kind = kind.base
        return None

    def _row(self, rule: TableRule) -> _Row:
        masks = {text: axis.everything for text, axis in self.axes.items()}
        known = True
        for at, cell in rule.cells:
            axis = self.axes.get(self.texts[at])
            if axis is None or cell.condition is None:
                known = False
                self.partial.append(f"{cell.text}")
            else:
                masks[self.texts[at]] &= axis.mask(cell.condition)
        likely = tuple(masks.values())
        return _Row(rule, likely if known else None, likely)

    # -- findings ---------------------------------------------------------------------------------------------

    def _cells(self) -> Iterator[Problem]:
        for at, rule, cell in self._all_cells():
            why = self._impossible(self.texts[at], cell.condition)
            if why is not None:
                yield self._problem(
                    "dmn-cell-impossible",
                    "error",
                    element=cell.element,
                    cell=cell.text,
                    index=rule.index,
                    why=why[0],
                    why_en=why[1],
                )

    def _impossible(self, text: str, condition: Condition | None) -> tuple[str, str] | None:
        if condition is None or condition.holds_null:
            return None
        declared = self._basic(text)
        if isinstance(declared, Basic) and not _fits(condition.kind, declared):
            return f"“{text}” có kiểu {declared.name}.", f'"{text}" is of type {declared.name}.'
        axis = self.axes.get(text)
        if axis is not None and axis.mask(condition) == 0:
            return (
                "không giá trị cho phép nào thỏa điều kiện này.",
                "no allowed value meets it.",
            )
        if not condition.negated and all(interval.empty for interval in condition.intervals):
            return "khoảng giá trị rỗng.", "the range is empty."
        return None

    def _outputs(self) -> Iterator[Problem]:
        for at, output in enumerate(self.table.outputs):
            allowed = None if output.values is None else read_condition(output.values.source)
            for rule in self.table.rules:
                node = rule.results[at]
                if not isinstance(node, Constant) or node.value is None:
                    continue
                value = node.value
                refused = not output.kind.accepts(value) or (
                    allowed is not None and not (type(value) is allowed.kind and allowed.holds(value))
                )
                if refused:
                    yield self._problem(
                        "dmn-output-value",
                        "error",
                        element=rule.result_elements[at],
                        value=_written(value),
                        index=rule.index,
                    )

    def _overlaps(self) -> Iterator[Problem]:
        if self.table.hit_policy not in ("UNIQUE", "ANY"):
            return
        rules = {at: row.rule for at, row in enumerate(self.rows)}
        boxes = {at: row.sure for at, row in enumerate(self.rows) if row.sure is not None}
        found = (
            (rules[one], rules[other], common)
            for one, other, common in islice(meetings(self._whole(), boxes), _MAX_PAIRS)
            if not self._agree(rules[one], rules[other])
        )
        for one, other, common in islice(found, _SHOWN):
            yield self._problem(
                "dmn-overlap",
                "error",
                element=other.id,
                rows=f"{one.index}, {other.index}",
                example=self._example(common),
            )

    def _agree(self, one: TableRule, other: TableRule) -> bool:
        """Under ANY rows may overlap if they give the same; results that are no constants may."""
        if self.table.hit_policy != "ANY":
            return False
        for left, right in zip(one.results, other.results, strict=True):
            if isinstance(left, Constant) and isinstance(right, Constant) and left.value != right.value:
                return False
        return True

    def _dead_rows(self) -> Iterator[Problem]:
        if self.table.hit_policy != "FIRST":
            return
        above: list[Box] = []
        for row in self.rows:
            try:
                dead = all(row.likely) and bool(above) and not uncovered(row.likely, above)
            except TooComplex:
                self.partial.append("too many combinations")
                return
            if dead:
                index = row.rule.index
                yield self._problem("dmn-row-dead", "warning", element=row.rule.id, index=index)
            if row.sure is not None:
                above.append(row.sure)

    def _whole(self) -> Box:
        return tuple(axis.everything for axis in self.axes.values())

    def _gaps(self) -> Iterator[Problem]:
        if not self.rows or any(output.default is not None for output in self.table.outputs):
            return
        try:
            left = uncovered(self._whole(), sorted((row.likely for row in self.rows), key=_size, reverse=True))
        except TooComplex:
            self.partial.append("too many combinations")
            return
        certain = len(self.axes) == 1 and all(axis.closed for axis in self.axes.values())
        severity = "error" if certain and len(self.table.columns) == 1 else "warning"
        for box in left[:_SHOWN]:
            yield self._problem("dmn-gap", severity, example=self._example(box))

    def _example(self, box: Box) -> str:
        pairs = zip(self.axes.values(), box, strict=True)
        return ", ".join(f"{axis.label} = {_written(axis.example(mask))}" for axis, mask in pairs)


def _fits(kind: type, declared: Basic) -> bool:
    if kind is type(None):
        return True
    return issubclass(kind, declared.classes) and not (declared.but_not and issubclass(kind, declared.but_not))


def _structure(kind: Type | None) -> Structure | None:
    while isinstance(kind, Named):
        kind = kind.base
    return kind if isinstance(kind, Structure) else None


def _size(box: Box) -> int:
    total = 1
    for mask in box:
        total *= mask.bit_count()
    return total


def _written(value: Value) -> str:
    return f'"{value}"' if isinstance(value, str) else shown_value(value)
