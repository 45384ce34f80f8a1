"""Signed checkpoints and the heads they cover; append-only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.model.checkpoint import Checkpoint, CheckpointHead
from engine.store.connection import Connection
from engine.store.rows import Rows
from engine.store.statement import Statement

ROWS = Rows(Checkpoint, "checkpoint")
HEADS = Rows(CheckpointHead, "checkpoint_head")
_LAST = ROWS.query("ORDER BY number DESC LIMIT 1")
_ALL = ROWS.query("ORDER BY number")
_HEADS = HEADS.query("WHERE checkpoint = :number ORDER BY place")
_OF_DOSSIER = HEADS.query("WHERE dossier = :dossier ORDER BY seq")
#: The first checkpoint to see a length of a chain keeps it: a chain rewritten to the same length is not sealed again.
_GROWN = Statement(
    "SELECT number, seq, head FROM dossier d WHERE NOT EXISTS "
    "(SELECT 1 FROM checkpoint_head c WHERE c.dossier = d.number AND c.seq >= d.seq) ORDER BY number"
)
_GONE = Statement(
    "SELECT DISTINCT dossier FROM checkpoint_head c WHERE NOT EXISTS "
    "(SELECT 1 FROM dossier d WHERE d.number = c.dossier) ORDER BY dossier"
)


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The checkpoints of the database."""

    connection: Connection

    def last(self) -> Checkpoint | None:
        """The newest one."""
        return ROWS.one(self.connection, _LAST)

    def all(self) -> tuple[Checkpoint, ...]:
        """All, in order."""
        return ROWS.all(self.connection, _ALL)

    def heads(self, number: int) -> tuple[CheckpointHead, ...]:
        """What one covers, in the order of its tree."""
        return HEADS.all(self.connection, _HEADS, number=number)

    def heads_of(self, dossier: str) -> tuple[CheckpointHead, ...]:
        """Every sealed head of a dossier's chain, shortest first."""
        return HEADS.all(self.connection, _OF_DOSSIER, dossier=dossier)

    def grown(self, number: int) -> tuple[CheckpointHead, ...]:
        """The chains that have grown since they were last sealed, as the heads of checkpoint ``number``."""
        rows = _GROWN.run(self.connection).fetchall()
        return tuple(
            CheckpointHead(checkpoint=number, place=place, dossier=row[0], seq=row[1], head=row[2])
            for place, row in enumerate(rows)
        )

    def gone(self) -> tuple[str, ...]:
        """Numbers of dossiers that were sealed and are not there any more."""
        return tuple(row[0] for row in _GONE.run(self.connection).fetchall())

    def add(self, checkpoint: Checkpoint, heads: Sequence[CheckpointHead]) -> None:
        """Store one with its heads; ``AlreadyStored`` when another process has made this number."""
        ROWS.add(self.connection, checkpoint)
        HEADS.add_all(self.connection, heads)
