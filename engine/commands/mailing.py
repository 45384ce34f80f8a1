"""Messages that no drawn step asks for: shown in the application, and mailed by the outbox."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from engine.commands.context import Context
from engine.model.queue import topic
from engine.store.records import OutboxRow, StoredMessage


def post(context: Context, messages: Iterable[StoredMessage]) -> int:
    """Show messages in the application and mail those that have an address; how many were written."""
    written = tuple(messages)
    context.uow.messages.add(written)
    for message in written:
        if message.address:
            payload = {
                "message": message.id,
                "to": message.address,
                "subject": message.subject,
                "body": message.body,
            }
            enqueue_for(context, "mail.send", message.dossier, payload)
    return len(written)


def message(context: Context, dossier: str, to: tuple[str, str], text: tuple[str, str]) -> StoredMessage:
    """A message about ``dossier`` to (login, address) with (subject, body)."""
    return StoredMessage(
        id=secrets.token_hex(12),
        dossier=dossier,
        recipient=to[0],
        address=to[1],
        subject=text[0],
        body=text[1],
        created_at=context.now,
        sent_at=None,
        read_at=None,
    )


def enqueue_for(context: Context, name: str, dossier: str, payload: dict[str, Any]) -> str:
    """Work for the worker about a dossier, asked for by no step of its process; the row's id."""
    row = OutboxRow(
        id=secrets.token_hex(12),
        dossier=dossier,
        topic=name,
        task="",
        payload=payload,
        state="waiting",
        attempts=0,
        priority=topic(name).priority,
        due_at=context.now,
        lease_until=None,
        lease_owner="",
        error="",
        note="",
        created_at=context.now,
        done_at=None,
    )
    context.uow.outbox.add([row])
    return row.id


def enqueue(context: Context, name: str, payload: dict[str, Any]) -> str:
    """Work for the worker that concerns no single dossier."""
    return enqueue_for(context, name, "", payload)
