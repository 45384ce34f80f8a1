"""Files of a dossier for those who may see it: the file itself, or a safe picture of one page."""

from __future__ import annotations

from flask import Response, request

from connectors.files.preview import preview
from engine.errors import NotFound
from engine.queries.dossier_page import readable
from engine.store.records import Document
from engine.values import Digest
from webapp import web
from webapp.screens.dossiers.blueprint import screen


@screen.get("/dossiers/<number>/documents/<document_id>")
@web.needs_sign_in
def document(number: str, document_id: str) -> Response:
    """The stored file; ``?view=1`` opens it in the browser, as its safe copy where there is one."""
    found = _own(number, document_id)
    inline = bool(request.args.get("view"))
    digest = found.view if inline and found.view else found.digest
    return web.download(web.product().ports.files.get(Digest(digest)), found.media_type, found.name, inline=inline)


@screen.get("/dossiers/<number>/documents/<document_id>/pages/<int:page>")
@web.needs_sign_in
def page_image(number: str, document_id: str, page: int) -> Response:
    """One page as PNG. A picture keeps its own size, so that places on it are where they were read."""
    found = _own(number, document_id)
    if not 1 <= page <= max(found.pages, 1):
        raise NotFound(what=f"{found.name}, trang {page}")
    digest = found.view or found.digest
    width = 1400 if found.media_type == "application/pdf" else 4000
    response = Response(mimetype="image/png")
    response.set_etag(f"{digest}-{page}-{width}")
    response.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains(f"{digest}-{page}-{width}"):
        response.status_code = 304
        return response
    response.data = preview(web.product().ports.files.get(Digest(digest)), found.media_type, page, width=width)
    return response


def _own(number: str, document_id: str) -> Document:
    with web.reading() as uow:
        readable(uow, number, web.signed_in())
        found = uow.documents.get(document_id)
    if found.dossier != number:
        raise NotFound(what=document_id)
    return found
