"""Compiled decision tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.decisions.cells import Condition
from engine.decisions.expressions import convert
from engine.decisions.hits import HitPolicy
from engine.decisions.reasons import FiredRule
from engine.decisions.running import MAX_FIRED, Node, Run, shown_value
from engine.decisions.types import Type
from engine.feel import Expression, UnaryTests, Value

Scope = Mapping[str, Value]
#: Most cells whose reasons are looked up when no row holds.
_EXPLAINED = 40


@dataclass(slots=True)
class TableColumn:
    """An input column: its expression and the values it may have."""

    label: str
    node: Node
    kind: Type
    element: str
    values: UnaryTests | None = None
    quick_values: Callable[[Value], bool | None] | None = None


@dataclass(slots=True)
class OutputColumn:
    """An output column; ``order`` evaluates to its values, best first."""

    name: str
    kind: Type
    element: str
    values: UnaryTests | None = None
    quick_values: Callable[[Value], bool | None] | None = None
    order: Expression | None = None
    default: Node | None = None


@dataclass(slots=True)
class TableCell:
    """A condition: a plain Python test where it is made of constants, and always the FEEL tests."""

    tests: UnaryTests | None  #: ``None`` for a cell that could not be compiled: it never holds
    element: str
    quick: Callable[[Value], bool | None] | None = None
    condition: Condition | None = None
    text: str = ""


@dataclass(slots=True)
class TableRule:
    """A row; ``cells`` leaves out the columns where the row does not care."""

    id: str
    index: int
    cells: tuple[tuple[int, TableCell], ...]
    results: tuple[Node, ...]
    result_elements: tuple[str, ...]


@dataclass(slots=True)
class TableNode(Node):
    """A decision table."""

    element: str
    columns: tuple[TableColumn, ...]
    outputs: tuple[OutputColumn, ...]
    rules: tuple[TableRule, ...]
    policy: HitPolicy
    first_only: bool
    hit_policy: str
    aggregation: str

    def evaluate(self, scope: Scope, run: Run) -> Value:
        values = []
        for column in self.columns:
            value = column.node.evaluate(scope, run)
            if column.values is not None and not self._allowed(column, value, scope, run):
                run.note("dmn-input-value", element=column.element, name=column.label, value=value)
                return None
            values.append(value)
        run.meter.charge(len(self.rules))
        rows = self._matching(values, scope, run)
        if rows:
            return self.policy(self, rows, scope, run)
        return self._unmatched(values, scope, run)

    def _matching(self, values: list[Value], scope: Scope, run: Run) -> list[TableRule]:
        rows = []
        for rule in self.rules:
            for position, cell in rule.cells:
                value = values[position]
                held = None if cell.quick is None else cell.quick(value)
                if held is None:
                    held = cell.tests is not None and run.test(cell.tests, value, scope)
                if not held:
                    break
            else:
                rows.append(rule)
                if self.first_only:
                    break
        return rows

    def _allowed(self, column: TableColumn, value: Value, scope: Scope, run: Run) -> bool:
        held = None if column.quick_values is None else column.quick_values(value)
        if held is None and column.values is not None:
            held = run.test(column.values, value, scope)
        return held is True

    def _unmatched(self, values: list[Value], scope: Scope, run: Run) -> Value:
        if any(output.default is not None for output in self.outputs):
            return self._assemble(
                [None if output.default is None else output.default.evaluate(scope, run) for output in self.outputs]
            )
        self._explain(values, scope, run)
        pairs = zip(self.columns, values, strict=True)
        shown = ", ".join(f"{column.label} = {shown_value(value)}" for column, value in pairs)
        run.note("dmn-no-rule", element=self.element, inputs=shown)
        return None

    def _explain(self, values: list[Value], scope: Scope, run: Run) -> None:
        """Ask the cells again, keeping the reasons of those that could not be decided."""
        cells = [pair for rule in self.rules for pair in rule.cells]
        for position, cell in cells[:_EXPLAINED]:
            if cell.tests is not None and (cell.quick is None or cell.quick(values[position]) is None):
                run.test(cell.tests, values[position], scope, keep=cell.element)

    def result(self, rule: TableRule, scope: Scope, run: Run) -> Value:
        """The result of one row: the value, or a context of the outputs if there are several."""
        cells = []
        for output, node, element in zip(self.outputs, rule.results, rule.result_elements, strict=True):
            value = convert(node.evaluate(scope, run), output.kind, run, name=output.name, element=element)
            if value is not None and output.values is not None:
                held = None if output.quick_values is None else output.quick_values(value)
                if held is None:
                    held = run.test(output.values, value, scope)
                if not held:
                    run.note("dmn-output-value", element=element, name=output.name, value=value)
                    value = None
            cells.append(value)
        return self._assemble(cells)

    def _assemble(self, cells: list[Value]) -> Value:
        if len(self.outputs) == 1:
            return cells[0]
        return {output.name: cell for output, cell in zip(self.outputs, cells, strict=True)}

    def priorities(self, scope: Scope, run: Run) -> list[list[Value] | None]:
        """For each output its values, best first; ``None`` where none are declared."""
        found: list[list[Value] | None] = []
        for output in self.outputs:
            value = None if output.order is None else run.feel(output.order, scope, output.element)
            found.append(value if isinstance(value, list) else None)
        return found

    def fire(self, rows: Sequence[TableRule], run: Run) -> None:
        """Record the rows that made the result."""
        for row in rows[: MAX_FIRED - len(run.fired)]:
            run.fired.append(FiredRule(decision=run.owner, table=self.element, rule=row.id, index=row.index))
