"""What a worker does and how much of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from engine.model.backoff import Backoff
from engine.model.queue import QUEUES


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The terms under which a worker works."""

    queues: tuple[str, ...] = QUEUES
    concurrency: int = 4  #: rows in hand at once
    lease: timedelta = timedelta(seconds=60)  #: how long a silent worker may hold a row before another takes it over
    longest: timedelta = timedelta(minutes=10)  #: how long a row may be in hand at all
    backoff: Backoff = field(default_factory=Backoff)
    batch: int = 10  #: rows of one round of ``run_once``
    version: str = ""  #: of the code, told to operators

    @property
    def per_connector(self) -> int:
        """Rows that one connector may occupy: one that hangs leaves hands for the others."""
        return max(1, self.concurrency // 2)
