"""How many deadlines one core computes in a minute. Measures only; decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.calendar import Calendar
from engine.model.deadline import Extension, Pause, PauseReason, compute
from engine.model.duration import Duration, Limit
from engine.model.schedule import WorkSchedule
from engine.model.timetable import ZONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockBench:
    """``deadlines_per_minute`` of the mix: terms of every unit, one in four paused, one in eight extended."""

    deadlines: int
    seconds: float
    deadlines_per_minute: int


def bench_clock(
    calendar: Calendar, schedule: WorkSchedule, timer: Callable[[], float], *, deadlines: int = 50_000
) -> ClockBench:
    """Compute ``deadlines`` different deadlines with warnings; explanations are built when asked."""
    year = min(calendar.years)
    first = datetime(year, 1, 2, 8, 0, tzinfo=ZONE)
    limits = [
        Limit.of(3),
        Limit.of("17.5"),
        Limit.of(20),
        Limit.of(5, "DAY"),
        Limit.of(8, "HOUR"),
        Limit.of(1, "SAME_DAY"),
        Limit.of(1, "MONTH"),
        Limit.of("6.25"),
    ]
    more = (Duration.from_json({"qty": "2", "unit": "WORKING_DAY"}),)
    began = timer()
    for number in range(deadlines):
        at = first + timedelta(minutes=(number * 37) % 200_000)
        pauses: tuple[Pause, ...] = ()
        extensions: tuple[Extension, ...] = ()
        if number % 4 == 0:
            paused = at + timedelta(hours=5)
            end = paused + timedelta(days=2, hours=3)
            pauses = (Pause(start=paused, end=end, document="12/YC", reason=PauseReason.SUPPLEMENT),)
        if number % 8 == 2:
            extensions = (Extension(granted_at=at, parts=more, document="4/XL", reason="r", remedy="m"),)
        compute(at, limits[number % 8], calendar, schedule, pauses=pauses, extensions=extensions)
    seconds = timer() - began
    return ClockBench(deadlines=deadlines, seconds=seconds, deadlines_per_minute=int(deadlines * 60 / seconds))
