"""Decision tables from their read form to nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.decisions import expressions as nodes
from engine.decisions import syntax
from engine.decisions.cells import quick_test, read_condition
from engine.decisions.hits import POLICIES
from engine.decisions.running import Node
from engine.decisions.tables import OutputColumn, TableCell, TableColumn, TableNode, TableRule
from engine.decisions.types import ANY, Named, Structure, Type
from engine.feel import Expression, UnaryTests, Value

if TYPE_CHECKING:
    from engine.decisions.compiler import Compiler, Names

_AGGREGATIONS = ("", "SUM", "MIN", "MAX", "COUNT")
_ANYTHING = ("-", "")


class TableCompiler:
    """Compiles the tables of one model."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self.result_kind: Type = ANY  #: type of the element that owns the table

    def compile(self, table: syntax.Table, names: Names) -> Node:
        """The node of ``table``; one that makes no sense is null with a reason."""
        report = self._compiler.report
        key = (table.hit_policy, table.aggregation)
        if table.hit_policy not in {policy for policy, _ in POLICIES}:
            report("dmn-hit-policy", table.id, policy=table.hit_policy)
            return nodes.Broken(table.id, "dmn-broken", {})
        if table.aggregation not in _AGGREGATIONS or key not in POLICIES:
            report("dmn-aggregation", table.id, aggregation=table.aggregation, policy=table.hit_policy)
            return nodes.Broken(table.id, "dmn-broken", {})
        if not table.outputs:
            report("dmn-no-output", table.id)
            return nodes.Broken(table.id, "dmn-broken", {})
        self._check_outputs(table)
        outputs = tuple(self._output(output, table, names) for output in table.outputs)
        if table.hit_policy in ("PRIORITY", "OUTPUT ORDER") and all(out.order is None for out in outputs):
            report("dmn-priority-values", table.id, policy=table.hit_policy)
        rules = [self._rule(index, rule, table, names) for index, rule in enumerate(table.rules, 1)]
        return TableNode(
            element=table.id,
            columns=tuple(self._column(column, names) for column in table.inputs),
            outputs=outputs,
            rules=tuple(rule for rule in rules if rule is not None),
            policy=POLICIES[key],
            first_only=table.hit_policy == "FIRST",
            hit_policy=table.hit_policy,
            aggregation=table.aggregation,
        )

    def _check_outputs(self, table: syntax.Table) -> None:
        if len(table.outputs) == 1:
            return
        names = [output.name for output in table.outputs]
        if len(set(names)) < len(names) or not all(names):
            self._compiler.report("dmn-output-names", table.id)
        if table.aggregation:
            self._compiler.report("dmn-aggregation-compound", table.id)

    def _column(self, column: syntax.TableInput, names: Names) -> TableColumn:
        compiler = self._compiler
        kind = compiler.types.find(column.type_ref, element=column.id)
        text = column.expression.text
        if text:
            node = compiler.feel(text, names, column.expression.id or column.id)
        else:
            node = nodes.Broken(column.id, "dmn-broken", {})
            compiler.report("dmn-expression-missing", column.id, element_name="inputExpression")
        values, quick = self._values(column.values, names)
        return TableColumn(
            label=column.label or text,
            node=node,
            kind=kind,
            element=column.id,
            values=values,
            quick_values=quick,
        )

    def _values(
        self, cell: syntax.Cell | None, names: Names
    ) -> tuple[UnaryTests | None, Callable[[Value], bool | None] | None]:
        if cell is None or cell.text in _ANYTHING:
            return None, None
        tests = self._compiler.tests(cell.text, names, cell.id)
        condition = read_condition(cell.text)
        return tests, None if condition is None or tests is None else quick_test(condition)

    def _output(self, output: syntax.TableOutput, table: syntax.Table, names: Names) -> OutputColumn:
        compiler = self._compiler
        kind = compiler.types.find(output.type_ref, element=output.id)
        values, quick = self._values(output.values, names)
        default = None
        if output.default is not None and output.default.text not in _ANYTHING:
            default = compiler.feel(output.default.text, names, output.default.id)
        position = table.outputs.index(output) + 1
        return OutputColumn(
            name=output.name or output.label or f"output {position}",
            kind=kind,
            element=output.id,
            values=values,
            quick_values=quick,
            order=self._order(output, table, kind, names),
            default=default,
        )

    def _order(self, output: syntax.TableOutput, table: syntax.Table, kind: Type, names: Names) -> Expression | None:
        """The values of an output in order of priority: its own, else those its type allows."""
        if table.hit_policy not in ("PRIORITY", "OUTPUT ORDER"):
            return None
        cell = output.values or _allowed(kind) or self._inherited(output, table)
        if cell is None or cell.text in _ANYTHING:
            return None
        order = self._compiler.expression(f"[{cell.text}]", names, cell.id)
        return None if isinstance(order, nodes.Broken) else order

    def _inherited(self, output: syntax.TableOutput, table: syntax.Table) -> syntax.Cell | None:
        """The values allowed by the type of the table, or of the decision that is this table."""
        for kind in (self._compiler.types.find(table.type_ref, element=table.id), self.result_kind):
            kind = kind.element()
            if len(table.outputs) > 1:
                base = kind.base if isinstance(kind, Named) else kind
                kind = base.components.get(output.name, ANY) if isinstance(base, Structure) else ANY
            if (cell := _allowed(kind)) is not None:
                return cell
        return None

    def _rule(self, index: int, rule: syntax.Rule, table: syntax.Table, names: Names) -> TableRule | None:
        compiler = self._compiler
        if len(rule.tests) != len(table.inputs) or len(rule.results) != len(table.outputs):
            compiler.report(
                "dmn-rule-width",
                rule.id or table.id,
                index=index,
                tests=len(rule.tests),
                results=len(rule.results),
                inputs=len(table.inputs),
                outputs=len(table.outputs),
            )
            return None
        cells = tuple(
            (position, self._cell(cell, names))
            for position, cell in enumerate(rule.tests)
            if cell.text not in _ANYTHING
        )
        results = tuple(self._result(cell, names) for cell in rule.results)
        return TableRule(
            id=rule.id,
            index=index,
            cells=cells,
            results=results,
            result_elements=tuple(cell.id for cell in rule.results),
        )

    def _cell(self, cell: syntax.Cell, names: Names) -> TableCell:
        tests = self._compiler.tests(cell.text, names, cell.id)
        condition = None if tests is None else read_condition(cell.text)
        quick = None if condition is None else quick_test(condition)
        return TableCell(tests, cell.id, quick, condition, cell.text)

    def _result(self, cell: syntax.Cell, names: Names) -> Node:
        if cell.text in _ANYTHING:  # an empty result cell is null by the standard's reading of "no value"
            return nodes.Constant(None)
        return self._compiler.feel(cell.text, names, cell.id)


def _allowed(kind: Type) -> syntax.Cell | None:
    inner: Type = kind.element()
    while isinstance(inner, Named):
        if inner.allowed_cell is not None:
            return inner.allowed_cell
        inner = inner.base.element()
    return None
