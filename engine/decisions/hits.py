"""Hit policies: what becomes of the rows that hold. Words are those of DMN 1.5 §8.2.10."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from engine.decisions.running import Run
from engine.feel import Expression, Value, compile_expression

if TYPE_CHECKING:
    from engine.decisions.tables import TableNode, TableRule

Scope = Mapping[str, Value]
#: Takes the table, the rows that hold in row order, the scope and the run; gives the result of the table.
HitPolicy = Callable[["TableNode", "Sequence[TableRule]", Scope, Run], Value]


def _unique(table: TableNode, rows: Sequence[TableRule], scope: Scope, run: Run) -> Value:
    table.fire(rows, run)
    if len(rows) > 1:
        run.note("dmn-not-unique", element=table.element, rows=_numbers(rows))
        return None
    return table.result(rows[0], scope, run)


def _any(table: TableNode, rows: Sequence[TableRule], scope: Scope, run: Run) -> Value:
    table.fire(rows, run)
    first, *others = [table.result(row, scope, run) for row in rows]
    for other in others:
        if run.feel(_equal(), {"a": first, "b": other}, table.element) is not True:
            run.note("dmn-not-same", element=table.element, rows=_numbers(rows))
            return None
    return first


def _first(table: TableNode, rows: Sequence[TableRule], scope: Scope, run: Run) -> Value:
    table.fire(rows[:1], run)
    return table.result(rows[0], scope, run)


def _priority(table: TableNode, rows: Sequence[TableRule], scope: Scope, run: Run) -> Value:
    best, value = _ordered(table, rows, scope, run)[0]
    table.fire((best,), run)
    return value


def _rule_order(table: TableNode, rows: Sequence[TableRule], scope: Scope, run: Run) -> Value:
    table.fire(rows, run)
    return [table.result(row, scope, run) for row in rows]


def _output_order(table: TableNode, rows: Sequence[TableRule], scope: Scope, run: Run) -> Value:
    ordered = _ordered(table, rows, scope, run)
    table.fire([row for row, _ in ordered], run)
    return [value for _, value in ordered]


def _ordered(table: TableNode, rows: Sequence[TableRule], scope: Scope, run: Run) -> list[tuple[TableRule, Value]]:
    """Rows with their results, best output first; rows of equal rank stay in row order."""
    results = [(row, table.result(row, scope, run)) for row in rows]
    priorities = table.priorities(scope, run)
    ranks = {}
    for row, value in results:
        cells = [value] if len(table.outputs) == 1 else [value[output.name] for output in table.outputs]
        ranks[row.index] = [
            _rank(cell, values, run, table.element)
            for cell, values in zip(cells, priorities, strict=True)
            if values is not None
        ]
    return sorted(results, key=lambda pair: ranks[pair[0].index])


def _rank(value: Value, values: list[Value], run: Run, element: str) -> int:
    for position, candidate in enumerate(values):
        if run.feel(_equal(), {"a": candidate, "b": value}, element) is True:
            return position
    return len(values)


def _aggregate(function: str) -> HitPolicy:
    def policy(table: TableNode, rows: Sequence[TableRule], scope: Scope, run: Run) -> Value:
        table.fire(rows, run)
        results = [table.result(row, scope, run) for row in rows]
        if len(table.outputs) == 1:
            return _total(function, results, table.element, run)
        return {
            output.name: _total(function, [result[output.name] for result in results], table.element, run)
            for output in table.outputs
        }

    return policy


def _total(function: str, results: list[Value], element: str, run: Run) -> Value:
    value = run.feel(_aggregation(function), {"a": results}, element)
    if value is None:
        run.note("dmn-aggregation", element=element, value=results, aggregation=function)
    return value


@cache
def _equal() -> Expression:
    return compile_expression("a = b", names=("a", "b"))


@cache
def _aggregation(function: str) -> Expression:
    return compile_expression(f"{function}(a)", names=("a",))


def _numbers(rows: Sequence[TableRule]) -> str:
    return ", ".join(str(row.index) for row in rows)


#: (hit policy, aggregation) → what it does.
POLICIES: Final[Mapping[tuple[str, str], HitPolicy]] = {
    ("UNIQUE", ""): _unique,
    ("ANY", ""): _any,
    ("PRIORITY", ""): _priority,
    ("FIRST", ""): _first,
    ("RULE ORDER", ""): _rule_order,
    ("OUTPUT ORDER", ""): _output_order,
    ("COLLECT", ""): _rule_order,
    ("COLLECT", "SUM"): _aggregate("sum"),
    ("COLLECT", "MIN"): _aggregate("min"),
    ("COLLECT", "MAX"): _aggregate("max"),
    ("COLLECT", "COUNT"): _aggregate("count"),
}
