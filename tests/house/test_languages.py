"""A sentence is whole in each of its languages: no fact of a refusal holds both with a stroke between them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import Forbidden, InvalidInput, Text

ROOT = Path(__file__).resolve().parents[2]


def _words(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return ""


def _mixed(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Words given to a class (an error, above all) that hold two languages."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if not name[:1].isupper():
            continue
        for given in ast.walk(ast.Tuple(elts=[*call.args, *(keyword.value for keyword in call.keywords)])):
            text = _words(given) if isinstance(given, ast.expr) else ""
            if " / " in text and not text.isascii():
                yield call.lineno, text


def test_facts_of_refusals_hold_one_language_each() -> None:
    found = []
    for package in ("engine", "connectors", "webapp"):
        for path in sorted((ROOT / package).rglob("*.py")):
            mixed = _mixed(ast.parse(path.read_text()))
            found += [f"{path.relative_to(ROOT)}:{line} {text}" for line, text in mixed]
    assert found == []


@pytest.mark.parametrize(
    "source", ['Forbidden(why="việc của kế toán / the accountant\'s")', 'X(f"việc {a} / work {a}")']
)
def test_the_check_finds_what_it_forbids(source: str) -> None:
    assert list(_mixed(ast.parse(source)))


def test_fact_in_both_languages_shows_one_in_each_sentence() -> None:
    error = Forbidden(why=Text(vi="việc của kế toán", en="the accountant's work"))
    assert error.message("vi") == "Bạn không được làm việc này: việc của kế toán"
    assert error.message("en") == "You may not do this: the accountant's work"
    assert str(InvalidInput(what="x", why=Text(vi="a", en="b"))) == "x is not valid: b"
