"""Authoring a procedure: drafts that several analysts edit, never lose a saved state and are submitted for approval."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.commands.context import Context
from engine.commands.draft_problems import package_of, problems_of, unreadable
from engine.definitions.manifest import FILE, read_manifest
from engine.errors import Conflict, DefinitionRefused, DomainError, Forbidden, InvalidInput, MotcuaError, NotFound, Text
from engine.model.permission import ANALYST
from engine.store.procedure_drafts import DraftFile, DraftState, ProcedureDraft, ProcedureEvent
from engine.values import Digest, ProcedureCode

#: A draft holds at most so many files and bytes.
MAX_FILES = 400
MAX_BYTES = 20 * 1024 * 1024


class FileConflict(Conflict):
    """{name} was saved by {by} at {at} after you opened it. Nothing of yours is lost: compare both and save again."""

    code = "draft-file-conflict"
    vi = "{by} đã lưu {name} lúc {at}, sau khi bạn mở. Phần của bạn không mất: hãy so hai bản rồi lưu lại."


class DraftClosed(DomainError):
    """This draft is not being edited now ({state}). Take it back or begin a new one."""

    code = "draft-closed"
    vi = "Bản soạn này hiện không sửa được ({state}). Hãy rút lại hoặc tạo bản mới."


class NotRehearsed(DomainError):
    """Not ready to submit: {why}"""

    code = "draft-not-rehearsed"
    vi = "Chưa trình được: {why_vi}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginDraft:
    """Begin to author a version of a procedure with these files."""

    procedure: str
    name: str
    origin: str  #: blank, copy, template, catalogue or import
    files: Mapping[str, bytes]
    base: str = ""  #: digest of the version it is a copy of
    note: str = ""


def begin_draft(context: Context, command: BeginDraft) -> dict[str, Any]:
    """The new draft's id; ``DefinitionRefused`` when a file cannot be read at all."""
    analyst(context)
    if len(command.files) > MAX_FILES or sum(map(len, command.files.values())) > MAX_BYTES:
        raise InvalidInput(
            what=Text(vi="bộ thủ tục", en="package"),
            why=Text(
                vi=f"quá {MAX_FILES} tệp hoặc {MAX_BYTES >> 20} MB",
                en=f"more than {MAX_FILES} files or {MAX_BYTES >> 20} MB",
            ),
        )
    problems = tuple(problem for name, content in command.files.items() for problem in unreadable(name, content))
    if problems:
        raise DefinitionRefused(problems=problems)
    draft = ProcedureDraft(
        id=secrets.token_hex(8),
        procedure=str(ProcedureCode(command.procedure)),
        name=command.name[:500],
        state=DraftState.EDITING,
        revision=1,
        origin=command.origin,
        base=command.base,
        author=context.actor.login,
        decision="",
        effective_from=None,
        note=command.note[:2000],
        digest="",
        submitted_by="",
        approver="",
        created_at=context.now,
        updated_at=context.now,
        updated_by=context.actor.name,
    )
    context.uow.procedure_drafts.add(draft, command.files)
    tell(context, draft, "begun", {"origin": command.origin, "base": command.base})
    return {"draft": draft.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveFile:
    """Keep a file of a draft, whatever is wrong with it, unless it cannot be read at all."""

    draft: str
    name: str
    content: bytes
    seen: str  #: digest of the state that was edited; '' for a file that did not exist


def save_file(context: Context, command: SaveFile) -> dict[str, Any]:
    """The file's new digest and whether anything changed; ``FileConflict`` when somebody else saved meanwhile."""
    draft = open_draft(context, command.draft)
    problems = unreadable(command.name, command.content)
    if problems:
        raise DefinitionRefused(problems=problems)
    known = context.uow.procedure_drafts.file(draft.id, command.name)
    current = "" if known is None or known.gone else str(Digest.of(known.content))
    new = str(Digest.of(command.content))
    if current == new:
        return {"digest": new, "changed": False, "revision": draft.revision}
    if current != command.seen:
        raise FileConflict(
            name=command.name,
            by=_name_of(context, known.author) if known else "–",
            at=f"{known.at:%H:%M %d/%m/%Y}" if known else "–",
        )
    after = _touched(context, draft, **_said_in_manifest(command))
    context.uow.procedure_drafts.add_state(_state(context, after, command.name, command.content))
    return {"digest": new, "changed": True, "revision": after.revision}


@dataclass(frozen=True, slots=True, kw_only=True)
class DropFile:
    """Take a file out of a draft; its saved states stay."""

    draft: str
    name: str


def drop_file(context: Context, command: DropFile) -> dict[str, Any]:
    """The file's name."""
    draft = open_draft(context, command.draft)
    if command.name == FILE:
        raise InvalidInput(what=FILE, why=Text(vi="không bỏ được thông tin thủ tục", en="the manifest stays"))
    known = context.uow.procedure_drafts.file(draft.id, command.name)
    if known is None or known.gone:
        raise NotFound(what=command.name)
    after = _touched(context, draft)
    context.uow.procedure_drafts.add_state(_state(context, after, command.name, b"", gone=True))
    return {"name": command.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Put a draft away, or take it up again."""

    draft: str
    away: bool = True


def set_aside(context: Context, command: SetAside) -> dict[str, Any]:
    """The draft's state."""
    analyst(context)
    draft = context.uow.procedure_drafts.get(command.draft)
    if draft.state is not (DraftState.EDITING if command.away else DraftState.SET_ASIDE):
        raise DraftClosed(state=draft.state.value)
    state = DraftState.SET_ASIDE if command.away else DraftState.EDITING
    after = _touched(context, draft, state=state)
    tell(context, after, "set_aside" if command.away else "taken_up", {})
    return {"state": state.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What playing a draft's scenarios came to: for which files, how many, what failed, which flows nobody took."""

    digest: str
    scenarios: int
    failures: tuple[Text, ...] = ()
    flows_missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitDraft:
    """Ask another person to approve: from here on nobody edits the draft."""

    draft: str
    rehearsal: Rehearsal
    decision: str  #: number and date of the publishing decision
    effective_from: datetime | None = None  #: None = when approved
    note: str = ""


def submit_draft(context: Context, command: SubmitDraft) -> dict[str, Any]:
    """The digest that is to be approved. Refused while there is any error, a failing scenario or a flow not covered."""
    draft = open_draft(context, command.draft)
    decision = command.decision.strip()
    if not decision or len(decision) > 200:
        raise InvalidInput(what=Text(vi="số, ngày quyết định", en="decision"), why=Text(vi="phải có", en="required"))
    if command.effective_from is not None and command.effective_from < context.now:
        raise InvalidInput(
            what=Text(vi="hiệu lực từ", en="effective from"), why=Text(vi="không lùi về trước", en="not in the past")
        )
    files = context.uow.procedure_drafts.files(draft.id)
    refuse_errors(context, files)
    digest = str(package_of(files).digest)
    refuse_unrehearsed(command.rehearsal, digest)
    after = _touched(
        context,
        draft,
        state=DraftState.SUBMITTED,
        decision=decision,
        effective_from=command.effective_from,
        note=command.note[:2000],
        digest=digest,
        submitted_by=context.actor.login,
    )
    tell(
        context,
        after,
        "submitted",
        {"decision": decision, "note": after.note, "scenarios": command.rehearsal.scenarios},
    )
    return {"digest": digest}


def refuse_errors(context: Context, files: Mapping[str, bytes]) -> None:
    """``DefinitionRefused`` with every error of a draft's files."""
    problems = problems_of(files, functions=context.library.functions)
    errors = tuple(problem for problem in problems if problem.severity == "error")
    if errors:
        raise DefinitionRefused(problems=errors)


def refuse_unrehearsed(rehearsal: Rehearsal, digest: str) -> None:
    """``NotRehearsed`` unless these very files have scenarios that all hold and take every flow."""
    if rehearsal.digest != digest:
        raise NotRehearsed(
            why="the files changed since the scenarios were played", why_vi="tệp đã đổi sau khi chạy kịch bản"
        )
    if not rehearsal.scenarios:
        raise NotRehearsed(why="there is no scenario", why_vi="chưa có kịch bản nào")
    if rehearsal.failures:
        raise NotRehearsed(
            why=f"scenarios fail: {rehearsal.failures[0].en}", why_vi=f"kịch bản sai: {rehearsal.failures[0].vi}"
        )
    if rehearsal.flows_missing:
        missing = ", ".join(rehearsal.flows_missing[:10])
        raise NotRehearsed(why=f"no scenario takes: {missing}", why_vi=f"chưa kịch bản nào đi qua: {missing}")


def analyst(context: Context) -> None:
    """``Forbidden`` unless the actor authors procedures."""
    if not (context.actor.is_system or context.actor.holds(ANALYST)):
        raise Forbidden(why=Text(vi="cần vai trò người soạn quy trình", en="needs the role analyst"))


def open_draft(context: Context, draft_id: str) -> ProcedureDraft:
    """The draft, if the actor may edit it now."""
    analyst(context)
    draft = context.uow.procedure_drafts.get(draft_id)
    if draft.state is not DraftState.EDITING:
        raise DraftClosed(state=draft.state.value)
    return draft


def tell(context: Context, draft: ProcedureDraft, kind: str, body: dict[str, Any]) -> None:
    """Add to the procedure's history."""
    context.uow.procedure_drafts.tell(
        ProcedureEvent(
            id=secrets.token_hex(8),
            procedure=draft.procedure,
            draft=draft.id,
            kind=kind,
            digest=draft.digest,
            actor=context.actor.login,
            actor_name=context.actor.name,
            at=context.now,
            body=body,
        )
    )


def _name_of(context: Context, login: str) -> str:
    account = context.uow.organisation.account(login)
    return account.name if account else login


def _said_in_manifest(command: SaveFile) -> dict[str, Any]:
    """Code and short name as a saved manifest gives them; nothing for other files or a manifest with mistakes."""
    if command.name != FILE:
        return {}
    try:
        manifest = read_manifest(command.content)
    except MotcuaError:
        return {}
    return {"procedure": str(manifest.code), "name": manifest.short_name.vi[:500]}


def _touched(context: Context, draft: ProcedureDraft, **changes: Any) -> ProcedureDraft:
    return context.uow.procedure_drafts.save(
        replace(draft, updated_at=context.now, updated_by=context.actor.name, **changes)
    )


def _state(context: Context, draft: ProcedureDraft, name: str, content: bytes, *, gone: bool = False) -> DraftFile:
    return DraftFile(
        draft=draft.id,
        name=name,
        revision=draft.revision,
        content=content,
        gone=gone,
        author=context.actor.login,
        at=context.now,
    )
