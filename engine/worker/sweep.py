"""The sweep: rows that are due and that nobody holds are announced again, whatever became of their first notice."""

from __future__ import annotations

from math import inf

from engine.bus import Bus
from engine.store.moments import stored
from engine.store.wake import alone

_PAGE = 500
#: The key under which one sweep runs at a time.
_KEY = 7_660_001
_START = (0, "")


class Sweep:
    """Looks for unheld rows, in pages, each in a transaction of its own."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._swept: dict[str, tuple[int, str]] = {}
        self._quiet = inf

    def announce(self, *, fresh: bool) -> float:
        """Announce all of them, or with ``fresh`` those that became due since the last call.

        Seconds until the next timer comes due, ``inf`` when none is known or another worker sweeps.
        """
        self._quiet = inf
        for kind in ("timer", "outbox"):
            after = self._swept.get(kind, _START) if fresh else _START
            while True:
                found, after = self._page(kind, after)
                if found < _PAGE:
                    break
            if fresh:
                self._swept[kind] = after
        return self._quiet

    def _page(self, kind: str, after: tuple[int, str]) -> tuple[int, tuple[int, str]]:
        with self._bus.database.begin() as uow:
            if not alone(uow.connection, _KEY):  # another worker sweeps at this moment
                return 0, after
            now = self._bus.clock.now()
            rows = uow.timers if kind == "timer" else uow.outbox
            found = rows.unheld(now, after=after, limit=_PAGE)
            if kind == "timer":
                upcoming = uow.timers.next_due(now)
                self._quiet = inf if upcoming is None else (upcoming - now).total_seconds()
            uow.due.extend(due for due, _place in found)
            return len(found), found[-1][1] if found else max(after, (stored(now), ""))
