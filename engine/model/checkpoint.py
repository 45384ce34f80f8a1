"""A checkpoint: what is signed over the heads of the chains that have grown since the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.model import merkle
from engine.model.chain import GENESIS, canonical

FORMAT = "motcua-checkpoint-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointHead:
    """The end of one dossier's chain at the time of a checkpoint."""

    checkpoint: int
    place: int  #: of the leaf in the tree, from 0
    dossier: str
    seq: int
    head: str

    def leaf(self) -> bytes:
        """What is hashed for it."""
        return canonical([self.dossier, self.seq, self.head]).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A signed statement as it is stored; append-only, each points to the one before."""

    number: int  #: 1, 2, 3 … without a gap
    at: datetime
    statement: str  #: canonical JSON, the bytes that are signed
    signature: bytes  #: CMS, detached, with an RFC 3161 time stamp
    digest: str  #: of statement and signature together: what the next one points to

    def content(self) -> dict[str, Any]:
        """The statement as data."""
        loaded: dict[str, Any] = json.loads(self.statement)
        return loaded


def statement_of(number: int, at: datetime, previous: str, heads: Sequence[CheckpointHead]) -> str:
    """The text to be signed."""
    return canonical(
        {
            "format": FORMAT, "number": number, "at": at.astimezone(UTC).isoformat(), "previous": previous,
            "size": len(heads), "root": merkle.root([head.leaf() for head in heads]).hex(),
        }
    )  # fmt: skip


def digest_of(statement: str, signature: bytes) -> str:
    """SHA-256 over statement and signature."""
    return hashlib.sha256(statement.encode() + b"\n" + signature).hexdigest()


def flaw(checkpoint: Checkpoint, heads: Sequence[CheckpointHead], previous: Checkpoint | None) -> str:
    """Where a stored checkpoint contradicts itself, its heads or the one before it; ''. Its signature is not judged."""
    try:
        told = checkpoint.content()
        wanted = statement_of(checkpoint.number, checkpoint.at, previous.digest if previous else GENESIS, heads)
    except (ValueError, TypeError) as error:
        return f"cannot be read: {error}"
    if checkpoint.number != (previous.number + 1 if previous else 1):
        return f"number {previous.number + 1 if previous else 1} is missing"
    if digest_of(checkpoint.statement, checkpoint.signature) != checkpoint.digest:
        return "statement or signature was changed"
    if checkpoint.statement != wanted:
        names = ("previous", "size", "root", "number", "at", "format")
        expected = json.loads(wanted)
        return (
            f"differs from what is stored in {', '.join(n for n in names if told.get(n) != expected[n]) or 'its form'}"
        )
    return ""
