"""The statutory clock: reception, limit, calendar, hours, pauses and extensions give the due moment, nothing else does.

Pure: the same facts give the same deadline for ever. Arithmetic is exact, in working seconds; only what is shown is
rounded up to a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from engine.model.calendar import Calendar
from engine.model.convention import DEFAULT, Conventions
from engine.model.duration import Channel, Duration, Limit, TimeUnit, select_limit
from engine.model.explanation import Line, Trace, explain
from engine.model.pause import (
    Extension,
    ExtensionInvalid,
    ExtensionLate,
    ExtensionLimitReached,
    Pause,
    PauseInvalid,
    PauseReason,
)
from engine.model.schedule import WorkSchedule
from engine.model.stoppage import Stop, merge, shift
from engine.model.term import Event, Point, Term, ceil_minute, chain, event_of, first_term
from engine.model.timetable import Timetable, Wall, moment_of, timetable, wall
from engine.model.warning import Warning, warnings_of  # noqa: A004  the field's word

__all__ = [
    "DEFAULT",
    "Channel",
    "Conventions",
    "Deadline",
    "Duration",
    "Extension",
    "Limit",
    "Line",
    "Pause",
    "PauseReason",
    "TimeUnit",
    "Warning",
    "compute",
    "due_if_resumed",
    "select_limit",
]


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """Thời hạn giải quyết of one dossier. ``due_at`` is ``None`` exactly while the clock stands still."""

    received_at: datetime
    starts_at: datetime  #: first moment at which the clock runs
    due_at: datetime | None
    original_due_at: datetime  #: as promised at reception, before pauses and extensions
    due_without_extension: datetime | None  #: statistics judge by this one: an extended dossier stays late
    paused_since: datetime | None  #: start, in working time, of the pause that still runs
    working_minutes_total: int  #: of the term with its extensions, without pauses; parts of a minute rounded up
    paused_minutes: int  #: working minutes by which ended pauses moved the due moment
    remaining_minutes_when_paused: int | None  #: what is left of the term while it stands still
    warnings: tuple[Warning, ...]
    extensions: int
    provisional: bool  #: a year that counts has holidays that are only projected
    trace: Trace = field(repr=False, compare=False)

    @cached_property
    def explanation(self) -> tuple[Line, ...]:
        """Every stretch counted or skipped, why, and on what ground; built when asked."""
        return explain(self.trace)

    def as_json(self, *, explanation: bool = True) -> dict[str, Any]:
        """The stable JSON form printed by ``motcua due --json``."""
        record: dict[str, Any] = {
            "received_at": self.received_at.isoformat(),
            "starts_at": self.starts_at.isoformat(),
            "due_at": _iso(self.due_at),
            "original_due_at": self.original_due_at.isoformat(),
            "due_without_extension": _iso(self.due_without_extension),
            "paused_since": _iso(self.paused_since),
            "working_minutes_total": self.working_minutes_total,
            "paused_minutes": self.paused_minutes,
            "remaining_minutes_when_paused": self.remaining_minutes_when_paused,
            "warnings": [{"at": item.at.isoformat(), "name": item.name} for item in self.warnings],
            "extensions": self.extensions,
            "provisional": self.provisional,
        }
        if explanation:
            record["explanation"] = [line.as_json() for line in self.explanation]
        return record


def compute(  # noqa: PLR0913  the facts of a deadline, each its own
    reception: datetime,
    limit: Limit,
    calendar: Calendar,
    schedule: WorkSchedule,
    *,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[Extension] = (),
    settings: Conventions = DEFAULT,
) -> Deadline:
    """The deadline of a dossier received at ``reception``. Refuses with a code rather than guess:

    ``CalendarYearMissing``, ``ScheduleMissing``, ``InvalidInput`` (a moment without zone), ``PauseInvalid``,
    ``ExtensionInvalid``, ``ExtensionLate``, ``ExtensionLimitReached``.
    """
    at = wall(reception, "reception")
    year = date.fromordinal(at[0]).year
    table = timetable(calendar, schedule, year, swapped_full=settings.swapped_day_full)
    event = event_of(table, at, limit, settings)
    term = first_term(table, event, limit, settings)
    stops = _stops(table, limit, pauses, at, _pausable_from(table, event, term, settings)) if pauses else ()
    due, held, paused = shift(term.due, stops)
    plain = None if held is not None else _moment(table, due)
    grants: tuple[Grant, ...] = ()
    if extensions:
        grants = _grants(table, term, stops, _allowed(extensions, limit, settings), (at, settings))
        due, held, later = shift(grants[-1].target, _clip(stops, low=grants[-1].at))
        paused = sum(grant.paused for grant in grants) + later
    trace = Trace(
        table=table,
        calendar=calendar,
        limit=limit,
        settings=settings,
        at=at,
        event=event,
        term=term,
        pauses=tuple(pauses),
        stops=stops,
        extensions=tuple((grant.extension, grant.before, grant.target) for grant in grants),
        due=due,
        held=held,
        paused=paused,
    )
    return _deadline(trace, plain)


def _deadline(trace: Trace, plain: datetime | None) -> Deadline:
    """What people are told; ``plain`` is the due moment without the extensions, ``None`` while the clock stands."""
    table, term, due, held = trace.table, trace.term, trace.due, trace.held
    due_at = plain
    if trace.extensions:
        due_at = None if held is not None else _moment(table, due)
    return Deadline(
        received_at=moment_of(*trace.at),
        starts_at=moment_of(*table.running(term.start)),
        due_at=due_at,
        original_due_at=plain if not trace.stops and plain is not None else _moment(table, term.due),
        due_without_extension=plain,
        paused_since=None if held is None else moment_of(*table.running(held)),
        working_minutes_total=ceil_minute(due - trace.paused - term.start) // 60,
        paused_minutes=ceil_minute(trace.paused) // 60,
        remaining_minutes_when_paused=None if held is None else ceil_minute(due - held) // 60,
        warnings=() if held is not None else warnings_of(table, term.start, due, trace.stops, trace.settings),
        extensions=len(trace.extensions),
        provisional=_provisional(trace),
        trace=trace,
    )


def due_if_resumed(deadline: Deadline, now: datetime) -> datetime:
    """The due moment a standing clock would have if it were resumed at ``now``; the due moment itself otherwise."""
    if deadline.due_at is not None:
        return deadline.due_at
    trace = deadline.trace
    held = trace.held or 0
    resumed = max(trace.table.point(*wall(now, "now")), held)
    return _moment(trace.table, trace.due + (resumed - held))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One extension on the line of working time."""

    extension: Extension
    at: int  #: point at which it was granted
    before: Point  #: due point as known then
    target: Point  #: due point after it
    paused: int  #: pauses already counted in ``before``


