"""Fifty officials and one task, over HTTP: one gets it, and each of the others is told who."""

from __future__ import annotations

import dataclasses
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import waitress

from engine.commands import tasks
from engine.commands.context import Context
from engine.commands.organisation import AddAccount
from engine.model.permission import DESK, SYSTEM
from engine.store.records import Account, Task
from tests.faults.play import Player
from webapp.app import create_app
from webapp.bench.pages import cookie
from webapp.bootstrap import Product
from webapp.demo.run import UNIT

_CLIENTS = 50
_CONFLICT = 409


@contextmanager
def _served(product: Product) -> Iterator[tuple[str, list[str]]]:
    """The address of a running server, and the sessions of fifty officers of one desk."""
    logins = [f"desk{place}" for place in range(_CLIENTS)]
    for login in logins:
        account = Account(
            login=login, name=f"Cán bộ {login}", person_id="", email="", phone="", password="", certificate="",
            active=True,
        )  # fmt: skip
        product.bus.execute(AddAccount(account=account, posts=((UNIT, DESK),)), SYSTEM)
    app = create_app(product)
    app.config["WTF_CSRF_ENABLED"] = False
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=16)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}", [cookie(app, login) for login in logins]
    finally:
        server.close()
        thread.join(timeout=10)


def _open_task(product: Product) -> Task:
    """A dossier's task at the desk that nobody has claimed."""
    player = Player(product)
    number = player.filed()
    player.step()  # papers read, fee paid
    player.demo.worker.drain()
    return player.demo.task(number, "desk")


def _claim_together(address: str, sessions: list[str], task: Task) -> list[httpx.Response]:
    answers: list[httpx.Response] = []
    start = threading.Barrier(len(sessions))

    def claim(session: str) -> None:
        with httpx.Client(cookies={"motcua": session}, timeout=60) as client:
            start.wait()
            answers.append(client.post(f"{address}/tasks/{task.id}/claim", data={}))

    clients = [threading.Thread(target=claim, args=(session,)) for session in sessions]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return answers


def test_fifty_clients_on_one_task_have_one_winner_whom_all_are_told(either_product: Product) -> None:
    product, task = either_product, _open_task(either_product)
    with _served(product) as (address, sessions):
        answers = _claim_together(address, sessions, task)
    assert Counter(answer.status_code for answer in answers) == {302: 1, _CONFLICT: _CLIENTS - 1}
    with product.database.begin() as uow:
        claimed = uow.tasks.get(task.id)
        kinds = [event.kind for event in uow.journal.of(task.dossier)]
        assert product.verification(uow).verify(task.dossier).findings == ()
    assert kinds.count("TaskClaimed") == 1
    name = claimed.claimed_by or claimed.assignee
    assert all(name in answer.text for answer in answers if answer.status_code == _CONFLICT)


def test_where_nobody_looks_who_holds_the_task_many_win(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: every claim is granted as if the task were free."""
    open_task = tasks.open_task

    def as_if_free(context: Context, task: str, revision: int | None) -> Task:
        return dataclasses.replace(open_task(context, task, revision), assignee="")

    monkeypatch.setattr(tasks, "open_task", as_if_free)
    task = _open_task(product)
    with _served(product) as (address, sessions):
        answers = _claim_together(address, sessions, task)
    assert Counter(answer.status_code for answer in answers)[302] > 1
