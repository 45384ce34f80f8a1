"""Slots of periodic work: whoever writes the row of a slot does it, and nobody does it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.statement import Statement

_CLAIM = Statement(
    "INSERT INTO slot (name, slot, owner, claimed_at) VALUES (:name, :slot, :owner, :at) ON CONFLICT DO NOTHING"
)
_PRUNE = Statement("DELETE FROM slot WHERE claimed_at < :before")


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of the database."""

    connection: Connection

    def claim(self, name: str, slot: str, *, owner: str, at: datetime) -> bool:
        """Whether this slot is the caller's; False when somebody had it before, finished or not."""
        return _CLAIM.run(self.connection, name=name, slot=slot, owner=owner, at=stored(at)).rowcount == 1

    def prune(self, before: datetime) -> int:
        """Forget slots whose moment cannot come back; how many."""
        return _PRUNE.run(self.connection, before=stored(before)).rowcount
