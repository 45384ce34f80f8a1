"""The officials' lists answer alike on both databases, page by page, and from the index meant for them."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from engine.model.permission import Post
from engine.queries import inbox, inbox_others, incidents, phrase, sought
from engine.queries.inbox import Asked
from engine.queries.search import Wanted, found_dossiers
from engine.queries.sought import Sought
from engine.store.records import Task
from tests.conftest import person
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun

DESK = Post(unit="H56.12", role="desk")


def _filed(product: Product) -> tuple[str, str]:
    """An unpaid dossier and one at the desk."""
    demo = DemoRun(product, say=lambda line: None)
    lan = demo.person("lan")
    unpaid, at_desk = demo.file(lan), demo.file(lan)
    demo.pay(lan, at_desk)
    demo.worker.drain()
    return unpaid, at_desk


def _more_tasks(product: Product, number: str, count: int) -> None:
    """Copies of the dossier's task, some due at the same moment, some without a due moment."""
    with product.database.begin() as uow:
        task = uow.tasks.of(number)[0]
        assert task.due_at is not None
        dues = [None if place % 5 == 0 else task.due_at + timedelta(hours=place // 3) for place in range(count)]
        copies: list[Task] = [
            dataclasses.replace(task, id=f"copy-{place:03d}", due_at=due) for place, due in enumerate(dues)
        ]
        uow.tasks.add(copies)


def test_inbox_lists_and_counts_agree(either_product: Product) -> None:
    unpaid, at_desk = _filed(either_product)
    now = either_product.clock.now()
    with either_product.database.read() as connection:
        asked = Asked(login="binh", groups=(DESK,))
        assert [row.number for row in inbox.open_tasks(connection, asked, now=now).rows] == [at_desk]
        for typed, found in (("lan nguyen", True), (at_desk, True), ("lan hung", False), ("%", False), ("1!", False)):
            part = inbox.open_tasks(connection, dataclasses.replace(asked, words=phrase.words(typed)), now=now)
            assert bool(part.rows) is found, typed
        counts = {
            state: inbox.count_open(connection, dataclasses.replace(asked, state=state), now=now)
            for state in inbox.STATES
        }
        assert counts == {"overdue": 0, "due_soon": 0, "in_time": 1, "paused": 0}
        assert [row.number for row in inbox_others.waiting_dossiers(connection, ("H56.12", "H56.40")).rows] == [unpaid]
        assert inbox_others.count_waiting(connection, ("H56.12",)) == 1
        assert inbox.procedures(connection, "binh", (DESK,)) == (("2.000815", "Chứng thực bản sao từ bản chính"),)
        assert inbox_others.finished_tasks(connection, "binh").rows == ()
        found = found_dossiers(connection, Wanted(units=("H56.12",), words=phrase.words("thi lan")))
        assert [row.number for row in found.rows] == [at_desk, unpaid]
        assert incidents.incidents(connection, incidents.Wanted(), now) == ()
        assert incidents.waiting_deliveries(connection) == ()
        assert incidents.open_refunds(connection, ("H56.12",)) == ()


def test_list_that_shows_everything_counts_as_the_database_does(either_product: Product) -> None:
    _unpaid, at_desk = _filed(either_product)
    _more_tasks(either_product, at_desk, 20)
    with either_product.database.begin() as uow:
        for task in uow.tasks.of(at_desk)[:3]:
            uow.tasks.assign(task, "binh", "Bình")
        due = uow.tasks.of(at_desk)[0].due_at
        assert due is not None
    asked = Asked(login="binh", groups=(DESK,))
    with either_product.database.read() as connection:
        for now in (due - timedelta(hours=1), due + timedelta(hours=2), due + timedelta(days=30)):
            part = inbox.open_tasks(connection, asked, now=now)
            assert not part.next and len(part.rows) == 21
            counted = {
                state: inbox.count_open(connection, dataclasses.replace(asked, state=state), now=now)
                for state in ("overdue", "due_soon", "in_time")
            }
            counted["mine"] = inbox.count_open(connection, Asked(login="binh"), now=now)
            counted["group"] = inbox.count_open(connection, Asked(groups=(DESK,)), now=now)
            assert inbox.tallied(part.rows, now=now) == counted
            assert inbox.procedures(connection, "binh", (DESK,)) == inbox.choices(
                [[(row.procedure, row.procedure_name) for row in part.rows]]
            )


def test_inbox_pages_follow_without_gap_or_double(either_product: Product) -> None:
    _unpaid, at_desk = _filed(either_product)
    _more_tasks(either_product, at_desk, 40)
    asked, now = Asked(login="binh", groups=(DESK,)), either_product.clock.now()
    with either_product.database.read() as connection:
        whole = [row.task for row in inbox.open_tasks(connection, asked, now=now, limit=100).rows]
        seen: list[str] = []
        after = ""
        while True:
            part = inbox.open_tasks(connection, asked, now=now, after=after, limit=7)
            seen += [row.task for row in part.rows]
            after = part.next
            if not after:
                break
        dated = [row.due_at for row in inbox.open_tasks(connection, asked, now=now, limit=100).rows]
    assert len(whole) == 41
    assert seen == whole
    moments = [due for due in dated if due is not None]
    assert moments == sorted(moments)
    assert dated[-8:] == [None] * 8


def test_common_phrase_is_looked_for_a_stretch_at_a_time(
    either_product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = DemoRun(either_product, say=lambda line: None)
    numbers = {}
    for login in ("lan", "hung"):
        citizen = demo.person(login)
        numbers[login] = demo.file(citizen)
        demo.pay(citizen, numbers[login])
    demo.worker.drain()
    with either_product.database.begin() as uow:
        for login, number in numbers.items():
            (task,) = [task for task in uow.tasks.of(number) if task.state == "open"]
            assert task.due_at is not None
            for place in range(20):
                when = None if place > 15 else task.due_at + timedelta(hours=place)
                uow.tasks.add([dataclasses.replace(task, id=f"{login}-{place:02d}", due_at=when)])
    asked, now = Asked(groups=(DESK,), words=phrase.words("thị lan")), either_product.clock.now()
    with either_product.database.read() as connection:
        whole = [row.task for row in inbox.open_tasks(connection, asked, now=now, limit=100).rows]
        monkeypatch.setattr(sought, "FEW", 1)  # every word is common now
        monkeypatch.setattr(sought, "LOOK", 7)
        part = inbox.open_tasks(connection, asked, now=now, limit=10)
        pages = [part]
        while part.next:
            part = inbox.open_tasks(connection, asked, now=now, after=part.next, limit=10)
            pages.append(part)
    seen = [row for page in pages for row in page.rows]
    assert {row.number for row in seen} == {numbers["lan"]}
    assert [row.task for row in seen] == whole
    assert len(whole) == 21
    assert any(len(page.rows) < 10 and page.next for page in pages)  # a short page says that there may be more


def test_phrase_taken_as_a_whole_comes_before_its_words_spread(either_product: Product) -> None:
    _unpaid, at_desk = _filed(either_product)
    now = either_product.clock.now()
    with either_product.database.read() as connection:
        for typed, found in (
            ("Chứng thực bản sao", True),  # the procedure's name, whole
            ("chung thuc", True),
            ("lan chung thuc", True),  # spread over name and procedure
            (at_desk[:6], True),  # the number's first words, parted by a hyphen
            (at_desk[-4:], True),  # its last word
            ("2.000815", True),
            ("đan chứng thực", False),
            ("lan khai sinh", False),
        ):
            part = inbox.open_tasks(connection, Asked(login="binh", groups=(DESK,), words=phrase.words(typed)), now=now)
            assert ([row.number for row in part.rows] == [at_desk]) is found, typed


def test_reading_sees_one_moment_while_others_write(either_product: Product) -> None:
    _unpaid, at_desk = _filed(either_product)
    with either_product.database.read() as connection:
        asked, now = Asked(groups=(DESK,)), either_product.clock.now()
        before = inbox.count_open(connection, asked, now=now)
        _more_tasks(either_product, at_desk, 3)
        assert inbox.count_open(connection, asked, now=now) == before
    with either_product.database.read() as connection:
        assert inbox.count_open(connection, asked, now=now) == before + 3


def test_inbox_unclaimed_tasks_are_read_from_their_own_index(product: Product) -> None:
    values = inbox._values(Asked(login="binh", groups=(DESK,)), product.clock.now()) | {"limit": 10}
    assert person(product, "binh").login == "binh"
    with product.database.read() as connection:
        for state, index in (("", "ix_task_unclaimed"), ("due_soon", "ix_task_unclaimed_late")):
            way = inbox._way(Asked(groups=(DESK,), state=state), Sought(), 0)
            statement = inbox._page(way, True, False, False)
            bound = tuple(values[name] for name in statement._names)
            plan = connection.driver.execute(f"EXPLAIN QUERY PLAN {statement._sqlite}", bound).fetchall()
            assert any(f"USING INDEX {index} " in row[3] for row in plan), plan
