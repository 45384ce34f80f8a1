"""Leave: a substitute works in the absent official's post, both are named, and drafter and signer stay two people."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from engine.clock import ZONE
from engine.commands.substitutions import EnterSubstitution, RevokeSubstitution, SubstituteUnfit
from engine.commands.tasks import ClaimTask, CompleteTask, SamePerson, TaskTaken
from engine.errors import Forbidden, InvalidInput
from engine.model.permission import Post
from tests.commands.desk import APPROVE, PREPARE, Desk
from tests.conftest import MORNING, LiveClock, person
from webapp.bootstrap import Product


def _leave(substitute: str = "hai", *, absent: str = "toan", role: str = "leader", days: int = 3) -> EnterSubstitution:
    return EnterSubstitution(
        absent=absent,
        substitute=substitute,
        unit="H56.12",
        role=role,
        valid_from=MORNING,
        valid_to=MORNING + timedelta(days=days),
        reason="Nghỉ phép",
    )


def test_substitute_signs_and_both_are_named(either_product: Product) -> None:
    desk = Desk(either_product)
    number = desk.prepared()
    task = desk.task(number, "sign")
    with pytest.raises(Forbidden):
        desk.do("hai", CompleteTask(task=task.id, data=APPROVE))
    desk.do("toan", _leave())
    desk.approve(number, login="hai")
    with either_product.database.begin() as uow:
        result = uow.results.of(number)
        done = [e for e in uow.journal.of(number) if e.kind == "TaskCompleted" and e.node == "sign"]
        verdict = either_product.verification(uow).verify(number)
    assert result is not None
    assert result.signed_by == "Nguyễn Minh Hải"
    assert [(event.actor, event.on_behalf_of) for event in done] == [("hai", "toan")]
    assert verdict.findings == ()


def test_substitute_takes_over_task_that_absent_holds(product: Product) -> None:
    desk = Desk(product)
    number = desk.prepared()
    desk.do("toan", ClaimTask(task=desk.task(number, "sign").id))
    with pytest.raises(TaskTaken):
        desk.do("hai", CompleteTask(task=desk.task(number, "sign").id, data=APPROVE))
    desk.do("toan", _leave())
    desk.approve(number, login="hai")
    assert desk.dossier(number).business.value == "RESULT_ISSUED"


def test_drafter_as_substitute_may_not_sign(product: Product) -> None:
    desk = Desk(product)
    number = desk.prepared()  # prepared by hoa
    desk.do("toan", _leave("hoa"))
    with pytest.raises(SamePerson):
        desk.do("hoa", CompleteTask(task=desk.task(number, "sign").id, data=APPROVE))


def test_leader_may_not_sign_what_substitute_drafted_for_them(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    desk.do("hoa", _leave("toan", absent="hoa", role="specialist"))
    desk.do("toan", CompleteTask(task=desk.task(number, "prepare").id, data=PREPARE))
    desk.worker.drain()
    with pytest.raises(SamePerson):
        desk.do("toan", CompleteTask(task=desk.task(number, "sign").id, data=APPROVE))


def test_person_who_drafted_on_behalf_binds_both(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    desk.do("hoa", _leave("hai", absent="hoa", role="specialist"))
    desk.do("hai", CompleteTask(task=desk.task(number, "prepare").id, data=PREPARE))
    desk.worker.drain()
    desk.do("toan", _leave("hoa"))
    with pytest.raises(SamePerson):  # hoa's draft was made on her behalf
        desk.do("hoa", CompleteTask(task=desk.task(number, "sign").id, data=APPROVE))


def test_substitution_ends_with_its_span_or_when_revoked(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    row = desk.do("toan", _leave())["substitution"]
    lent = Post(unit="H56.12", role="leader", on_behalf_of="toan")
    assert lent in person(product, "hai").posts
    desk.do("toan", RevokeSubstitution(substitution=row))
    assert lent not in person(product, "hai").posts
    desk.do("toan", _leave())
    clock.set(datetime(2026, 11, 14, 9, 0, tzinfo=ZONE))
    assert lent not in person(product, "hai").posts


def test_substitution_scope_and_rights_are_checked(product: Product) -> None:
    desk = Desk(product)
    with pytest.raises(Forbidden):
        desk.do("hai", _leave())  # nobody appoints themselves
    with pytest.raises(Forbidden):
        desk.do("son", _leave())  # another unit's leader
    with pytest.raises(InvalidInput):
        desk.do("toan", _leave(role="specialist"))  # a post that the absent does not hold
    with pytest.raises(SubstituteUnfit):
        desk.do("toan", _leave("lan"))  # a citizen
    with pytest.raises(SubstituteUnfit):
        desk.do("toan", _leave("toan"))
    with pytest.raises(InvalidInput):
        desk.do("toan", _leave(days=-1))
    desk.do("toan", _leave())
    with pytest.raises(Forbidden):
        desk.do("hai", _leave("hoa"))  # a substitute passes nothing on
