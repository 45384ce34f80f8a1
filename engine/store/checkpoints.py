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
    "SELECT number, seq, head FROM dossier d WHERE number > :after AND number <= :until AND NOT EXISTS "
    "(SELECT 1 FROM checkpoint_head c WHERE c.dossier = d.number AND c.seq >= d.seq) ORDER BY number"
)
_UNTIL = Statement("SELECT number FROM dossier WHERE number > :after ORDER BY number LIMIT 1 OFFSET :skipped")
_LATEST = Statement("SELECT MAX(number) FROM dossier")
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

    def grown(self, after: str, count: int) -> tuple[tuple[tuple[str, int, str], ...], str]:
        """Of the ``count`` dossiers after a number those whose chain has grown since it was last sealed.

        Each as number, length and head; and the number to go on after, empty when these were the last ones. A look at
        all dossiers of a province at once would take longer than a statement may.
        """
        until = _UNTIL.run(self.connection, after=after, skipped=count - 1).scalar()
        last = until or _LATEST.run(self.connection).scalar() or ""
        rows = _GROWN.run(self.connection, after=after, until=last).fetchall()
        return tuple((row[0], row[1], row[2]) for row in rows), until or ""

    def gone(self) -> tuple[str, ...]:
        """Numbers of dossiers that were sealed and are not there any more."""
        return tuple(row[0] for row in _GONE.run(self.connection).fetchall())

    def add(self, checkpoint: Checkpoint, heads: Sequence[CheckpointHead]) -> None:
        """Store one with its heads; ``AlreadyStored`` when another process has made this number."""
        ROWS.add(self.connection, checkpoint)
        HEADS.add_all(self.connection, heads)
