"""Files for the citizen: own uploads, slips, letters and the issued result, each checked before it is given."""

from __future__ import annotations

from flask import Response, request

from engine.commands.results import HandOver
from engine.errors import Forbidden
from engine.model.status import Delivery
from engine.store.records import Document
from engine.store.unit_of_work import UnitOfWork
from engine.values import Digest
from webapp import web
from webapp.screens.portal.blueprint import screen
from webapp.words import gettext as _


@screen.get("/documents/<document_id>")
@web.needs_sign_in
def document(document_id: str) -> Response:
    """The file, for its owner alone; ``?view=1`` shows the safe copy in the browser."""
    actor = web.signed_in()
    with web.reading() as uow:
        found = uow.documents.get(document_id)
        if not _may_read(uow, found, actor.login):
            raise Forbidden(why=_("tệp này không thuộc tờ khai hoặc hồ sơ của bạn"))
    files = web.product().ports.files
    if request.args.get("view"):  # a file whose inspection left nothing to take out has no copy of its own
        return web.download(files.get(Digest(found.view or found.digest)), found.media_type, found.name, inline=True)
    return web.download(files.get(Digest(found.digest)), found.media_type, found.name)


def _may_read(uow: UnitOfWork, document: Document, login: str) -> bool:
    if document.draft and not document.dossier:
        return uow.drafts.get(document.draft).owner == login
    dossier = uow.dossiers.get(document.dossier)
    return dossier.applicant == login and document in web.own_documents(uow, dossier)


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
