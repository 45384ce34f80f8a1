"""Making a checkpoint: read what has grown, have it signed and time-stamped, store it; no call in a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.model.chain import GENESIS
from engine.model.checkpoint import Checkpoint, CheckpointHead, digest_of, statement_of
from engine.ports import Sealer
from engine.store.database import Database
from engine.store.failures import AlreadyStored
from engine.store.unit_of_work import UnitOfWork

SLOT = "checkpoint"
#: Dossiers that are looked at in one read, and chains that one checkpoint seals at most.
PAGE, MOST = 20_000, 100_000
_Grown = tuple[str, int, str]


def make_checkpoint(database: Database, sealer: Sealer, now: datetime, *, slot: str = "") -> Checkpoint | None:
    """Seal the heads of all chains that have grown, by as many checkpoints as that takes; the last one.

    None when no chain has grown, or when another process was faster. With a ``slot`` only its first claimant stores
    anything.
    """
    made, after = None, ""
    while True:
        grown, after = _grown(database, after)
        if grown:
            one = _sealed(database, sealer, now, grown, slot)
            if one is None:
                return made
            made, slot = one, ""  # the slot is claimed with the first
        if not after:
            return made


def _grown(database: Database, after: str) -> tuple[tuple[_Grown, ...], str]:
    """Chains that have grown, ``MOST`` or a page more, and the number to go on after; '' at the end."""
    found: tuple[_Grown, ...] = ()
    while len(found) < MOST:
        with database.read() as connection:
            page, after = UnitOfWork(connection).checkpoints.grown(after, PAGE)
        found += page
        if not after:
            break
    return found, after


def _sealed(database: Database, sealer: Sealer, now: datetime, grown: Sequence[_Grown], slot: str) -> Checkpoint | None:
    """One checkpoint of these chains, stored; None when another process was faster."""
    with database.read() as connection:
        last = UnitOfWork(connection).checkpoints.last()
    number = last.number + 1 if last else 1
    heads = tuple(
        CheckpointHead(checkpoint=number, place=place, dossier=dossier, seq=seq, head=head)
        for place, (dossier, seq, head) in enumerate(grown)
    )
    statement = statement_of(number, now, last.digest if last else GENESIS, heads)
    signature = sealer.seal(statement.encode())
    made = Checkpoint(
        number=number, at=now, statement=statement, signature=signature, digest=digest_of(statement, signature)
    )
    try:
        with database.begin() as uow:
            if slot and not uow.slots.claim(SLOT, slot, owner="", at=now):
                return None
            uow.checkpoints.add(made, heads)
    except AlreadyStored:
        return None
    return made
