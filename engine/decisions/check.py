"""Everything that can be said about a DMN file before it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.decisions.analysis import analyse
from engine.decisions.expressions import FunctionNode
from engine.decisions.linking import Imports
from engine.decisions.model import DecisionModel, read_model
from engine.decisions.tables import TableNode
from engine.decisions.types import Type
from engine.decisions.units import DecisionUnit, KnowledgeUnit, Unit
from engine.errors import DefinitionRefused, Problem
from engine.feel import FunctionRegistry


def check_model(
    source: bytes, *, file: str = "", imports: Imports = None, functions: FunctionRegistry | None = None
) -> tuple[Problem, ...]:
    """All findings: shape, references, types, FEEL, and overlaps and gaps of tables with an example each."""
    try:
        model = read_model(source, file=file, imports=imports, functions=functions)
    except DefinitionRefused as refused:
        return refused.problems
    return (*model.problems, *_tables(model))


def _tables(model: DecisionModel) -> Iterator[Problem]:
    linked = model.linked
    by_name = {unit.name: unit for unit in linked.units.values()}
    for owner, written, node in linked.tables:
        if isinstance(node, TableNode):
            texts = {at: column.expression.text for at, column in enumerate(written.inputs)}
            yield from analyse(node, texts, _kinds(by_name.get(owner)), file=model.file)


def _kinds(unit: Unit | None) -> Mapping[str, Type]:
    """The types of the names that an element's logic may use."""
    if isinstance(unit, DecisionUnit):
        return {path[0]: need.kind for path, need in unit.needs if len(path) == 1}
    if isinstance(unit, KnowledgeUnit) and isinstance(unit.node, FunctionNode):
        return dict(unit.node.parameters)
    return {}
