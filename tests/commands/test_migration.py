"""Chosen dossiers go to another version by a plan: two persons, one command each, and back before the next step."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest

from engine.commands.definitions import DeployProcedure
from engine.commands.migration import MigrateDossier, MigrationFinal, PlanNotApproved, UndoMigration
from engine.commands.migration_plans import ApproveMigration, PlanDecided, PlanMigration, SetPlanAside, UndoPlan
from engine.commands.publishing import FourEyes
from engine.commands.tasks import ClaimTask
from engine.definitions.package import Package, unpack
from engine.errors import DefinitionRefused, Forbidden, InvalidInput
from engine.model.duration import Limit
from engine.model.permission import SYSTEM
from engine.queries import history
from engine.store.migration_plans import ItemState, MigrationItem
from tests.commands.desk import APPROVE, PREPARE, Desk
from webapp.bootstrap import Product

CODE, BASIS = "2.000815", "Nghị định 1/2026/NĐ-CP, Điều 9 (chuyển tiếp)"
PREPARE_DRAWN = '<bpmn:userTask id="prepare" name="Lập bản sao chứng thực" motcua:role="specialist"'.encode()
Files = dict[str, bytes]


def renamed_step(files: Files) -> Files:
    """The open step has another name and role; the term is two working days."""
    assert PREPARE_DRAWN in files["process.bpmn"]
    drawn = '<bpmn:userTask id="prepare" name="Soạn bản sao" motcua:role="clerk"'.encode()
    manifest = orjson.loads(files["procedure.json"]) | {"limits": [Limit.of(2).as_json()]}
    return files | {
        "process.bpmn": files["process.bpmn"].replace(PREPARE_DRAWN, drawn),
        "procedure.json": orjson.dumps(manifest),
    }


def passed_step(files: Files) -> Files:
    """A step that every dossier has passed is drawn otherwise."""
    old, new = b'motcua:decision="fee" motcua:result="fee"', b'motcua:decision="fee" motcua:result="charged"'
    assert old in files["process.bpmn"]
    text = files["process.bpmn"].replace(old, new).replace(b'name="fee">fee<', b'name="fee">charged<')
    return files | {"process.bpmn": text.replace(b"fee: fee.amount", b"fee: charged.amount")}


def later_step(files: Files) -> Files:
    """A step that no dossier has reached yet has another name, and so has nothing else."""
    return files | {"process.bpmn": files["process.bpmn"].replace("Lấy số chứng thực".encode(), "Lấy số".encode())}


class Move:
    """A product with two versions and what an analyst does with them."""

    def __init__(self, product: Product, change: Callable[[Files], Files] = renamed_step) -> None:
        self.desk, self.product = Desk(product), product
        with product.database.begin() as uow:
            current = uow.definitions.in_force(CODE, product.clock.now())
            assert current is not None
            self.source = current.digest
            files = dict(unpack(uow.definitions.bundle(current.digest).files, digest=current.digest).files)
        self.package = Package(change(files))
        self.target = str(self.package.digest)

    def publish(self) -> None:
        """Put the new version in force."""
        self.product.bus.execute(DeployProcedure(package=self.package), SYSTEM)

    def plan(self, *numbers: str, login: str = "phuc", **changes: Any) -> str:
        """Propose to move dossiers."""
        command = PlanMigration(
            procedure=CODE, source=self.source, target=self.target, dossiers=numbers, legal_basis=BASIS
        )
        return str(self.desk.do(login, dataclasses.replace(command, **changes))["plan"])

    def carried_out(self, *numbers: str) -> str:
        """Proposed, approved and carried out."""
        plan = self.plan(*numbers)
        self.desk.do("giang", ApproveMigration(plan=plan))
        self.desk.worker.drain()
        return plan

    def items(self, plan: str) -> Mapping[str, MigrationItem]:
        """What came of each dossier."""
        with self.product.database.begin() as uow:
            return {item.dossier: item for item in uow.migrations.items(plan)}

    def findings(self, number: str) -> tuple[str, ...]:
        """What the auditor's check finds."""
        with self.product.database.begin() as uow:
            verdict = self.product.verification(uow).verify(number)
        return tuple(f"{one.place}: {one.what}" for one in verdict.findings)


