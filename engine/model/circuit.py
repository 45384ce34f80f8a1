"""A circuit breaker: a connector that keeps failing is left alone for a while, and asked again by one call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"
#: Failures in a row that open a circuit.
THRESHOLD = 5
#: How long it stays open at first; each further failure doubles it, up to the longest.
FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=10)
#: How long one call may take to prove that the connector is back; then another one may try.
PROBE = timedelta(seconds=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """What is known of one connector by all workers. Every change is a method that returns the next state."""

    connector: str
    state: str = CLOSED
    failures: int = 0  #: in a row
    trips: int = 0  #: times it opened without a success between
    changed_at: datetime | None = None
    until: datetime | None = None  #: open: no call before; half-open: the probe's time is over
    error: str = ""

    def may_probe(self, now: datetime) -> bool:
        """Whether one call may find out how the connector is."""
        return self.state != CLOSED and (self.until is None or self.until <= now)

    def probing(self, now: datetime) -> Circuit:
        """One call is under way."""
        return replace(self, state=HALF_OPEN, changed_at=now, until=now + PROBE)

    def hurried(self, now: datetime) -> Circuit:
        """An open circuit may be probed at once."""
        return replace(self, until=now) if self.state == OPEN else self

    def failed(self, now: datetime, error: str) -> Circuit:
        """A call failed. One that began before the circuit opened does not lengthen it."""
        if self.state == OPEN:
            return self
        failures = self.failures + 1
        if self.state == CLOSED and failures < THRESHOLD:
            return replace(self, failures=failures, error=error, changed_at=now)
        span = min(FIRST * 2 ** min(self.trips, 10), LONGEST)
        return replace(
            self,
            state=OPEN,
            failures=failures,
            trips=self.trips + 1,
            changed_at=now,
            until=now + span,
            error=error,
        )

    def succeeded(self, now: datetime) -> Circuit:
        """A call came back."""
        return Circuit(connector=self.connector, changed_at=now)
