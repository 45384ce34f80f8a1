"""The worker's sign of life: a small file in the home folder, for the processes beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from engine.ports import Clock

#: Written at most this often.
_EVERY = timedelta(seconds=5)


@dataclass(kw_only=True)
class Heartbeat:
    """The moment of the last round that went well. Whoever serves may be another process than who works."""

    path: Path
    clock: Clock
    _last: datetime | None = field(default=None)

    def beat(self) -> None:
        """Note that a round has been finished now."""
        now = self.clock.now()
        if self._last is not None and timedelta(0) <= now - self._last < _EVERY:
            return
        part = self.path.with_suffix(".part")
        part.write_text(now.isoformat())
        part.rename(self.path)
        self._last = now

    def last(self) -> datetime | None:
        """The last beat; None when there never was one."""
        try:
            return datetime.fromisoformat(self.path.read_text())
        except (OSError, ValueError):
            return None
