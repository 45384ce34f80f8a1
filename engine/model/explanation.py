"""Why a deadline is what it is: every stretch counted or skipped, in Vietnamese and English, with its ground."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.errors import Text
from engine.model.calendar import Calendar
from engine.model.convention import Conventions
from engine.model.duration import Limit
from engine.model.pause import Extension, Pause
from engine.model.stoppage import Stop
from engine.model.term import Event, Point, Term
from engine.model.timetable import Timetable, Wall


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One stretch. ``minutes`` are working minutes that used up the term; 0 for what is skipped or only said."""

    kind: str  #: received, moved, cutoff, excluded, counted, off, swapped, paused, extended, due, provisional, limit
    text: Text
    start: datetime
    end: datetime
    minutes: int
    ground: str  #: document and article, decree or document number

    def as_json(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "kind": self.kind,
            "text_vi": self.text.vi,
            "text": self.text.en,
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "minutes": self.minutes,
            "ground": self.ground,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The facts of one computation, kept so that it can be explained when somebody asks."""

    table: Timetable
    calendar: Calendar
    limit: Limit
    settings: Conventions
    at: Wall
    event: Event
    term: Term
    pauses: tuple[Pause, ...]
    stops: tuple[Stop, ...]
    extensions: tuple[tuple[Extension, Point, Point], ...]
    due: Point
    held: int | None


def explain(trace: Trace) -> tuple[Line, ...]:
    """The lines in order of time."""
    return ()
