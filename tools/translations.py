"""Compiles the English catalogue; with --extract, first collects new sentences from the sources."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from babel.messages.frontend import CommandLineInterface

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "webapp" / "translations" / "en" / "LC_MESSAGES" / "messages.po"


def _babel(*arguments: str) -> None:
    failed = CommandLineInterface().run(["pybabel", "-q", *arguments])  # type: ignore[no-untyped-call]  # not annotated
    if failed:
        raise SystemExit(f"translations: pybabel {arguments[0]} failed")


def collect(template: Path) -> None:
    """Write every sentence of the sources, untranslated and sorted, to ``template``."""
    _babel(
        "extract", "-F", str(ROOT / "babel.cfg"), "-k", "lazy_gettext", "--no-location", "--sort-output", "--no-wrap",
        "-o", str(template), str(ROOT / "webapp"),
    )  # fmt: skip


def extract() -> None:
    """Merge the sentences of the sources into the catalogue; lost ones go, new ones come without a guess."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        collect(template)
        _babel(
            "update", "-i", str(template), "-o", str(CATALOGUE), "-l", "en", "--no-fuzzy-matching", "--ignore-obsolete",
            "--ignore-pot-creation-date", "--no-wrap",
        )  # fmt: skip


def compile_catalogue() -> None:
    """Write the binary catalogue when the text is newer."""
    target = CATALOGUE.with_suffix(".mo")
    if not target.exists() or target.stat().st_mtime < CATALOGUE.stat().st_mtime:
        _babel("compile", "-i", str(CATALOGUE), "-o", str(target), "-l", "en")


if __name__ == "__main__":
    if "--extract" in sys.argv[1:]:
        extract()
    compile_catalogue()
