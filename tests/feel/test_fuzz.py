"""Random expressions: no crash, no hang. ``MOTCUA_FUZZ=100000`` runs as many; the default is quick."""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

from engine.feel import (
    Budget,
    FeelBudgetExceeded,
    FeelSyntaxError,
    FeelValueError,
    compile_expression,
    compile_unary_tests,
    to_json,
)
from engine.feel.printer import show_node
from engine.feel.values import Value
from tests.feel.sources import VARIABLES, Author

COUNT = int(os.environ.get("MOTCUA_FUZZ", "3000"))
BUDGET = Budget(steps=20_000, regex_seconds=0.05)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
VALUES: list[Value] = [
    None, True, Decimal(3), "x", date(2026, 11, 21), NOW, [Decimal(1), Decimal(2)], {"a": Decimal(1)}, [{"a": "b"}],
]  # fmt: skip


def _context(chance: random.Random) -> dict[str, Value]:
    return {name: chance.choice(VALUES) for name in VARIABLES}


def test_random_expressions_always_end() -> None:
    slowest = 0.0
    for seed in range(COUNT):
        chance = random.Random(seed)
        source = show_node(Author(seed).expression(4 if seed % 20 else 5))
        expression = compile_expression(source, names=VARIABLES)
        start = time.process_time()
        try:
            value = expression.evaluate(_context(chance), budget=BUDGET, now=NOW).value
        except FeelBudgetExceeded:
            continue
        finally:
            slowest = max(slowest, time.process_time() - start)
        with suppress(FeelValueError):
            to_json(value)
    assert slowest < 1.0


def test_random_unary_tests_are_true_false_or_null() -> None:
    for seed in range(COUNT // 3):
        chance = random.Random(seed)
        tests = compile_unary_tests(show_node(Author(seed).tests()), names=VARIABLES)
        try:
            outcome = tests.evaluate(chance.choice(VALUES), _context(chance), budget=BUDGET, now=NOW)
        except FeelBudgetExceeded:
            continue
        assert outcome.value in (True, False, None)


def test_broken_text_is_refused_or_read() -> None:
    for seed in range(COUNT // 3):
        chance = random.Random(seed)
        letters = list(show_node(Author(seed).expression(3)))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(letters) + 1)
            letters[at : at + chance.randint(0, 2)] = chance.choice([*"()[]{}.,:\"@<>=-+*/ \n'?ạ", " in ", " if "])
        source = "".join(letters)
        try:
            compile_expression(source, names=VARIABLES).evaluate(_context(chance), budget=BUDGET, now=NOW)
        except FeelSyntaxError as refused:
            assert refused.line >= 1
            assert refused.column >= 1
        except FeelBudgetExceeded:
            pass
