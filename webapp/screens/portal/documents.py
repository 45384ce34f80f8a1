"""Files for the citizen: own uploads, slips, letters and the issued result, each checked before it is given."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from engine import bpmn
from engine.commands.results import HandOver
from engine.errors import Forbidden
from engine.model.status import Business, Delivery
from engine.store.records import Document, Dossier
from engine.store.unit_of_work import UnitOfWork
from engine.values import Digest
from webapp import web
from webapp.screens.portal.blueprint import screen

#: Kinds of documents that are the applicant's as soon as they exist.
OWN_KINDS = frozenset({"paper", "slip", "letter", "receipt"})


@screen.get("/documents/<document_id>")
@web.needs_sign_in
def document(document_id: str) -> Response:
    """The file, for its owner alone; ``?view=1`` shows the safe copy in the browser."""
    actor = web.signed_in()
    with web.reading() as uow:
        found = uow.documents.get(document_id)
        if not may_read(uow, found, actor.login):
            raise Forbidden(why=_("tệp này không thuộc tờ khai hoặc hồ sơ của bạn"))
    files = web.product().ports.files
    if request.args.get("view"):  # a file whose inspection left nothing to take out has no copy of its own
        return web.download(files.get(Digest(found.view or found.digest)), found.media_type, found.name, inline=True)
    return web.download(files.get(Digest(found.digest)), found.media_type, found.name)


def may_read(uow: UnitOfWork, document: Document, login: str) -> bool:
    """Whether the applicant may have the file: a draft result only while asked to confirm it, a result once issued."""
    if document.draft and not document.dossier:
        return uow.drafts.get(document.draft).owner == login
    dossier = uow.dossiers.get(document.dossier)
    if dossier.applicant != login:
        return False
    if document.kind in OWN_KINDS:
        return True
    if document.kind == "result":
        return dossier.business is Business.RESULT_ISSUED
    return document.id in _shown_to_applicant(uow, dossier)


def _shown_to_applicant(uow: UnitOfWork, dossier: Dossier) -> set[str]:
    """Ids of documents that an open task of the applicant's refers to in its inputs."""
    mine = {task.id for task in uow.tasks.of(dossier.number) if task.state == "open" and task.role == "applicant"}
    if not mine:
        return set()
    procedure = web.procedure(uow, dossier.digest)
    instance = bpmn.Instance.load(procedure.definition, dossier.state, now=web.product().clock.now())
    found: set[str] = set()
    for task in instance.open_tasks():
        if task.id in mine:
            found |= _texts(dict(task.inputs))
    return found


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*(_texts(entry) for entry in value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*(_texts(entry) for entry in value)) if value else set()
    return {value} if isinstance(value, str) else set()


@screen.post("/my/<number>/result")
@web.needs_sign_in
def result(number: str) -> Response:
    """Hand the issued result over: the first download is recorded as the delivery (trả kết quả)."""
    with web.reading() as uow:
        dossier, stored = uow.dossiers.get(number), uow.results.of(number)
        if dossier.applicant != web.signed_in().login:
            raise Forbidden(why=_("hồ sơ của người khác"))
    if dossier.delivery is not Delivery.DELIVERED or stored is None:
        web.execute(HandOver(dossier=number, way="online"))
    assert stored is not None
    content = web.product().ports.files.get(Digest(stored.digest))
    return web.download(content, "application/pdf", f"{stored.number.replace('/', '-')}.pdf")
