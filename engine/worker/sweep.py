"""The sweep: rows that are due and that nobody holds are announced again, whatever became of their first notice."""

from __future__ import annotations

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

    def announce(self, *, fresh: bool) -> int:
        """Announce all of them, or with ``fresh`` those that became due since the last call; how many."""
        total = 0
        for kind in ("timer", "outbox"):
            after = self._swept.get(kind, _START) if fresh else _START
            while True:
                found, after = self._page(kind, after)
                total += found
                if found < _PAGE:
                    break
            if fresh:
                self._swept[kind] = after
        return total

    def _page(self, kind: str, after: tuple[int, str]) -> tuple[int, tuple[int, str]]:
        with self._bus.database.begin() as uow:
            if not alone(uow.connection, _KEY):  # another worker sweeps at this moment
                return 0, after
            now = self._bus.clock.now()
            rows = uow.timers if kind == "timer" else uow.outbox
            found = rows.unheld(now, after=after, limit=_PAGE)
            uow.due.extend(due for due, _place in found)
            return len(found), found[-1][1] if found else max(after, (stored(now), ""))
