"""How each outside operation is delivered: gather what it needs, then act, outside any transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from engine.errors import ConnectorRefused, ConnectorUnavailable, Text
from engine.forms import expected_values, extraction_rules, paper_files
from engine.model.permission import LEADER
from engine.ports import (
    FieldRule,
    LetterRenderer,
    Message,
    Notifier,
    ObjectStore,
    Registry,
    RegistryQuery,
    RegistryRecord,
    Sealer,
    SignatureReport,
    SignatureRequest,
    SignatureVerifier,
    Signer,
    TextReader,
)
from engine.procedures import Procedure
from engine.store.records import Document, Dossier, OutboxRow, Unit
from engine.store.unit_of_work import UnitOfWork
from engine.values import Digest
from engine.worker.letter_data import completed, letter_data, message_text

Act = Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The connectors of the installation."""

    files: ObjectStore
    reader: TextReader
    signer: Signer
    verifier: SignatureVerifier
    letters: LetterRenderer
    notifier: Notifier
    registries: Mapping[str, Registry]
    base_url: str
    sealer: Sealer | None = None  #: None where no checkpoints are made


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One outbox row with all it refers to, read in one short transaction."""

    row: OutboxRow
    dossier: Dossier
    procedure: Procedure
    unit: Unit
    units: Mapping[str, str]  #: code → name of every unit, for letters to another one
    documents: tuple[Document, ...]
    officers: Mapping[str, str]  #: login → name of everybody named in the inputs
    leader: str  #: name of who signs for the unit
    now: datetime

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The evaluated inputs of the service task."""
        inputs: Mapping[str, Any] = self.row.payload["inputs"]
        return inputs

    def document(self, document_id: str) -> Document:
        """One of the dossier's own documents; another dossier's is refused."""
        for document in self.documents:
            if document.id == document_id:
                return document
        raise ConnectorRefused(
            system=Text(vi="Kho tệp", en="file store"),
            why=Text(vi=f"{document_id} không thuộc hồ sơ này", en=f"{document_id} is not of this dossier"),
        )


def gather(uow: UnitOfWork, row: OutboxRow, procedure: Procedure, dossier: Dossier, now: datetime) -> Job:
    """Everything that delivering ``row`` needs from the database."""
    signer = str(row.payload["inputs"].get("signer") or "")
    account = uow.organisation.account(signer) if signer else None
    return Job(
        row=row,
        dossier=dossier,
        procedure=procedure,
        unit=uow.organisation.unit(dossier.competent_unit, now),
        units={unit.code: unit.name for unit in uow.organisation.units(now)} if row.topic == "letter.render" else {},
        documents=uow.documents.of(dossier.number),
        officers={account.login: account.name} if account else {},
        leader=next((holder.name for holder in uow.organisation.holders(dossier.competent_unit, LEADER, now)), ""),
        now=now,
    )


def deliver(job: Job, ports: Ports) -> dict[str, Any]:
    """Act; the answer to record. Raises ``ConnectorUnavailable`` (wait) or ``ConnectorRefused`` (a final no)."""
    return DELIVERIES[job.row.topic](job, ports)


def _read_papers(job: Job, ports: Ports) -> dict[str, Any]:
    form = job.procedure.form(job.procedure.manifest.application_form)
    readings = []
    for paper in paper_files(form, job.dossier.data):
        if not paper.paper:
            continue
        document = job.document(paper.file)
        expected = expected_values(form, paper.paper, job.dossier.data, at=paper.path)
        rules = [
            FieldRule(expected=expected.get(str(rule["key"]), ""), **rule)
            for rule in extraction_rules(form, paper.paper, at=paper.path)
        ]
        read = ports.reader.read(ports.files.get(Digest(document.digest)), document.media_type, rules)
        readings.append(
            {
                "document": document.id,
                "text": read.text[:100_000],
                "confidence": read.mean_confidence,
                "fields": [
                    asdict(found) | {"box": list(found.box), "expected": expected.get(found.key, "")}
                    for found in read.fields
                ],
                "codes": list(read.codes),
                "steps": list(read.steps),
            }
        )
    return {"readings": readings}


def _render_letter(job: Job, ports: Ports) -> dict[str, Any]:
    template = str(job.inputs["template"])
    data = completed(letter_data(job, ports.base_url), job.inputs.get("data") or {})
    pdf = ports.letters.render(template, data, sources=job.procedure.package.letters())
    return _stored(ports, pdf, f"{template}-{job.dossier.number}.pdf")


def _render_copies(job: Job, ports: Ports) -> dict[str, Any]:
    """One PDF with the certified copy of every paper, each with its own number from the book."""
    template = str(job.inputs["template"])
    base = completed(letter_data(job, ports.base_url), job.inputs.get("data") or {})
    copies = []
    for entry in _list(job.inputs.get("papers")):
        document = job.document(str(entry["document"]))
        certification = {
            "number": entry["number"],
            "book": f"quyển số 01/{job.now.year}-SCT/BS",
            "date": job.now.date().isoformat(),
            "paper": entry.get("name") or document.name,
            "pages": entry.get("pages") or document.pages,
            "digest": document.digest,
        }
        original = ports.files.get(Digest(document.digest))
        data = base | {"certification": certification}
        copies.append(ports.letters.certified_copy(original, document.media_type, template, data))
    if not copies:
        raise ConnectorRefused(
            system=Text(vi="Lập bản sao", en="certified copy"),
            why=Text(vi="không có giấy tờ nào", en="no paper to copy"),
        )
    return _stored(ports, ports.letters.join(copies), f"ban-sao-{job.dossier.number}.pdf")