@pytest.fixture
def move(product: Product) -> Move:
    """Two versions; the newer renames a step and gives another role and a longer term."""
    return Move(product)


def test_dossier_goes_on_by_the_other_version_and_holds(either_product: Product) -> None:
    move = Move(either_product)
    number = move.desk.received()
    before, task = move.desk.dossier(number), move.desk.task(number, "prepare")
    move.publish()
    plan = move.carried_out(number)
    after, carried = move.desk.dossier(number), move.desk.task(number, "prepare")
    assert move.items(plan)[number].state is ItemState.MIGRATED
    assert (after.digest, after.business) == (move.target, before.business)
    assert after.due_at is not None
    assert before.due_at is not None
    assert (after.due_at - before.due_at).days == 2
    assert (carried.id, carried.name, carried.role, carried.due_at) == (task.id, "Soạn bản sao", "clerk", after.due_at)
    assert move.findings(number) == ()
    with move.product.database.begin() as uow:
        told = {event.kind: event for event in uow.journal.of(number)}
        due = {timer.kind: timer.due_at for timer in uow.timers.of(number)}
    body = told["DossierMigrated"].content()
    assert (body["from"], body["to"], body["legal_basis"]) == (move.source, move.target, BASIS)
    assert (body["author"], body["approver"], told["DossierMigrated"].actor) == ("phuc", "giang", "giang")
    assert due["due"] == after.due_at


def test_migrated_dossier_is_settled_to_its_end_and_holds(product: Product) -> None:
    move = Move(product, later_step)
    number = move.desk.received()
    move.publish()
    move.carried_out(number)
    move.desk.demo.complete("hoa", number, "prepare", PREPARE)
    move.desk.demo.complete("toan", number, "sign", APPROVE)
    move.desk.worker.drain()
    assert move.desk.dossier(number).business.value == "RESULT_ISSUED"
    assert move.findings(number) == ()


def test_failing_dossier_is_untouched_and_others_go(product: Product) -> None:
    move = Move(product, passed_step)
    old = move.desk.received()
    before = move.desk.dossier(old)
    move.publish()
    plan = move.carried_out(old)
    item = move.items(plan)[old]
    assert item.state is ItemState.REFUSED
    assert ("migration-node-changed", "compute_fee") in {(one["code"], one["element"]) for one in item.findings}
    assert move.desk.dossier(old) == before
    assert "DossierMigrated" not in move.desk.kinds(old)


def test_each_dossier_has_its_own_result(move: Move) -> None:
    at_desk, closed = move.desk.paid(), move.desk.prepared()
    move.publish()
    plan = move.plan(at_desk, closed)
    move.desk.approve(closed)
    move.desk.do("giang", ApproveMigration(plan=plan))
    move.desk.worker.drain()
    found = move.items(plan)
    assert (found[at_desk].state, found[closed].state) == (ItemState.MIGRATED, ItemState.REFUSED)
    assert found[closed].findings[0]["code"] == "migration-moved-on"
    assert move.findings(at_desk) == move.findings(closed) == ()


def test_application_that_the_new_form_would_refuse_stays(product: Product) -> None:
    def stricter(files: Files) -> Files:
        form = orjson.loads(files["forms/application.json"])
        form["properties"]["moi"] = {"type": "string", "title": "Mới", "x-i18n": {"en": {"title": "New"}}}
        form["required"] = [*form.get("required", []), "moi"]
        return files | {"forms/application.json": orjson.dumps(form)}

    move = Move(product, stricter)
    number = move.desk.received()
    move.publish()
    plan = move.carried_out(number)
    item = move.items(plan)[number]
    assert [(one["code"], one["element"]) for one in item.findings] == [("migration-data", "moi")]


