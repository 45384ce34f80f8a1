"""What a decision answers: the value, why it is null where it is, and which rules decided it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionReason:
    """One recorded cause of a null: stable ``code`` (``dmn-…`` or ``feel-…``), where, and a sentence."""

    code: str
    message: Text
    decision: str = ""  #: name of the decision, knowledge model or service at work
    element: str = ""  #: id of the DMN element (cell, rule, entry), when it has one
    place: str = ""  #: line and column inside the expression, as ``line:column``


@dataclass(frozen=True, slots=True, kw_only=True)
class FiredRule:
    """One rule of a decision table that matched and contributed to the result."""

    decision: str  #: name of the decision or knowledge model that holds the table
    table: str  #: id of the decision table
    rule: str  #: id of the rule, empty when the author gave none
    index: int  #: row number as an analyst counts, from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The outcome of one decision: FEEL value, reasons in the order they arose, rules in table order."""

    value: object
    reasons: tuple[DecisionReason, ...]
    fired: tuple[FiredRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputInfo:
    """One input a decision reads, directly or through what it requires."""

    id: str
    name: str
    type_name: str  #: name as the author wrote it, empty when untyped
    namespace: str = ""  #: namespace of the model that declares it


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionInfo:
    """One invocable element of a model."""

    id: str
    name: str
    kind: str  #: ``decision``, ``service`` or ``knowledge``
    type_name: str
    inputs: tuple[InputInfo, ...]
    outputs: tuple[str, ...] = ()  #: names of a table's columns or a context's entries; empty where there are none
