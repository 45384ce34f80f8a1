"""Limits of internal steps, such as 02 + 03 + 02 + 01 hours: they divide the legal term, never lengthen it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.errors import DomainError
from engine.model.deadline import Deadline
from engine.model.duration import Duration, LimitInvalid, TimeUnit
from engine.model.stoppage import shift
from engine.model.term import Point, ceil_minute, chain
from engine.model.timetable import moment_of


class StepsExceedTerm(DomainError):
    """The steps of this version together take longer than the legal term: they end {ends}, the term ends {due}."""

    code = "steps-exceed-term"
    vi = "Tổng thời hạn các bước vượt thời hạn giải quyết theo luật: các bước kết thúc {ends}, thời hạn là {due}."


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLimit:
    """The time one step is given."""

    step: str
    parts: tuple[Duration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDue:
    """When a step is due. ``capped`` tells that the legal term ends before the step's own time is used up."""

    step: str
    due_at: datetime | None  #: ``None`` while the clock stands still before this step is due
    capped: bool


def step_limits(deadline: Deadline, steps: Sequence[StepLimit], *, strict: bool = False) -> tuple[StepDue, ...]:
    """When each step is due, one after the other from the start of the term, moved by the same pauses.

    No step is due after the dossier; ``strict`` refuses such a plan with ``StepsExceedTerm`` (for a check at deploy).
    """
    trace = deadline.trace
    point: Point = trace.term.start
    found: list[StepDue] = []
    for step in steps:
        for part in step.parts:
            if part.unit is TimeUnit.SAME_DAY:
                raise LimitInvalid(
                    why=f"step {step.step} has a same-day rule",
                    why_vi=f"bước {step.step} không dùng quy tắc trong ngày",
                )
            point = chain(trace.table, point, part, trace.settings)
        moved, held, _ = shift(point, trace.stops)
        due = trace.due if not trace.extensions else max(trace.due, moved)
        capped = ceil_minute(moved) > ceil_minute(trace.due)
        if capped and strict:
            ends, last = (moment_of(*trace.table.reached(ceil_minute(item))) for item in (moved, trace.due))
            raise StepsExceedTerm(ends=ends.strftime("%H:%M %d/%m/%Y"), due=last.strftime("%H:%M %d/%m/%Y"))
        shown = min(moved, due, trace.due)
        at = None if held is not None else moment_of(*trace.table.reached(ceil_minute(shown)))
        found.append(StepDue(step=step.step, due_at=at, capped=capped))
    return tuple(found)
