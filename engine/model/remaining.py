"""How a running dossier stands at a moment, as a state, a number and words for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.errors import Text
from engine.model.calendar import Calendar
from engine.model.deadline import Deadline
from engine.model.schedule import WorkSchedule
from engine.model.timetable import wall, working_minutes_between
from engine.values import aware


class Standing(StrEnum):
    """Where a dossier stands against its due moment."""

    IN_TIME = "in_time"  #: trong hạn
    DUE_SOON = "due_soon"  #: sắp đến hạn
    OVERDUE = "overdue"  #: quá hạn
    PAUSED = "paused"  #: tạm dừng tính thời hạn
    DONE = "done"  #: đã xong


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """``working_minutes`` are left when positive, over when negative; late work is judged by ``on_time``."""

    working_minutes: int
    state: Standing
    words: Text
    on_time: bool | None  #: for a finished dossier, against the due moment without extension; else ``None``


def remaining(
    deadline: Deadline,
    now: datetime,
    calendar: Calendar,
    schedule: WorkSchedule,
    *,
    done_at: datetime | None = None,
) -> Remaining:
    """How the dossier stands at ``now``; finished at ``done_at`` it is ``done`` and does not change any more.

    The due moment itself is still in time. Time left counts from the start of the term, never more than the term.
    """
    day = schedule.full_day_minutes(aware(now, what="now").date())
    if done_at is not None:
        return _done(deadline, done_at, calendar, schedule, day)
    if deadline.due_at is None:
        left = deadline.remaining_minutes_when_paused or 0
        words = Text(vi=f"Tạm dừng, còn {_vi(left, day)}", en=f"Paused, {_en(left, day)} left")
        return Remaining(working_minutes=left, state=Standing.PAUSED, words=words, on_time=None)
    if now > deadline.due_at:
        over = working_minutes_between(deadline.due_at, now, calendar, schedule)
        return Remaining(working_minutes=-over, state=Standing.OVERDUE, words=_late(over, day), on_time=None)
    left = _left(deadline, now, deadline.due_at, calendar, schedule)
    soon = any(warning.at <= now for warning in deadline.warnings)
    words = Text(vi=f"Còn {_vi(left, day)}", en=f"{_en(left, day)} left")
    state = Standing.DUE_SOON if soon else Standing.IN_TIME
    return Remaining(working_minutes=left, state=state, words=words, on_time=None)


def _left(deadline: Deadline, now: datetime, due: datetime, calendar: Calendar, schedule: WorkSchedule) -> int:
    begin = max(now, deadline.starts_at)
    left = working_minutes_between(begin, due, calendar, schedule)
    table = deadline.trace.table
    here = table.point(*wall(begin))
    still = sum(end - max(start, here) for start, end in deadline.trace.stops if end is not None and end > here)
    return max(0, left - still // 60)


def _done(deadline: Deadline, done_at: datetime, calendar: Calendar, schedule: WorkSchedule, day: int) -> Remaining:
    aware(done_at, what="done_at")
    promise = deadline.due_without_extension
    if promise is None or done_at <= promise:
        left = 0 if promise is None else _left(deadline, done_at, promise, calendar, schedule)
        words = Text(vi="Xong trong hạn", en="Done in time")
        if left:
            words = Text(vi=f"Xong sớm {_vi(left, day)}", en=f"Done {_en(left, day)} early")
        return Remaining(working_minutes=left, state=Standing.DONE, words=words, on_time=True)
    over = working_minutes_between(promise, done_at, calendar, schedule)
    words = Text(vi=f"Xong trễ {_vi(over, day)}", en=f"Done {_en(over, day)} late")
    return Remaining(working_minutes=-over, state=Standing.DONE, words=words, on_time=False)


def _late(over: int, day: int) -> Text:
    if over == 0:
        return Text(vi="Vừa quá hạn", en="Just overdue")
    return Text(vi=f"Quá {_vi(over, day)}", en=f"{_en(over, day)} overdue")


def _split(minutes: int, day: int) -> tuple[int, int, int]:
    days, rest = divmod(minutes, day) if minutes >= day else (0, minutes)
    hours, rest = divmod(rest, 60)
    return days, hours, 0 if days else rest


def _vi(minutes: int, day: int) -> str:
    days, hours, rest = _split(minutes, day)
    shown = [f"{n} {unit}" for n, unit in ((days, "ngày"), (hours, "giờ"), (rest, "phút")) if n]
    return " ".join(shown) or "0 phút"


def _en(minutes: int, day: int) -> str:
    days, hours, rest = _split(minutes, day)
    shown = [f"{n} {unit}{'s' * (n != 1)}" for n, unit in ((days, "day"), (hours, "hour"), (rest, "minute")) if n]
    return " ".join(shown) or "0 minutes"
