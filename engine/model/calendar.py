"""The working calendar of public agencies: weekdays plus dated exceptions, each with the document that sets it.

A year that is not in the data refuses to compute; nothing is guessed from weekday arithmetic alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, Self

from engine.errors import DomainError, Text


class CalendarYearMissing(DomainError):
    """The working calendar has no data for {year}: add its holidays with their decision; nothing is guessed."""

    code = "calendar-year-missing"
    vi = "Lịch làm việc chưa có dữ liệu năm {year}: hãy bổ sung ngày nghỉ kèm văn bản quy định; hệ thống không tự đoán."


class CalendarInvalid(DomainError):
    """The working calendar is not usable at {where}: {why}"""

    code = "calendar-invalid"
    vi = "Lịch làm việc không dùng được tại {where}: {why_vi}"

    def __init__(self, *, where: str, why: str, why_vi: str = "") -> None:
        super().__init__(where=where, why=why, why_vi=why_vi or why)


class DayKind(StrEnum):
    """What an exception makes of its date."""

    OFF = "OFF"  #: ngày nghỉ
    WORK = "WORK"  #: ngày làm việc (làm bù)


class Evidence(StrEnum):
    """How sure a dated fact is."""

    DECREED = "decreed"  #: đã có văn bản
    UNVERIFIED = "unverified"  #: có nguồn thứ cấp, chưa đối chiếu bản gốc
    PROJECTED = "projected"  #: dự kiến theo luật, chưa có văn bản của năm


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """One exception to the weekly rhythm."""

    on: date
    kind: DayKind
    name: Text
    decision: str  #: the law, decree or letter that sets it
    evidence: Evidence = Evidence.UNVERIFIED
    swapped_with: date | None = None

    def as_json(self) -> dict[str, Any]:
        """The exception as ``Calendar.from_json`` reads it."""
        return {
            "date": self.on.isoformat(),
            "kind": self.kind.value,
            "name": {"vi": self.name.vi, "en": self.name.en},
            "decision": self.decision,
            "evidence": self.evidence.value,
        } | ({"swapped_with": self.swapped_with.isoformat()} if self.swapped_with else {})


@dataclass(frozen=True, kw_only=True, eq=False)
class Calendar:
    """Exceptions for the ``years`` it knows. Two calendars with the same ``digest`` are the same calendar."""

    years: frozenset[int]
    days: Mapping[date, CalendarDay]
    projected_years: frozenset[int] = field(default_factory=frozenset)

    #: keys allowed in a year object
    _YEAR_KEYS: ClassVar[frozenset[str]] = frozenset({"year", "status", "note", "exceptions"})

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read one year object, a list of them, or ``{"years": [...]}``; see docs/clock.md for the shape.

        ``CalendarInvalid`` names the first place that is wrong.
        """
        if isinstance(data, Mapping) and "years" in data:
            data = data["years"]
        years = data if isinstance(data, list) else [data]
        days: dict[date, CalendarDay] = {}
        known: set[int] = set()
        projected: set[int] = set()
        for entry in years:
            year = _year_of(entry, cls._YEAR_KEYS)
            if year in known:
                raise CalendarInvalid(where=str(year), why="the year is given twice", why_vi="năm bị khai hai lần")
            known.add(year)
            if entry.get("status") == Evidence.PROJECTED:
                projected.add(year)
            for raw in entry.get("exceptions", ()):
                day = _day(raw, year)
                if day.on in days:
                    raise CalendarInvalid(
                        where=str(day.on), why="the date is given twice", why_vi="ngày bị khai hai lần"
                    )
                days[day.on] = day
        if not known:
            raise CalendarInvalid(where="years", why="no year is given", why_vi="không có năm nào")
        _check_swaps(days.values(), days)
        return cls(years=frozenset(known), days=days, projected_years=frozenset(projected))

    def kind(self, on: date) -> DayKind | None:
        """OFF or WORK when an exception says so, ``None`` for an ordinary day; ``CalendarYearMissing`` otherwise."""
        if on.year not in self.years:
            raise CalendarYearMissing(year=on.year)
        day = self.days.get(on)
        return day.kind if day else None

    def exception(self, on: date) -> CalendarDay | None:
        """The exception of that date with its name and decision."""
        return self.days.get(on)

    def as_json(self) -> list[dict[str, Any]]:
        """The years as ``from_json`` reads them."""
        return [
            {
                "year": year,
                "status": Evidence.PROJECTED if year in self.projected_years else Evidence.DECREED,
                "exceptions": [self.days[on].as_json() for on in sorted(self.days) if on.year == year],
            }
            for year in sorted(self.years)
        ]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what decides a computation: years, dates and kinds (names and sources left out)."""
        rows = [sorted(self.years), [[d.isoformat(), self.days[d].kind.value] for d in sorted(self.days)]]
        return hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Calendar) and self.digest == other.digest)


def _year_of(entry: Any, allowed: frozenset[str]) -> int:
    if not isinstance(entry, Mapping):
        raise CalendarInvalid(where="years", why="expected an object per year", why_vi="mỗi năm phải là một đối tượng")
    unknown = set(entry) - allowed
    if unknown:
        raise CalendarInvalid(
            where=", ".join(sorted(map(str, unknown))), why="unknown key", why_vi="khóa không có trong mẫu"
        )
    year = entry.get("year")
    if isinstance(year, bool) or not isinstance(year, int) or not 1976 <= year <= 2199:
        raise CalendarInvalid(
            where="year", why=f"expected a year such as 2026 ({year!r})", why_vi=f"năm không hợp lệ ({year!r})"
        )
    if not isinstance(entry.get("exceptions", []), list):
        raise CalendarInvalid(where=f"{year}.exceptions", why="expected a list", why_vi="phải là danh sách")
    return year


def _day(raw: Any, year: int) -> CalendarDay:
    if not isinstance(raw, Mapping):
        raise CalendarInvalid(
            where=str(year), why="expected an object per date", why_vi="mỗi ngày phải là một đối tượng"
        )
    where = str(raw.get("date", year))
    try:
        on = date.fromisoformat(str(raw["date"]))
        kind = DayKind(str(raw["kind"]))
        evidence = Evidence(str(raw.get("evidence", Evidence.UNVERIFIED)))
        swapped = date.fromisoformat(str(raw["swapped_with"])) if raw.get("swapped_with") else None
    except (KeyError, ValueError) as problem:
        raise CalendarInvalid(
            where=where,
            why="expected date, kind OFF or WORK, and a known evidence",
            why_vi="cần date, kind là OFF hoặc WORK, và evidence có trong danh mục",
        ) from problem
    if on.year != year:
        raise CalendarInvalid(where=where, why=f"the date is not in {year}", why_vi=f"ngày không thuộc năm {year}")
    decision = str(raw.get("decision", "")).strip()
    if not decision:
        raise CalendarInvalid(
            where=where, why="an exception needs the decision that sets it", why_vi="thiếu văn bản quy định"
        )
    name = raw.get("name")
    text = (
        Text(vi=str(name.get("vi", "")), en=str(name.get("en", "")))
        if isinstance(name, Mapping)
        else Text(vi=str(name or kind), en=str(name or kind))
    )
    return CalendarDay(on=on, kind=kind, name=text, decision=decision, evidence=evidence, swapped_with=swapped)


def _check_swaps(rows: Iterable[CalendarDay], days: Mapping[date, CalendarDay]) -> None:
    for day in rows:
        if day.swapped_with is None:
            continue
        other = days.get(day.swapped_with)
        if other is None or other.kind == day.kind or other.swapped_with != day.on:
            raise CalendarInvalid(
                where=str(day.on),
                why=f"the swap with {day.swapped_with} has no counterpart of the other kind",
                why_vi=f"ngày hoán đổi {day.swapped_with} không có ngày đối ứng",
            )
