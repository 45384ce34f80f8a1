"""DMN: requirement graphs and decision tables with every hit policy, on FEEL."""

from __future__ import annotations

from engine.decisions.check import check_model
from engine.decisions.exchange import as_json, decide_json
from engine.decisions.model import DecisionModel, load_model, model_for, read_model
from engine.decisions.reasons import Decided, DecisionInfo, DecisionReason, FiredRule, InputInfo

__all__ = [
    "Decided",
    "DecisionInfo",
    "DecisionModel",
    "DecisionReason",
    "FiredRule",
    "InputInfo",
    "as_json",
    "check_model",
    "decide_json",
    "load_model",
    "model_for",
    "read_model",
]
