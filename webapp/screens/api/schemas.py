"""Component schemas: what bodies must be, and what answers are."""

from __future__ import annotations

from typing import Any

from engine.model.status import Business, Delivery, Finance, Sync
from engine.queries.api_search import DOSSIER_COLUMNS, TASK_COLUMNS
from webapp.screens.api.search_body import search_schema

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_WHOLE: Schema = {"type": "integer"}
_FLAG: Schema = {"type": "boolean"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_OBJECT: Schema = {"type": "object"}
_DIGEST: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def _record(**properties: Schema) -> Schema:
    """An object of exactly these members."""
    return {"type": "object", "additionalProperties": False, "required": [*properties], "properties": properties}


def _loose(record: Schema, *names: str) -> Schema:
    """The record whose members ``names`` may be left out."""
    return record | {"required": [name for name in record["required"] if name not in names]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _page(items: Schema) -> Schema:
    return _record(items=_list(items), page=_ref("Page"))


def _typed(least: int, most: int) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": most}


def _one_of(values: type[Business] | type[Finance] | type[Delivery] | type[Sync]) -> Schema:
    return {"type": "string", "enum": [value.value for value in values]}


_WORDS = _ref("Words")
_NAMED = _record(code=_TEXT, name=_WORDS)
_FIELD = _record(code=_TEXT, name=_WORDS)
_FORM = _record(name=_TEXT, schema=_OBJECT)
_STATUS = {"business": _one_of(Business), "finance": _one_of(Finance), "delivery": _one_of(Delivery)}
_LATENESS: Schema = {"type": "string", "enum": ["", "due_soon", "overdue"]}

_INTERFACE: dict[str, Schema] = {
    "OpenApi": _OBJECT,
    "Nothing": _record(),
    "File": {"type": "string", "contentMediaType": "application/pdf"},
    "Words": _record(vi=_TEXT, en=_TEXT),
    "Page": _record(limit=_WHOLE, after=_maybe(_TEXT)),
    "Mistake": _record(pointer=_TEXT, code=_TEXT, message=_TEXT),
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code", "instance"],
        "properties": {
            "type": {"type": "string", "description": "urn:motcua:problem: and the code"},
            "title": {"type": "string", "description": "What is the matter, in Vietnamese"},
            "status": _WHOLE,
            "detail": {"type": "string", "description": "The same in the language asked for (Accept-Language)"},
            "code": {"type": "string", "description": "Stable, for programs"},
            "instance": {"type": "string", "description": "This request, as the log names it"},
            "errors": _list(_ref("Mistake")),
        },
    },
    "Credentials": _record(login=_typed(1, 64), password=_typed(1, 256)),
    "Token": _record(token=_TEXT, type={"const": "Bearer"}, expires_at=_MOMENT),
    "Upload": _loose(
        _record(
            file={"type": "string", "format": "binary"},
            paper={"type": "string", "description": "Which paper of the form it is; needed when there are several."},
        ),
        "paper",
    ),
    "Uploaded": _record(id=_TEXT, name=_TEXT, paper=_TEXT, media_type=_TEXT, pages=_WHOLE, size=_WHOLE, digest=_DIGEST),
}

_ROW = {
    "code": _TEXT, "version": _DIGEST, "name": _WORDS, "short_name": _WORDS, "summary": _WORDS, "field": _FIELD,
    "level": _TEXT,
}  # fmt: skip
_PROCEDURES: dict[str, Schema] = {
    "ProcedureRow": _record(**_ROW, online=_FLAG, free=_FLAG),
    "ProcedureList": _page(_ref("ProcedureRow")),
    "Procedure": _record(
        **_ROW,
        release=_TEXT,
        effective_from=_MOMENT,
        decision=_TEXT,
        legal=_list(_TEXT),
        channels=_list(_TEXT),
        limits=_list(_OBJECT),
        fees=_list(_NAMED),
        fee_notes=_list(_TEXT),
        papers=_list(_record(code=_TEXT, name=_WORDS, required=_FLAG)),
        results=_list(_NAMED),
        units=_list(_record(code=_TEXT, name=_TEXT)),
        application_form=_FORM,
    ),
}

_DRAFTS: dict[str, Schema] = {
    "NewDraft": _record(procedure=_typed(1, 40), unit=_typed(1, 40)),
    "DraftChange": _loose(_record(data=_OBJECT, unit=_typed(1, 40)), "data", "unit") | {"minProperties": 1},
    "Draft": _record(
        id=_TEXT,
        procedure=_TEXT,
        unit=_TEXT,
        revision=_WHOLE,
        created_at=_MOMENT,
        updated_at=_MOMENT,
        dossier=_maybe(_TEXT),
        data=_OBJECT,
        documents=_list(_ref("Document")),
        errors=_list(_ref("Mistake")),
    ),
    "Fee": _record(
        amount=_WHOLE,
        currency={"const": "VND"},
        items=_list(_record(decision=_TEXT, amount=_WHOLE, lines=_list(_OBJECT))),
    ),
    "Filed": _record(number=_TEXT, tracking=_TEXT),
    "Document": _record(
        id=_TEXT, kind=_TEXT, paper=_TEXT, name=_TEXT, media_type=_TEXT, pages=_WHOLE, size=_WHOLE, digest=_DIGEST,
        uploaded_at=_MOMENT,
    ),
}  # fmt: skip

_PORTAL = _record(code={"type": "integer", "minimum": 1, "maximum": 10}, name=_WORDS)
_HEAD = {
    "number": _TEXT, "procedure": _TEXT, "procedure_name": _TEXT, "revision": _WHOLE, "portal": _PORTAL,
    "channel": _TEXT, "applicant_name": _TEXT, "holder_name": _TEXT, "receiving_unit": _TEXT, "competent_unit": _TEXT,
    "filed_at": _MOMENT, "received_at": _maybe(_MOMENT), "due_at": _maybe(_MOMENT), "closed_at": _maybe(_MOMENT),
    "lateness": _LATENESS, "waiting_for": _TEXT,
}  # fmt: skip
_STANDING = _record(
    state={"enum": ["in_time", "due_soon", "overdue", "paused", "done"]},
    working_minutes=_WHOLE,
    words=_WORDS,
    on_time=_maybe(_FLAG),
)
_CHARGE = _record(
    id=_TEXT,
    item=_TEXT,
    name=_TEXT,
    amount=_WHOLE,
    state={"enum": ["due", "paid", "refund_due", "refunded", "cancelled"]},
    unit=_TEXT,
    lines={"type": "array"},
    receipt=_maybe(_TEXT),
)
_TASK_HEAD = {
    "id": _TEXT, "node": _TEXT, "name": _TEXT, "role": _TEXT, "unit": _TEXT,
    "state": {"enum": ["open", "completed", "cancelled"]}, "assignee": _maybe(_TEXT), "revision": _WHOLE,
    "created_at": _MOMENT, "due_at": _maybe(_MOMENT), "completed_at": _maybe(_MOMENT),
}  # fmt: skip
_EVENT = _record(
    seq=_WHOLE, at=_MOMENT, actor=_TEXT, on_behalf_of=_TEXT, unit=_TEXT, kind=_TEXT, version=_WHOLE, node=_TEXT,
    task=_TEXT, body={"type": "string", "description": "Canonical JSON, exactly as hashed"}, prev_hash=_DIGEST,
    hash=_DIGEST,
)  # fmt: skip
_DOSSIERS: dict[str, Schema] = {
    "DossierSearch": search_schema(DOSSIER_COLUMNS),
    "DossierRow": _record(**_HEAD, status=_record(**_STATUS)),
    "DossierList": _page(_ref("DossierRow")),
    "Dossier": _record(
        **_HEAD,
        status=_record(**_STATUS, sync=_one_of(Sync)),
        version=_DIGEST,
        standing=_maybe(_STANDING),
        tracking=_TEXT,
        chain=_record(length=_WHOLE, head=_DIGEST),
        data=_OBJECT,
        charges=_list(_CHARGE),
        tasks=_list(_record(**_TASK_HEAD)),
        documents=_list(_ref("Document")),
        result=_maybe(_TEXT),
    ),
    "History": _record(
        dossier=_TEXT, procedure=_TEXT, definition=_DIGEST, head=_DIGEST, hash=_TEXT, events=_list(_EVENT)
    ),
    "Result": _record(
        dossier=_TEXT, number=_TEXT, kind=_TEXT, digest=_DIGEST, document=_TEXT, signed_by=_TEXT, signed_at=_MOMENT,
        verify_code=_TEXT, signatures=_list(_OBJECT),
    ),
    "Verdict": _record(
        dossier=_TEXT,
        holds=_FLAG,
        events=_WHOLE,
        files=_WHOLE,
        findings=_list(_record(dossier=_TEXT, place=_TEXT, what=_TEXT)),
    ),
    "Deadline": _record(number=_TEXT, deadline=_maybe(_OBJECT)),
    "Payment": _record(
        charge=_TEXT,
        dossier=_TEXT,
        reference=_TEXT,
        amount=_WHOLE,
        currency={"const": "VND"},
        payment_url=_TEXT,
        vietqr=_TEXT,
        beneficiary=_record(bank=_TEXT, account=_TEXT, name=_TEXT),
    ),
}  # fmt: skip

_TASK_ROW = {
    **_TASK_HEAD, "dossier": _TEXT, "priority": _WHOLE, "procedure": _TEXT, "procedure_name": _TEXT,
    "applicant_name": _TEXT, "note": _TEXT, "lateness": _LATENESS, "completed_by": _maybe(_TEXT),
}  # fmt: skip
_TASKS: dict[str, Schema] = {
    "TaskSearch": search_schema(TASK_COLUMNS),
    "TaskCount": search_schema(TASK_COLUMNS, paged=False),
    "TaskRow": _record(**_TASK_ROW),
    "TaskList": _page(_ref("TaskRow")),
    "Count": _record(count=_WHOLE, more=_FLAG),
    "Task": _record(**_TASK_ROW, form=_maybe(_FORM), data=_maybe(_OBJECT), inputs=_maybe(_OBJECT)),
    "Held": _record(task=_TEXT, revision=_WHOLE),
    "Completion": _loose(
        _record(
            data=_OBJECT,
            late_reason={
                "type": "string",
                "maxLength": 2000,
                "description": "Why the dossier is late: needed once after its due moment has passed",
            },
        ),
        "late_reason",
    ),
    "Completed": _record(task=_TEXT, dossier=_TEXT),
    "SignatureReport": _record(
        field=_TEXT, signer=_TEXT, serial=_TEXT, level=_TEXT, signed_at=_maybe(_MOMENT), valid=_FLAG, intact=_FLAG,
        trusted=_FLAG, revoked=_FLAG, coverage=_TEXT, modification=_TEXT, problem=_TEXT, reason=_TEXT,
    ),
    "SignatureCheck": _record(
        digest=_DIGEST,
        valid=_FLAG,
        signatures=_list(_ref("SignatureReport")),
        issued_here=_maybe(_record(number=_TEXT, signed_at=_MOMENT)),
    ),
}  # fmt: skip

#: Every component schema by name.
SCHEMAS: dict[str, Schema] = {**_INTERFACE, **_PROCEDURES, **_DRAFTS, **_DOSSIERS, **_TASKS}
