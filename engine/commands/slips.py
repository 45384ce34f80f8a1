"""Slips and mail that no drawn step asks for: the outbox makes, signs and sends them, and the answer comes back here.

Their rows name no process task, so nothing in the diagram waits for them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from engine.commands import documents
from engine.commands.context import Context
from engine.commands.work import Work
from engine.model.queue import topic
from engine.store.records import Document, OutboxRow, StoredMessage


def ask(work: Work, template: str, data: dict[str, Any], *, purpose: str, signer: str = "") -> str:
    """Have a slip made from ``template``, and signed by ``signer`` if one is named; the row's id."""
    inputs = {"template": template, "kind": "slip", "data": data}
    payload = {"inputs": inputs, "element": "", "purpose": purpose, "signer": signer}
    return _put(work.context, "slip.render", work.dossier.number, payload)


def rendered(work: Work, row: OutboxRow, answer: dict[str, Any]) -> dict[str, Any]:
    """The slip is made: store it, and have it signed where somebody has to."""
    signer = str(row.payload.get("signer") or "")
    document = documents.store(work, answer, kind="draft-slip" if signer else "slip")
    if signer:
        inputs = {"document": document.id, "signer": signer}
        payload = {"inputs": inputs, "element": "", "purpose": row.payload["purpose"]}
        _put(work.context, "slip.sign", work.dossier.number, payload)
    return {"document": document.id, "digest": document.digest}


def signed(work: Work, row: OutboxRow, answer: dict[str, Any]) -> Document:
    """The slip carries the signatures of official and unit: store it; ``ConnectorRefused`` when they do not hold."""
    documents.expect_signers(work, row, answer)
    document = documents.store(work, answer, kind="slip")
    work.tell("LetterSigned", {"document": document.id, "digest": document.digest, "signatures": answer["signatures"]})
    return document


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
            _put(context, "mail.send", message.dossier, payload)
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


def _put(context: Context, name: str, dossier: str, payload: dict[str, Any]) -> str:
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
    return _put(context, name, "", payload)
