"""The read form of a DMN file: what the author wrote, nothing resolved, nothing compiled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """FEEL source text with the id of the element that holds it."""

    text: str
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A name with an optional type: variable, parameter, column, binding target."""

    name: str
    type_ref: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A literal expression."""

    id: str
    text: str
    type_ref: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a boxed context; without a variable it is the result of the context."""

    variable: Typed | None
    expression: Boxed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A boxed context."""

    id: str
    entries: tuple[Entry, ...]
    type_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """A boxed invocation with named bindings."""

    id: str
    callee: Boxed | None
    bindings: tuple[tuple[Typed, Boxed | None], ...]
    type_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDefinition:
    """A boxed function or the encapsulated logic of a knowledge model; ``kind`` is FEEL, Java or PMML."""

    id: str
    kind: str
    parameters: tuple[Typed, ...]
    body: Boxed | None
    type_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxedList:
    """A boxed list."""

    id: str
    items: tuple[Boxed, ...]
    type_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A relation: named columns, rows of expressions."""

    id: str
    columns: tuple[Typed, ...]
    rows: tuple[tuple[Boxed, ...], ...]
    type_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """A boxed if / then / else."""

    id: str
    condition: Boxed | None
    then: Boxed | None
    otherwise: Boxed | None
    type_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A boxed filter: ``match`` sees ``item`` and the members of the item."""

    id: str
    source: Boxed | None
    match: Boxed | None
    type_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Iteration:
    """A boxed ``for``, ``every`` or ``some``."""

    id: str
    kind: str
    variable: Typed
    source: Boxed | None
    body: Boxed | None
    type_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInput:
    """An input clause."""

    id: str
    label: str
    expression: Cell
    type_ref: str = ""
    values: Cell | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOutput:
    """An output clause."""

    id: str
    name: str
    label: str = ""
    type_ref: str = ""
    values: Cell | None = None
    default: Cell | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row."""

    id: str
    tests: tuple[Cell, ...]
    results: tuple[Cell, ...]
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A decision table; ``hit_policy`` and ``aggregation`` in the spelling of the standard."""

    id: str
    hit_policy: str
    aggregation: str
    inputs: tuple[TableInput, ...]
    outputs: tuple[TableOutput, ...]
    rules: tuple[Rule, ...]
    type_ref: str = ""
    output_label: str = ""


Boxed: TypeAlias = (
    Literal
    | Context
    | Invocation
    | FunctionDefinition
    | BoxedList
    | Relation
    | Conditional
    | Filter
    | Iteration
    | Table
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDefinition:
    """A type as written: exactly one of base, components or function is meaningful."""

    id: str
    name: str
    type_ref: str = ""
    is_collection: bool = False
    allowed: Cell | None = None
    constraint: Cell | None = None
    components: tuple[ItemDefinition, ...] = ()
    function: FunctionItem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionItem:
    """The signature part of a function type."""

    result: str
    parameters: tuple[Typed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputData:
    """An input of the model."""

    id: str
    name: str
    variable: Typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision with its requirements as written (hrefs)."""

    id: str
    name: str
    variable: Typed
    needs: tuple[str, ...]
    knowledge: tuple[str, ...]
    expression: Boxed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """A business knowledge model."""

    id: str
    name: str
    variable: Typed
    knowledge: tuple[str, ...]
    function: FunctionDefinition | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A decision service; all members are hrefs."""

    id: str
    name: str
    variable: Typed
    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...]
    input_decisions: tuple[str, ...]
    input_data: tuple[str, ...]


Element: TypeAlias = InputData | Decision | Knowledge | Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import of another model under a name."""

    name: str
    namespace: str
    kind: str
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """One DMN file."""

    file: str
    name: str
    namespace: str
    version: str
    imports: tuple[Import, ...] = ()
    items: tuple[ItemDefinition, ...] = ()
    elements: tuple[Element, ...] = ()
    language: str = field(default="")
