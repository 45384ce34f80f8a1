"""Versions side by side: comparing, the impact on open dossiers, the history of a procedure, archives, retiring."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine.bpmn import guard
from engine.bpmn.drawing import drawn
from engine.clock import ZONE
from engine.commands.draft_problems import package_of
from engine.commands.publishing import RetireProcedure
from engine.definitions.archive import write_archive
from engine.definitions.comparison import FileChange, compare
from engine.definitions.manifest import FILE, read_manifest
from engine.errors import DefinitionRefused, InvalidInput, NotFound
from engine.queries import drafts_of_procedures as lists
from engine.queries import procedure_history
from engine.queries.impact import Impact, impact
from engine.queries.standing import Standings
from engine.store.unit_of_work import UnitOfWork
from engine.values import Digest
from webapp import web
from webapp.screens.studio.blueprint import analyst_only, bench, screen
from webapp.words import gettext as _


@screen.get("/<draft_id>/compare")
@analyst_only
def compare_draft(draft_id: str) -> str:
    """A draft against a version: by default the one in force, else the one it began from."""
    work = bench(draft_id)
    with web.reading() as uow:
        known = procedure_history.versions(uow.connection, work.draft.procedure, web.product().clock.now())
        current = next((row.deployment.digest for row in known if row.in_force), work.draft.base)
        asked = request.args.get("with", current)[:64]
        before = dict(web.procedure(uow, asked).package.files) if asked else {}
        after = dict(package_of(work.files).files)
        found = _impact(uow, work.draft.procedure, after)
    return _comparison_page(
        before, after, left=asked, right="", draft=work.draft, bench=work, versions=known, impact=found
    )


@screen.get("/compare/<left>/<right>")
@analyst_only
def compare_versions(left: str, right: str) -> str:
    """Any two versions."""
    with web.reading() as uow:
        before, after = (web.procedure(uow, digest).package for digest in (left, right))
        code = str(after.manifest.code)
        known = procedure_history.versions(uow.connection, code, web.product().clock.now())
        found = _impact(uow, code, after.files)
    return _comparison_page(
        dict(before.files),
        dict(after.files),
        left=left,
        right=right,
        draft=None,
        versions=known,
        impact=found,
        code=code,
    )


def _comparison_page(before: Mapping[str, bytes], after: Mapping[str, bytes], **show: Any) -> str:
    changes = compare(before, after)
    diagrams = [
        _drawn(change, before, after) for change in changes if change.elements and change.name.endswith(".bpmn")
    ]
    return render_template(
        "studio/compare.html",
        changes=changes,
        own=[change for change in changes if not change.shared],
        shared=[change for change in changes if change.shared],
        page={"diagrams": diagrams, "words": {"added": _("thêm"), "removed": _("bỏ"), "changed": _("đổi")}},
        **show,
    )


def _drawn(change: FileChange, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, Any]:
    """Both drawings of a diagram and what to mark on each."""
    marks = {
        kind: [one.id for one in change.elements if one.change == kind] for kind in ("added", "removed", "changed")
    }
    return {
        "name": change.name,
        "before": _readable(before[change.name]),
        "after": _readable(after[change.name]),
        "marks": marks,
    }


def _readable(source: bytes) -> str:
    """The diagram with a drawing; as it is when it cannot be read."""
    try:
        return drawn(source).decode("utf-8", "replace")
    except DefinitionRefused:
        return source.decode("utf-8", "replace")


def _impact(uow: UnitOfWork, code: str, files: Mapping[str, bytes]) -> Impact | None:
    """What the files would mean for open dossiers; None while the manifest cannot be read."""
    try:
        manifest = read_manifest(files.get(FILE, b""))
    except DefinitionRefused:
        return None
    checked = guard.inspect({name: content for name, content in files.items() if name.endswith(".bpmn")})
    nodes = frozenset(node.id for diagram in checked.diagrams for node in diagram.nodes)
    product = web.product()
    standings = Standings(uow=uow, calendar=product.bus.rules.calendar, now=product.clock.now())
    return impact(standings, code, nodes, manifest.limits)


@screen.get("/procedure/<code>")
@analyst_only
def procedure(code: str) -> str:
    """The whole history of a procedure."""
    with web.reading() as uow:
        known = procedure_history.versions(uow.connection, code, web.product().clock.now())
        told = procedure_history.events(uow.connection, code)
        drafts = lists.drafts_of(uow.connection, code)
        name = uow.definitions.bundle(known[0].deployment.digest).manifest["short_name"]["vi"] if known else ""
    if not known and not drafts:
        raise NotFound(what=_("thủ tục %(code)s", code=code[:40]))
    return render_template(
        "studio/procedure.html",
        code=code,
        name=name or drafts[0].name,
        versions=known,
        events=told,
        drafts=drafts,
        current=next((row for row in known if row.in_force), None),
    )


@screen.post("/procedure/<code>/retire")
@analyst_only
def retire(code: str) -> BaseResponse:
    """Take a procedure out of force."""
    day = request.form.get("at", "").strip()
    try:
        at = datetime.fromisoformat(day).replace(tzinfo=ZONE) if day else None
    except ValueError as error:
        raise InvalidInput(what=_("hết hiệu lực từ"), why=day[:40]) from error
    web.execute(
        RetireProcedure(
            procedure=code, decision=request.form.get("decision", ""), reason=request.form.get("reason", ""), at=at
        )
    )
    flash(_("Đã ghi nhận hết hiệu lực. Hồ sơ đã nhận vẫn được giải quyết đến cùng."), "success")
    return redirect(url_for("studio.procedure", code=code))


@screen.get("/export/<digest>.zip")
@analyst_only
def export_version(digest: str) -> Response:
    """A version as an archive, with the signed record of its publication if there is one."""
    with web.reading() as uow:
        package = web.procedure(uow, digest).package
        stored = procedure_history.record_of(uow.connection, str(package.manifest.code), digest)
    record = web.product().ports.files.get(Digest(stored)) if stored else b""
    name = f"{package.manifest.code}-{package.manifest.version}-{digest[:8]}.zip"
    return web.download(write_archive(package, record), "application/zip", name)


@screen.get("/<draft_id>/export")
@analyst_only
def export_draft(draft_id: str) -> Response:
    """A draft as an archive."""
    work = bench(draft_id)
    return web.download(write_archive(package_of(work.files)), "application/zip", f"{work.draft.procedure}-draft.zip")
