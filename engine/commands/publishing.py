"""Publishing what was authored: another person's approval, retiring, and filling the national catalogue."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from engine.commands.authoring import DraftClosed, Rehearsal, analyst, refuse_errors, refuse_unrehearsed, tell
from engine.commands.context import Context
from engine.commands.definitions import DeployProcedure, put_in_force
from engine.commands.draft_problems import package_of
from engine.definitions.national_catalogue import Entry
from engine.errors import DomainError, IntegrityBroken, InvalidInput, NotFound, Text
from engine.model.permission import OPERATOR
from engine.store.procedure_drafts import DraftState, ProcedureDraft, ProcedureEvent


class FourEyes(DomainError):
    """Another person has to approve: {name} wrote or submitted this draft."""

    code = "four-eyes"
    vi = "Phải do người khác duyệt: {name} đã soạn hoặc trình bản này."


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveDraft:
    """Put a submitted draft in force on a second person's word."""

    draft: str
    digest: str  #: of what the approver looked at
    rehearsal: Rehearsal  #: played again at the approval
    record: dict[str, Any] = field(
        default_factory=dict
    )  #: the signed record: digest of its PDF, signer, key; or why none


def approve_draft(context: Context, command: ApproveDraft) -> dict[str, Any]:
    """The deployment and the version's digest. The approver is nobody who saved a file of it, began or submitted it."""
    draft, actor = _submitted(context, command.draft), context.actor
    hands = context.uow.procedure_drafts.authors(draft.id) | {draft.author, draft.submitted_by}
    if actor.login in hands or actor.is_system:
        raise FourEyes(name=actor.name)
    files = context.uow.procedure_drafts.files(draft.id)
    package = package_of(files)
    if package.digest != draft.digest:
        raise IntegrityBroken(
            what=Text(vi=f"bản soạn {draft.id}", en=f"draft {draft.id}"),
            why=Text(vi="tệp khác với bản đã trình", en="its files differ from what was submitted"),
        )
    if command.digest != draft.digest:
        raise InvalidInput(
            what=Text(vi="bản duyệt", en="approval"),
            why=Text(vi="bản đang xem không phải bản đã trình", en="another version was shown"),
        )
    refuse_errors(context, files)
    refuse_unrehearsed(command.rehearsal, draft.digest)
    start = max(draft.effective_from or context.now, context.now)
    deploy = DeployProcedure(package=package, effective_from=start, decision=draft.decision, approver=actor.login)
    answer = put_in_force(context, deploy, author=draft.submitted_by)
    after = _moved(context, draft, state=DraftState.PUBLISHED, approver=actor.login)
    tell(
        context,
        after,
        "published",
        {
            "decision": draft.decision,
            "effective_from": start.isoformat(),
            "author": draft.submitted_by,
            "authors": sorted(hands),
            "scenarios": command.rehearsal.scenarios,
            "record": command.record,
            "changed": answer["changed"],
        },
    )
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDraft:
    """Give a submitted draft back to its authors: with a reason, or taken back by who submitted it."""

    draft: str
    reason: str


def return_draft(context: Context, command: ReturnDraft) -> dict[str, Any]:
    """The draft's state."""
    draft = _submitted(context, command.draft)
    own = context.actor.login == draft.submitted_by
    if not own and not command.reason.strip():
        raise InvalidInput(
            what=Text(vi="lý do", en="reason"), why=Text(vi="phải ghi lý do trả lại", en="say why it goes back")
        )
    after = _moved(context, draft, state=DraftState.EDITING, digest="", submitted_by="")
    tell(context, after, "taken_back" if own else "returned", {"reason": command.reason.strip()[:2000]})
    return {"state": after.state.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireProcedure:
    """Take a procedure out of force; dossiers already filed are settled to their end."""

    procedure: str
    decision: str
    reason: str
    at: datetime | None = None  #: now when None; never in the past


def retire_procedure(context: Context, command: RetireProcedure) -> dict[str, Any]:
    """Since when it is out of force."""
    analyst(context)
    if not command.decision.strip() or not command.reason.strip():
        raise InvalidInput(
            what=Text(vi="bãi bỏ", en="retiring"),
            why=Text(vi="ghi số quyết định và lý do", en="give the decision and the reason"),
        )
    at = max(command.at or context.now, context.now)
    if not context.uow.definitions.retire(command.procedure, at):
        raise NotFound(
            what=Text(
                vi=f"thủ tục đang hiệu lực {command.procedure[:40]}", en=f"procedure in force {command.procedure[:40]}"
            )
        )
    context.uow.procedure_drafts.tell(
        ProcedureEvent(
            id=secrets.token_hex(8),
            procedure=command.procedure,
            draft="",
            kind="retired",
            digest="",
            actor=context.actor.login,
            actor_name=context.actor.name,
            at=context.now,
            body={"decision": command.decision[:200], "reason": command.reason[:2000], "from": at.isoformat()},
        )
    )
    return {"retired_from": at.isoformat()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportNationalCatalogue:
    """Put a national catalogue in place of the one imported before."""

    entries: tuple[Entry, ...]


def import_national_catalogue(context: Context, command: ImportNationalCatalogue) -> dict[str, Any]:
    """How many entries there are now."""
    if not context.actor.holds(OPERATOR):
        analyst(context)
    rows = (
        {
            "code": entry.code,
            "name": entry.name,
            "field": entry.field,
            "search": entry.search,
            "entry": orjson.dumps(dict(entry.raw)).decode(),
        }
        for entry in command.entries
    )
    context.uow.procedure_drafts.replace_catalogue(rows, context.now)
    return {"entries": len(command.entries)}


def _submitted(context: Context, draft_id: str) -> ProcedureDraft:
    analyst(context)
    draft = context.uow.procedure_drafts.get(draft_id)
    if draft.state is not DraftState.SUBMITTED:
        raise DraftClosed(state=draft.state.value)
    return draft


def _moved(context: Context, draft: ProcedureDraft, **changes: Any) -> ProcedureDraft:
    return context.uow.procedure_drafts.save(
        replace(draft, updated_at=context.now, updated_by=context.actor.name, **changes)
    )
