"""Slips that no drawn step asks for: the outbox makes and signs them, and the answer comes back here.

Their rows name no process task, so nothing in the diagram waits for them.
"""

from __future__ import annotations

from typing import Any

from engine.commands import documents
from engine.commands.mailing import enqueue_for
from engine.commands.work import Work
from engine.store.records import Document, OutboxRow


def ask(work: Work, template: str, data: dict[str, Any], *, purpose: str, signer: str = "") -> str:
    """Have a slip made from ``template``, and signed by ``signer`` if one is named; the row's id."""
    inputs = {"template": template, "kind": "slip", "data": data}
    payload = {"inputs": inputs, "element": "", "purpose": purpose, "signer": signer}
    return enqueue_for(work.context, "slip.render", work.dossier.number, payload)


def rendered(work: Work, row: OutboxRow, answer: dict[str, Any]) -> dict[str, Any]:
    """The slip is made: store it, and have it signed where somebody has to."""
    signer = str(row.payload.get("signer") or "")
    document = documents.store(work, answer, kind="draft-slip" if signer else "slip")
    if signer:
        inputs = {"document": document.id, "signer": signer}
        payload = {"inputs": inputs, "element": "", "purpose": row.payload["purpose"]}
        enqueue_for(work.context, "slip.sign", work.dossier.number, payload)
    return {"document": document.id, "digest": document.digest}


def signed(work: Work, row: OutboxRow, answer: dict[str, Any]) -> Document:
    """The slip carries the signatures of official and unit: store it; ``ConnectorRefused`` when they do not hold."""
    documents.expect_signers(work, row, answer)
    document = documents.store(work, answer, kind="slip")
    work.tell("LetterSigned", {"document": document.id, "digest": document.digest, "signatures": answer["signatures"]})
    return document
