"""Decisions of business rule tasks: the DMN files of the bundle, or another source given by the caller."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from engine.bpmn.incidents import DecisionUndecided, both
from engine.decisions import DecisionModel, model_for
from engine.errors import Text
from engine.feel import FeelBudgetExceeded, FeelValueError, FunctionRegistry, from_json, to_plain

_NOTHING = Text(vi="không có giá trị", en="there is no value")


class DecisionPort(Protocol):
    """Another source of decisions than the DMN files of the bundle."""

    def knows(self, decision: str) -> bool:
        """Whether ``decision`` can be made."""
        ...

    def decide(self, decision: str, data: Mapping[str, Any], *, now: datetime) -> Any:
        """The result as process data; raises a ``DomainError`` when there is none."""
        ...


class Rulings:
    """Finds a decision by id or name: the caller's port first, then the DMN files in the order of their names."""

    def __init__(
        self, files: Mapping[str, bytes], *, port: DecisionPort | None, functions: FunctionRegistry | None
    ) -> None:
        self.functions = functions
        self._port = port
        self._models: dict[str, DecisionModel] = {}
        for name in sorted(files):
            if name.lower().endswith(".dmn"):
                model = model_for(files[name], file=name)
                for info in model.decisions:
                    self._models.setdefault(info.id, model)
                    self._models.setdefault(info.name, model)

    def calling(self, functions: FunctionRegistry | None) -> Rulings:
        """The same decisions with other product functions; with none given, these."""
        if functions is None:
            return self
        other = copy.copy(self)
        other.functions = functions
        return other

    def knows(self, decision: str) -> bool:
        """Whether ``decision`` can be made here."""
        return decision in self._models or (self._port is not None and self._port.knows(decision))

    def decide(self, decision: str, data: Mapping[str, Any], *, now: datetime) -> Any:
        """The result as process data. No result (no rule matched, an input missing) is ``DecisionUndecided``."""
        if self._port is not None and self._port.knows(decision):
            return self._port.decide(decision, data, now=now)
        try:
            inputs = {name: from_json(value) for name, value in data.items()}
            decided = self._models[decision].decide(decision, inputs, functions=self.functions, now=now)
            if decided.value is None:
                told = [reason.message for reason in decided.reasons] or [_NOTHING]
                why = Text(vi="; ".join(text.vi for text in told), en="; ".join(text.en for text in told))
                raise DecisionUndecided(element=decision, decision=decision, why=why)
            return to_plain(decided.value)
        except (FeelValueError, FeelBudgetExceeded) as error:
            raise DecisionUndecided(element=decision, decision=decision, why=both(error)) from error
