"""How long to wait before the next try: exponential, with jitter, up to a longest wait and a number of tries."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

#: Nothing is secret in it: it only keeps rows that failed together from coming back together.
_CHANCE = random.Random()  # noqa: S311 - no secret depends on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """``first`` doubles with each try up to ``longest`` seconds; jitter takes up to half of it away."""

    first: float = 2.0
    longest: float = 300.0
    tries: int = 12
    chance: Callable[[], float] = _CHANCE.random  #: 0 ≤ … < 1

    def wait(self, attempts: int) -> timedelta:
        """The wait after the ``attempts``-th try, counted from one."""
        whole = min(self.first * 2.0 ** min(max(attempts, 1) - 1, 32), self.longest)
        return timedelta(seconds=whole * (1.0 - self.chance() / 2))

    def exhausted(self, attempts: int) -> bool:
        """Whether that many tries are enough."""
        return attempts >= self.tries
