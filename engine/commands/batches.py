"""The beginning of every batch: what is chosen is stored, and a worker does one after the other."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from engine.commands import mailing
from engine.commands.context import Context
from engine.store.desk_records import Batch, BatchItem

TOPIC = "batch.item"


def begin(context: Context, kind: str, data: dict[str, Any], chosen: Sequence[tuple[str, str, int]]) -> dict[str, Any]:
    """The stored batch's id and size. ``chosen``: (task or incident, dossier, revision), in the order of doing.

    Each is done in a transaction of its own, with the rights that the actor has then.
    """
    batch = Batch(
        id=secrets.token_hex(8),
        login=context.actor.login,
        name=context.actor.name,
        kind=kind,
        data=data,
        total=len(chosen),
        created_at=context.now,
        done_at=None,
    )
    items = [
        BatchItem(
            batch=batch.id,
            position=position,
            task=task,
            dossier=dossier,
            revision=revision,
            state="waiting",
            code="",
            message="",
            at=None,
        )
        for position, (task, dossier, revision) in enumerate(chosen, start=1)
    ]
    context.uow.batches.add(batch, items)
    for item in items:
        mailing.enqueue(context, TOPIC, {"batch": batch.id, "position": item.position})
    return {"batch": batch.id, "total": batch.total}
