"""Decisions with JSON in and JSON out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.decisions.linking import Imports
from engine.decisions.model import load_model
from engine.decisions.reasons import Decided, DecisionReason, FiredRule
from engine.errors import InvalidInput
from engine.feel import FunctionRegistry, from_json, to_json
from engine.values import Json


def decide_json(
    source: bytes,
    decision: str | None,
    inputs_json: Json,
    *,
    imports: Imports = None,
    functions: FunctionRegistry | None = None,
    now: datetime | None = None,
) -> dict[str, Json]:
    """``{"value": …, "reasons": [...], "fired": [...]}`` of one decision.

    In the inputs ``{"$feel": "…"}`` is evaluated; temporal values in the output are printed in the same way.
    Raises ``DefinitionRefused``, ``InvalidInput``, ``NotFound``, ``FeelValueError`` or ``FeelBudgetExceeded``.
    """
    if inputs_json is None:
        inputs_json = {}
    if not isinstance(inputs_json, dict) or "$feel" in inputs_json:
        raise InvalidInput(what="inputs", why="expected a JSON object with one member for each input")
    model = load_model(source, imports=imports, functions=functions)
    inputs: Mapping[str, Any] = {name: from_json(value) for name, value in inputs_json.items()}
    return as_json(model.decide(decision, inputs, functions=functions, now=now))


def as_json(decided: Decided) -> dict[str, Json]:
    """The stable JSON form of an outcome."""
    return {
        "value": to_json(decided.value),
        "reasons": [_reason(reason) for reason in decided.reasons],
        "fired": [_fired(rule) for rule in decided.fired],
    }


def _reason(reason: DecisionReason) -> Json:
    return {
        "code": reason.code,
        "message": reason.message.en,
        "message_vi": reason.message.vi,
        "decision": reason.decision,
        "element": reason.element,
        "place": reason.place,
    }


def _fired(rule: FiredRule) -> Json:
    return {"decision": rule.decision, "table": rule.table, "rule": rule.rule, "index": rule.index}
