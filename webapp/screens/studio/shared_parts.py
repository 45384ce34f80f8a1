"""What an installation gives every procedure: shared diagrams, forms, letters, texts, and templates."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from webapp.bootstrap import PROCESSES, ROOT

_SHARED = PROCESSES / "_shared"


@cache
def shared_parts() -> dict[str, bytes]:
    """The shared files as they are named in a package; all diagrams, whether called or not."""
    return (
        _read(_SHARED, "*.bpmn", "shared/")
        | _read(_SHARED / "texts", "*.json", "shared/texts/")
        | _read(_SHARED / "letters", "*.html", "letters/")
        | _read(ROOT / "forms" / "_shared", "*.json", "forms/_shared/")
    )


@cache
def template_files() -> dict[str, bytes]:
    """The files of all templates, as ``<template>/<file>``."""
    folder = _SHARED / "templates"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def _read(folder: Path, pattern: str, prefix: str) -> dict[str, bytes]:
    return {f"{prefix}{path.name}": path.read_bytes() for path in sorted(folder.glob(pattern))}
