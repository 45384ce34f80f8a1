"""Assigning, delegating, ordering and discussing work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.commands.assignments import AssignTask, DelegateTask, NotOfTheRole, ResolveTask, SetFollowUp, SetPriority
from engine.commands.comments import AddComment, WatchDossier
from engine.commands.operations import ReasonMissing
from engine.commands.organisation import AddAccount
from engine.commands.tasks import ClaimTask, CompleteTask, DelegationOpen, ReleaseTask
from engine.errors import Forbidden, InvalidInput, StaleRevision
from engine.model.permission import SYSTEM
from engine.store.records import Account
from tests.commands.desk import PREPARE, Desk
from tests.conftest import MORNING
from webapp.bootstrap import Product


def _colleague(product: Product) -> None:
    account = Account(
        login="mai", name="Trịnh Thị Mai", person_id="", email="mai@example.vn", phone="", password="x",
        certificate="", active=True,
    )  # fmt: skip
    product.bus.execute(AddAccount(account=account, posts=(("H56.12", "specialist"),)), SYSTEM)


def test_leader_assigns_and_transfers_with_reason(either_product: Product) -> None:
    desk = Desk(either_product)
    _colleague(either_product)
    number = desk.received()
    task = desk.task(number, "prepare")
    with pytest.raises(Forbidden):
        desk.do("binh", AssignTask(task=task.id, to="hoa"))
    with pytest.raises(NotOfTheRole):
        desk.do("toan", AssignTask(task=task.id, to="binh"))
    desk.do("toan", AssignTask(task=task.id, to="hoa", revision=task.revision))
    assert desk.task(number, "prepare").assignee == "hoa"
    with pytest.raises(ReasonMissing):
        desk.do("toan", AssignTask(task=task.id, to="mai"))
    with pytest.raises(StaleRevision):
        desk.do("toan", AssignTask(task=task.id, to="mai", reason="x", revision=task.revision))
    desk.do("toan", AssignTask(task=task.id, to="mai", reason="Hòa nghỉ ốm"))
    assert desk.task(number, "prepare").claimed_by == "Trịnh Thị Mai"
    assert {"TaskAssigned", "TaskTransferred"} <= set(desk.kinds(number))
    with either_product.database.begin() as uow:
        assert any(message.recipient == "mai" for message in uow.messages.of(number))
        verdict = either_product.verification(uow).verify(number)
    assert verdict.findings == ()


def test_delegate_works_but_owner_decides(product: Product) -> None:
    desk = Desk(product)
    _colleague(product)
    number = desk.received()
    task = desk.task(number, "prepare")
    with pytest.raises(Forbidden):
        desk.do("hoa", DelegateTask(task=task.id, to="mai", note="Xem giúp"))  # not claimed yet
    desk.do("hoa", ClaimTask(task=task.id))
    desk.do("hoa", DelegateTask(task=task.id, to="mai", note="Xem giúp số trang"))
    for command in (CompleteTask(task=task.id, data=PREPARE), ReleaseTask(task=task.id)):
        with pytest.raises(DelegationOpen):
            desk.do("mai", command)
    desk.do("mai", ResolveTask(task=task.id, note="Đủ 1 trang"))
    back = desk.task(number, "prepare")
    assert (back.assignee, back.owner, back.note) == ("hoa", "", "Đủ 1 trang")
    desk.do("hoa", CompleteTask(task=task.id, data=PREPARE, revision=back.revision))


def test_follow_up_and_priority_change_no_deadline(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    task = desk.task(number, "prepare")
    desk.do("hoa", ClaimTask(task=task.id))
    due = desk.dossier(number).due_at
    desk.do("hoa", SetFollowUp(task=task.id, at=MORNING + timedelta(days=1)))
    with pytest.raises(InvalidInput):
        desk.do("hoa", SetFollowUp(task=task.id, at=MORNING))
    desk.do("toan", SetPriority(task=task.id, priority=100))
    for priority in (-1, 101):
        with pytest.raises(InvalidInput):
            desk.do("toan", SetPriority(task=task.id, priority=priority))
    with pytest.raises(Forbidden):
        desk.do("hoa", SetPriority(task=task.id, priority=1))
    found = desk.task(number, "prepare")
    assert (found.priority, found.follow_up_at) == (100, MORNING + timedelta(days=1))
    assert desk.dossier(number).due_at == due


def test_comments_reach_watchers_and_never_applicant(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    desk.do("toan", WatchDossier(dossier=number))
    desk.do("hoa", AddComment(dossier=number, text="Bản chính mờ dấu"))
    with product.database.begin() as uow:
        told = [m.recipient for m in uow.messages.of(number) if "Ý kiến mới" in m.subject]
        assert [comment.text for comment in uow.discussion.of(number)] == ["Bản chính mờ dấu"]
    assert told == ["toan"]
    for login in ("lan", "cuong"):
        with pytest.raises(Forbidden):
            desk.do(login, AddComment(dossier=number, text="x"))
    with pytest.raises(InvalidInput):
        desk.do("hoa", AddComment(dossier=number, text="   "))
