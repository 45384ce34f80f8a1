"""Moving chosen dossiers to another version: choose and preview, propose, approve, watch, take back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.bpmn import migration
from engine.commands.migration_plans import ApproveMigration, PlanMigration, SetPlanAside, UndoPlan
from engine.commands.publishing import FourEyes
from engine.errors import DefinitionRefused, InvalidInput, NotFound
from engine.migration_findings import Move, misnamed
from engine.model.both_languages import part
from engine.procedures import Procedure
from engine.queries import procedure_history
from engine.queries.migration_preview import MOST, Prospect, lost, prospects
from engine.queries.standing import Standings
from engine.store.desk_records import BatchItem
from engine.store.migration_plans import ItemState, PlanState
from engine.store.unit_of_work import UnitOfWork
from webapp import web
from webapp.screens.studio.blueprint import analyst_only, screen, told
from webapp.words import gettext as _


@screen.get("/procedure/<code>/migrate")
@analyst_only
def migrate(code: str) -> str:
    """Choose the versions, map lost steps, see what would happen to each open dossier."""
    return _page(code)


def _page(code: str, said: str = "", problems: list[dict[str, Any]] | None = None) -> str:
    asked, now = request.values, web.product().clock.now()
    with web.reading() as uow:
        known = procedure_history.versions(uow.connection, code, now)
        if not known:
            raise NotFound(what=_("thủ tục %(code)s", code=code[:40]))
        digests = [row.deployment.digest for row in known]
        current = next((row.deployment.digest for row in known if row.in_force), digests[0])
        others = [row for row in known if row.deployment.digest != current]
        fullest = max(others, key=lambda row: row.open).deployment.digest if others else ""
        source, target = asked.get("source", fullest), asked.get("target", current)
        move, found, planned = None, tuple[Prospect, ...](), frozenset[str]()
        if source in digests and target in digests and source != target:
            move = _move(uow, source, target)
            wrong = misnamed(move)
            problems = problems or told(wrong)
            standings = Standings(uow=uow, calendar=web.product().bus.rules.calendar, now=now)
            found = () if wrong else prospects(standings, code, move)
            planned = uow.migrations.planned(code)
        plans = uow.migrations.of(code)
    return render_template(
        "studio/migrate.html",
        code=code,
        versions=known,
        source=source,
        target=target,
        move=move,
        rows=[_row(one, move) for one in found] if move else [],
        planned=planned,
        lost=_lost(move, found) if move else [],
        most=MOST,
        plans=plans,
        said=said,
        problems=problems or [],
        posted=request.form,
        chosen=frozenset(request.form.getlist("dossier")),
    )


def _move(uow: UnitOfWork, source: str, target: str) -> Move:
    """The move that is asked for; before anything was chosen, with the mapping that suggests itself."""
    old, new = web.procedure(uow, source), web.procedure(uow, target)
    mapping = _mapping()
    if "mapped" not in request.values:
        mapping = migration.suggest(old.definition, new.definition)
    return Move(source=old, target=new, mapping=mapping)


def _mapping() -> dict[str, str]:
    return {
        name.removeprefix("map."): value
        for name, value in request.values.items()
        if name.startswith("map.") and value and len(name) < 200
    }


def _row(one: Prospect, move: Move) -> dict[str, Any]:
    return {
        "one": one,
        "steps": [move.source.element_name(step).in_(web.language()) for step in one.steps],
        "problems": told(one.problems),
        "names": {
            problem.element: move.source.element_name(problem.element).in_(web.language()) for problem in one.problems
        },
        "timers": [(move.target.element_name(shift.element).in_(web.language()), shift) for shift in one.timers],
    }


def _lost(move: Move, found: tuple[Prospect, ...]) -> list[dict[str, Any]]:
    """Steps whose id the new version lacks, with the steps that may stand for each."""
    old, new = move.source.definition.elements, move.target.definition.elements
    fresh = [name for name in new if name not in old]
    return [
        {
            "id": name,
            "name": move.source.element_name(name).in_(web.language()),
            "dossiers": count,
            "to": move.mapping.get(name, ""),
            "offers": [
                (other, move.target.element_name(other).in_(web.language()))
                for other in fresh
                if new[other].kind == old[name].kind
            ],
        }
        for name, count in lost(move, found).items()
    ]


@screen.post("/procedure/<code>/migrate")
@analyst_only
def propose(code: str) -> Response | tuple[str, int]:
    """Propose the plan; another person approves it."""
    try:
        begun = web.execute(
            PlanMigration(
                procedure=code,
                source=request.form.get("source", ""),
                target=request.form.get("target", ""),
                dossiers=tuple(request.form.getlist("dossier")),
                legal_basis=request.form.get("legal_basis", ""),
                mapping=_mapping(),
            )
        )
    except DefinitionRefused as refusal:
        return _page(code, refusal.message(web.language()), told(refusal.problems)), 422
    except InvalidInput as refusal:
        return _page(code, refusal.message(web.language())), 422
    flash(_("Đã lập kế hoạch. Người khác phải duyệt thì hồ sơ mới chuyển."), "success")
    return redirect(url_for("studio.plan", plan_id=begun["plan"]))


@screen.get("/migration/<plan_id>")
@analyst_only
def plan(plan_id: str) -> str:
    """One plan: its ground, its dossiers and what came of each."""
    return _plan_page(plan_id)


def _plan_page(plan_id: str, said: str = "") -> str:
    with web.reading() as uow:
        found, items = uow.migrations.get(plan_id), uow.migrations.items(plan_id)
        source, target = web.procedure(uow, found.source), web.procedure(uow, found.target)
        undoing = _undoing(uow, plan_id)
        carried_out = uow.batches.items(found.batch) if found.batch else ()
        gone_on = uow.migrations.gone_on(plan_id)
    faults = {row.dossier: part(row.message, web.language()) for row in (*carried_out, *undoing) if row.code}
    waiting = sum(item.state is ItemState.WAITING and item.dossier not in faults for item in items)
    names = {old: (_step(source, old), _step(target, new)) for old, new in found.mapping.items()}
    return render_template(
        "studio/plan.html",
        plan=found,
        items=items,
        faults=faults,
        waiting=waiting,
        running=(found.state is PlanState.APPROVED and waiting > 0) or any(row.state == "waiting" for row in undoing),
        back=sum(item.state is ItemState.MIGRATED and item.dossier not in gone_on for item in items),
        gone_on=gone_on,
        names=names,
        steps={one["element"]: _step(source, one["element"]) for item in items for one in item.findings},
        procedure=target.manifest,
        mine=web.signed_in().login == found.author,
        language=web.language(),
        said=said,
    )


def _undoing(uow: UnitOfWork, plan_id: str) -> tuple[BatchItem, ...]:
    """The dossiers that are being taken back after this page asked for it."""
    asked = request.args.get("undoing", "")[:40]
    if not asked:
        return ()
    batch = uow.batches.get(asked)
    return uow.batches.items(asked) if batch.data.get("plan") == plan_id else ()


def _step(procedure: Procedure, element: str) -> str:
    return procedure.element_name(element).in_(web.language())


@screen.post("/migration/<plan_id>/approve")
@analyst_only
def approve_plan(plan_id: str) -> Response | tuple[str, int]:
    """Approve: the worker moves the dossiers one by one."""
    try:
        web.execute(ApproveMigration(plan=plan_id))
    except FourEyes as refusal:
        return _plan_page(plan_id, refusal.message(web.language())), 422
    flash(_("Đã duyệt. Hồ sơ đang được chuyển từng cái một."), "success")
    return redirect(url_for("studio.plan", plan_id=plan_id))


@screen.post("/migration/<plan_id>/set-aside")
@analyst_only
def set_plan_aside(plan_id: str) -> Response:
    """Give the plan up, or refuse it."""
    web.execute(SetPlanAside(plan=plan_id, reason=request.form.get("reason", "")))
    flash(_("Đã bỏ kế hoạch; hồ sơ ở lại phiên bản của mình."), "success")
    return redirect(url_for("studio.plan", plan_id=plan_id))


@screen.post("/migration/<plan_id>/undo")
@analyst_only
def undo_plan(plan_id: str) -> Response | tuple[str, int]:
    """Take dossiers back that have made no step since."""
    chosen = tuple(request.form.getlist("dossier"))
    try:
        begun = web.execute(UndoPlan(plan=plan_id, reason=request.form.get("reason", ""), dossiers=chosen))
    except InvalidInput as refusal:
        return _plan_page(plan_id, refusal.message(web.language())), 422
    flash(_("Đang hoàn tác từng hồ sơ; hồ sơ đã đi bước mới thì không hoàn tác được."), "success")
    return redirect(url_for("studio.plan", plan_id=plan_id, undoing=begun["batch"]))
