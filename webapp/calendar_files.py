"""The installation's calendar and office hours, read from ``processes/_shared/calendar``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from engine.feel import FunctionRegistry
from engine.model.calendar import Calendar
from engine.model.schedule import WorkSchedule
from engine.working_time import WorkingTime

FOLDER = Path(__file__).resolve().parent.parent / "processes" / "_shared" / "calendar"


def read_calendar(folder: Path = FOLDER) -> Calendar:
    """Decreed holidays and swapped working days of all years on file."""
    return Calendar.from_json({"years": [orjson.loads(path.read_bytes()) for path in sorted(folder.glob("vn-*.json"))]})


def read_hours(name: str = "hours-office", folder: Path = FOLDER) -> dict[str, Any]:
    """A weekly schedule on file."""
    loaded: dict[str, Any] = orjson.loads((folder / f"{name}.json").read_bytes())
    return loaded


def read_office(folder: Path = FOLDER) -> WorkSchedule:
    """The ordinary office hours."""
    return WorkSchedule.from_json(read_hours(folder=folder))


def read_functions(folder: Path = FOLDER) -> FunctionRegistry:
    """The product's FEEL functions on this calendar and the ordinary office hours, for what knows no units."""
    return WorkingTime(read_calendar(folder), read_office(folder)).functions
