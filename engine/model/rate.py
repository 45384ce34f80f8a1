"""How often one caller may ask for something: counts of two neighbouring windows of time, the former one fading out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most ``most`` in any ``window`` seconds, taking what was asked in the former window as spread evenly over it.

    Two numbers are kept for a caller and not the moment of each request, so that a flood costs no more than a trickle.
    """

    most: int
    window: int  #: seconds

    def slot(self, second: int) -> int:
        """The number of the window that ``second`` (since 1970) lies in."""
        return second // self.window

    def fading(self, second: int) -> int:
        """For how many seconds of the last ``window`` the former slot still counts: ``window`` down to 1."""
        return self.window - second % self.window

    def allows(self, *, former: int, hits: int, second: int) -> bool:
        """Whether one more may come at ``second``, after ``hits`` in its slot and ``former`` in the slot before."""
        return (hits + 1) * self.window + former * self.fading(second) <= self.most * self.window

    def wait(self, *, former: int, hits: int, second: int) -> int:
        """Seconds until one more may come, if nothing else comes meanwhile; 0 when it may now."""
        if self.allows(former=former, hits=hits, second=second):
            return 0
        spare = (self.most - hits - 1) * self.window
        if former and spare > 0:  # the former slot fades within this one
            return self.fading(second) - spare // former
        # This slot is full: it counts as the former one after its end, and fades then.
        begun = self.fading(second)
        spare = (self.most - 1) * self.window
        return begun + max(0, self.window - spare // hits) if hits else begun
