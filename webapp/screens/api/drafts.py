"""From a chosen procedure to a filed dossier: start, read, change, upload, compute the fee, submit."""

from __future__ import annotations

from typing import Any

from flask import Response

from engine.bus import KeyReused
from engine.commands.fee_preview import Application, preview_fees
from engine.commands.intake import AlreadyFiled, ApplicationInvalid, DiscardDraft, FileDossier, SaveDraft, StartDraft
from engine.commands.intake import known as known_values
from engine.errors import Forbidden, NotFound, StaleRevision, Text
from engine.forms import FieldError, Form, check_locked, paper_files, validate
from engine.model.chain import canonical
from engine.procedures import Procedure
from engine.store.records import Document, Draft, Unit
from webapp import web
from webapp.register_answers import about_self
from webapp.screens.api import upload
from webapp.screens.api.call import Call, answer
from webapp.screens.api.problems import RevisionStale, TooLarge, of_form, told

_BASE = "/api/v1"
#: Largest data of a draft in bytes of JSON.
_MAX_DATA = 256 * 1024
#: Mistakes that are refused at once; others may stand until filing.
_NEVER = frozenset({"unknown", "type", "locked"})


class Opened:
    """A draft of the person who asks, with its procedure as it is in force now; ``NotFound`` for anybody else's."""

    def __init__(self, draft_id: str) -> None:
        actor, self.now = web.signed_in(), web.product().clock.now()
        with web.reading() as uow:
            self.draft: Draft = uow.drafts.get(draft_id)
            if self.draft.owner != actor.login:
                raise NotFound(what=f"draft {draft_id[:40]}")
            self.documents: tuple[Document, ...] = uow.documents.of_draft(draft_id)
            in_force = uow.definitions.in_force(self.draft.procedure, self.now)
            self.procedure: Procedure = web.procedure(uow, in_force.digest if in_force else self.draft.digest)
            self.unit: Unit = uow.organisation.unit(self.draft.unit, self.now)
        self.form: Form = self.procedure.form(self.procedure.manifest.application_form)

    def errors(self, data: dict[str, Any]) -> tuple[FieldError, ...]:
        """Every mistake that filing ``data`` now would be refused for."""
        source = known_values(self.form, self.draft.registers, self.now.date())
        files = {document.id for document in self.documents}
        forged = check_locked(self.form, data, source)
        return forged + validate(self.form, data, today=self.now.date(), files=files)

    def shown(self, *, status: int = 200) -> Response:
        """The draft as it stands, with what filing it now would be refused for."""
        draft = self.draft
        body = {
            "id": draft.id,
            "procedure": draft.procedure,
            "unit": draft.unit,
            "revision": draft.revision,
            "created_at": draft.created_at,
            "updated_at": draft.updated_at,
            "dossier": draft.dossier or None,
            "data": draft.data,
            "documents": [paper(document) for document in self.documents],
            "errors": [] if draft.dossier else told(of_form(self.errors(draft.data))),
        }
        return answer(body, status, revision=draft.revision, location=f"{_BASE}/draft/{draft.id}")


def paper(document: Document) -> dict[str, Any]:
    """A document without where it lies."""
    return {
        "id": document.id,
        "kind": document.kind,
        "paper": document.paper,
        "name": document.name,
        "media_type": document.media_type,
        "pages": document.pages,
        "size": document.size,
        "digest": document.digest,
        "uploaded_at": document.uploaded_at,
    }


def start(call: Call) -> Response:
    """Begin a draft, prefilled from the registers; when the population register is down nothing is begun."""
    actor, code, unit = call.actor, call.body["procedure"], call.body["unit"]
    if not actor.person_id:
        raise Forbidden(why=Text(vi="tài khoản này không gắn với một người dân", en="this account is nobody's own"))
    known = _started(call, code, unit)
    if known is None:
        # What a register cannot answer now stays open for typing.
        answers, _failures = about_self(web.product().ports.registries, _form(code, unit), actor)
        command = StartDraft(procedure=code, unit=unit, registers=answers)
        try:
            known = str(web.execute(command, key=call.key)["draft"])
        except KeyReused:
            # The registers' answers carry their moment, so a second start at the same time differs: look again.
            known = _started(call, code, unit)
            if known is None:
                raise
    return Opened(known).shown(status=201)


