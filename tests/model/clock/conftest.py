"""The calendar and the hours of the product, read as data."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from engine.model.calendar import Calendar
from engine.model.schedule import WorkSchedule
from engine.model.timetable import ZONE
from tests.model.clock.oracle import DATA


def at(text: str) -> datetime:
    """A local moment."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def load_calendar() -> Calendar:
    return Calendar.from_json([json.loads(path.read_text()) for path in sorted(DATA.glob("vn-*.json"))])


def load_hours(name: str) -> WorkSchedule:
    return WorkSchedule.from_json(json.loads((DATA / f"hours-{name}.json").read_text()))


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return load_calendar()


@pytest.fixture(scope="session")
def office() -> WorkSchedule:
    return load_hours("office")


@pytest.fixture(scope="session")
def police() -> WorkSchedule:
    return load_hours("police")