def test_history_shows_the_whole_way_on_the_version_of_now(product: Product) -> None:
    def renamed(files: Files) -> Files:
        text = files["process.bpmn"]
        for name in (b" id", b"sourceRef", b"targetRef", b"bpmnElement"):
            text = text.replace(name + b'="prepare"', name + b'="draw_up"')
        return files | {"process.bpmn": text}

    move = Move(product, renamed)
    number = move.desk.received()
    task = move.desk.task(number, "prepare")
    move.desk.do("hoa", ClaimTask(task=task.id, revision=task.revision))
    move.publish()
    plan = move.plan(number, mapping={"prepare": "draw_up"})
    move.desk.do("giang", ApproveMigration(plan=plan))
    move.desk.worker.drain()
    assert move.desk.task(number, "draw_up").assignee == "hoa"
    digest = move.desk.dossier(number).digest
    with product.database.begin() as uow:
        procedure = product.bus.library.get(uow, digest)
        told = history.recorded(uow.journal.of(number), procedure)
    passed = {step.element for event in told for step in event.passed} | {event.node for event in told}
    assert "draw_up" in passed
    assert passed - {""} <= procedure.definition.elements.keys()
    assert move.findings(number) == ()


def test_second_try_of_one_dossier_changes_nothing(move: Move) -> None:
    number = move.desk.received()
    move.publish()
    plan = move.carried_out(number)
    before = move.desk.dossier(number)
    assert move.desk.do("giang", MigrateDossier(plan=plan, dossier=number)) == {"state": "migrated"}
    assert move.desk.dossier(number) == before


def test_undo_before_the_next_step_restores_everything(either_product: Product) -> None:
    move = Move(either_product)
    number = move.desk.received()
    before, task = move.desk.dossier(number), move.desk.task(number, "prepare")
    move.publish()
    plan = move.carried_out(number)
    move.desk.do("phuc", UndoPlan(plan=plan, reason="Nhầm căn cứ"))
    move.desk.worker.drain()
    after, back = move.desk.dossier(number), move.desk.task(number, "prepare")
    assert move.items(plan)[number].state is ItemState.REVERTED
    assert (after.state, after.digest, after.due_at, after.deadline) == (
        before.state, before.digest, before.due_at, before.deadline,
    )  # fmt: skip
    assert (back.name, back.role, back.unit, back.due_at) == (task.name, task.role, task.unit, task.due_at)
    assert move.findings(number) == ()
    move.desk.demo.complete("hoa", number, "prepare", PREPARE)
    assert move.findings(number) == ()


def test_undo_after_a_step_is_refused(product: Product) -> None:
    move = Move(product, later_step)
    number = move.desk.received()
    move.publish()
    plan = move.carried_out(number)
    move.desk.demo.complete("hoa", number, "prepare", PREPARE)
    with pytest.raises(MigrationFinal):
        move.desk.do("phuc", UndoMigration(plan=plan, dossier=number, reason="x"))
    assert move.findings(number) == ()


def test_claim_is_kept_unless_other_hands_do_the_work(product: Product) -> None:
    for change, holder in ((later_step, "hoa"), (renamed_step, "")):
        move = Move(product, change)
        number = move.desk.received()
        task = move.desk.task(number, "prepare")
        move.desk.do("hoa", ClaimTask(task=task.id, revision=task.revision))
        move.publish()
        move.carried_out(number)
        assert move.desk.task(number, "prepare").assignee == holder
        assert move.findings(number) == ()


def test_plan_needs_ground_two_persons_and_one_decision(move: Move) -> None:
    number = move.desk.received()
    with pytest.raises(InvalidInput):  # not published yet
        move.plan(number)
    move.publish()
    with pytest.raises(InvalidInput):
        move.plan(number, legal_basis=" ")
    with pytest.raises(InvalidInput):
        move.plan()
    with pytest.raises(Forbidden):
        move.plan(number, login="toan")
    with pytest.raises(DefinitionRefused):
        move.plan(number, mapping={"prepare": "compute_fee"})
    plan = move.plan(number)
    with pytest.raises(InvalidInput):  # it waits in another plan
        move.plan(number)
    with pytest.raises(FourEyes):
        move.desk.do("phuc", ApproveMigration(plan=plan))
    with pytest.raises(PlanNotApproved):
        move.desk.do("giang", MigrateDossier(plan=plan, dossier=number))
    move.desk.do("giang", SetPlanAside(plan=plan, reason="chưa cần"))
    with pytest.raises(PlanDecided):
        move.desk.do("giang", ApproveMigration(plan=plan))
    assert move.desk.dossier(number).digest == move.source
