"""Why a deadline is what it is: every stretch counted or skipped, in Vietnamese and English, with its ground."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.errors import Text
from engine.model.calendar import Calendar
from engine.model.citation import citation
from engine.model.convention import Conventions
from engine.model.duration import Limit, TimeUnit
from engine.model.pause import Extension, Pause
from engine.model.stoppage import Stop
from engine.model.term import Event, Point, Term, ceil_minute, last_day
from engine.model.timetable import Timetable, Wall, moment_of, wall
from engine.model.wording import (
    AFTER_CUTOFF,
    CIVIL_147,
    CIVIL_148,
    DECISION,
    REASONS,
    SLIP_01,
    clock,
    day,
    length_en,
    length_vi,
    parts_en,
    parts_vi,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One stretch. ``minutes`` are working minutes that used up the term; 0 for what is skipped or only said."""

    kind: str  #: stable; docs/clock.md lists them
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
            "ground_en": citation(self.ground, "en"),
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
    held: int | None  #: where an open pause began
    paused: int  #: working seconds by which ended pauses moved the due point


def explain(trace: Trace) -> tuple[Line, ...]:
    """The lines in order of time. The minutes of all lines add up to the term."""
    lines = [*_opening(trace), *_days(trace), *_rolled(trace), *_extended(trace)]
    last = _closing(trace)
    return (*sorted(lines, key=lambda line: line.start), *last)


def _opening(trace: Trace) -> list[Line]:
    at, event, limit = moment_of(*trace.at), trace.event, trace.limit
    lines = [
        _said("received", at, f"Tiếp nhận lúc {clock(at, 'vi')}", f"Received {clock(at, 'en')}", SLIP_01),
        _said(
            "limit",
            at,
            f"Thời hạn: {parts_vi(limit.parts)}",
            f"Time limit: {parts_en(limit.parts)}",
            limit.ground or DECISION,
        ),
    ]
    lines += [
        _said("excluded-span", at, f"Không tính vào thời hạn: {span}", f"Left out of the term: {span}", limit.ground)
        for span in limit.excluded_spans
    ]
    moved = moment_of(event.ordinal, event.second)
    if event.after_cutoff and event.cutoff:
        hour = event.cutoff.isoformat("minutes")
        vi = f"Nhận sau {hour}: tính là tiếp nhận vào ngày làm việc tiếp theo, {day(moved.date(), 'vi')}"
        en = f"Received after {hour}: counts as received on the next working day, {day(moved.date(), 'en')}"
        lines.append(_said("cutoff", at, vi, en, limit.ground or AFTER_CUTOFF))
    elif event.moved_to_start:
        vi = f"Nộp ngoài giờ làm việc: tính là tiếp nhận lúc {clock(moved, 'vi')}"
        en = f"Filed outside working hours: counts as received {clock(moved, 'en')}"
        lines.append(_said("moved", at, vi, en, f"Quy ước {trace.settings.name}: outside_hours_next_start"))
    start = moment_of(*trace.table.running(trace.term.start))
    if start > moved and not limit.same_day:
        vi = f"Ngày tiếp nhận không tính; thời hạn bắt đầu {clock(start, 'vi')}"
        en = f"The day of reception is not counted; the term starts {clock(start, 'en')}"
        line = _said("not-counted", moved, vi, en, CIVIL_147)
        lines.append(Line(kind=line.kind, text=line.text, start=moved, end=start, minutes=0, ground=CIVIL_147))
    return lines


def _days(trace: Trace) -> list[Line]:
    """One line per stretch of each day between the start and the due moment; ordinary days off in a row share one."""
    table, stop = trace.table, trace.due if trace.held is None else trace.held
    first = table.running(trace.term.start)[0]
    last = table.reached(ceil_minute(stop))[0] if stop > trace.term.start else first - 1
    lines: list[Line] = []
    for ordinal in range(trace.at[0], min(first, last + 1)):  # days off between the reception and the first day
        if not table.spans[table.index(ordinal)]:
            _add_off(lines, trace, ordinal)
    used: Point = 0
    for ordinal in range(first, last + 1):
        index = table.index(ordinal)
        low, high = max(table.cumulative[index], trace.term.start), min(table.cumulative[index + 1], stop)
        if not table.spans[index]:
            _add_off(lines, trace, ordinal)
            continue
        for begin, end, paused in _stretches(low, high, trace.stops):
            if paused:
                lines.append(_paused(trace, begin, end))
                continue
            minutes = ceil_minute(used + end - begin) // 60 - ceil_minute(used) // 60
            used += end - begin
            lines.append(_counted(trace, ordinal, (begin, end), minutes))
    return lines


