"""Dossiers of the demo procedure brought to a stage, for tests of what may happen there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from engine.commands.context import Context
from engine.commands.tasks import CompleteTask
from engine.commands.work import Work
from engine.store.records import Dossier, Task
from tests.conftest import person
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun

ACCEPT = {"da_doi_chieu": True, "quyet_dinh": "accept"}
PREPARE = {
    "ket_luan": "certify",
    "kiem_tra": ["ban_chinh", "so_trang", "chu_ky_dau", "noi_dung"],
    "loi_chung": "giay_va_dien_tu",
}
APPROVE = {"quyet_dinh": "approve", "da_xem": True}


class _Undone(Exception):
    """Ends a transaction that is not to be committed."""


class Desk:
    """Plays people of the commune up to a stage."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.demo = DemoRun(product, say=lambda line: None)
        self.worker = self.demo.worker

    def do(self, login: str, command: object, *, key: str = "") -> dict[str, Any]:
        """Run a command as somebody."""
        return self.product.bus.execute(command, person(self.product, login), key=key)

    def dossier(self, number: str) -> Dossier:
        """The dossier as stored."""
        with self.product.database.begin() as uow:
            return uow.dossiers.get(number)

    def task(self, number: str, node: str) -> Task:
        """The open task of a step."""
        return self.demo.task(number, node)

    def kinds(self, number: str) -> list[str]:
        """The kinds of the dossier's events."""
        with self.product.database.begin() as uow:
            return [event.kind for event in uow.journal.of(number)]

    def filed(self) -> str:
        """Filed and unpaid."""
        number = self.demo.file(person(self.product, "lan"))
        self.worker.drain()
        return number

    def paid(self) -> str:
        """Paid: it waits at the desk."""
        number = self.filed()
        self.demo.pay(person(self.product, "lan"), number)
        self.worker.drain()
        return number

    def received(self) -> str:
        """Received: it waits for the specialist."""
        number = self.paid()
        self.demo.complete("binh", number, "desk", ACCEPT)
        return number

    def prepared(self) -> str:
        """Prepared: it waits for the leader."""
        number = self.received()
        self.demo.complete("hoa", number, "prepare", PREPARE)
        return number

    def approve(self, number: str, *, login: str = "toan", drain: bool = True, late_reason: str = "") -> None:
        """The leader decides to sign; nothing is signed before the worker acts."""
        self.do(login, CompleteTask(task=self.task(number, "sign").id, data=APPROVE, late_reason=late_reason))
        if drain:
            self.worker.drain()

    @contextmanager
    def trial(self, number: str, *, login: str = "hoa") -> Iterator[Work]:
        """The dossier in the hands of an official, in a transaction that is never committed."""
        product = self.product
        with suppress(_Undone), product.database.begin() as uow:
            context = Context(
                uow=uow, actor=person(product, login), now=product.clock.now(), library=product.bus.library,
                rules=product.bus.rules,
            )  # fmt: skip
            yield Work.open(context, uow.dossiers.get(number))
            raise _Undone
