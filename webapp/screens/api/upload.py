"""An uploaded paper: judged, stored, and bound to a draft or to the dossier of an open task."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import FileStorage

from engine.commands.intake import AttachUpload
from engine.errors import InvalidInput, Text
from engine.forms import Form
from engine.forms.form import Kind
from engine.store.records import Document
from webapp import web
from webapp.screens.api.call import Call
from webapp.screens.api.json_body import pointer
from webapp.screens.api.problems import BodyInvalid, Mistake

#: Files that one draft or dossier may gather this way.
MAX_FILES = 100


class TooManyPapers(InvalidInput):
    """This has {count} files already; more are not taken."""

    code = "too-many-papers"
    vi = "Đã có {count} tệp; không nhận thêm."


def receive(call: Call, form: Form, known: tuple[Document, ...], *, draft: str = "", task: str = "") -> dict[str, Any]:
    """The stored document of the part ``file``; its text part ``paper`` names the kind of paper of the form."""
    if len(known) >= MAX_FILES:
        raise TooManyPapers(count=len(known))
    papers = {field.paper for field in form.fields() if field.kind is Kind.FILE}
    paper = call.body.get("paper", next(iter(papers)) if len(papers) == 1 else "")
    if papers and paper not in papers:
        raise _wrong("paper", "choice", "Chọn một loại giấy tờ của tờ khai.", "Name one of the form's papers.")
    upload = _stored(call.files["file"], paper=paper, draft=draft, task=task)
    answer = web.execute(upload, key=call.key)
    return {
        "id": answer["document"],
        "name": upload.name,
        "paper": upload.paper,
        "media_type": upload.media_type,
        "pages": upload.pages,
        "size": upload.size,
        "digest": upload.digest,
    }


def _stored(file: FileStorage, *, paper: str, draft: str, task: str) -> AttachUpload:
    product = web.product()
    name = (file.filename or "").replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "")[:200]
    if not name:
        raise _wrong("file", "required", "Tệp phải có tên.", "The file needs a name.")
    content = file.stream.read(product.settings.upload_mb * 1024 * 1024 + 1)
    seen = product.inspector.inspect(name, content)
    return AttachUpload(
        draft=draft,
        task=task,
        name=name,
        digest=str(product.ports.files.put(content)),
        media_type=seen.media_type,
        pages=seen.pages,
        size=len(content),
        view=str(product.ports.files.put(seen.safe_view)) if seen.safe_view else "",
        paper=paper,
    )


def _wrong(part: str, code: str, vi: str, en: str) -> BodyInvalid:
    return BodyInvalid(mistakes=(Mistake(pointer=pointer(part), code=code, message=Text(vi=vi, en=en)),))