def _stretches(low: Point, high: Point, stops: tuple[Stop, ...]) -> list[tuple[Point, Point, bool]]:
    found: list[tuple[Point, Point, bool]] = []
    here = low
    for start, end in stops:
        begin, finish = max(here, start), high if end is None else min(high, end)
        if finish <= begin:
            continue
        if begin > here:
            found.append((here, begin, False))
        found.append((begin, finish, True))
        here = finish
    if high > here:
        found.append((here, high, False))
    return found


def _counted(trace: Trace, ordinal: int, stretch: tuple[Point, Point], minutes: int) -> Line:
    on = date.fromordinal(ordinal)
    start, end = _span_of(trace, *stretch)
    swapped = trace.calendar.exception(on)
    vi, en = f"{day(on, 'vi')}: tính {length_vi(minutes)}", f"{day(on, 'en')}: {length_en(minutes)} counted"
    ground = f"Giờ làm việc: {trace.table.schedule.name}" if trace.table.schedule.name else "Giờ làm việc của đơn vị"
    if swapped is not None:
        vi, en, ground = f"{vi} ({swapped.name.vi})", f"{en} ({swapped.name.en})", swapped.decision
    return Line(kind="counted", text=Text(vi=vi, en=en), start=start, end=end, minutes=minutes, ground=ground)


def _paused(trace: Trace, begin: Point, end: Point) -> Line:
    start, finish = _span_of(trace, begin, end)
    acting = [pause for pause in trace.pauses if pause.start < finish and (pause.end is None or pause.end > start)]
    why_vi = ", ".join(dict.fromkeys(REASONS[pause.reason].vi for pause in acting))
    why_en = ", ".join(dict.fromkeys(REASONS[pause.reason].en for pause in acting))
    swapped = trace.calendar.exception(start.date())
    day_vi, day_en = (f" ({swapped.name.vi})", f" ({swapped.name.en})") if swapped else ("", "")
    text = Text(vi=f"Tạm dừng, không tính: {why_vi}{day_vi}", en=f"Paused, not counted: {why_en}{day_en}")
    documents = "; ".join(dict.fromkeys(pause.document for pause in acting))
    return Line(kind="paused", text=text, start=start, end=finish, minutes=0, ground=documents)


def _add_off(lines: list[Line], trace: Trace, ordinal: int) -> None:
    on = date.fromordinal(ordinal)
    start, end = moment_of(ordinal, 0), moment_of(ordinal + 1, 0)
    holiday = trace.calendar.exception(on)
    inside = _counts_days_off(trace, ordinal)
    vi_end, en_end = (
        ("vẫn nằm trong thời hạn tính theo ngày", "still inside a term in days")
        if inside
        else ("không tính", "not counted")
    )
    if holiday is not None:
        text = Text(
            vi=f"{day(on, 'vi')}: {holiday.name.vi}, {vi_end}", en=f"{day(on, 'en')}: {holiday.name.en}, {en_end}"
        )
        lines.append(Line(kind="off", text=text, start=start, end=end, minutes=0, ground=holiday.decision))
        return
    kind = "weekly-off-inside" if inside else "weekly-off"
    if lines and lines[-1].kind == kind and lines[-1].end == start:
        start = lines.pop().start
    days = (end.date() - start.date()).days
    shown_vi = day(on, "vi") if days == 1 else f"{day(start.date(), 'vi')} – {day(on, 'vi')}"
    shown_en = day(on, "en") if days == 1 else f"{day(start.date(), 'en')} – {day(on, 'en')}"
    text = Text(vi=f"{shown_vi}: nghỉ hằng tuần, {vi_end}", en=f"{shown_en}: weekly day off, {en_end}")
    lines.append(Line(kind=kind, text=text, start=start, end=end, minutes=0, ground="Giờ làm việc của đơn vị"))


