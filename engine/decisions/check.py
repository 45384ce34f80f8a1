"""Everything that can be said about a DMN file before it runs."""

from __future__ import annotations

from engine.decisions.linking import Imports
from engine.decisions.model import read_model
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
    return model.problems
