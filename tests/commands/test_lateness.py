"""Late needs a reason: past its due moment no step is completed before somebody has said why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.commands.alerts import LatenessUnexplained, RecordLatenessReason
from engine.commands.bulk import StartBatch
from engine.commands.extensions import DecideExtension, RequestExtension
from engine.commands.tasks import CompleteTask
from engine.queries.control_slip import hand_overs
from tests.commands.desk import APPROVE, PREPARE, Desk
from tests.conftest import MORNING, LiveClock
from webapp.bootstrap import Product

_DUE = MORNING.replace(hour=17, minute=0)


def _said(desk: Desk, number: str) -> list[str]:
    with desk.product.database.begin() as uow:
        events = uow.journal.of(number)
        return [str(event.content()["reason"]) for event in events if event.kind == "LatenessExplained"]


def test_late_step_without_reason_is_refused_and_stands_still(either_product: Product, clock: LiveClock) -> None:
    desk = Desk(either_product)
    number = desk.received()
    before, task = desk.kinds(number), desk.task(number, "prepare")
    clock.set(_DUE + timedelta(seconds=1))
    for reason in ("", "  \n"):
        with pytest.raises(LatenessUnexplained) as refused:
            desk.do("hoa", CompleteTask(task=task.id, data=PREPARE, late_reason=reason))
    assert refused.value.code == "lateness-unexplained"
    for language, words in (("vi", "hãy ghi lý do trễ hạn"), ("en", "say with this step why it is late")):
        message = refused.value.message(language)
        assert number in message
        assert words in message
        assert "17:00 10/11/2026" in message
        assert "03/2025" in message
    assert desk.kinds(number) == before
    assert desk.task(number, "prepare") == task


def test_late_step_with_reason_is_told_once_and_holds(either_product: Product, clock: LiveClock) -> None:
    desk = Desk(either_product)
    number = desk.received()
    clock.set(_DUE + timedelta(hours=16))
    desk.worker.drain()
    task = desk.task(number, "prepare")
    reason = "Mất điện cả chiều"
    desk.do("hoa", CompleteTask(task=task.id, data=PREPARE, late_reason=f" {reason} "))
    desk.worker.drain()
    desk.approve(number)  # the reason is on record: who signs is not asked again
    assert _said(desk, number) == [reason]
    kinds = desk.kinds(number)
    assert kinds.index("LatenessExplained") < kinds.index("TaskCompleted", kinds.index("DossierOverdue"))
    with either_product.database.begin() as uow:
        alert = uow.alerts.of(number)
        told = [message.body for message in uow.messages.of(number) if message.recipient == "toan"]
        slip = hand_overs(uow.dossiers.get(number), uow.journal.of(number), uow.tasks.of(number), {})
        verdict = either_product.verification(uow).verify(number)
    assert alert is not None
    assert (alert.reason, alert.reason_by) == (reason, "Phạm Thị Hòa")
    assert any(reason in body for body in told)
    assert [row.term for row in slip if row.note.endswith(f"; lý do trễ: {reason}")] == ["after"]
    assert verdict.holds


def test_head_who_gives_the_reason_is_not_told_of_it(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.prepared()
    clock.set(_DUE + timedelta(hours=1))
    desk.approve(number, late_reason="Máy ký hỏng")
    with product.database.begin() as uow:
        told = {one.recipient for one in uow.messages.of(number) if "Máy ký hỏng" in one.body}
    assert _said(desk, number) == ["Máy ký hỏng"]
    assert told == set()  # toan is the unit's only head


def test_step_at_the_due_moment_needs_no_reason(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.received()
    clock.set(_DUE)
    desk.do("hoa", CompleteTask(task=desk.task(number, "prepare").id, data=PREPARE, late_reason="không cần"))
    assert _said(desk, number) == []


def test_reason_given_at_the_warning_serves(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.received()
    clock.set(_DUE + timedelta(hours=1))
    desk.worker.drain()
    desk.do("hoa", RecordLatenessReason(dossier=number, reason="Chờ xác minh", remedy="Làm ngoài giờ"))
    desk.do("hoa", CompleteTask(task=desk.task(number, "prepare").id, data=PREPARE))
    assert _said(desk, number) == ["Chờ xác minh"]


def test_new_promise_broken_needs_a_new_reason(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.received()
    clock.set(MORNING.replace(hour=16, minute=0))
    desk.worker.drain()
    desk.do("hoa", RecordLatenessReason(dossier=number, reason="Chờ xác minh", remedy="Làm ngoài giờ"))
    desk.do("hoa", RequestExtension(dossier=number, days=2, reason="Chờ xác minh", remedy="Làm ngoài giờ"))
    desk.do("toan", DecideExtension(dossier=number, approve=True))
    desk.worker.drain()
    task = desk.task(number, "prepare").id
    clock.set(_DUE + timedelta(days=2))  # the new due moment itself
    assert desk.dossier(number).due_at == clock.now()
    clock.set(_DUE + timedelta(days=2, seconds=1))
    with pytest.raises(LatenessUnexplained):
        desk.do("hoa", CompleteTask(task=task, data=PREPARE))
    desk.do("hoa", CompleteTask(task=task, data=PREPARE, late_reason="Vẫn chờ"))
    assert _said(desk, number) == ["Chờ xác minh", "Vẫn chờ"]


@pytest.mark.parametrize(("reason", "state"), [("", "refused"), ("Thiếu người", "done")])
def test_batch_asks_reason_only_of_late_dossiers(product: Product, clock: LiveClock, reason: str, state: str) -> None:
    desk = Desk(product)
    late = desk.prepared()
    clock.set(_DUE + timedelta(hours=16))
    timely = desk.prepared()
    chosen = tuple((task.id, task.revision) for task in (desk.task(late, "sign"), desk.task(timely, "sign")))
    batch = desk.do("toan", StartBatch(kind="complete", tasks=chosen, data=APPROVE, late_reason=reason))["batch"]
    desk.worker.drain()
    with product.database.begin() as uow:
        items = uow.batches.items(batch)
    assert [item.state for item in items] == [state, "done"]
    assert items[0].code == ("" if reason else "lateness-unexplained")
    assert (_said(desk, late), _said(desk, timely)) == ([reason] if reason else [], [])
