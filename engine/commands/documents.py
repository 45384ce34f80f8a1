"""Files that a connector has made for a dossier: stored with it, and their signatures judged."""

from __future__ import annotations

import secrets
from typing import Any

from engine.commands.work import Work
from engine.errors import ConnectorRefused, Text
from engine.store.records import Document, OutboxRow
from engine.work_rows import row_told


def store(work: Work, answer: dict[str, Any], *, kind: str) -> Document:
    """Keep a PDF that lies in the file store as a document of this dossier, and tell it."""
    document = Document(
        id=secrets.token_hex(12),
        draft="",
        dossier=work.dossier.number,
        kind=kind,
        paper="",
        name=answer["name"],
        digest=answer["digest"],
        media_type="application/pdf",
        pages=answer["pages"],
        size=answer["size"],
        view="",
        uploaded_by=work.context.actor.login,
        uploaded_at=work.context.now,
    )
    work.context.uow.documents.add(document)
    work.tell("DocumentStored", row_told(document, "dossier"))
    return document


def expect_signers(work: Work, row: OutboxRow, answer: dict[str, Any]) -> str:
    """The official's name; ``ConnectorRefused`` unless official and unit, nobody else, signed validly (I1)."""
    uow = work.context.uow
    signer = uow.organisation.account(str(row.payload["inputs"]["signer"]))
    unit = uow.organisation.unit(work.dossier.competent_unit, work.context.now)
    reports = answer["signatures"]
    expected = (signer.certificate if signer else "", unit.certificate)
    found = tuple(report["serial"] for report in reports)
    if found != expected:
        raise ConnectorRefused(
            system=Text(vi="Kiểm tra chữ ký", en="signature check"),
            why=Text(
                vi=f"chứng thư không phải của người ký và đơn vị: {', '.join(found) or 'không có chữ ký'}",
                en=f"the certificates are not the signer's and the unit's: {', '.join(found) or 'no signature'}",
            ),
        )
    if any(not report["valid"] for report in reports):
        why = "; ".join(report["problem"] for report in reports if not report["valid"])
        raise ConnectorRefused(system=Text(vi="Kiểm tra chữ ký", en="signature check"), why=why)
    return signer.name if signer else ""
