"""Whether the chains are those that the signed checkpoints have seen, and the checkpoints those that were signed."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import InvalidInput, NotFound, Text
from engine.model import merkle
from engine.model.chain import Event
from engine.model.checkpoint import Checkpoint, CheckpointHead, flaw
from engine.ports import Sealer
from engine.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointFlaw:
    """A checkpoint that does not hold, or a sealed dossier that is gone."""

    dossier: str  #: empty when the checkpoint itself is at fault
    place: str
    what: str


def leaves_chain(events: Sequence[Event], heads: Iterable[CheckpointHead]) -> tuple[int, str] | None:
    """The first sealed head that a chain does not pass through, as its place in the chain and what is wrong with it."""
    for head in heads:
        if head.seq > len(events):
            return head.seq, f"checkpoint {head.checkpoint} has sealed an event that is missing"
        if events[head.seq - 1].hash != head.head:
            return head.seq, f"differs from what checkpoint {head.checkpoint} has sealed"
    return None


def flaws(uow: UnitOfWork, sealer: Sealer | None, exported: str = "") -> Iterator[CheckpointFlaw]:
    """Every checkpoint that does not hold: chained, rooted in its heads, signed, and as it was exported.

    ``exported`` is the text of an export kept elsewhere; without it a forger may have cut off the newest ones.
    """
    previous: Checkpoint | None = None
    kept = {number: (statement, signature) for number, statement, signature in _read(exported)}
    for checkpoint in uow.checkpoints.all():
        what = flaw(checkpoint, uow.checkpoints.heads(checkpoint.number), previous)
        if not what and sealer is not None:
            what = sealer.judge(checkpoint.statement.encode(), checkpoint.signature).problem
        was = kept.pop(checkpoint.number, None)
        if not what and was is not None and was != (checkpoint.statement, checkpoint.signature):
            what = "is not the one that was exported"
        if what:
            yield CheckpointFlaw(dossier="", place=f"checkpoint {checkpoint.number}", what=what)
        previous = checkpoint
    for number in sorted(kept):
        yield CheckpointFlaw(dossier="", place=f"checkpoint {number}", what="was exported and is missing")
    for dossier in uow.checkpoints.gone():
        yield CheckpointFlaw(dossier=dossier, place="row dossier", what="was sealed by a checkpoint and is gone")


def export(uow: UnitOfWork) -> Iterator[str]:
    """One line of JSON a checkpoint with its heads, to be kept where nobody who writes the database can write."""
    for checkpoint in uow.checkpoints.all():
        heads = [[head.dossier, head.seq, head.head] for head in uow.checkpoints.heads(checkpoint.number)]
        yield json.dumps(_told(checkpoint) | {"heads": heads}, ensure_ascii=False)


def proof(uow: UnitOfWork, dossier: str) -> dict[str, Any]:
    """What shows to anybody, without this database, that the newest sealed head of a dossier's chain was signed."""
    sealed = uow.checkpoints.heads_of(dossier)
    if not sealed:
        raise NotFound(what=Text(vi=f"điểm chốt nào có {dossier}", en=f"a checkpoint that covers {dossier}"))
    head = sealed[-1]
    checkpoint = next(one for one in uow.checkpoints.all() if one.number == head.checkpoint)
    leaves = [one.leaf() for one in uow.checkpoints.heads(head.checkpoint)]
    path = [step.hex() for step in merkle.audit_path(head.place, leaves)]
    return _told(checkpoint) | {"leaf": [head.dossier, head.seq, head.head], "place": head.place, "path": path}


def _told(checkpoint: Checkpoint) -> dict[str, Any]:
    return {"statement": checkpoint.statement, "signature": base64.b64encode(checkpoint.signature).decode()}


def _read(exported: str) -> Iterator[tuple[int, str, bytes]]:
    for place, line in enumerate(exported.splitlines(), 1):
        try:
            told = json.loads(line)
            number = int(json.loads(told["statement"])["number"])
            yield number, str(told["statement"]), base64.b64decode(told["signature"], validate=True)
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise InvalidInput(
                what=Text(vi=f"dòng {place} của bản xuất điểm chốt", en=f"line {place} of the exported checkpoints"),
                why=type(error).__name__,
            ) from error
