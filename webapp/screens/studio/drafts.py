"""The studio's first page, and the ways to begin: blank, template, copy, catalogue entry, archive."""

from __future__ import annotations

from typing import Any

import orjson
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.commands.authoring import BeginDraft, SetAside
from engine.commands.publishing import ImportNationalCatalogue
from engine.definitions import skeleton
from engine.definitions.archive import Archive, read_archive
from engine.definitions.manifest import FILE, read_manifest
from engine.definitions.national_catalogue import fill_manifest, parse_entry, read_catalogue
from engine.definitions.package import Package
from engine.definitions.publication_record import unvouched, vouched
from engine.errors import DefinitionRefused, InvalidInput
from engine.queries import drafts_of_procedures as lists
from engine.store.procedure_drafts import DraftState
from engine.store.unit_of_work import UnitOfWork
from webapp import web
from webapp.screens.studio.blueprint import analyst_only, screen, told
from webapp.screens.studio.shared_parts import shared_parts, template_files
from webapp.words import gettext as _


@screen.get("/")
@analyst_only
def index() -> str:
    """Drafts being edited, those waiting for approval, and the procedures in force."""
    with web.reading() as uow:
        drafts = {state.value: lists.drafts(uow.connection, state) for state in DraftState}
        deployed = [
            (deployment, uow.definitions.bundle(deployment.digest).manifest)
            for deployment in uow.definitions.all_in_force(web.product().clock.now())
        ]
    return render_template("studio/index.html", drafts=drafts, deployed=deployed)


@screen.get("/new")
@analyst_only
def new() -> str:
    """The ways to begin."""
    return _begin_page()


def _begin_page(problems: list[dict[str, Any]] | None = None, said: dict[str, str] | None = None) -> str:
    asked = request.args.get("q", "")[:200].strip()
    with web.reading() as uow:
        count = lists.entry_count(uow.connection)
        found = lists.entries(uow.connection, asked) if asked else ()
        deployed = [
            (deployment, uow.definitions.bundle(deployment.digest).manifest)
            for deployment in uow.definitions.all_in_force(web.product().clock.now())
        ]
    return render_template(
        "studio/new.html",
        asked=asked,
        entries=found,
        count=count,
        deployed=deployed,
        templates=skeleton.templates(template_files()),
        problems=problems or [],
        said=said or {},
    )


@screen.post("/new")
@analyst_only
def begin() -> Response | tuple[str, int]:
    """Begin a draft in the chosen way; every refusal comes back with what was typed."""
    way = request.form.get("way", "")
    try:
        command = _WAYS[way]() if way in _WAYS else None
        if command is None:
            raise InvalidInput(what=_("cách bắt đầu"), why=way[:40])
        draft = str(web.execute(command)["draft"])
    except DefinitionRefused as refusal:
        return _begin_page(told(refusal.problems), dict(request.form)), 422
    except InvalidInput as refusal:
        said = [{"severity": "error", "message": refusal.message(web.language()), "remedy": "", "file": "", "url": ""}]
        return _begin_page(said, dict(request.form)), 422
    flash(_("Đã tạo bản soạn."), "success")
    return redirect(url_for("studio.workbench", draft_id=draft))


def _blank() -> BeginDraft:
    code, name = request.form.get("code", "").strip(), request.form.get("name", "")
    manifest = skeleton.blank_manifest(code, name)
    return BeginDraft(procedure=code, name=name.strip(), origin="blank", files=_whole(skeleton.blank(manifest)))


def _template() -> BeginDraft:
    code, name = request.form.get("code", "").strip(), request.form.get("name", "")
    manifest = skeleton.blank_manifest(code, name)
    key = request.form.get("template", "")
    manifest["limits"] = [_limit()]
    manifest["papers"] = [
        {
            "code": "thanh_phan",
            "name": {"vi": "Thành phần hồ sơ theo quy định", "en": "The papers that the law requires"},
            "required": True,
        }
    ]
    fees = {"": _whole_number("amount")} if key == "fee" else {}
    if fees:
        manifest["fees"] = [{"item": "phi", "name": {"vi": "Phí, lệ phí giải quyết hồ sơ", "en": "Fee"}}]
    files = skeleton.from_template(template_files(), key, manifest, fees)
    return BeginDraft(procedure=code, name=name.strip(), origin="template", files=_whole(files))


