"""A second, naive clock: it walks every minute. It shares no code with the engine and reads the raw JSON itself."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

DATA = Path(__file__).parents[3] / "processes" / "_shared" / "calendar"
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def exceptions() -> dict[date, str]:
    found = {}
    for path in DATA.glob("vn-*.json"):
        for row in json.loads(path.read_text())["exceptions"]:
            found[date.fromisoformat(row["date"])] = row["kind"]
    return found


def months_later(on: date, months: int) -> date:
    year, month, day = on.year, on.month + months, on.day
    while month > 12:
        year, month = year + 1, month - 12
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


class Oracle:
    """Moments are naive local datetimes here."""

    def __init__(self, hours: dict[str, list[str]], full_day: list[str]) -> None:
        self.off = exceptions()
        self.hours = hours
        self.full_day = full_day
        self.memo: dict[date, list[int]] = {}

    def minutes(self, on: date) -> list[int]:
        """The minutes of the day in which work is done."""
        if on not in self.memo:
            kind = self.off.get(on)
            ranges = self.hours.get(NAMES[on.weekday()], [])
            if kind == "OFF":
                ranges = []
            if kind == "WORK":
                ranges = self.full_day
            worked = []
            for text in ranges:
                a, b = text.split("-")
                low, high = (int(x[:2]) * 60 + int(x[3:]) for x in (a, b))
                worked += [m for m in range(1440) if low <= m < high]
            self.memo[on] = worked
        return self.memo[on]

    def works(self, at: datetime) -> bool:
        return at.hour * 60 + at.minute in self.minutes(at.date())

    def next_day(self, on: date) -> date:
        while not self.minutes(on):
            on += DAY
        return on

    def event(self, at: datetime, cutoff: int | None) -> datetime:
        day, received = at.date(), at.hour * 3600 + at.minute * 60 + at.second
        if not self.works(at):
            at = at.replace(second=0, microsecond=0) + MINUTE
            while not self.works(at):
                at += MINUTE
        if cutoff is not None and at.date() == day and received > cutoff * 60:
            day = self.next_day(day + DAY)
            at = datetime(day.year, day.month, day.day) + self.minutes(day)[0] * MINUTE
        return at

    def at_share(self, on: date, share: Fraction) -> datetime:
        """The moment at which that share of the day's minutes is worked, rounded up to a minute."""
        worked = self.minutes(on)
        number = math.ceil(share * len(worked))
        return datetime(on.year, on.month, on.day) + (worked[number - 1] + 1) * MINUTE

    def unpaused(self, at: datetime, parts: list[tuple[str, str]], cutoff: int | None):
        """First minute that counts, and the due moment of the term without any pause."""
        if parts[0][0] == "SAME_DAY" and cutoff is None:
            cutoff = 15 * 60
        event = self.event(at, cutoff)
        on, share = event.date(), Fraction(1)  # the day of the event does not count
        start = datetime(on.year, on.month, on.day) + DAY
        first = True
        for unit, qty_text in parts:
            qty = Fraction(qty_text)
            if unit == "SAME_DAY":
                start = event
            elif unit == "HOUR":
                if first:
                    start = event
                    worked = len([m for m in self.minutes(on) if m < event.hour * 60 + event.minute])
                    share = Fraction(worked, len(self.minutes(on)))
                left = share * len(self.minutes(on)) + qty * 60
                while left > len(self.minutes(on)):
                    left -= len(self.minutes(on))
                    on = self.next_day(on + DAY)
                share = left / len(self.minutes(on))
            elif unit == "WORKING_DAY":
                total = share + qty
                while total > 1:
                    total -= 1
                    on = self.next_day(on + DAY)
                share = total
            else:
                last = on + int(qty) * DAY if unit == "DAY" else months_later(on, int(qty))
                on, share = self.next_day(last), Fraction(1)  # ends with the day, whenever it began
            first = False
        return start, self.at_share(on, share)

    def due(self, at: datetime, parts: list[tuple[str, str]], cutoff: int | None = None, pauses=()) -> datetime:
        """Walk the working minutes outside every pause until the term is used up."""
        start, plain = self.unpaused(at, parts, cutoff)
        need = self.worked(start, plain)
        walk = start.replace(second=0)
        while need:
            if self.works(walk) and not any(a <= walk < b for a, b in pauses):
                need -= 1
            walk += MINUTE
            if need and not self.minutes(walk.date()):
                walk = datetime(walk.year, walk.month, walk.day) + DAY
        return walk

    def worked(self, start: datetime, end: datetime) -> int:
        """Working minutes that begin in [start, end)."""
        total, walk = 0, start.replace(second=0)
        while walk < end:
            total += self.works(walk)
            walk += MINUTE
        return total
