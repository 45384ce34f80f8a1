"""The record of a publication: a PDF that names the version by its digest, signed by the approver's key, if any."""

from __future__ import annotations

from typing import Any

from engine.definitions.publication_record import reason_of
from engine.errors import ConnectorError
from engine.model.permission import Actor
from engine.ports import SignatureRequest
from engine.store.procedure_drafts import ProcedureDraft
from engine.store.records import Unit
from webapp import web
from webapp.screens.studio.blueprint import Bench


def signed_record(work: Bench, approver: Actor, digest: str) -> dict[str, Any]:
    """What the history keeps: the stored PDF's digest and its signature, or why there is no signature.

    It is made before the approval: a PDF whose approval is then refused is an unused file and nothing more.
    """
    product = web.product()
    with web.reading() as uow:
        account = uow.organisation.account(approver.login)
        unit = uow.organisation.unit(approver.unit, product.clock.now())
    if account is None or not account.certificate:
        return {"signed": False, "why": "người duyệt chưa có chứng thư ký số / the approver has no certificate"}
    draft, data = work.draft, _said(work.draft, unit, approver, digest)
    try:
        pdf = product.ports.letters.render("decision", data, sources=None)
        pdf = product.ports.signer.sign(
            pdf,
            SignatureRequest(
                key=f"officer:{approver.login}",
                reason=reason_of(draft.procedure, digest),
                location=unit.short_name,
            ),
        )
        pdf = product.ports.signer.seal_for_archive(pdf)  # it is to be checked elsewhere, years from now
        reports = product.ports.verifier.verify(pdf)
    except ConnectorError as error:
        return {"signed": False, "why": error.message("vi")}
    if not reports or not all(report.valid for report in reports):
        return {"signed": False, "why": "chữ ký không kiểm tra được / the signature does not verify"}
    stored = product.ports.files.put(pdf)
    return {"signed": True, "pdf": str(stored), "signer": reports[0].signer, "serial": reports[0].serial}


def _said(draft: ProcedureDraft, unit: Unit, approver: Actor, digest: str) -> dict[str, Any]:
    """What the letter "decision" prints."""
    product = web.product()
    return {
        "unit": {"parent": unit.parent or unit.name, "name": unit.name, "place": unit.short_name},
        "number": draft.decision,
        "issued_at": product.clock.now().isoformat(),
        "qr_url": f"{product.settings.address}/procedures/{draft.procedure}",
        "dossier": {"number": draft.procedure},
        "signer": {"post": "Người duyệt", "name": approver.name},
        "decision": {
            "title": "Biên bản ban hành quy trình",
            "subject": f"Thủ tục {draft.procedure} – {draft.name}",
            "english": "Record of publication",
            "authority": "",
            "grounds": [f"Quyết định {draft.decision}"],
            "proposed_by": "",
            "articles": [],
            "paragraphs": [
                f"Phiên bản có mã băm SHA-256: {digest}",
                "Nội dung trên đã được kiểm tra tự động và chạy đủ kịch bản trước khi ban hành.",
            ],
            "receivers": [],
        },
    }
