"""Writes docs/licences.md from what is installed: ``python tools/licences.py``.

Names and versions come from the lock files, licences from each package's own metadata, so the table says what is there.
"""

from __future__ import annotations

import json
import re
from email.message import Message
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import cast

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "licences.md"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
#: Licence texts that stand in metadata instead of a name, by how they begin.
_TEXTS = {"Permission is hereby granted": "MIT", "MIT License": "MIT", "Apache License": "Apache-2.0"}
#: Read in the package by hand, because its metadata says nothing.
_READ = {"axe-playwright-python": "MIT", "component-props": "MIT"}
_HEAD = """# Licences of what Motcua is made of

Motcua itself is under EUPL-1.2 (LICENSE). This page is made by `python tools/licences.py` from the lock files and the
installed packages.

## To know before you pass it on
- **SpiffWorkflow** is LGPL-3.0: an unchanged, separately installed dependency. Whoever hands out a changed one hands
  out its source, too.
- **bpmn-js, dmn-js** (bpmn.io licence): the mark "BPMN.iO" on a diagram stays in full sight and keeps its link. A
  browser test looks at it.
- **psycopg** (LGPL-3.0), **Pyphen** (taken under its MPL or LGPL), **certifi, pikepdf, orjson** (MPL-2.0) are used
  unchanged through their public interfaces.
- **PyKCS11** (GPL-2.0) is left out although endesive asks for it (requirements-overrides.in); nothing imports it.
- Installed from Debian and run as they are: Tesseract with its Vietnamese data (Apache-2.0), Pango (LGPL-2.1), Tinos
  (Apache-2.0) and Noto (OFL-1.1) fonts, libmagic (BSD); for tests only Chromium, Poppler (GPL-2.0), qpdf, PostgreSQL.
"""


def python_rows() -> list[tuple[str, str, str]]:
    """Name, version and licence of every pinned Python package; ``not installed here`` where a marker left it out."""
    rows = []
    for name, version in sorted(set(_PIN.findall((ROOT / "requirements.lock").read_text("utf-8")))):
        try:
            said = cast(Message, metadata(name))
        except PackageNotFoundError:
            rows.append((name, version, "not installed here"))
            continue
        if said["Version"] == version:  # the lock names several versions where they differ by platform
            rows.append((name, version, _python_licence(name, said)))
    return rows


def _python_licence(name: str, said: Message) -> str:
    expression = said.get("License-Expression")
    if expression:
        return str(expression)
    classes = [
        line.rpartition("::")[2].strip() for line in said.get_all("Classifier") or () if line.startswith("License")
    ]
    classes = [line for line in classes if line != "OSI Approved"]
    if classes:
        return ", ".join(classes)
    text = str(said.get("License") or "").strip()
    for start, licence in _TEXTS.items():
        if text.startswith(start):
            return licence
    return text.splitlines()[0][:80] if text else _READ.get(name, "see the package")


def browser_rows() -> list[tuple[str, str, str]]:
    """Name, version and licence of every package that ``npm ci`` installs."""
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    rows = []
    for place, entry in sorted(lock["packages"].items()):
        if not place:
            continue
        own = ROOT / place / "package.json"
        said = json.loads(own.read_text("utf-8")) if own.exists() else {}
        licence = (
            said.get("license")
            or entry.get("license")
            or _READ.get(place.removeprefix("node_modules/"), "see the package")
        )
        if str(licence).startswith("SEE LICENSE"):
            licence = "bpmn.io licence (MIT, the mark stays)"
        rows.append((place.removeprefix("node_modules/"), str(entry["version"]), str(licence)))
    return rows


def _table(rows: list[tuple[str, str, str]]) -> str:
    lines = ["| package | version | licence |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {version} | {licence} |" for name, version, licence in rows)])


def main() -> None:
    """Write the document."""
    text = f"{_HEAD}\n## Python\n{_table(python_rows())}\n\n## Browser\n{_table(browser_rows())}\n"
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
