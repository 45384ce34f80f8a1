"""How often somebody asked for something, counted where every process of every machine sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.rate import Rate
from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.statement import Statement

#: One statement, so that two who come together cannot both be the last one allowed. ``Rate.allows`` in SQL.
_HIT = Statement(
    """
    INSERT INTO rate_count (name, caller, slot, hits, ends_at)
    SELECT CAST(:name AS text), CAST(:caller AS text), CAST(:slot AS bigint), 1, CAST(:ends_at AS bigint)
    WHERE CAST(:window AS bigint) + CAST(:fading AS bigint) * coalesce((SELECT f.hits FROM rate_count f
        WHERE f.name = :name AND f.caller = :caller AND f.slot = :slot - 1), 0) <= CAST(:allowed AS bigint)
    ON CONFLICT (name, caller, slot) DO UPDATE SET hits = rate_count.hits + 1
    WHERE (rate_count.hits + 1) * :window + :fading * coalesce((SELECT f.hits FROM rate_count f
        WHERE f.name = :name AND f.caller = :caller AND f.slot = :slot - 1), 0) <= :allowed
    """
)
_KNOWN = Statement(
    "SELECT slot, hits FROM rate_count WHERE name = :name AND caller = :caller AND slot >= :slot - 1 AND slot <= :slot"
)
_FORGET = Statement("DELETE FROM rate_count WHERE name = :name AND caller = :caller")
_PRUNE = Statement("DELETE FROM rate_count WHERE ends_at <= :now")


@dataclass(frozen=True, slots=True)
class RateCounts:
    """The counts of the database; on PostgreSQL a crash of the server forgets them (the table is not logged)."""

    connection: Connection

    def hit(self, rate: Rate, name: str, caller: str, now: datetime) -> int:
        """Count one request; 0, or the seconds to wait when it is one too many, which is then not counted."""
        second = int(now.timestamp())
        slot = rate.slot(second)
        ends = datetime.fromtimestamp((slot + 2) * rate.window, now.tzinfo)
        counted = _HIT.run(
            self.connection, name=name, caller=caller, slot=slot, ends_at=stored(ends), window=rate.window,
            fading=rate.fading(second), allowed=rate.most * rate.window,
        )  # fmt: skip
        if counted.rowcount == 1:
            return 0
        known = dict(_KNOWN.run(self.connection, name=name, caller=caller, slot=slot).fetchall())
        # At least a second: between the two statements somebody may have been forgotten.
        return max(1, rate.wait(former=known.get(slot - 1, 0), hits=known.get(slot, 0), second=second))

    def forget(self, name: str, caller: str) -> None:
        """Begin anew for ``caller``."""
        _FORGET.run(self.connection, name=name, caller=caller)

    def prune(self, now: datetime) -> int:
        """Remove what counts no more; how many rows."""
        return _PRUNE.run(self.connection, now=stored(now)).rowcount
