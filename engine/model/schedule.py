"""Working hours of a unit, by weekday, with dated validity."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

from engine.errors import DomainError

#: Seconds of a day, start and end of a stretch of work; the end is not part of it.
Span = tuple[int, int]

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")


class ScheduleInvalid(DomainError):
    """The working hours are not usable at {where}: {why}"""

    code = "schedule-invalid"
    vi = "Giờ làm việc không dùng được tại {where}: {why_vi}"

    def __init__(self, *, where: str, why: str, why_vi: str = "") -> None:
        super().__init__(where=where, why=why, why_vi=why_vi or why)


class ScheduleMissing(DomainError):
    """No working hours are given for {unit} on {date}: add a dated entry."""

    code = "schedule-missing"
    vi = "Chưa khai giờ làm việc của {unit} cho ngày {date}: hãy bổ sung giờ làm việc có hiệu lực vào ngày đó."


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekHours:
    """The hours of one week, Monday first. ``full_day`` is what a swapped working day has."""

    valid_from: date = date.min
    valid_to: date = date.max  #: last day on which it holds
    week: tuple[tuple[Span, ...], ...]
    full_day: tuple[Span, ...]
    source: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class WorkSchedule:
    """Giờ làm việc of a unit: periods that do not overlap, in order of time."""

    name: str
    periods: tuple[WeekHours, ...]

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read ``{"name", "hours": {"mon-fri": ["07:30-11:30", …]}, "full_day"?, "valid_from"?, "valid_to"?}``.

        ``periods`` holds a list of such objects when hours change with time. ``ScheduleInvalid`` names the place.
        """
        if not isinstance(data, Mapping):
            raise ScheduleInvalid(where="schedule", why="expected an object", why_vi="phải là một đối tượng")
        raw = data.get("periods", [data])
        if not isinstance(raw, list) or not raw:
            raise ScheduleInvalid(
                where="periods", why="expected a list that is not empty", why_vi="phải là danh sách không rỗng"
            )
        periods = sorted((_period(item) for item in raw), key=lambda period: period.valid_from)
        for before, after in pairwise(periods):
            if after.valid_from <= before.valid_to:
                raise ScheduleInvalid(
                    where=str(after.valid_from), why="two periods overlap", why_vi="hai giai đoạn chồng nhau"
                )
        return cls(name=str(data.get("name", "")), periods=tuple(periods))

    def at(self, on: date) -> WeekHours:
        """The hours that hold on that date, or ``ScheduleMissing``."""
        for period in self.periods:
            if period.valid_from <= on <= period.valid_to:
                return period
        raise ScheduleMissing(unit=self.name or "?", date=on.isoformat())

    def full_day_minutes(self, on: date) -> int:
        """Minutes of a full working day at that date; how people turn minutes into days."""
        return sum(end - start for start, end in self.at(on).full_day) // 60

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the periods; the name does not matter."""
        rows = [[str(p.valid_from), str(p.valid_to), p.week, p.full_day] for p in self.periods]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, WorkSchedule) and self.digest == other.digest)


def _period(raw: Any) -> WeekHours:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("hours"), Mapping):
        raise ScheduleInvalid(where="hours", why="expected hours by weekday", why_vi="thiếu giờ theo thứ trong tuần")
    week: list[tuple[Span, ...] | None] = [None] * 7
    for key, ranges in raw["hours"].items():
        for weekday in _weekdays(str(key)):
            if week[weekday] is not None:
                raise ScheduleInvalid(where=str(key), why="the weekday is given twice", why_vi="thứ bị khai hai lần")
            week[weekday] = _spans(str(key), ranges)
    days = tuple(spans or () for spans in week)
    if not any(days):
        raise ScheduleInvalid(where="hours", why="no working hours at all", why_vi="không có giờ làm việc nào")
    longest = max(days, key=lambda spans: sum(end - start for start, end in spans))
    full = _spans("full_day", raw["full_day"]) if "full_day" in raw else longest
    if not full:
        raise ScheduleInvalid(where="full_day", why="a full day cannot be empty", why_vi="ngày đủ không được rỗng")
    try:
        valid_from = date.fromisoformat(str(raw["valid_from"])) if raw.get("valid_from") else date.min
        valid_to = date.fromisoformat(str(raw["valid_to"])) if raw.get("valid_to") else date.max
    except ValueError as problem:
        raise ScheduleInvalid(
            where="valid_from/valid_to", why="expected dates such as 2026-01-01", why_vi="ngày hiệu lực sai dạng"
        ) from problem
    if valid_to < valid_from:
        raise ScheduleInvalid(where="valid_to", why="before valid_from", why_vi="trước ngày bắt đầu hiệu lực")
    return WeekHours(
        valid_from=valid_from, valid_to=valid_to, week=days, full_day=full, source=str(raw.get("source", ""))
    )


def _weekdays(key: str) -> range:
    first, _, last = key.lower().partition("-")
    try:
        start = _WEEKDAYS.index(first)
        end = _WEEKDAYS.index(last) if last else start
    except ValueError as problem:
        raise ScheduleInvalid(
            where=key, why="expected mon … sun or mon-fri", why_vi="thứ phải là mon … sun"
        ) from problem
    if end < start:
        raise ScheduleInvalid(where=key, why="the range runs backwards", why_vi="khoảng thứ bị ngược")
    return range(start, end + 1)


def _spans(where: str, ranges: Any) -> tuple[Span, ...]:
    if not isinstance(ranges, list):
        raise ScheduleInvalid(where=where, why="expected a list of hh:mm-hh:mm", why_vi="phải là danh sách hh:mm-hh:mm")
    spans: list[Span] = []
    for text in ranges:
        found = _RANGE.fullmatch(str(text).replace(" ", "").replace("–", "-"))
        if not found:
            raise ScheduleInvalid(
                where=where, why=f"expected hh:mm-hh:mm ({text!r})", why_vi=f"phải là hh:mm-hh:mm ({text!r})"
            )
        start = int(found[1]) * 3600 + int(found[2]) * 60
        end = int(found[3] or found[5]) * 3600 + int(found[4] or found[6]) * 60
        if end <= start or (spans and start < spans[-1][1]):
            raise ScheduleInvalid(
                where=where, why=f"hours out of order ({text!r})", why_vi=f"giờ không theo thứ tự ({text!r})"
            )
        spans.append((start, end))
    return tuple(spans)
