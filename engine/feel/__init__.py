"""FEEL, the expression language of DMN 1.5: total, exact in decimals, and bounded.

>>> from decimal import Decimal
>>> compile_expression("fee per copy * copies", names=["fee per copy", "copies"]).evaluate(
...     {"fee per copy": Decimal(2000), "copies": Decimal(3)}
... ).value
Decimal('6000')
"""

from __future__ import annotations

from engine.feel.budget import Budget
from engine.feel.errors import FeelBudgetExceeded, FeelSyntaxError, FeelValueError, Reason, Undefined
from engine.feel.exchange import from_json, to_json, to_plain
from engine.feel.expression import (
    Expression,
    Outcome,
    UnaryTests,
    compile_expression,
    compile_unary_tests,
    unknown_names,
)
from engine.feel.registry import FunctionRegistry
from engine.feel.signature import Signature
from engine.feel.text import evaluate_text
from engine.feel.values import (
    DECIMAL,
    DayTimeDuration,
    FarDate,
    FarDateTime,
    Function,
    Parameter,
    Range,
    Value,
    YearMonthDuration,
    ZonedTime,
)

__all__ = [
    "DECIMAL",
    "Budget",
    "DayTimeDuration",
    "Expression",
    "FarDate",
    "FarDateTime",
    "FeelBudgetExceeded",
    "FeelSyntaxError",
    "FeelValueError",
    "Function",
    "FunctionRegistry",
    "Outcome",
    "Parameter",
    "Range",
    "Reason",
    "Signature",
    "UnaryTests",
    "Undefined",
    "Value",
    "YearMonthDuration",
    "ZonedTime",
    "compile_expression",
    "compile_unary_tests",
    "evaluate_text",
    "from_json",
    "to_json",
    "to_plain",
    "unknown_names",
]