def _started(call: Call, procedure: str, unit: str) -> str | None:
    """The draft that this key has begun before."""
    if not call.key:
        return None
    with web.reading() as uow:
        remembered = uow.messages.remembered(call.key, call.actor.login)
        if remembered is None:
            return None
        draft_id = remembered.answer.get("draft")
        if not isinstance(draft_id, str) or set(remembered.answer) != {"draft"}:
            raise KeyReused()
        draft = uow.drafts.get(draft_id)
        if (draft.procedure, draft.unit) != (procedure, unit):
            raise KeyReused()
        return draft_id


def _form(code: str, unit: str) -> Form:
    """The application form of a procedure that may be filed online with the unit."""
    now = web.product().clock.now()
    with web.reading() as uow:
        deployment = uow.definitions.in_force(code, now)
        if deployment is None:
            raise NotFound(what=Text(vi=f"thủ tục {code}", en=f"procedure {code}"))
        procedure = web.procedure(uow, deployment.digest)
        competent = {found.code for found in uow.organisation.units(now) if found.kind == procedure.manifest.level}
    if unit not in competent:
        raise NotFound(what=Text(vi=f"đơn vị giải quyết thủ tục này: {unit}", en=f"unit competent for it: {unit}"))
    return procedure.form(procedure.manifest.application_form)


def read(call: Call) -> Response:
    """The draft as it stands."""
    return Opened(call.path["draft"]).shown()


def change(call: Call) -> Response:
    """Merge into the data (RFC 7396: null takes a member away); a locked field is refused by name."""
    opened = _unfiled(call)
    data = _merged(opened.draft.data, call.body["data"]) if "data" in call.body else opened.draft.data
    if len(canonical(data).encode()) > _MAX_DATA:
        raise TooLarge(limit=_MAX_DATA)
    refused = tuple(error for error in opened.errors(data) if error.code in _NEVER)
    if refused:
        raise ApplicationInvalid(errors=refused)
    unit = call.body.get("unit", "")
    if unit:
        _form(opened.draft.procedure, unit)
    command = SaveDraft(draft=opened.draft.id, data=data, unit=unit, revision=call.revision)
    _held(command, opened)
    return Opened(opened.draft.id).shown()


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    found = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = _merged(found.get(name), value)
    return found


def _unfiled(call: Call) -> Opened:
    opened = Opened(call.path["draft"])
    if opened.draft.dossier:
        raise AlreadyFiled(number=opened.draft.dossier)
    if call.revision is not None and call.revision != opened.draft.revision:
        raise RevisionStale(what=f"draft {opened.draft.id}")
    return opened


def _held(command: SaveDraft, opened: Opened) -> None:
    try:
        web.execute(command)
    except StaleRevision as stale:
        raise RevisionStale(what=f"draft {opened.draft.id}") from stale


def discard(call: Call) -> Response:
    """Throw the draft away."""
    web.execute(DiscardDraft(draft=_unfiled(call).draft.id))
    return Response(status=204)


def attach(call: Call) -> Response:
    """Judge and store an uploaded paper."""
    opened = _unfiled(call)
    return answer(upload.receive(call, opened.form, opened.documents, draft=opened.draft.id), 201)


def fee(call: Call) -> Response:
    """What filing would cost, computed by the procedure's decision table; ``ApplicationInvalid`` while it may not."""
    opened = _unfiled(call)
    data = opened.draft.data
    errors = opened.errors(data)
    if errors:
        raise ApplicationInvalid(errors=errors)
    used = {found.file for found in paper_files(opened.form, data)}
    application = Application(
        draft=opened.draft,
        unit=opened.unit,
        actor=call.actor,
        documents=tuple(document for document in opened.documents if document.id in used),
    )
    fees = preview_fees(opened.procedure, application, opened.now)
    items = [{"decision": one.decision, "amount": one.amount, "lines": one.lines} for one in fees]
    return answer({"amount": sum(one.amount for one in fees), "currency": "VND", "items": items})


def submit(call: Call) -> Response:
    """File the draft: from here on everything is on record."""
    draft = Opened(call.path["draft"]).draft
    if call.revision is not None and call.revision != draft.revision and not draft.dossier:
        raise RevisionStale(what=f"draft {draft.id}")
    filed = web.execute(FileDossier(draft=draft.id), key=call.key)
    location = f"{_BASE}/dossier/{filed['number']}"
    return answer({"number": filed["number"], "tracking": filed["tracking"]}, 201, location=location)
