"""Lines that no honest system would send: each gets a code, both languages and its line, and the next line goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.model.calendar import Calendar
from engine.model.clock_cases import due_cases
from engine.model.schedule import WorkSchedule

GOOD: dict[str, Any] = {
    "id": "good", "reception": "2026-03-02T10:00:00+07:00", "limit": {"qty": "3", "unit": "WORKING_DAY"},
}  # fmt: skip
PAUSE = {
    "start": "2026-03-03T10:00:00+07:00", "end": "2026-03-03T11:00:00+07:00", "document": "1/YC",
    "reason": "SUPPLEMENT",
}  # fmt: skip
EXTENSION = {
    "granted_at": "2026-03-04T10:00:00+07:00", "qty": "1", "unit": "WORKING_DAY", "document": "4/XL", "reason": "r",
    "remedy": "m",
}  # fmt: skip

#: what is changed in the good line, and the code that refuses it
HOSTILE: list[tuple[dict[str, Any], str]] = [
    # units and quantities
    ({"limit": {"qty": "3", "unit": "FORTNIGHT"}}, "limit-invalid"),
    ({"limit": {"qty": "3", "unit": None}}, "limit-invalid"),
    ({"limit": {"qty": "0", "unit": "WORKING_DAY"}}, "limit-invalid"),
    ({"limit": {"qty": "0.0", "unit": "HOUR"}}, "limit-invalid"),
    ({"limit": {"qty": "-3", "unit": "DAY"}}, "limit-invalid"),
    ({"limit": {"qty": "9" * 400, "unit": "DAY"}}, "limit-invalid"),
    ({"limit": {"qty": "1E+99999", "unit": "DAY"}}, "limit-invalid"),
    ({"limit": {"qty": "1E-99999", "unit": "DAY"}}, "limit-invalid"),
    ({"limit": {"qty": "sNaN", "unit": "DAY"}}, "limit-invalid"),
    ({"limit": {"qty": "Infinity", "unit": "DAY"}}, "limit-invalid"),
    ({"limit": {"qty": 1.5, "unit": "DAY"}}, "limit-invalid"),
    ({"limit": {"qty": "1.5", "unit": "MONTH"}}, "limit-invalid"),
    ({"limit": {"qty": "6.12345", "unit": "WORKING_DAY"}}, "limit-invalid"),
    ({"limit": {"parts": []}}, "limit-invalid"),
    ({"limit": {"parts": [{"qty": "1", "unit": "DAY"}], "qty": "1", "unit": "DAY"}}, "limit-invalid"),
    ({"limit": {"qty": "1", "unit": "DAY", "due": "2026-03-09"}}, "limit-invalid"),
    ({"limit": {"qty": "1", "unit": "DAY", "cutoff": "25:00"}}, "limit-invalid"),
    ({"limit": None}, "limit-invalid"),
    ({"limit": []}, "limit-invalid"),
    # moments
    ({"reception": "2026-03-02T10:00:00"}, "case-invalid"),
    ({"reception": "2026-13-02T10:00:00+07:00"}, "case-invalid"),
    ({"reception": 1772420400}, "case-invalid"),
    ({"reception": "0001-01-01T00:00:00+14:00"}, "case-invalid"),
    ({"reception": "9999-12-31T23:59:59-12:00"}, "case-invalid"),
    ({"reception": "9999-12-31T10:00:00+07:00"}, "calendar-year-missing"),
    ({"reception": "2023-03-02T10:00:00+07:00"}, "calendar-year-missing"),
    ({"reception": "2028-12-20T10:00:00+07:00", "limit": {"qty": "30", "unit": "DAY"}}, "calendar-year-missing"),
    # pauses
    ({"pauses": [PAUSE | {"document": " "}]}, "pause-invalid"),
    ({"pauses": [PAUSE | {"reason": "LUNCH"}]}, "pause-invalid"),
    ({"pauses": [PAUSE | {"end": "2026-03-03T09:59:59+07:00"}]}, "pause-invalid"),
    ({"pauses": [PAUSE | {"start": "2026-03-03T10:00:00"}]}, "case-invalid"),
    ({"pauses": [PAUSE | {"reason": "EXCLUDED_SPAN"}]}, "pause-invalid"),
    ({"pauses": {"0": PAUSE}}, "case-invalid"),
    ({"pauses": [PAUSE | {"until": "2026-03-09"}]}, "case-invalid"),
    # extensions
    ({"extensions": [EXTENSION | {"granted_at": "2026-03-05T17:00:00+07:00"}]}, "extension-late"),
    ({"extensions": [EXTENSION | {"granted_at": "2026-03-09T10:00:00+07:00"}]}, "extension-late"),
    ({"extensions": [EXTENSION | {"granted_at": "2026-03-01T10:00:00+07:00"}]}, "extension-invalid"),
    ({"extensions": [EXTENSION, EXTENSION | {"document": "5/XL"}]}, "extension-limit-reached"),
    ({"extensions": [EXTENSION | {"remedy": ""}]}, "extension-invalid"),
    ({"extensions": [EXTENSION | {"qty": "0"}]}, "limit-invalid"),
    ({"extensions": [EXTENSION | {"new_due_at": "2026-03-30T17:00:00+07:00"}]}, "case-invalid"),
    # what is derived is never typed; what is unknown is never ignored
    ({"due_at": "2026-03-30T17:00:00+07:00"}, "case-invalid"),
    ({"promised_on": "2026-03-30"}, "case-invalid"),
    ({"favour": "yes"}, "case-invalid"),
    ({"settings": {"count_event_days": True}}, "invalid-input"),
    ({"settings": {"count_event_day": "yes"}}, "invalid-input"),
    ({"schedule": {"hours": {"mon-fri": ["17:00-07:30"]}}}, "schedule-invalid"),
    ({"schedule": {"hours": {}}}, "schedule-invalid"),
    ({"calendar": {"years": [{"year": 2026}, {"year": 2026}]}}, "calendar-invalid"),
    ({"calendar": {"years": [{"year": 2025}]}}, "calendar-year-missing"),
    ({"limit": {"qty": "1", "unit": "DAY"}, "limits": []}, "case-invalid"),
]


@pytest.mark.parametrize(("change", "code"), HOSTILE, ids=[f"{n}-{code}" for n, (_, code) in enumerate(HOSTILE, 1)])
def test_hostile_line_gets_its_code_and_the_next_line_goes_on(
    change: dict[str, Any], code: str, calendar: Calendar, office: WorkSchedule
) -> None:
    lines = [json.dumps(GOOD | {"id": "bad"} | change), json.dumps(GOOD)]
    bad, good = due_cases(lines, calendar, office)
    assert (bad["line"], bad["id"], bad.get("error", {}).get("code")) == (1, "bad", code)
    assert bad["error"]["message"]
    assert bad["error"]["message_vi"]
    assert bad["error"]["message"] != bad["error"]["message_vi"]
    assert "due_at" not in bad
    assert (good["line"], good["due_at"]) == (2, "2026-03-05T17:00:00+07:00")


@pytest.mark.parametrize(
    "line", ["[1]", "null", "3", '"x"', "{", '{"id": "a", "reception": NaN}', "[" * 5000, '{"id": ' + "9" * 5000 + "}"]
)
def test_line_that_is_no_case_is_refused_by_its_number(line: str, calendar: Calendar, office: WorkSchedule) -> None:
    bad, good = due_cases([line, "", json.dumps(GOOD)], calendar, office)
    assert (bad["line"], bad["error"]["code"]) == (1, "case-invalid")
    assert (good["line"], good["id"]) == (3, "good")


def test_what_looks_hostile_and_is_lawful_is_computed(calendar: Calendar, office: WorkSchedule) -> None:
    """Overlapping pauses, a pause from before the reception, a thousand small ones: facts, not mistakes."""
    overlapping = [PAUSE, PAUSE | {"start": "2026-03-03T10:30:00+07:00", "document": "2/YC"}]
    early = [PAUSE | {"start": "2026-02-01T10:00:00+07:00", "end": "2026-03-03T08:30:00+07:00"}]
    many = [PAUSE | {"document": f"{n}/YC"} for n in range(1000)]
    cases = [json.dumps(GOOD | {"pauses": pauses}) for pauses in (overlapping, early, many)]
    assert [found["due_at"] for found in due_cases(cases, calendar, office)] == ["2026-03-06T08:30:00+07:00"] * 3
