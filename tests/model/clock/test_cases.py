"""Cases as lines of data."""

from __future__ import annotations

import json
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.calendar import Calendar
from engine.model.clock_bench import bench_clock
from engine.model.clock_cases import due_cases
from engine.model.schedule import WorkSchedule
from tests.model.clock.conftest import load_calendar, load_hours

CALENDAR, OFFICE = load_calendar(), load_hours("office")
CASE = {"id": "a", "reception": "2026-08-21T10:00:00+07:00", "limit": {"qty": "3", "unit": "WORKING_DAY"}}


def answer(**changes: object) -> dict:
    return next(due_cases([json.dumps({**CASE, **changes})], CALENDAR, OFFICE))


def test_bad_line_leaves_the_others_alone() -> None:
    lines = [json.dumps(CASE), "", "{not json", json.dumps({**CASE, "due_at": "2026-08-30"}), json.dumps(CASE)]
    found = list(due_cases(lines, CALENDAR, OFFICE))
    assert [item["line"] for item in found] == [1, 3, 4, 5]
    assert [item.get("error", {}).get("code") for item in found] == [None, "case-invalid", "case-invalid", None]
    assert "không được nhập" in found[2]["error"]["message_vi"]


def test_case_carries_its_own_calendar_and_hours() -> None:
    own = answer(
        calendar={"years": [{"year": 2026, "exceptions": []}]},
        schedule={"hours": {"mon-fri": ["08:00-12:00", "13:00-17:00"]}},
        expected_due_at="2026-08-26T17:00:00+07:00",
    )
    assert own["matches"] is True
    assert next(due_cases([json.dumps(CASE)]))["error"]["code"] == "case-invalid"


def test_case_selects_limit_and_says_how_it_stands() -> None:
    case = {key: value for key, value in CASE.items() if key != "limit"}
    limits = [
        {"qty": "3", "unit": "WORKING_DAY", "channel": "ONLINE"},
        {"qty": "9", "unit": "DAY", "channel": "DIRECT"},
    ]
    case |= {"limits": limits, "channel": "ONLINE", "now": "2026-08-25T16:00:00+07:00"}
    found = next(due_cases([json.dumps(case)], CALENDAR, OFFICE))
    assert found["due_at"] == "2026-08-25T17:00:00+07:00"
    assert found["remaining"]["words_vi"] == "Còn 1 giờ"


def test_pause_and_extension_are_read_from_data() -> None:
    held = {"start": "2026-08-24T10:00:00+07:00", "end": "2026-08-25T10:00:00+07:00", "document": "1/YC"}
    more = {"granted_at": "2026-08-25T11:00:00+07:00", "qty": "1", "unit": "WORKING_DAY", "document": "4/XL"}
    pauses, extensions = [{**held, "reason": "SUPPLEMENT"}], [{**more, "reason": "r", "remedy": "m"}]
    found = answer(pauses=pauses, extensions=extensions)
    assert found["due_at"] == "2026-08-27T17:00:00+07:00"
    assert found["due_without_extension"] == "2026-08-26T17:00:00+07:00"
    assert json.loads(json.dumps(found)) == found
    assert answer(pauses=[held])["error"]["code"] == "pause-invalid"
    assert answer(extensions=[more])["error"]["code"] == "extension-invalid"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(
    [
        "reception",
        "limit",
        "limits",
        "channel",
        "case",
        "schedule",
        "calendar",
        "pauses",
        "extensions",
        "settings",
        "now",
        "done_at",
    ]
)


@settings(max_examples=200, deadline=None)
@given(key=keys, value=json_values)
def test_any_value_gives_an_answer_or_a_refusal(key: str, value: object) -> None:
    found = answer(**{key: value})
    assert ("due_at" in found) != ("error" in found)


def test_bench_reports_deadlines_per_minute(calendar: Calendar, office: WorkSchedule) -> None:
    report = bench_clock(calendar, office, time.perf_counter, deadlines=200)
    assert report.deadlines == 200
    assert report.deadlines_per_minute > 0
