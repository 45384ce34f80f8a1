"""What every letter and notification of a dossier may say about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.model.check_code import check_code

if TYPE_CHECKING:
    from engine.worker.deliveries import Job

_CHANNELS = {"online": "Trực tuyến", "desk": "Trực tiếp", "post": "Bưu chính công ích"}


def letter_data(job: Job, base_url: str) -> dict[str, Any]:
    """The data that the shared letter templates share; a diagram may add to it or replace parts."""
    dossier, unit, form = job.dossier, job.unit, job.dossier.data
    requester = _map(form.get("nyc"))
    contact = _map(form.get("lien_he"))
    is_result = job.row.topic == "copy.render" or job.inputs.get("kind") == "draft-result"
    tracking, checking = f"{base_url}/t/{dossier.tracking}", f"{base_url}/verify/{check_code(dossier.tracking)}"
    return {
        "unit": {
            "parent": unit.parent or unit.name,
            "name": unit.name,
            "place": unit.short_name,
            "service_point": f"Bộ phận Một cửa, {unit.name}",
        },
        "units": job.units,
        "number": dossier.number,
        "issued_at": job.now.isoformat(),
        "qr_url": checking if is_result else tracking,  # a result's code opens the public check, a slip's the tracking
        "tracking_site": f"{base_url}/t/",
        "verify_site": f"{base_url}/verify",
        "dossier": {
            "number": dossier.number,
            "procedure_code": dossier.procedure,
            "procedure_name": job.procedure.manifest.short_name.vi,
            "channel": _CHANNELS[dossier.channel],
            "sets": 1,
            "term": _term(job),
            "received_at": (dossier.received_at or dossier.clock_from or dossier.filed_at).isoformat(),
            "submitted_at": dossier.filed_at.isoformat(),
            "due_at": dossier.due_at.isoformat() if dossier.due_at else None,
            "place_of_return": f"Cổng dịch vụ công và Bộ phận Một cửa, {unit.name}",
        },
        "applicant": {
            "name": dossier.applicant_name,
            "id": requester.get("so_dinh_danh", ""),
            "address": requester.get("noi_cu_tru", ""),
            "phone": contact.get("dien_thoai", ""),
            "email": contact.get("email") or dossier.applicant_email,
        },
        "holder": None,
        "form": form,
        "papers": [
            {"name": paper.name, "originals": 0, "certified": 0, "photocopies": 1}
            for paper in job.documents
            if paper.kind == "paper"
        ],
        "officer": {"name": "", "phone": unit.phone},
        "signer": {"post": "Người có thẩm quyền ký", "name": job.leader},
    }


def completed(base: Mapping[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with what a diagram adds; groups are completed entry by entry, everything else is replaced."""
    whole = dict(base)
    for name, value in added.items():
        known = whole.get(name)
        whole[name] = dict(known) | dict(value) if isinstance(known, dict) and isinstance(value, dict) else value
    return whole


def _term(job: Job) -> str:
    limit = job.dossier.deadline.get("limit", {})
    return str(limit.get("ground") or job.procedure.manifest.short_name.vi)


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def message_text(job: Job, base_url: str) -> tuple[str, str]:
    """Subject and body of a notification, in Vietnamese and then English, from the procedure's texts."""
    texts = job.procedure.package.texts("messages")
    template = texts[str(job.inputs["template"])]
    facts = {
        "number": job.dossier.number,
        "procedure": job.procedure.manifest.short_name.vi,
        "procedure_en": job.procedure.manifest.short_name.en,
        "unit": job.unit.name,
        "due_at": f"{job.dossier.due_at:%H:%M %d/%m/%Y}" if job.dossier.due_at else "–",
        "url": f"{base_url}/t/{job.dossier.tracking}",
    } | {key: str(value) for key, value in _map(job.inputs.get("data")).items()}
    subject = template["subject"]["vi"].format(**facts)
    vietnamese, english = (template["body"][language].format(**facts) for language in ("vi", "en"))
    body = f"{vietnamese}\n\n---\n{template['subject']['en'].format(**facts)}\n{english}\n"
    return subject, body
