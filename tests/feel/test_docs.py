"""The examples of docs/feel.md and of the package run as they are printed."""

from __future__ import annotations

import doctest
from pathlib import Path

import engine.feel

PAGE = Path(__file__).parents[2] / "docs" / "feel.md"


def test_examples_of_the_page_hold() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried > 20
    assert failed == 0


def test_examples_of_the_package_hold() -> None:
    failed, tried = doctest.testmod(engine.feel)
    assert tried > 0
    assert failed == 0
