"""Deadlines of cases given as lines of data, so that anybody can check the clock against another system.

The format is documented in docs/clock.md. A due date can be an expectation to compare with, never an input.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.errors import DomainError
from engine.model.calendar import Calendar
from engine.model.convention import DEFAULT, Conventions
from engine.model.deadline import Deadline, compute
from engine.model.duration import Duration, Limit, select_limit
from engine.model.pause import Extension, Pause
from engine.model.remaining import remaining
from engine.model.schedule import WorkSchedule
from engine.model.timetable import ZONE


class CaseInvalid(DomainError):
    """The case is not valid at {where}: {why}"""

    code = "case-invalid"
    vi = "Dữ liệu không hợp lệ tại {where}: {why_vi}"

    def __init__(self, *, where: str, why: str, why_vi: str) -> None:
        super().__init__(where=where, why=why, why_vi=why_vi)


#: Keys of a case.
_KEYS = frozenset(
    {"id", "reception", "limit", "limits", "channel", "case", "unit_class", "schedule", "calendar", "pauses"}
    | {"extensions", "settings", "now", "done_at", "expected_due_at"}
)
_PAUSE_KEYS = frozenset({"start", "end", "document", "reason"})
_EXTENSION_KEYS = frozenset({"granted_at", "qty", "unit", "parts", "document", "reason", "remedy"})
_EXPECTED = "expected a moment such as 2026-08-21T09:00:00+07:00"
_EXPECTED_VI = "cần thời điểm dạng 2026-08-21T09:00:00+07:00"
_TYPED_DATES = ("due_at", "due", "new_due_at", "until", "promised_on")


def due_cases(
    lines: Iterable[str],
    calendar: Calendar | None = None,
    schedule: WorkSchedule | None = None,
    *,
    explanation: bool = True,
) -> Iterator[dict[str, Any]]:
    """One answer per line that is not empty, in order.

    ``calendar`` and ``schedule`` hold for the cases that bring none of their own. A line that cannot be computed
    gives ``{"line", "id", "error": {"code", "message", "message_vi"}}`` and the next line goes on.
    """
    reader = _Reader(calendar, schedule)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        answer: dict[str, Any] = {"line": number}
        try:
            case = _case(line)
            if "id" in case:
                answer["id"] = case["id"]
            _known(case, _KEYS, "case")
            answer |= reader.answer(case, explanation=explanation)
        except DomainError as refusal:
            answer["error"] = {
                "code": refusal.code,
                "message": refusal.message("en"),
                "message_vi": refusal.message("vi"),
            }
        yield answer


class _Reader:
    """Keeps what the cases share, so that a million of them parse a calendar once."""

    def __init__(self, calendar: Calendar | None, schedule: WorkSchedule | None) -> None:
        self._calendar = calendar
        self._schedule = schedule
        self._calendars: dict[str, Calendar] = {}
        self._schedules: dict[str, WorkSchedule] = {}

    def answer(self, case: Mapping[str, Any], *, explanation: bool) -> dict[str, Any]:
        """The deadline of one case, and how it stands when ``now`` or ``done_at`` is given."""
        calendar, schedule = self._calendar_of(case), self._schedule_of(case)
        deadline = compute(
            _moment(case, "reception"),
            _limit(case),
            calendar,
            schedule,
            pauses=[_pause(item) for item in _objects(case, "pauses")],
            extensions=[_extension(item) for item in _objects(case, "extensions")],
            settings=_settings(case),
        )
        record = deadline.as_json(explanation=explanation)
        if "expected_due_at" in case:
            record["matches"] = _matches(deadline, case)
        if "now" in case or "done_at" in case:
            done = _moment(case, "done_at") if case.get("done_at") else None
            now = _moment(case, "now") if case.get("now") else done
            if now is None:
                raise CaseInvalid(where="now", why="a moment is expected", why_vi="thiếu thời điểm")
            standing = remaining(deadline, now, calendar, schedule, done_at=done)
            record["remaining"] = {
                "working_minutes": standing.working_minutes,
                "state": standing.state.value,
                "words_vi": standing.words.vi,
                "words": standing.words.en,
                "on_time": standing.on_time,
            }
        return record

    def _calendar_of(self, case: Mapping[str, Any]) -> Calendar:
        raw = case.get("calendar")
        if raw is None:
            if self._calendar is None:
                raise CaseInvalid(
                    where="calendar", why="the case brings none and none is configured", why_vi="chưa có lịch làm việc"
                )
            return self._calendar
        key = json.dumps(raw, sort_keys=True)
        if key not in self._calendars:
            self._calendars[key] = Calendar.from_json(raw)
        return self._calendars[key]

    def _schedule_of(self, case: Mapping[str, Any]) -> WorkSchedule:
        raw = case.get("schedule")
        if raw is None:
            if self._schedule is None:
                raise CaseInvalid(
                    where="schedule", why="the case brings none and none is configured", why_vi="chưa có giờ làm việc"
                )
            return self._schedule
        key = json.dumps(raw, sort_keys=True)
        if key not in self._schedules:
            self._schedules[key] = WorkSchedule.from_json(raw)
        return self._schedules[key]


def _case(line: str) -> Mapping[str, Any]:
    try:
        case = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise CaseInvalid(where="line", why="it is not JSON", why_vi="dòng không phải JSON") from problem
    if not isinstance(case, dict):
        raise CaseInvalid(
            where="line", why="expected one JSON object per line", why_vi="mỗi dòng phải là một đối tượng JSON"
        )
    return case


def _known(record: Mapping[str, Any], keys: frozenset[str], what: str) -> None:
    for key in record:
        if key in _TYPED_DATES:
            raise CaseInvalid(
                where=f"{what}.{key}",
                why="a due date is derived and never typed",
                why_vi="ngày hẹn trả được tính ra, không được nhập",
            )
        if key not in keys:
            raise CaseInvalid(
                where=what, why=f"unknown key {key!r}; known: {', '.join(sorted(keys))}", why_vi=f"khóa lạ {key!r}"
            )


def _moment(record: Mapping[str, Any], key: str) -> datetime:
    raw = record.get(key)
    if not isinstance(raw, str):
        raise CaseInvalid(where=key, why=f"{_EXPECTED} ({raw!r})", why_vi=f"{_EXPECTED_VI} ({raw!r})")
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError as problem:
        raise CaseInvalid(where=key, why=f"{_EXPECTED} ({raw!r})", why_vi=f"{_EXPECTED_VI} ({raw!r})") from problem
    if moment.tzinfo is None:
        raise CaseInvalid(
            where=key,
            why=f"a moment without a time zone; write +07:00 ({raw!r})",
            why_vi=f"thiếu múi giờ, ghi +07:00 ({raw!r})",
        )
    try:
        return moment.astimezone(ZONE)
    except OverflowError as problem:
        raise CaseInvalid(where=key, why=f"out of range ({raw!r})", why_vi=f"ngoài phạm vi ({raw!r})") from problem


def _limit(case: Mapping[str, Any]) -> Limit:
    if ("limit" in case) == ("limits" in case):
        raise CaseInvalid(where="limit", why="give either limit or limits", why_vi="khai một trong limit, limits")
    raw = [case["limit"]] if "limit" in case else case["limits"]
    if not isinstance(raw, list):
        raise CaseInvalid(where="limits", why="expected a list", why_vi="phải là danh sách")
    limits = [Limit.from_json(item) for item in raw]
    chosen = [case.get(key) for key in ("channel", "case", "unit_class")]
    if not all(item is None or isinstance(item, str) for item in chosen):
        raise CaseInvalid(where="channel, case, unit_class", why="expected text", why_vi="phải là chữ")
    return select_limit(limits, *chosen)


def _objects(case: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    raw = case.get(key, [])
    if not isinstance(raw, list) or not all(isinstance(item, Mapping) for item in raw):
        raise CaseInvalid(where=key, why="expected a list of objects", why_vi="phải là danh sách đối tượng")
    return raw


def _pause(record: Mapping[str, Any]) -> Pause:
    _known(record, _PAUSE_KEYS, "pause")
    return Pause(
        start=_moment(record, "start"),
        end=None if record.get("end") is None else _moment(record, "end"),
        document=_text(record, "document"),
        reason=_text(record, "reason"),  # type: ignore[arg-type]  # Pause checks and converts the word
    )


def _extension(record: Mapping[str, Any]) -> Extension:
    _known(record, _EXTENSION_KEYS, "extension")
    raw = record.get("parts", [{key: record[key] for key in ("qty", "unit") if key in record}])
    if not isinstance(raw, list):
        raise CaseInvalid(where="extension.parts", why="expected a list", why_vi="phải là danh sách")
    return Extension(
        granted_at=_moment(record, "granted_at"),
        parts=tuple(Duration.from_json(item) for item in raw),
        document=_text(record, "document"),
        reason=_text(record, "reason"),
        remedy=_text(record, "remedy"),
    )


def _text(record: Mapping[str, Any], key: str) -> str:
    raw = record.get(key)
    return raw if isinstance(raw, str) else ""


def _settings(case: Mapping[str, Any]) -> Conventions:
    raw = case.get("settings")
    if raw is None:
        return DEFAULT
    if not isinstance(raw, Mapping):
        raise CaseInvalid(where="settings", why="expected an object", why_vi="phải là một đối tượng")
    return Conventions.from_json(raw)


def _matches(deadline: Deadline, case: Mapping[str, Any]) -> bool:
    expected = case["expected_due_at"]
    return deadline.due_at is None if expected is None else _moment(case, "expected_due_at") == deadline.due_at