def _stops(table: Timetable, limit: Limit, pauses: Sequence[Pause], at: Wall, low: int) -> tuple[Stop, ...]:
    """``at``: what lies before the reception changes nothing; ``low``: first point at which the clock can stand."""
    found: list[Stop] = []
    for pause in pauses:
        if pause.reason is PauseReason.EXCLUDED_SPAN and not limit.excluded_spans:
            raise PauseInvalid(
                why="this version's time limit leaves no span out",
                why_vi="thời hạn của phiên bản này không loại trừ khoảng thời gian nào",
            )
        start = table.point(*max(at, wall(pause.start, "pause start")))
        end = None if pause.end is None else table.point(*max(at, wall(pause.end, "pause end")))
        found.append((start, end))
    return tuple(_clip(merge(found), low=low))


def _pausable_from(table: Timetable, event: Event, term: Term, settings: Conventions) -> int:
    if settings.pause_before_day_one_ignored:
        return term.start
    return min(term.start, table.point(event.ordinal, event.second))


def _clip(stops: Sequence[Stop], *, low: int = 0, high: int | None = None) -> list[Stop]:
    clipped: list[Stop] = []
    for start, end in stops:
        first = max(start, low)
        last = end if high is None else (high if end is None else min(end, high))
        if last is None or last > first:
            clipped.append((first, last))
    return clipped


def _allowed(extensions: Sequence[Extension], limit: Limit, settings: Conventions) -> list[Extension]:
    allowed = settings.max_extensions if limit.max_extensions is None else limit.max_extensions
    if len(extensions) > allowed:
        raise ExtensionLimitReached(allowed=allowed, given=len(extensions))
    return sorted(extensions, key=lambda extension: extension.granted_at)


def _grants(
    table: Timetable,
    term: Term,
    stops: Sequence[Stop],
    extensions: Sequence[Extension],
    context: tuple[Wall, Conventions],
) -> tuple[Grant, ...]:
    reception, settings = context
    target: Point = term.due
    low = 0
    grants: list[Grant] = []
    for extension in extensions:
        granted = wall(extension.granted_at, "extension granted_at")
        if granted < reception:
            raise ExtensionInvalid(why="it is granted before the reception", why_vi="ký trước thời điểm tiếp nhận")
        at = table.point(*granted)
        before, _, paused = shift(target, _clip(stops, low=low, high=at))
        last = table.reached(ceil_minute(before))
        if granted > last or (granted == last and settings.extension_strictly_before_due):
            raise ExtensionLate(granted=_shown(granted), due=_shown(last))
        target = before
        for part in extension.parts:
            if part.unit is TimeUnit.SAME_DAY:
                raise ExtensionInvalid(
                    why="a same-day rule is no extension", why_vi="quy tắc trong ngày không dùng để gia hạn"
                )
            target = chain(table, target, part, settings)
        grants.append(Grant(extension=extension, at=at, before=before, target=target, paused=paused))
        low = at
    return tuple(grants)


def _moment(table: Timetable, point: Point) -> datetime:
    return moment_of(*table.reached(ceil_minute(point)))


def _provisional(trace: Trace) -> bool:
    projected = trace.calendar.projected_years
    if not projected:
        return False
    last = trace.table.reached(ceil_minute(trace.due))[0]
    years = range(date.fromordinal(trace.at[0]).year, date.fromordinal(last).year + 1)
    return any(year in projected for year in years)


def _shown(at: Wall) -> str:
    return moment_of(*at).strftime("%H:%M:%S %d/%m/%Y")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
