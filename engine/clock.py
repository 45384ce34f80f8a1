"""The only place in the tree that says now()."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

#: The zone of every moment that a person sees.
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class SystemClock:
    """The server's clock."""

    def now(self) -> datetime:
        """The present moment in Vietnam."""
        return datetime.now(ZONE)


class SteppingClock:
    """A clock that stands still until it is told to go; for scenarios and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(ZONE)

    def now(self) -> datetime:
        """The moment last set."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Go to ``moment``, never backwards."""
        if moment < self._now:
            raise ValueError("a clock does not run backwards")
        self._now = moment.astimezone(ZONE)
