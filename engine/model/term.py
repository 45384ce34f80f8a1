"""A legal term laid on a timetable: from the event of reception to the point at which the term is used up."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from engine.model.convention import Conventions
from engine.model.duration import Duration, Limit, TimeUnit
from engine.model.timetable import Timetable, Wall

#: Working seconds since the first day of a timetable; exact.
Point = int | Fraction


class Event(NamedTuple):
    """The reception as the law sees it."""

    ordinal: int  #: day of the event
    second: int
    moved_to_start: bool  #: filed outside hours: an event of the next working start
    after_cutoff: bool  #: received after the cut-off: an event of the next working day
    cutoff: time | None


class Term(NamedTuple):
    """Where the clock starts, and where each part of the sequence ends; the last is the due point."""

    start: int
    ends: tuple[Point, ...]

    @property
    def due(self) -> Point:
        """The point at which the whole term is used up, not rounded."""
        return self.ends[-1]


def ceil_minute(point: Point) -> int:
    """The point rounded up to a whole minute."""
    return int(-(-point // 60)) * 60


def event_of(table: Timetable, at: Wall, limit: Limit, settings: Conventions) -> Event:
    """Apply the working hours and the cut-off to the moment of reception."""
    ordinal, second = at
    day = table.index(ordinal)
    moved = False
    if settings.outside_hours_next_start and not table.open_at(ordinal, second):
        spans = table.spans[day]
        if not (settings.closing_second_open and spans and second == spans[-1][1]):
            ordinal, second = table.running(table.point(ordinal, second))
            moved = True
    cutoff = limit.cutoff or (settings.same_day_cutoff if limit.same_day else None)
    late = False
    if cutoff is not None and ordinal == at[0]:
        bound = cutoff.hour * 3600 + cutoff.minute * 60 + cutoff.second
        late = at[1] > bound or (at[1] == bound and not settings.cutoff_second_inclusive)
        if late:
            ordinal = table.working_day(table.next_day(ordinal + 1))
            second = table.spans[ordinal - table.first][0][0]
    return Event(ordinal, second, moved, late, cutoff)


def first_term(table: Timetable, event: Event, limit: Limit, settings: Conventions) -> Term:
    """The term of a limit from its event, before pauses and extensions."""
    first = limit.parts[0]
    day = table.index(event.ordinal)
    if first.unit is TimeUnit.SAME_DAY:
        start = table.point(event.ordinal, event.second)
        point: Point = table.ends[table.next_day(event.ordinal)]
    elif _runs_from_event(first, settings):
        start = table.point(event.ordinal, event.second)
        point = follow(table, start, first, clamp=settings.month_short_last_day)
    else:
        counted = settings.count_event_day
        start = table.cumulative[day if counted else day + 1]
        point = follow(table, start, first, anchor=event.ordinal - counted, clamp=settings.month_short_last_day)
    ends = [point]
    for part in limit.parts[1:]:
        ends.append(chain(table, ends[-1], part, settings))
    return Term(start, tuple(ends))


def chain(table: Timetable, point: Point, part: Duration, settings: Conventions) -> Point:
    """The end of a further part that starts where the last ended."""
    if not settings.sequence_without_gap:
        point = table.ends[table.day_of(ceil_minute(point))]
    return follow(table, point, part, clamp=settings.month_short_last_day)


def follow(table: Timetable, point: Point, part: Duration, *, anchor: int | None = None, clamp: bool = True) -> Point:
    """The point at which ``part``, begun at ``point``, is used up.

    ``clamp``: a month without that day number ends on its last day.
    ``anchor`` is the local day after which calendar days count; without it, the day in which ``point`` is reached.
    """
    if part.unit is TimeUnit.HOUR:
        return point + _number(part.qty, 3600)
    if part.unit is TimeUnit.WORKING_DAY:
        return working_days_on(table, point, part.qty)
    number, _ = position(table, point)
    origin = table.working_day(number) if anchor is None else anchor
    whole = int(part.qty)
    if not whole:
        return working_days_on(table, point, part.qty)
    # Civil Code 91/2015/QH13, article 148: a term in days ends when its last day ends, on a day off with the next
    # working day. To keep the hour of the start would end a later one earlier where only the first falls on a day off.
    point = table.ends[table.next_day(last_day(origin, part, clamp=clamp))]
    rest = part.qty - whole
    return working_days_on(table, point, rest) if rest else point


def last_day(origin: int, part: Duration, *, clamp: bool = True) -> int:
    """The ordinal of the last day of a term in days or months that starts the day after ``origin``; it may be off."""
    whole = int(part.qty)
    if part.unit is not TimeUnit.MONTH:
        return origin + whole
    start = date.fromordinal(origin)
    year, month = divmod(start.year * 12 + start.month - 1 + whole, 12)
    days = monthrange(year, month + 1)[1]
    over = max(0, start.day - days)
    return date(year, month + 1, min(start.day, days)).toordinal() + (0 if clamp or not over else 1)


def working_days_on(table: Timetable, point: Point, qty: Decimal) -> Point:
    """``qty`` working days after the point; the decimal part is that share of its day's own seconds."""
    number, share = position(table, point)
    if share == 1 and qty == (whole := int(qty)):
        table.working_day(number + whole)
        return table.ends[number + whole]
    total = number + share + Fraction(qty)
    number = -int(-total // 1) - 1
    table.working_day(number)
    return table.starts[number] + (total - number) * table.lengths[number]


def position(table: Timetable, point: Point) -> tuple[int, Point]:
    """The working day in which a point is reached, and the share of it that is used, above 0 up to 1."""
    if point == 0:
        return -1, 1
    number = table.day_of(point)
    rest = point - table.starts[number]
    return number, 1 if rest == table.lengths[number] else Fraction(rest) / table.lengths[number]


def _runs_from_event(part: Duration, settings: Conventions) -> bool:
    if part.unit is TimeUnit.HOUR:
        return settings.hours_start_at_once
    return part.unit is TimeUnit.WORKING_DAY and not settings.working_day_due_end


def _number(qty: Decimal, factor: int) -> Point:
    whole = int(qty)
    return whole * factor if qty == whole else Fraction(qty) * factor
