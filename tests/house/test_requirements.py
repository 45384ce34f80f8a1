"""What is required is used, and what is used is required."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("engine", "connectors", "webapp", "migrations")
#: Required though no file imports them, and why.
NOT_IMPORTED = {
    "attrs": "endesive imports it and does not say so",
    "gunicorn": "serves with several processes; started as a program",
    "setuptools": "installs the product itself",
    "tzdata": "the time zones where the system has none",
    "wheel": "installs the product itself",
}
#: Imported and required by another package whose interface they are part of.
COMES_WITH = {
    "httpcore": "httpx",
    "itsdangerous": "flask",
    "markupsafe": "jinja2",
    "pyhanko-certvalidator": "pyhanko",
    "werkzeug": "flask",
}


def _required() -> set[str]:
    lines = (ROOT / "requirements.in").read_text().splitlines()
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines)
    return {_normal(name[0]) for name in names if name}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imported() -> Iterator[str]:
    for folder in PRODUCT:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    yield from (name.name.partition(".")[0] for name in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    yield node.module.partition(".")[0]


def _used() -> set[str]:
    known = packages_distributions()
    outside = set(_imported()) - set(sys.stdlib_module_names) - set(PRODUCT)
    return {_normal(known[module][0]) for module in outside}


def test_every_requirement_is_imported_or_has_a_reason() -> None:
    assert _required() - _used() == set(NOT_IMPORTED)


def test_every_import_is_required() -> None:
    lacking = _used() - _required()
    assert lacking == set(COMES_WITH)
    assert set(COMES_WITH.values()) <= _required()
