"""The holiday data against an independent lunar calendar and the law's own counts."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta

import pytest

from tests.model.clock.oracle import DATA, exceptions

YEARS = (2024, 2025, 2026, 2027, 2028)


def new_moon(k: int) -> int:
    """Ordinal of the local day (UTC+7) of the k-th new moon since 1900 (Meeus, short series)."""
    t = k / 1236.85
    rad = math.pi / 180
    jd = 2415020.75933 + 29.53058868 * k + 0.0001178 * t * t - 0.000000155 * t**3
    jd += 0.00033 * math.sin((166.56 + 132.87 * t - 0.009173 * t * t) * rad)
    m = (359.2242 + 29.10535608 * k) * rad
    moon = (306.0253 + 385.81691806 * k + 0.0107306 * t * t) * rad
    f = (21.2964 + 390.67050646 * k - 0.0016528 * t * t) * rad
    c = (0.1734 - 0.000393 * t) * math.sin(m) + 0.0021 * math.sin(2 * m) - 0.4068 * math.sin(moon)
    c += 0.0161 * math.sin(2 * moon) - 0.0004 * math.sin(3 * moon) + 0.0104 * math.sin(2 * f)
    c += -0.0051 * math.sin(m + moon) - 0.0074 * math.sin(m - moon) + 0.0004 * math.sin(2 * f + m)
    c += -0.0004 * math.sin(2 * f - m) - 0.0006 * math.sin(2 * f + moon) + 0.0010 * math.sin(2 * f - moon)
    delta = -0.000278 + 0.000265 * t + 0.000262 * t * t
    return math.floor(jd + c - delta + 0.5 + 7 / 24) - 1721425


def tet(year: int) -> date:
    """The first day of the lunar year: the new moon that falls between 21 January and 20 February."""
    k = round((date(year, 2, 5).toordinal() - date(1900, 1, 1).toordinal()) / 29.530588853) - 2
    days = [date.fromordinal(new_moon(k + step)) for step in range(5)]
    return next(day for day in days if date(year, 1, 21) <= day <= date(year, 2, 20))


def third_month_tenth(year: int) -> date:
    """The tenth day of the third lunar month; no leap month falls before it in these years."""
    start = tet(year).toordinal()
    k = round((start - date(1900, 1, 1).toordinal()) / 29.530588853) - 1
    while new_moon(k) < start:
        k += 1
    return date.fromordinal(new_moon(k + 2) + 9)


@pytest.mark.parametrize("year", YEARS)
def test_new_year_lies_in_five_or_more_days_off(year: int) -> None:
    off = exceptions()
    first = tet(year)
    assert off[first] == "OFF"
    assert off[first - timedelta(1)] == "OFF"
    around = [first + timedelta(n) for n in range(-3, 8)]
    assert sum(off.get(day) == "OFF" and day.weekday() < 5 for day in around) == 5


@pytest.mark.parametrize("year", YEARS)
def test_hung_kings_day_is_off(year: int) -> None:
    assert exceptions()[third_month_tenth(year)] == "OFF"


@pytest.mark.parametrize("year", YEARS)
def test_year_has_the_days_off_of_the_law(year: int) -> None:
    rows = json.loads((DATA / f"vn-{year}.json").read_text())["exceptions"]
    off = [date.fromisoformat(row["date"]) for row in rows if row["kind"] == "OFF"]
    worked = [date.fromisoformat(row["date"]) for row in rows if row["kind"] == "WORK"]
    lost = sum(day.weekday() < 5 for day in off) - len(worked)
    assert lost == (11 if year < 2026 else 12)
    assert all(day.weekday() == 5 for day in worked)


def test_every_exception_names_its_document() -> None:
    for path in DATA.glob("vn-*.json"):
        for row in json.loads(path.read_text())["exceptions"]:
            assert row["decision"], row
            assert row["evidence"] in ("decreed", "unverified", "projected"), row
            if int(path.stem[-4:]) >= 2027:
                assert row["evidence"] == "projected", row
