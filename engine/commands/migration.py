"""One dossier goes to another version of its procedure by an approved plan, or comes back before its next step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine import bpmn
from engine.bpmn import migration
from engine.commands import deadlines, notices
from engine.commands.authoring import analyst
from engine.commands.context import Context
from engine.commands.work import Work
from engine.errors import Conflict, DomainError, IntegrityBroken, InvalidInput, Problem, Text
from engine.migration_findings import Move, findings, limit_of
from engine.model.events import DRIVING
from engine.store.migration_plans import ItemState, MigrationItem, MigrationPlan, PlanState
from engine.store.records import Dossier
from engine.work_rows import carried, row_told, task_row


class PlanNotApproved(Conflict):
    """The migration plan is {state}; another person has to approve it first."""

    code = "plan-not-approved"
    vi = "Kế hoạch chuyển phiên bản đang là “{state}”; phải có người thứ hai duyệt trước."


class MigrationFinal(DomainError):
    """Dossier {number} has gone on since it was moved ({kind}); the move cannot be taken back."""

    code = "migration-final"
    vi = "Hồ sơ {number} đã đi bước mới sau khi chuyển ({kind}); không hoàn tác được nữa."


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrateDossier:
    """Move one dossier of an approved plan."""

    plan: str
    dossier: str


def migrate_dossier(context: Context, command: MigrateDossier) -> dict[str, Any]:
    """What came of it: ``migrated``, or ``refused`` with named reasons and nothing changed. A second time: the same."""
    analyst(context)
    plan = context.uow.migrations.get(command.plan)
    if plan.state is not PlanState.APPROVED:
        raise PlanNotApproved(state=plan.state.value)
    dossier = context.uow.dossiers.get(command.dossier)
    item = context.uow.migrations.item(plan.id, dossier.number)
    if item.state is not ItemState.WAITING:
        return {"state": item.state.value}
    library, uow = context.library, context.uow
    move = Move(source=library.get(uow, plan.source), target=library.get(uow, plan.target), mapping=plan.mapping)
    problems = _standing(dossier, plan)
    work = Work.open(context, dossier)
    if not problems:
        problems = findings(dossier, work.instance, move, context.now.date())
    if problems:
        told = [problem.as_json() for problem in problems]
        refused = replace(item, state=ItemState.REFUSED, findings=told, at=context.now)
        uow.migrations.record(refused, before=ItemState.WAITING)
        return {"state": ItemState.REFUSED.value, "code": problems[0].code}
    after = _move(work, plan, move)
    done = replace(
        item,
        state=ItemState.MIGRATED,
        old_due=dossier.due_at,
        new_due=after.due_at,
        state_before=dossier.state,
        limit_before=dossier.deadline.get("limit", {}),
        seq=after.seq,
        at=context.now,
    )
    uow.migrations.record(done, before=ItemState.WAITING)
    return {"state": ItemState.MIGRATED.value}


def _standing(dossier: Dossier, plan: MigrationPlan) -> tuple[Problem, ...]:
    """What has become of the dossier since it was chosen."""
    if dossier.business.closed:
        text = Text(vi="Hồ sơ đã kết thúc.", en="The dossier is closed.")
    elif dossier.digest != plan.source:
        text = Text(vi="Hồ sơ không còn ở phiên bản cũ.", en="The dossier is no longer on the old version.")
    else:
        return ()
    remedy = Text(vi="Không cần làm gì.", en="Nothing has to be done.")
    return (Problem(code="migration-moved-on", message=text, remedy=remedy),)


def _move(work: Work, plan: MigrationPlan, move: Move) -> Dossier:
    old, before = work.instance, work.instance.fingerprint()
    moved, shifts = migration.migrate(old, move.target.definition, plan.mapping, now=work.context.now)
    work.instance, work.procedure = moved, move.target
    work.tell(
        "DossierMigrated",
        {
            "plan": plan.id,
            "from": plan.source,
            "to": plan.target,
            "mapping": plan.mapping,
            "before": before,
            "legal_basis": plan.legal_basis,
            "author": plan.author,
            "author_name": plan.author_name,
            "approver": plan.approver,
            "approver_name": plan.approver_name,
            "timers": [[shift.element, shift.old.isoformat(), shift.new.isoformat()] for shift in shifts],
        }
        | work.counted_by(),
    )
    work.change(digest=plan.target)
    limit = limit_of(work.dossier, move.target)
    if limit is not None:
        _set_limit(work, limit.as_json())
    return _rest(work)


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoMigration:
    """Take one dossier back to the version it came from."""

    plan: str
    dossier: str
    reason: str


def undo_migration(context: Context, command: UndoMigration) -> dict[str, Any]:
    """``reverted``. ``MigrationFinal`` once the process has made a step on the new version."""
    analyst(context)
    if not command.reason.strip():
        raise InvalidInput(
            what=Text(vi="lý do", en="reason"), why=Text(vi="phải ghi lý do hoàn tác", en="say why it is taken back")
        )
    plan = context.uow.migrations.get(command.plan)
    dossier = context.uow.dossiers.get(command.dossier)
    item = context.uow.migrations.item(plan.id, dossier.number)
    if item.state is ItemState.REVERTED:
        return {"state": item.state.value}
    _refuse_final(context, dossier, item, plan)
    work = Work.open(context, dossier)
    source = context.library.get(context.uow, plan.source)
    functions = work.instance.functions
    work.instance = bpmn.Instance.load(source.definition, item.state_before, now=context.now, functions=functions)
    told = next(
        event.content()
        for event in reversed(context.uow.journal.of(dossier.number))
        if event.kind == "DossierMigrated" and event.content()["plan"] == plan.id
    )
    if work.instance.fingerprint() != told["before"]:
        raise IntegrityBroken(
            what=Text(vi=f"trạng thái của {dossier.number} trước khi chuyển", en=f"former state of {dossier.number}"),
            why=plan.id,
        )
    work.procedure = source
    work.tell(
        "MigrationReverted",
        {"plan": plan.id, "from": plan.target, "to": plan.source, "reason": command.reason.strip()[:2000]},
    )
    work.change(digest=plan.source)
    if item.limit_before and "limit" in dossier.deadline:
        _set_limit(work, item.limit_before)
    after = _rest(work)
    reverted = replace(item, state=ItemState.REVERTED, seq=after.seq, at=context.now)
    context.uow.migrations.record(reverted, before=ItemState.MIGRATED)
    return {"state": ItemState.REVERTED.value}


def _refuse_final(context: Context, dossier: Dossier, item: MigrationItem, plan: MigrationPlan) -> None:
    if item.state is not ItemState.MIGRATED or dossier.digest != plan.target:
        raise MigrationFinal(number=dossier.number, kind=item.state.value)
    for event in context.uow.journal.of(dossier.number):
        if event.seq > item.seq and event.kind in DRIVING:
            raise MigrationFinal(number=dossier.number, kind=event.kind)


def _set_limit(work: Work, limit: dict[str, Any]) -> None:
    """Derive the deadline from another limit and tell the applicant when it moves."""
    before = work.dossier.due_at
    if work.dossier.deadline["limit"] == limit:
        return
    work.change(deadline=work.dossier.deadline | {"limit": limit})
    deadlines.derive(work)
    if work.dossier.due_at != before:
        _tell_applicant(work, before, work.dossier.due_at)


def _tell_applicant(work: Work, before: datetime | None, after: datetime | None) -> None:
    number, then, now = work.dossier.number, notices.shown(before), notices.shown(after)
    subject = Text(vi=f"Hẹn trả mới của hồ sơ {number}", en=f"New due moment of dossier {number}")
    body = Text(
        vi=f"Hồ sơ được giải quyết theo phiên bản khác của thủ tục: hẹn trả {then} nay là {now}",
        en=f"The dossier is settled by another version of its procedure: {then} is now {now}",
    )
    notices.tell_applicant(work.context, work.dossier, subject, body)


def _rest(work: Work) -> Dossier:
    """Carry the open tasks over to what the version now in use says of them, and write."""
    tasks, dossier = work.context.uow.tasks, work.dossier
    for row in tasks.of(dossier.number):
        if row.state == "open":
            task = work.instance.open_task(row.id)
            fresh = task_row(task, dossier, row.note, row.created_at)
            if fresh.unit and "unit" in task.attributes:  # one that is not there is refused: no task is lost
                work.context.uow.organisation.unit(fresh.unit, work.context.now)
            tasks.carry(row.id, carried(row_told(row), fresh))
    return work.write()
