"""FEEL for a running instance: conditions, mappings and collections over process data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.bpmn.incidents import ConditionUndecided, ExpressionFailed, both
from engine.errors import Text
from engine.feel import (
    Expression,
    FeelBudgetExceeded,
    FeelSyntaxError,
    FeelValueError,
    FunctionRegistry,
    Outcome,
    Value,
    compile_expression,
    from_json,
    to_plain,
)
from engine.feel.builtins import is_builtin


class Conditions:
    """Evaluates expressions of one definition. Compiled expressions are cached by the language itself."""

    def __init__(self, functions: FunctionRegistry | None = None) -> None:
        self._functions = functions
        self._compiled: dict[str, Expression] = {}

    def calling(self, functions: FunctionRegistry | None) -> Conditions:
        """The same expressions with other product functions; with none given, these."""
        if functions is None:
            return self
        other = Conditions(functions)
        other._compiled = self._compiled
        return other

    def compiled(self, source: str, names: Mapping[str, Any]) -> Expression:
        """``source`` compiled, knowing which of ``names`` are no plain identifiers or hide a built-in.

        A variable called ``number`` or ``count`` is the variable, not the function of that name.
        """
        known = self._compiled.get(source)
        odd = tuple(sorted(name for name in names if name in source and (not name.isidentifier() or is_builtin(name))))
        if known is not None and not odd:
            return known
        expression = compile_expression(source, names=odd)
        if not odd:
            self._compiled[source] = expression
        return expression

    def outcome(self, source: str, data: Mapping[str, Any], *, now: datetime, element: str) -> Outcome:
        """Value and reasons over ``data``; ``ExpressionFailed`` when it cannot even be read or is too expensive."""
        try:
            expression = self.compiled(source, data)
            context = {name: from_json(data[name]) for name in expression.free_names if name in data}
            return expression.evaluate(context, functions=self._functions, now=now)
        except (FeelSyntaxError, FeelBudgetExceeded, FeelValueError) as error:
            raise ExpressionFailed(source=source, element=element, why=both(error)) from error

    def decide(self, source: str, data: Mapping[str, Any], *, now: datetime, element: str) -> bool:
        """A condition: true or false, anything else is ``ConditionUndecided`` and never false."""
        outcome = self.outcome(source, data, now=now, element=element)
        if isinstance(outcome.value, bool):
            return outcome.value
        raise ConditionUndecided(source=source, element=element, why=_why(outcome))

    def holds(self, source: str, data: Mapping[str, Any], *, now: datetime, element: str) -> bool:
        """A watched condition: null means *not yet true*, for its variables may still have to come."""
        outcome = self.outcome(source, data, now=now, element=element)
        if outcome.value is None:
            return False
        if isinstance(outcome.value, bool):
            return outcome.value
        raise ConditionUndecided(source=source, element=element, why=_why(outcome))

    def json(self, source: str, data: Mapping[str, Any], *, now: datetime, element: str) -> Any:
        """The value as process data."""
        return self.plain(self.outcome(source, data, now=now, element=element).value, source, element)

    def plain(self, value: Value, source: str, element: str) -> Any:
        """A FEEL value as process data; functions and ranges cannot be stored."""
        try:
            return to_plain(value)
        except FeelValueError as error:
            raise ExpressionFailed(source=source, element=element, why=both(error)) from error


def _why(outcome: Outcome) -> Text:
    if outcome.reasons:
        told = [reason.message for reason in outcome.reasons]
        return Text(vi="; ".join(text.vi for text in told), en="; ".join(text.en for text in told))
    if outcome.value is None:
        return Text(vi="không có giá trị", en="there is no value")
    return Text(vi="không phải đúng hay sai", en="it is neither true nor false")
