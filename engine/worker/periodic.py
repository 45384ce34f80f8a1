"""Periodic work: each slot of time is somebody's, once, whoever of many workers comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import structlog

from engine.bus import Bus
from engine.commands.digest import SendDigests
from engine.errors import ConnectorError
from engine.model.permission import SYSTEM
from engine.ports import Sealer
from engine.store.guards import part_ahead
from engine.worker.checkpoints import SLOT, make_checkpoint

_log = structlog.get_logger("motcua.periodic")
#: When a digest may go out, by the clock of the product's zone.
DIGEST_AT = time(7, 0)
#: What failed is tried again after this.
_AGAIN = timedelta(minutes=1)
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
        uow.rates.prune(now)
        return True


def _date(now: datetime) -> str:
    return f"{now:%Y-%m-%d}"


def _parted(bus: Bus, slot: str, now: datetime) -> bool:
    return part_ahead(bus.database) > 0


def checkpoints(sealer: Sealer | None) -> tuple[Periodic, ...]:
    """An hourly checkpoint, where there is a key to sign it with."""
    if sealer is None:
        return ()

    def seal(bus: Bus, slot: str, now: datetime) -> bool:
        try:
            return make_checkpoint(bus.database, sealer, now, slot=slot) is not None
        except ConnectorError as error:
            # The next hour's covers what this one would have; the operator sees the age of the newest.
            _log.warning("checkpoint-failed", code=error.code, why=error.message("en"))
            return False

    return (Periodic(name=SLOT, slot=_hour, run=seal),)


WORK: tuple[Periodic, ...] = (
    Periodic(name="digest", slot=_day, run=_digests),
    Periodic(name="tidy", slot=_hour, run=_tidy),
    Periodic(name="partitions", slot=_date, run=_parted),
)


class Periods:
    """The periodic work of one worker; it asks the database at most once a slot."""

    def __init__(self, bus: Bus, work: tuple[Periodic, ...] = WORK) -> None:
        self._bus, self._work = bus, work
        self._seen: dict[str, str] = {}
        self._not_before: dict[str, datetime] = {}

    def run(self, now: datetime) -> tuple[str, ...]:
        """Do what has come; the names of what was this worker's turn. What fails is tried again after a while."""
        mine = []
        for work, slot in self._come(now):
            try:
                if work.run(self._bus, slot, now):
                    mine.append(work.name)
            except Exception:  # one kind of work never stops the others; it is logged with its place
                _log.exception("periodic-failed", work=work.name, slot=slot)
                self._not_before[work.name] = now + _AGAIN
                continue
            self._seen[work.name] = slot
        return tuple(mine)

    def has_come(self, now: datetime) -> bool:
        """Whether there is something to do."""
        return any(True for _ in self._come(now))

    def _come(self, now: datetime) -> Iterator[tuple[Periodic, str]]:
        for work in self._work:
            slot = work.slot(now)
            waits = work.name in self._not_before and now < self._not_before[work.name]
            if slot and self._seen.get(work.name) != slot and not waits:
                yield work, slot