def _sign(job: Job, ports: Ports) -> dict[str, Any]:
    """The official's signature, the unit's seal, B-LTA, and the verifier's word on both; nothing less is stored."""
    document = job.document(str(job.inputs["document"]))
    signer = str(job.inputs["signer"])
    if signer not in job.officers:
        raise ConnectorRefused(
            system=Text(vi="Ký số", en="signing"),
            why=Text(vi=f"không có tài khoản {signer}", en=f"there is no account {signer}"),
        )
    pdf = ports.files.get(Digest(document.digest))
    reason = f"{job.dossier.procedure_name} – hồ sơ {job.dossier.number}"
    last = ports.letters.page_count(pdf) - 1
    officer_box, seal_box = ports.letters.signature_boxes(result=job.row.topic == "result.sign")
    pdf = ports.signer.sign(
        pdf,
        SignatureRequest(
            key=f"officer:{signer}",
            reason=reason,
            location=job.unit.short_name,
            label=f"Ký bởi: {job.officers[signer]}\n{job.unit.name}\n{job.now:%H:%M:%S %d/%m/%Y}",
            page=last,
            box=officer_box,
        ),
    )
    pdf = ports.signer.sign(
        pdf,
        SignatureRequest(
            key=f"seal:{job.unit.code}",
            reason=reason,
            location=job.unit.short_name,
            label=f"Cơ quan: {job.unit.name}\n{job.now:%H:%M:%S %d/%m/%Y}",
            page=last,
            box=seal_box,
        ),
    )
    pdf = ports.signer.seal_for_archive(pdf)
    reports = ports.verifier.verify(pdf)
    problems = [report.problem or "không hợp lệ" for report in reports if not report.valid]
    if problems or len(reports) != 2:
        why = "; ".join(problems) or f"{len(reports)} chữ ký thay vì 2"
        raise ConnectorRefused(system=Text(vi="Kiểm tra chữ ký", en="signature check"), why=why)
    name = f"ket-qua-{job.dossier.number}.pdf" if job.row.topic == "result.sign" else document.name
    return _stored(ports, pdf, name) | {"signatures": [_finding(report) for report in reports]}


def _finding(report: SignatureReport) -> dict[str, Any]:
    """What the verifier found about one signature, as the journal keeps it."""
    return {
        "field": report.field,
        "signer": report.signer,
        "serial": report.serial,
        "level": report.level,
        "signed_at": report.signed_at.isoformat() if report.signed_at else None,
        "valid": report.valid,
        "problem": report.problem,
    }


def _stored(ports: Ports, pdf: bytes, name: str) -> dict[str, Any]:
    pages = ports.letters.page_count(pdf)
    return {"digest": str(ports.files.put(pdf)), "size": len(pdf), "pages": pages, "name": name}


def _notify(job: Job, ports: Ports) -> dict[str, Any]:
    subject, body = message_text(job, ports.base_url)
    address = job.dossier.applicant_email
    if address:
        ports.notifier.send(Message(key=job.row.id, to=address, subject=subject, body=body))
    return {"to": address, "subject": subject, "body": body, "sent": bool(address)}


def _look_up(job: Job, ports: Ports) -> dict[str, Any]:
    register = str(job.inputs["register"])
    found = _registry(ports, register).look_up(
        RegistryQuery(
            register=register,
            subject=str(job.inputs["subject"]),
            purpose=str(job.inputs["purpose"]),
            dossier=job.dossier.number,
            officer="system",
        )
    )
    return {"found": bool(found.data), "data": dict(found.data), "source": found.source, "at": found.at.isoformat()}


def _register(job: Job, ports: Ports) -> dict[str, Any]:
    """Make an entry; the outbox row's id is its key, so that a second delivery is answered as the first."""
    register = str(job.inputs["register"])
    answer = _registry(ports, register).register(
        RegistryRecord(
            key=job.row.id,
            register=register,
            purpose=str(job.inputs["purpose"]),
            dossier=job.dossier.number,
            officer="system",
            record=dict(job.inputs.get("record") or {}),
        )
    )
    return {"data": dict(answer.data), "source": answer.source, "at": answer.at.isoformat()}


def _registry(ports: Ports, register: str) -> Registry:
    if register not in ports.registries:
        raise ConnectorUnavailable(
            system=register, why=Text(vi="chưa cấu hình kết nối", en="no connection is configured")
        )
    return ports.registries[register]


def _list(value: Any) -> Sequence[Mapping[str, Any]]:
    return value if isinstance(value, list) else []


def mail(row: OutboxRow, ports: Ports) -> dict[str, Any]:
    """Hand a written message to the mail server; the row's id is the key under which it is sent once."""
    payload = row.payload
    ports.notifier.send(Message(key=row.id, to=payload["to"], subject=payload["subject"], body=payload["body"]))
    return {"to": payload["to"]}


DELIVERIES: dict[str, Callable[[Job, Ports], dict[str, Any]]] = {
    "papers.read": _read_papers,
    "letter.render": _render_letter,
    "copy.render": _render_copies,
    "result.sign": _sign,
    "letter.sign": _sign,
    "notify.send": _notify,
    "slip.render": _render_letter,
    "slip.sign": _sign,
    "registry.look_up": _look_up,
    "registry.register": _register,
}
