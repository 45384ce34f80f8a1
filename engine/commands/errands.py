"""Answers to outbox rows that no drawn step waits for: slips, mail."""

from __future__ import annotations

from typing import Any

from engine.commands import extensions, slips
from engine.commands.context import Context
from engine.commands.work import Work
from engine.errors import ConnectorRefused
from engine.store.records import OutboxRow

#: Topics that touch no dossier: a mail that cannot go out never changes what a dossier waits for.
MAIL = "mail.send"


def record(context: Context, row: OutboxRow, answer: dict[str, Any]) -> dict[str, Any]:
    """Keep what the connector did, once."""
    if not context.uow.outbox.finish(row.id, "done", at=context.now):
        return {"row": row.id, "recorded": False}
    if row.topic == MAIL:
        context.uow.messages.mark_sent(str(row.payload["message"]), context.now)
        return {"row": row.id, "recorded": True}
    work = Work.open(context, context.uow.dossiers.get(row.dossier))
    if row.topic == "slip.render":
        slips.rendered(work, row, answer)
    else:
        try:
            document = slips.signed(work, row, answer)
        except ConnectorRefused as refusal:
            return _undo(context, row, refusal.message("vi"))
        if row.payload["purpose"] == extensions.PURPOSE:
            extensions.grant(work, document)
    if work.dossier.waiting_for:
        work.change(waiting_for="")
    work.write()
    return {"row": row.id, "recorded": True}


def _undo(context: Context, row: OutboxRow, message: str) -> dict[str, Any]:
    context.uow.outbox.reopen(row.id)
    return refuse(context, row, message)


def refuse(context: Context, row: OutboxRow, message: str) -> dict[str, Any]:
    """A connector's final no: it stays in the operator's sight, and what hangs on the slip does not happen."""
    if not context.uow.outbox.finish(row.id, "failed", at=context.now, error=message):
        return {"row": row.id, "recorded": False}
    if row.topic == MAIL or not row.dossier:
        return {"row": row.id, "recorded": True, "caught": False}
    work = Work.open(context, context.uow.dossiers.get(row.dossier))
    work.tell("IncidentOpened", {"operation": row.topic, "message": message})
    if row.payload.get("purpose") == extensions.PURPOSE:
        extensions.lapse(work, message)
    work.write()
    return {"row": row.id, "recorded": True, "caught": False}