def _limit() -> dict[str, Any]:
    qty, unit = request.form.get("days", "").strip(), request.form.get("unit", "WORKING_DAY")
    if not qty.isdecimal() or not 1 <= int(qty) <= 365 or unit not in {"WORKING_DAY", "DAY", "HOUR"}:
        raise InvalidInput(what=_("thời hạn"), why=_("nhập một số nguyên từ 1 đến 365"))
    return {"id": "chung", "parts": [{"qty": qty, "unit": unit}], "ground": _("Theo quyết định công bố")}


def _whole_number(field: str) -> int:
    text = request.form.get(field, "").strip().replace(".", "")
    if not text.isdecimal() or not 0 < int(text) <= 10**9:
        raise InvalidInput(what=_("mức thu"), why=_("nhập số tiền nguyên, lớn hơn 0"))
    return int(text)


def _copy() -> BeginDraft:
    digest = request.form.get("digest", "")[:64]
    with web.reading() as uow:
        files, name, code = _stored(uow, digest)
    return BeginDraft(procedure=code, name=name, origin="copy", base=digest, files=_whole(files))


def _stored(uow: UnitOfWork, digest: str) -> tuple[dict[str, bytes], str, str]:
    procedure = web.procedure(uow, digest)
    manifest = procedure.manifest
    return dict(procedure.package.files), manifest.short_name.vi, str(manifest.code)


def _entry() -> BeginDraft:
    with web.reading() as uow:
        entry = parse_entry(orjson.loads(uow.procedure_drafts.entry(request.form.get("code", "")[:40])))
    filled = fill_manifest(entry)
    files = skeleton.from_template(template_files(), "fee" if filled.fees else "free", filled.manifest, filled.fees)
    note = "\n".join(note.in_(web.language()) for note in filled.notes)
    return BeginDraft(
        procedure=entry.code,
        name=filled.manifest["short_name"]["vi"],
        origin="catalogue",
        files=_whole(files),
        note=note,
    )


def _archive() -> BeginDraft:
    upload = request.files.get("archive")
    content = upload.read() if upload else b""
    if not content:
        raise InvalidInput(what=_("tệp zip"), why=_("chưa chọn tệp"))
    file = (upload.filename or "archive.zip")[:80] if upload else "archive.zip"
    archive = read_archive(content, file=file)
    files = dict(archive.files)
    manifest = read_manifest(files.get(FILE, b""))
    return BeginDraft(
        procedure=str(manifest.code),
        name=manifest.short_name.vi,
        origin="import",
        files=_whole(files),
        note=_vouching(archive, str(manifest.code), file),
    )


def _vouching(archive: Archive, code: str, file: str) -> str:
    """Who vouches for an archive, as the draft's note says it; ``DefinitionRefused`` when its record is in doubt."""
    if not archive.record:
        finding = unvouched(file)
        return f"{finding.message.in_(web.language())} {finding.remedy.in_(web.language())} ({finding.code})"
    digest = str(Package(archive.files).digest)
    found = vouched(web.product().ports.verifier.verify(archive.record), code=code, digest=digest, file=file)
    said: str = _(
        "Biên bản ban hành đã kiểm đúng: %(signer)s (chứng thư %(serial)s) ký cho mã băm %(digest)s.",
        signer=found.signer,
        serial=found.serial,
        digest=digest[:12],
    )
    return said


_WAYS = {"blank": _blank, "template": _template, "copy": _copy, "entry": _entry, "archive": _archive}


def _whole(files: dict[str, bytes]) -> dict[str, bytes]:
    """The procedure's files with the installation's shared parts; what the procedure brings itself wins."""
    return shared_parts() | files


@screen.post("/catalogue")
@analyst_only
def import_catalogue() -> Response | tuple[str, int]:
    """Put an uploaded national catalogue in place of the one before."""
    upload = request.files.get("catalogue")
    content = upload.read() if upload else b""
    try:
        entries = read_catalogue(content, file=(upload.filename or "catalogue")[:80] if upload else "catalogue")
    except DefinitionRefused as refusal:
        return _begin_page(told(refusal.problems)), 422
    count = web.execute(ImportNationalCatalogue(entries=entries))["entries"]
    flash(_("Đã nhập danh mục: %(count)s thủ tục.", count=count), "success")
    return redirect(url_for("studio.new"))


@screen.post("/<draft_id>/set-aside")
@analyst_only
def put_away(draft_id: str) -> Response:
    """Put a draft away or take it up again."""
    web.execute(SetAside(draft=draft_id, away=request.form.get("away") == "yes"))
    return redirect(url_for("studio.index"))
