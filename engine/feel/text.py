"""One expression as text in, JSON out: what a command line or an editor's "try it" needs."""

from __future__ import annotations

from datetime import datetime

from engine.feel.registry import FunctionRegistry
from engine.values import Json


def evaluate_text(
    source: str,
    context: Json = None,
    *,
    functions: FunctionRegistry | None = None,
    now: datetime | None = None,
) -> dict[str, Json]:
    """``{"value": …, "reasons": [{"code", "message_vi", "message", "line", "column"}]}``."""
    raise NotImplementedError