def _counts_days_off(trace: Trace, ordinal: int) -> bool:
    """Whether a day off lies inside a part in days or months that no pause has turned into working time yet."""
    point = trace.table.cumulative[trace.table.index(ordinal)]
    if ordinal <= trace.event.ordinal:
        return False
    if any(start < point for start, _ in trace.stops):
        return False
    for part, end in zip(trace.limit.parts, trace.term.ends, strict=True):
        if point <= end:
            return part.unit in (TimeUnit.DAY, TimeUnit.MONTH)
    return False


def _rolled(trace: Trace) -> list[Line]:
    lines: list[Line] = []
    table = trace.table
    origin = trace.event.ordinal - trace.settings.count_event_day
    for part, end in zip(trace.limit.parts, trace.term.ends, strict=True):
        if part.unit in (TimeUnit.DAY, TimeUnit.MONTH) and part.qty >= 1:
            last = last_day(origin, part, clamp=trace.settings.month_short_last_day)
            if not table.spans[table.index(last)]:
                worked = date.fromordinal(table.working_day(table.next_day(last)))
                off = date.fromordinal(last)
                vi = f"Ngày cuối {day(off, 'vi')} là ngày nghỉ: hết ngày làm việc tiếp theo, {day(worked, 'vi')}"
                en = f"The last day, {day(off, 'en')}, is off: ends with the next working day, {day(worked, 'en')}"
                lines.append(_said("rolled", moment_of(last, 0), vi, en, CIVIL_148))
        origin = table.reached(ceil_minute(end))[0]
    return lines


def _extended(trace: Trace) -> list[Line]:
    lines = []
    for extension, before, target in trace.extensions:
        at = moment_of(*wall(extension.granted_at))
        old, new = (moment_of(*trace.table.reached(ceil_minute(point))) for point in (before, target))
        vi = (
            f"Hẹn lại thêm {parts_vi(extension.parts)} vì {extension.reason}: từ {clock(old, 'vi')} thành "
            f"{clock(new, 'vi')}; vẫn thống kê là trễ"
        )
        en = (
            f"Re-appointed by {parts_en(extension.parts)} because {extension.reason}: from {clock(old, 'en')} to "
            f"{clock(new, 'en')}; still late in the statistics"
        )
        lines.append(_said("extended", at, vi, en, extension.document))
    return lines


def _closing(trace: Trace) -> list[Line]:
    lines: list[Line] = []
    if trace.held is not None:
        at = moment_of(*trace.table.running(trace.held))
        left = ceil_minute(trace.due - trace.held) // 60
        acting = [pause for pause in trace.pauses if pause.end is None]
        documents = "; ".join(pause.document for pause in acting)
        vi = f"Đang tạm dừng; còn {length_vi(left)} làm việc khi tính tiếp"
        en = f"The clock stands still; {length_en(left)} of work are left when it resumes"
        lines.append(_said("held", at, vi, en, documents))
        end = at
    else:
        end = moment_of(*trace.table.reached(ceil_minute(trace.due)))
        lines.append(
            _said("due", end, f"Đến hạn {clock(end, 'vi')}", f"Due {clock(end, 'en')}", trace.limit.ground or DECISION)
        )
    years = [year for year in range(moment_of(*trace.at).year, end.year + 1) if year in trace.calendar.projected_years]
    if years:
        named = ", ".join(map(str, years))
        vi = f"Lịch nghỉ năm {named} mới là dự kiến theo luật; khi có văn bản chính thức, thời hạn được tính lại"
        en = f"The holidays of {named} are projected from the law; the deadline is computed again once they are decreed"
        lines.append(_said("provisional", end, vi, en, "Bộ luật Lao động 2019, Điều 112"))
    return lines


def _span_of(trace: Trace, begin: Point, end: Point) -> tuple[datetime, datetime]:
    table = trace.table
    floor = int(begin // 1)
    return moment_of(*table.running(floor)), moment_of(*table.reached(int(-(-end // 1))))


def _said(kind: str, at: datetime, vi: str, en: str, ground: str) -> Line:
    return Line(kind=kind, text=Text(vi=vi, en=en), start=at, end=at, minutes=0, ground=ground)
