"""One expression as text in, JSON out: what a command line or an editor's "try it" needs."""

from __future__ import annotations

from datetime import datetime

from engine.errors import InvalidInput
from engine.feel.errors import FeelValueError
from engine.feel.exchange import from_json, to_json
from engine.feel.expression import compile_expression
from engine.feel.kinds import kind
from engine.feel.registry import FunctionRegistry
from engine.values import Json


def evaluate_text(
    source: str,
    context: Json = None,
    *,
    functions: FunctionRegistry | None = None,
    now: datetime | None = None,
) -> dict[str, Json]:
    """``{"value": …, "type": …, "reasons": [{"code", "message_vi", "message", "line", "column"}]}``.

    The names of ``context`` (a JSON object) and of its nested objects may be spelled in ``source``. Raises
    ``FeelSyntaxError``, ``FeelBudgetExceeded``, ``FeelValueError``, and ``InvalidInput`` for a context that is no
    object. A function as result is shown by its text.
    """
    variables = from_json(context if context is not None else {})
    if type(variables) is not dict:
        raise InvalidInput(what="context", why="expected a JSON object")
    known = _names(variables) | (functions.names() if functions is not None else frozenset())
    outcome = compile_expression(source, names=known).evaluate(variables, functions=functions, now=now)
    try:
        value = to_json(outcome.value)
    except FeelValueError:
        value = f"<{kind(outcome.value)}>"
    reasons: list[Json] = [
        {
            "code": reason.code,
            "message_vi": reason.message.vi,
            "message": reason.message.en,
            "line": reason.line,
            "column": reason.column,
        }
        for reason in outcome.reasons
    ]
    return {"value": value, "type": kind(outcome.value), "reasons": reasons}


def _names(context: dict[str, object]) -> frozenset[str]:
    """The keys at every level."""
    found: set[str] = set()
    waiting: list[object] = [context]
    while waiting:
        part = waiting.pop()
        if type(part) is dict:
            found.update(part)
            waiting += part.values()
        elif type(part) is list:
            waiting += part
    return frozenset(found)
