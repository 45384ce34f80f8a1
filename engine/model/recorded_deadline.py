"""A deadline from what a dossier has on record: limit, conventions, pauses and extensions as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.model.calendar import Calendar
from engine.model.convention import DEFAULT, named
from engine.model.deadline import Deadline, compute
from engine.model.duration import Duration, Limit
from engine.model.pause import Extension, Pause, PauseReason
from engine.model.schedule import WorkSchedule


def deadline_of(
    clock_from: datetime, recorded: Mapping[str, Any], calendar: Calendar, schedule: WorkSchedule
) -> Deadline:
    """The deadline that follows from recorded facts; the same facts give the same deadline for ever."""
    return compute(
        clock_from,
        Limit.from_json(recorded["limit"]),
        calendar,
        schedule,
        pauses=tuple(_pause(entry) for entry in recorded.get("pauses", ())),
        extensions=tuple(_extension(entry) for entry in recorded.get("extensions", ())),
        settings=named(recorded["conventions"]) if "conventions" in recorded else DEFAULT,
    )


def _pause(entry: Mapping[str, Any]) -> Pause:
    return Pause(
        start=datetime.fromisoformat(entry["start"]),
        end=datetime.fromisoformat(entry["end"]) if entry["end"] else None,
        document=entry["document"],
        reason=PauseReason(entry["reason"]),
    )


def _extension(entry: Mapping[str, Any]) -> Extension:
    return Extension(
        granted_at=datetime.fromisoformat(entry["granted_at"]),
        parts=tuple(Duration.from_json(part) for part in entry["parts"]),
        document=entry["document"],
        reason=entry["reason"],
        remedy=entry["remedy"],
    )
