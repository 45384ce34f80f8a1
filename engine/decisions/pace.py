"""How fast decisions are: figures for ``motcua bench``, never a test with a limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from engine.decisions.model import load_model, model_for
from engine.errors import InvalidInput
from engine.feel import Value

_CASES = ("normal", "urgent", "linked")


def _source() -> bytes:
    """A fee table of 12 rules and 4 inputs: number, word, boolean, date."""
    inputs = "".join(
        f'<inputData id="i{at}" name="{name}"><variable name="{name}" typeRef="{kind}"/></inputData>'
        for at, (name, kind) in enumerate(_INPUTS)
    )
    needs = "".join(
        f'<informationRequirement><requiredInput href="#i{at}"/></informationRequirement>' for at in range(4)
    )
    columns = "".join(
        f'<input><inputExpression typeRef="{kind}"><text>{name}</text></inputExpression></input>'
        for name, kind in _INPUTS
    )
    rules = "".join(_rule(at) for at in range(12))
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="pace" namespace="urn:pace">'
        f'{inputs}<decision id="d" name="fee"><variable name="fee" typeRef="number"/>{needs}'
        f'<decisionTable hitPolicy="UNIQUE">{columns}<output name="fee"/>{rules}</decisionTable></decision>'
        "</definitions>"
    ).encode()


_INPUTS = (("copies", "number"), ("kind", "string"), ("exempt", "boolean"), ("filed on", "date"))


def _rule(at: int) -> str:
    low, kind, late = at // 6 * 10, _CASES[at % 3], at // 3 % 2
    cells = (
        f"[{low}..{low + 10})",
        f'"{kind}"',
        "false",
        f'{"&gt;=" if late else "&lt;"} date("2026-07-01")',
    )
    tests = "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in cells)
    return f"<rule>{tests}<outputEntry><text>{at * 1000}</text></outputEntry></rule>"


def figures(*, rounds: int = 2000) -> dict[str, float]:
    """``table_us``: one decision of the last rule; ``load_ms``: read and compile; ``cached_us``: look up."""
    source = _source()
    model = load_model(source)
    inputs: dict[str, Value] = {
        "copies": Decimal(15),
        "kind": "linked",
        "exempt": False,
        "filed on": date(2026, 8, 1),
    }
    decided = model.decide("fee", inputs)
    if decided.value != 11_000:  # a wrong answer has no speed
        raise InvalidInput(what="table of the figures", why=f"it gave {decided.value}")
    return {
        "table_us": _best(lambda: model.decide("fee", inputs), rounds) * 1e6,
        "load_ms": _best(lambda: load_model(source), max(3, rounds // 200)) * 1e3,
        "cached_us": _best(lambda: model_for(source), rounds) * 1e6,
    }


def _best(action: Callable[[], object], rounds: int) -> float:
    """The best of five means of ``rounds`` runs, in seconds of processor time."""
    means = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(rounds):
            action()
        means.append((time.process_time() - begun) / rounds)
    return min(means)
