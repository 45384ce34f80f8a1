"""Plans to move chosen dossiers to another version: proposed by one analyst, approved and carried out by another."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Any

from engine.commands import batches
from engine.commands.authoring import analyst
from engine.commands.context import Context
from engine.commands.publishing import FourEyes
from engine.errors import Conflict, DefinitionRefused, InvalidInput, Text
from engine.migration_findings import Move, misnamed
from engine.store.migration_plans import ItemState, MigrationPlan, PlanState
from engine.store.procedure_drafts import ProcedureEvent

#: Dossiers in one plan.
MOST = 500


class PlanDecided(Conflict):
    """The migration plan has been decided already: {state}."""

    code = "plan-decided"
    vi = "Kế hoạch chuyển phiên bản đã được quyết định: “{state}”."


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMigration:
    """Propose to move open dossiers of one version to another that was published."""

    procedure: str
    source: str
    target: str
    dossiers: tuple[str, ...]
    legal_basis: str  #: the provision that lets a dossier already received be settled by the other version
    mapping: dict[str, str] = field(default_factory=dict)


def plan_migration(context: Context, command: PlanMigration) -> dict[str, Any]:
    """The plan's id."""
    analyst(context)
    uow, chosen = context.uow, tuple(dict.fromkeys(command.dossiers))
    if not command.legal_basis.strip():
        raise InvalidInput(
            what=Text(vi="căn cứ pháp lý", en="legal basis"),
            why=Text(vi="phải nêu điều khoản cho phép chuyển", en="name the provision that allows the move"),
        )
    if not 1 <= len(chosen) <= MOST:
        raise InvalidInput(
            what=Text(vi="hồ sơ", en="dossiers"),
            why=Text(vi=f"chọn 1–{MOST} hồ sơ ({len(chosen)})", en=f"choose 1–{MOST} dossiers ({len(chosen)})"),
        )
    versions = {row.digest for row in uow.definitions.history(command.procedure)}
    if command.source == command.target or not {command.source, command.target} <= versions:
        raise InvalidInput(
            what=Text(vi="phiên bản", en="versions"),
            why=Text(vi="chọn hai phiên bản khác nhau đã ban hành", en="choose two different published versions"),
        )
    library = context.library
    move = Move(
        source=library.get(uow, command.source), target=library.get(uow, command.target), mapping=command.mapping
    )
    problems = misnamed(move)
    if problems:
        raise DefinitionRefused(problems=problems)
    _refuse_others(context, command, chosen)
    plan = MigrationPlan(
        id=secrets.token_hex(8),
        procedure=command.procedure,
        source=command.source,
        target=command.target,
        mapping=command.mapping,
        legal_basis=command.legal_basis.strip()[:2000],
        state=PlanState.PROPOSED,
        author=context.actor.login,
        author_name=context.actor.name,
        approver="",
        approver_name="",
        created_at=context.now,
        approved_at=None,
        batch="",
    )
    uow.migrations.add(plan, chosen)
    _tell(context, plan, "migration_planned", {"dossiers": len(chosen), "legal_basis": plan.legal_basis})
    return {"plan": plan.id}


def _refuse_others(context: Context, command: PlanMigration, chosen: tuple[str, ...]) -> None:
    """Only open dossiers of the old version that wait in no other plan."""
    planned = context.uow.migrations.planned(command.procedure)
    for number in chosen:
        dossier = context.uow.dossiers.get(number)
        if dossier.procedure != command.procedure or dossier.digest != command.source or dossier.business.closed:
            raise InvalidInput(
                what=Text(vi=f"hồ sơ {number}", en=f"dossier {number}"),
                why=Text(vi="không mở ở phiên bản cũ đã chọn", en="it is not open on the old version"),
            )
        if number in planned:
            raise InvalidInput(
                what=Text(vi=f"hồ sơ {number}", en=f"dossier {number}"),
                why=Text(vi="đã nằm trong kế hoạch khác", en="it is in another plan"),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveMigration:
    """Approve a proposed plan; a worker moves its dossiers, each in a transaction of its own."""

    plan: str


def approve_migration(context: Context, command: ApproveMigration) -> dict[str, Any]:
    """The batch that carries it out. The approver is nobody who proposed it."""
    plan, actor = _proposed(context, command.plan), context.actor
    if actor.login == plan.author or actor.is_system:
        raise FourEyes(name=actor.name)
    numbers = [item.dossier for item in context.uow.migrations.items(plan.id)]
    batch = batches.begin(context, "migrate", {"plan": plan.id}, [("", number, 0) for number in numbers])["batch"]
    approved = replace(
        plan,
        state=PlanState.APPROVED,
        approver=actor.login,
        approver_name=actor.name,
        approved_at=context.now,
        batch=batch,
    )
    context.uow.migrations.decide(approved)
    _tell(context, approved, "migration_approved", {"dossiers": len(numbers)})
    return {"plan": plan.id, "batch": batch}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPlanAside:
    """Give a proposed plan up, or refuse it."""

    plan: str
    reason: str = ""


def set_plan_aside(context: Context, command: SetPlanAside) -> dict[str, Any]:
    """The plan's state."""
    plan = _proposed(context, command.plan)
    dropped = replace(plan, state=PlanState.SET_ASIDE)
    context.uow.migrations.decide(dropped)
    _tell(context, dropped, "migration_set_aside", {"reason": command.reason.strip()[:2000]})
    return {"plan": plan.id, "state": dropped.state.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPlan:
    """Take back every dossier of a plan that has made no step since, or those chosen."""

    plan: str
    reason: str
    dossiers: tuple[str, ...] = ()  #: empty = all that were moved


def undo_plan(context: Context, command: UndoPlan) -> dict[str, Any]:
    """The batch that takes them back."""
    analyst(context)
    if not command.reason.strip():
        raise InvalidInput(
            what=Text(vi="lý do", en="reason"), why=Text(vi="phải ghi lý do hoàn tác", en="say why it is taken back")
        )
    plan = context.uow.migrations.get(command.plan)
    moved = [item.dossier for item in context.uow.migrations.items(plan.id) if item.state is ItemState.MIGRATED]
    numbers = [number for number in moved if not command.dossiers or number in command.dossiers]
    if not numbers:
        raise InvalidInput(
            what=Text(vi="hồ sơ", en="dossiers"), why=Text(vi="không có hồ sơ nào đã chuyển", en="none was moved")
        )
    reason = command.reason.strip()[:2000]
    told = {"plan": plan.id, "reason": reason}
    batch = batches.begin(context, "undo_migration", told, [("", number, 0) for number in numbers])["batch"]
    _tell(context, plan, "migration_undone", {"reason": reason, "dossiers": len(numbers)})
    return {"plan": plan.id, "batch": batch}


def _proposed(context: Context, plan_id: str) -> MigrationPlan:
    analyst(context)
    plan = context.uow.migrations.get(plan_id)
    if plan.state is not PlanState.PROPOSED:
        raise PlanDecided(state=plan.state.value)
    return plan


def _tell(context: Context, plan: MigrationPlan, kind: str, body: dict[str, Any]) -> None:
    context.uow.procedure_drafts.tell(
        ProcedureEvent(
            id=secrets.token_hex(8),
            procedure=plan.procedure,
            draft="",
            kind=kind,
            digest=plan.target,
            actor=context.actor.login,
            actor_name=context.actor.name,
            at=context.now,
            body=body | {"plan": plan.id, "from": plan.source, "to": plan.target},
        )
    )
