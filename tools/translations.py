"""Compiles the English catalogue; with --extract, first collects new sentences from the sources."""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.frontend import CommandLineInterface

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "webapp" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
TEMPLATE = ROOT / "var" / "messages.pot"


def _babel(*arguments: str) -> None:
    CommandLineInterface().run(["pybabel", "-q", *arguments])


def extract() -> None:
    """Collect every sentence and merge it into the catalogue; lost ones go."""
    TEMPLATE.parent.mkdir(exist_ok=True)
    _babel(
        "extract", "-F", str(ROOT / "babel.cfg"), "--no-location", "--sort-output", "--omit-header",
        "-o", str(TEMPLATE), str(ROOT / "webapp"),
    )  # fmt: skip
    _babel(
        "update", "-i", str(TEMPLATE), "-o", str(CATALOGUE), "-l", "en", "-N", "--ignore-obsolete", "--omit-header",
        "--init-missing", "-d", str(CATALOGUE.parents[2]),
    )  # fmt: skip


def compile_catalogue() -> None:
    """Write the binary catalogue when the text is newer."""
    target = CATALOGUE.with_suffix(".mo")
    if CATALOGUE.exists() and (not target.exists() or target.stat().st_mtime < CATALOGUE.stat().st_mtime):
        _babel("compile", "-i", str(CATALOGUE), "-o", str(target), "-l", "en")


if __name__ == "__main__":
    if "--extract" in sys.argv:
        extract()
    compile_catalogue()
