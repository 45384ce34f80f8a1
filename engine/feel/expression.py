"""Compiled expressions and unary tests: the face of the package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.feel.budget import Budget
from engine.feel.errors import Reason
from engine.feel.registry import FunctionRegistry
from engine.feel.values import Value

#: Named types of the caller (item definitions): whether a value is an instance.
Types = Mapping[str, Callable[[Value], bool]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an evaluation gave. ``reasons`` tell why parts of it became null; a value may stand beside them."""

    value: Value
    reasons: tuple[Reason, ...] = ()


class Expression:
    """A compiled FEEL expression; immutable and safe to share between threads."""

    source: str
    free_names: frozenset[str]

    def evaluate(
        self,
        context: Mapping[str, Value],
        *,
        functions: FunctionRegistry | None = None,
        budget: Budget | None = None,
        now: datetime | None = None,
        types: Types | None = None,
    ) -> Outcome:
        """The value in ``context``. Raises nothing but ``FeelBudgetExceeded``."""
        raise NotImplementedError

    def print(self) -> str:
        """The canonical source; parsing it gives the same expression."""
        raise NotImplementedError


class UnaryTests:
    """Compiled unary tests (a cell of a decision table)."""

    source: str
    free_names: frozenset[str]

    def evaluate(
        self,
        value: Value,
        context: Mapping[str, Value],
        *,
        functions: FunctionRegistry | None = None,
        budget: Budget | None = None,
        now: datetime | None = None,
        types: Types | None = None,
    ) -> Outcome:
        """Whether ``value`` (``?``) passes: true, false, or null with reasons."""
        raise NotImplementedError

    def print(self) -> str:
        """The canonical source; parsing it gives the same tests."""
        raise NotImplementedError


def compile_expression(source: str, *, names: Iterable[str] = ()) -> Expression:
    """Read ``source``, where ``names`` may contain blanks and operators. Raises ``FeelSyntaxError``. Cached."""
    raise NotImplementedError


def compile_unary_tests(source: str, *, names: Iterable[str] = ()) -> UnaryTests:
    """Read the unary tests ``source``. Raises ``FeelSyntaxError``. Cached."""
    raise NotImplementedError


def unknown_names(expression: Expression | UnaryTests, known: Iterable[str]) -> tuple[str, ...]:
    """The names the expression uses that are neither in ``known`` nor built-in, sorted."""
    raise NotImplementedError
