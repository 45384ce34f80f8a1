"""The glossary and the class names use one vocabulary."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
#: Where the words of the domain become classes.
DOMAIN = ("engine/store/records.py", "engine/store/desk_records.py", "engine/store/procedure_drafts.py")
#: Classes there that are no words of the domain, and why.
TECHNICAL = {
    "Remembered": "the answer kept for a repeated request",
    "OutboxRow": "the technique of deliveries",
    "RegisterQueryRow": "the row of a look-up",
    "StoredMessage": "the row of a message",
    "ProcedureDrafts": "a repository",
}


def _rows() -> list[list[str]]:
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")][1:]


def _words() -> set[str]:
    return {word.strip() for row in _rows() for word in row[0].split(",")}


def _classes(*folders: str) -> set[str]:
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return {
        node.name for path in paths for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)
    }


def test_every_row_has_word_term_and_meaning() -> None:
    assert len(_rows()) > 25
    assert [row for row in _rows() if len(row) != 3 or not all(row)] == []


def test_every_word_that_looks_like_a_class_is_one() -> None:
    names = _classes("engine", "connectors", "webapp")
    looking = {word for word in _words() if re.fullmatch(r"([A-Z][a-z]+)+", word)}
    assert len(looking) > 15
    assert sorted(looking - names) == []


def test_every_class_of_the_domain_is_in_the_glossary() -> None:
    declared: set[str] = set()
    for path in DOMAIN:
        tree = ast.parse((ROOT / path).read_text())
        declared |= {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    assert sorted(name for name in declared if not name.startswith("_") and name not in _words() | set(TECHNICAL)) == []
