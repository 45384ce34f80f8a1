"""Bulk actions: each dossier by itself, one that fails harms no other, nothing is done twice."""

from __future__ import annotations

import os

import pytest

from engine.commands.bulk import StartBatch
from engine.commands.tasks import ClaimTask
from engine.errors import Forbidden, InvalidInput
from engine.model.status import Business
from tests.commands.desk import APPROVE, Desk
from webapp.bootstrap import Product

#: Dossiers that the leader signs in one go; ``MOTCUA_BULK=50`` plays the whole journey (a minute or two).
MANY = int(os.environ.get("MOTCUA_BULK", "3"))


def test_leader_signs_many_in_one_go_and_one_fails_alone(product: Product) -> None:
    desk = Desk(product)
    numbers = [desk.prepared() for _ in range(MANY)]
    tasks = [desk.task(number, "sign") for number in numbers]
    desk.do("toan", ClaimTask(task=tasks[1].id))  # its revision moves on after the list was shown
    chosen = tuple((task.id, task.revision) for task in tasks)
    batch = desk.do("toan", StartBatch(kind="complete", tasks=chosen, data=APPROVE))["batch"]
    assert all(desk.dossier(number).business is Business.IN_PROGRESS for number in numbers)
    desk.worker.drain()
    with product.database.begin() as uow:
        items = uow.batches.items(batch)
        done = uow.batches.get(batch).done_at
        signed = [uow.results.of(number) for number in numbers]
        rows = [row for number in numbers for row in uow.outbox.of(number) if row.topic == "result.sign"]
        verdicts = [product.verification(uow).verify(number) for number in numbers]
    assert [item.code for item in items] == ["stale-revision" if place == 1 else "" for place in range(MANY)]
    assert [item.state for item in items] == ["refused" if place == 1 else "done" for place in range(MANY)]
    assert done is not None
    assert [result is not None for result in signed] == [place != 1 for place in range(MANY)]
    assert len(rows) == MANY - 1  # every result is signed by its own row
    assert all(verdict.holds for verdict in verdicts)


def test_batch_item_delivered_twice_acts_once(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    task = desk.task(number, "prepare")
    batch = desk.do("hoa", StartBatch(kind="claim", tasks=((task.id, task.revision),)))["batch"]
    with product.database.begin() as uow:
        (row,) = [row for row in uow.outbox.of("") if row.topic == "batch.item"]
    desk.worker._item(row)
    desk.worker._item(row)
    with product.database.begin() as uow:
        (item,) = uow.batches.items(batch)
    assert item.state == "done"
    assert desk.kinds(number).count("TaskClaimed") == 2  # the desk's own and this one


def test_batch_leader_assigns_many(product: Product) -> None:
    desk = Desk(product)
    numbers = [desk.received(), desk.received()]
    tasks = tuple((desk.task(number, "prepare").id, 1) for number in numbers)
    with pytest.raises(InvalidInput):
        desk.do("toan", StartBatch(kind="assign", tasks=tasks))
    desk.do("toan", StartBatch(kind="assign", tasks=tasks, data={"to": "hoa"}))
    desk.worker.drain()
    assert [desk.task(number, "prepare").assignee for number in numbers] == ["hoa", "hoa"]


def test_batch_limits_and_rights_are_checked(product: Product) -> None:
    desk = Desk(product)
    for kind, tasks in (("claim", ()), ("delete", (("x", 1),)), ("claim", tuple((f"t{n}", 1) for n in range(201)))):
        with pytest.raises(InvalidInput):
            desk.do("hoa", StartBatch(kind=kind, tasks=tasks))
    with pytest.raises(Forbidden):
        desk.do("lan", StartBatch(kind="claim", tasks=(("x", 1),)))
