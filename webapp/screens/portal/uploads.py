"""Files that come with a posted form: judged, stored, and bound to the draft or task before the form is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import FileStorage

from engine.commands.intake import AttachUpload
from engine.errors import InvalidInput, MotcuaError, Text
from engine.forms import FieldError, Form, UploadedFile, file_field
from engine.store.records import Document
from webapp import web

#: Files that one post may bring.
_MAX_FILES = 20
Attach = Callable[[AttachUpload], str]


class TooManyFiles(InvalidInput):
    """At most {limit} files can be sent at once; send the rest afterwards."""

    code = "too-many-files"
    vi = "Mỗi lần gửi nhiều nhất {limit} tệp; hãy gửi tiếp các tệp còn lại sau."


def receive(
    form: Form,
    post: dict[str, list[str]],
    files: dict[str, list[FileStorage]],
    *,
    draft: str = "",
    task: str = "",
) -> tuple[FieldError, ...]:
    """Store every file the form asks for and add its id to ``post``; what is refused is named at its field."""
    errors: list[FieldError] = []
    wanted = [
        (name, file) for name, found in files.items() for file in found if file.filename and file_field(form, name)
    ]
    for count, (name, file) in enumerate(wanted):
        field = file_field(form, name)
        assert field is not None
        try:
            if count >= _MAX_FILES:
                raise TooManyFiles(limit=_MAX_FILES)
            document = _store(file, paper=field.paper, draft=draft, task=task)
        except MotcuaError as refused:
            text = Text(vi=refused.message("vi"), en=refused.message("en"))
            errors.append(FieldError(path=name, code=refused.code, message=text))
            continue
        post.setdefault(name, []).append(document)
    return tuple(errors)


def _store(file: FileStorage, *, paper: str, draft: str, task: str) -> str:
    product, name = web.product(), file.filename or ""
    content = file.stream.read(product.settings.upload_mb * 1024 * 1024 + 1)
    seen = product.inspector.inspect(name, content)
    view = str(product.ports.files.put(seen.safe_view)) if seen.safe_view else ""
    upload = AttachUpload(
        draft=draft,
        task=task,
        name=name.replace("\\", "/").rsplit("/", 1)[-1],
        digest=str(product.ports.files.put(content)),
        media_type=seen.media_type,
        pages=seen.pages,
        size=len(content),
        view=view,
        paper=paper,
    )
    answer: dict[str, Any] = web.execute(upload)
    return str(answer["document"])


def shown(documents: tuple[Document, ...]) -> dict[str, UploadedFile]:
    """The documents as a form shows them: name with pages, size."""
    language = web.language()
    return {document.id: _shown(document, language) for document in documents}


def _shown(document: Document, language: str) -> UploadedFile:
    pages = f"{document.pages} trang" if language == "vi" else f"{document.pages} page{'s'[: document.pages > 1]}"
    return UploadedFile(
        id=document.id, name=f"{document.name} – {pages}", size=document.size, media_type=document.media_type
    )
