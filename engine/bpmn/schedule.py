"""When a timer fires: ISO 8601 literals and what FEEL says, as moments with a zone."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from engine.bpmn.incidents import ExpressionFailed
from engine.clock import ZONE
from engine.errors import Text
from engine.feel import DayTimeDuration, YearMonthDuration

_DURATION = re.compile(
    r"(?P<sign>-)?P(?!$)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d{1,6})?)S)?)?"
)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?")
_CYCLE = re.compile(r"R(?P<times>\d*)/(?:(?P<start>[^/P]+)/)?(?P<period>P[^/]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A length of time; months are those of the calendar."""

    months: int = 0
    microseconds: int = 0

    def after(self, moment: datetime) -> datetime:
        """``moment`` plus the period; a day that the month does not have becomes its last."""
        if self.months:
            months = moment.year * 12 + moment.month - 1 + self.months
            year, month = divmod(months, 12)
            day = min(moment.day, calendar.monthrange(year, month + 1)[1])
            moment = moment.astimezone(ZONE).replace(year=year, month=month + 1, day=day)
        return moment + timedelta(microseconds=self.microseconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a timer fires first, how often after that (-1 = for ever), and at what distance."""

    first: datetime
    more: int = 0
    period: Period = Period()


def is_literal(text: str) -> bool:
    """Whether ``text`` is a bare ISO 8601 duration, date or cycle and not FEEL."""
    return bool(_DURATION.fullmatch(text) or _MOMENT.fullmatch(text) or (text.startswith("R") and "/" in text))


def duration(text: str) -> Period | None:
    """The period of an ISO 8601 duration, None when it is none."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return None
    parts = {name: float(value or 0) for name, value in match.groupdict().items() if name != "sign"}
    days = parts["weeks"] * 7 + parts["days"]
    seconds = ((days * 24 + parts["hours"]) * 60 + parts["minutes"]) * 60
    sign = -1 if match["sign"] else 1
    return Period(
        months=sign * int(parts["years"] * 12 + parts["months"]),
        microseconds=sign * (int(seconds) * 1_000_000 + round(parts["seconds"] * 1_000_000)),
    )


#: Kind of a timer → what it should be, in both languages.
_KINDS: Final = {
    "date": Text(vi="không phải thời điểm có múi giờ", en="no date of a timer"),
    "duration": Text(vi="không phải thời hạn", en="no duration of a timer"),
    "cycle": Text(vi="không phải chu kỳ", en="no cycle of a timer"),
}


def schedule(value: Any, kind: str, *, now: datetime, element: str, source: str = "") -> Schedule:
    """The schedule of a timer of ``kind`` (date, duration, cycle) whose expression ``source`` gave ``value``."""
    try:
        result = _schedule(value, kind, now)
    except (OverflowError, ValueError):  # beyond the year 9999
        result = None
    if result is None:
        raise ExpressionFailed(source=source or str(value), element=element, why=_KINDS[kind])
    return result


def _schedule(value: Any, kind: str, now: datetime) -> Schedule | None:
    if kind == "cycle":
        return _cycle(value, now) if isinstance(value, str) else None
    if kind == "duration":
        period = _period(value)
        return None if period is None else Schedule(first=period.after(now))
    moment = _moment(value)
    return None if moment is None else Schedule(first=moment)


def _period(value: Any) -> Period | None:
    if isinstance(value, DayTimeDuration):
        return Period(microseconds=value.nanoseconds // 1000)
    if isinstance(value, YearMonthDuration):
        return Period(months=value.months)
    return duration(value) if isinstance(value, str) else None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else None
    if isinstance(value, date):
        return datetime.combine(value, time(), ZONE)
    if not isinstance(value, str) or not _MOMENT.fullmatch(value.strip()):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if "T" not in value:
        return moment.replace(tzinfo=ZONE)
    return moment if moment.tzinfo else None


def _cycle(text: str, now: datetime) -> Schedule | None:
    match = _CYCLE.fullmatch(text.strip())
    period = duration(match["period"]) if match else None
    if match is None or period is None or period.after(now) <= now:
        return None
    first = _moment(match["start"]) if match["start"] else period.after(now)
    times = int(match["times"]) if match["times"] else -1
    if first is None or times == 0:
        return None
    return Schedule(first=first, more=times - 1 if times > 0 else -1, period=period)
