"""The public check of a result: by its file, whose every signature is judged, or by the code printed on it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import NotFound
from engine.model.status import Business
from engine.ports import SignatureReport
from engine.store.records import Dossier, Result, Unit
from engine.store.unit_of_work import UnitOfWork
from engine.values import Digest
from webapp import rates, web
from webapp.words import gettext as _

screen = Blueprint("verify", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What anybody may know of an issued result: what it is and who made it, not for whom."""

    result: Result
    name: str  #: what kind of result, in words
    procedure: str
    unit: Unit
    issued: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the check of a file came to."""

    verdict: str  #: genuine, signed, unsigned or invalid
    name: str
    digest: str
    known: Known | None
    reports: tuple[SignatureReport, ...]


@screen.get("/verify")
def show() -> str | Response:
    """Choose a file, or type the code."""
    typed = request.args.get("code", "").strip().rstrip("/").rpartition("/")[2][:64]
    if typed:
        return redirect(url_for("verify.code", code=typed))
    return render_template("verify/show.html", error="")


@screen.post("/verify")
def check() -> str | tuple[str, int]:
    """Judge an uploaded file; nothing of it is kept."""
    rates.hit(rates.VERIFYING)
    file = request.files.get("file")
    content = file.stream.read(web.product().settings.upload_mb * 1024 * 1024 + 1) if file else b""
    if file is None or not content:
        return render_template("verify/show.html", error=_("Chọn tệp PDF cần kiểm tra")), 422
    if not content.startswith(b"%PDF-"):
        return render_template("verify/show.html", error=_("Tệp này không phải PDF; kết quả điện tử là tệp PDF")), 422
    return render_template("verify/finding.html", finding=_judge(file.filename or "", content))


def _judge(name: str, content: bytes) -> Finding:
    digest = Digest.of(content)
    with web.reading() as uow:
        stored = uow.results.by_digest(digest)
        known = _known(uow, stored) if stored else None
    reports = web.product().ports.verifier.verify(content)
    if not reports:
        verdict = "unsigned"
    elif not all(report.valid for report in reports):
        verdict = "invalid"
    else:
        verdict = "genuine" if known is not None and known.issued else "signed"
    shown = known if known is not None and known.issued else None
    return Finding(verdict=verdict, name=name[:120], digest=digest, known=shown, reports=reports)


@screen.get("/verify/<code>")
def code(code: str) -> str:
    """What the code on a result stands for. The file itself is judged by uploading it."""
    with web.reading() as uow:
        stored = uow.results.by_code(code[:64])
        known = _known(uow, stored) if stored else None
    if known is None or not known.issued:
        raise NotFound(what=_("kết quả của mã kiểm tra này"))
    return render_template("verify/code.html", known=known)


def _known(uow: UnitOfWork, result: Result) -> Known:
    dossier: Dossier = uow.dossiers.get(result.dossier)
    procedure = web.procedure(uow, dossier.digest)
    kinds = {kind.code: kind.name.in_(web.language()) for kind in procedure.manifest.results}
    return Known(
        result=result,
        name=kinds.get(result.kind, result.kind),
        procedure=procedure.manifest.short_name.in_(web.language()),
        unit=uow.organisation.unit(dossier.competent_unit, result.signed_at),
        issued=dossier.business is Business.RESULT_ISSUED,
    )
