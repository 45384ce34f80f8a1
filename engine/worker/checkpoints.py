"""Making a checkpoint: read what has grown, have it signed and time-stamped, store it; no call in a transaction."""

from __future__ import annotations

from datetime import datetime

from engine.model.chain import GENESIS
from engine.model.checkpoint import Checkpoint, digest_of, statement_of
from engine.ports import Sealer
from engine.store.database import Database
from engine.store.failures import AlreadyStored
from engine.store.unit_of_work import UnitOfWork

SLOT = "checkpoint"


def make_checkpoint(database: Database, sealer: Sealer, now: datetime, *, slot: str = "") -> Checkpoint | None:
    """Seal the heads of all chains that have grown; None when none has, or when another process was faster.

    With a ``slot`` only its first claimant stores anything.
    """
    with database.read() as connection:
        checkpoints = UnitOfWork(connection).checkpoints
        last = checkpoints.last()
        number = last.number + 1 if last else 1
        heads = checkpoints.grown(number)
    if not heads:
        return None
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
