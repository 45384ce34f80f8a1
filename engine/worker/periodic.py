"""Periodic work: each slot of time is somebody's, once, whoever of many workers comes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from engine.bus import Bus
from engine.commands.digest import SendDigests
from engine.model.permission import SYSTEM

#: When a digest may go out, by the clock of the product's zone.
DIGEST_AT = time(7, 0)
#: Slots and silent workers are forgotten after this.
_KEPT = timedelta(days=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """Work that comes again. ``run`` has claimed its slot in the transaction in which it takes effect."""

    name: str
    slot: Callable[[datetime], str]  #: the slot of a moment; empty = nothing to do then
    run: Callable[[Bus, str, datetime], bool]  #: whether it was this caller's turn


def _day(now: datetime) -> str:
    return now.date().isoformat() if now.timetz().replace(tzinfo=None) >= DIGEST_AT else ""


def _digests(bus: Bus, slot: str, now: datetime) -> bool:
    return bool(bus.execute(SendDigests(day=now.date()), SYSTEM)["begun"])


def _hour(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H}"


def _tidy(bus: Bus, slot: str, now: datetime) -> bool:
    with bus.database.begin() as uow:
        if not uow.slots.claim("tidy", slot, owner="", at=now):
            return False
        uow.slots.prune(now - _KEPT)
        uow.workers.prune(now - timedelta(days=1))
        return True


WORK: tuple[Periodic, ...] = (
    Periodic(name="digest", slot=_day, run=_digests),
    Periodic(name="tidy", slot=_hour, run=_tidy),
)


class Periods:
    """The periodic work of one worker; it asks the database at most once a slot."""

    def __init__(self, bus: Bus, work: tuple[Periodic, ...] = WORK) -> None:
        self._bus, self._work = bus, work
        self._seen: dict[str, str] = {}

    def run(self, now: datetime) -> tuple[str, ...]:
        """Do what has come; the names of what was this worker's turn."""
        mine = []
        for work in self._work:
            slot = work.slot(now)
            if slot and self._seen.get(work.name) != slot:
                if work.run(self._bus, slot, now):
                    mine.append(work.name)
                self._seen[work.name] = slot
        return tuple(mine)
