"""The installation's calendar and office hours, read from ``processes/_shared/calendar``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from engine.model.calendar import Calendar

FOLDER = Path(__file__).resolve().parent.parent / "processes" / "_shared" / "calendar"


def read_calendar(folder: Path = FOLDER) -> Calendar:
    """Decreed holidays and swapped working days of all years on file."""
    return Calendar.from_json({"years": [orjson.loads(path.read_bytes()) for path in sorted(folder.glob("vn-*.json"))]})


def read_hours(name: str = "hours-office", folder: Path = FOLDER) -> dict[str, Any]:
    """A weekly schedule on file."""
    loaded: dict[str, Any] = orjson.loads((folder / f"{name}.json").read_bytes())
    return loaded
