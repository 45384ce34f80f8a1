"""Plays dossiers on and on from wherever the database stands, and says aloud what was acknowledged."""

from __future__ import annotations

import dataclasses
import itertools
import os
import time
from typing import Any

from connectors.payment.sandbox import PaymentSandbox
from engine.bus import Bus
from engine.store.database import Database
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun

ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "desk": ("binh", {"da_doi_chieu": True, "quyet_dinh": "accept"}),
    "prepare": (
        "hoa",
        {
            "ket_luan": "certify",
            "kiem_tra": ["ban_chinh", "so_trang", "chu_ky_dau", "noi_dung"],
            "loi_chung": "giay_va_dien_tu",
        },
    ),
    "sign": ("toan", {"quyet_dinh": "approve", "da_xem": True}),
}


def on_database(product: Product, database: Database) -> Product:
    """The same product on another database connection; what a restarted process has."""
    bus = Bus(database, product.clock, product.bus.library, product.bus.rules)
    return dataclasses.replace(product, database=database, bus=bus)


class Player:
    """Everybody at once: files, pays, works the inbox, delivers."""

    def __init__(self, product: Product, acknowledge: int) -> None:
        payment = PaymentSandbox(secret=product.secrets["gateway"], notice_url="", now=product.clock.now)
        payment._numbers = itertools.count(time.time_ns())  # transactions of one gateway never repeat
        self.demo = DemoRun(product, say=lambda line: None, payment=payment)
        self.product = product
        self._acknowledge = acknowledge

    def say(self, fact: str) -> None:
        """Tell the outside that a command has answered: from now on it must not be lost."""
        os.write(self._acknowledge, f"{fact}\n".encode())

    def run(self) -> None:
        """Play until killed."""
        self.say("ready")
        while True:
            if not self.step():
                number = self.demo.file(self.demo.person("lan"))
                self.say(f"filed {number}")

    def step(self) -> bool:
        """Do what is open anywhere; False when every dossier is settled."""
        moved = bool(self.demo.worker.drain())
        with self.product.database.begin() as uow:
            numbers = uow.dossiers.numbers()
            charges = [charge for number in numbers for charge in uow.money.charges(number) if charge.state == "due"]
            tasks = [task for number in numbers for task in uow.tasks.of(number) if task.state == "open"]
        for charge in charges:
            self.demo.pay(self.demo.person("lan"), charge.dossier)
            self.say(f"paid {charge.id}")
            moved = True
        for task in tasks:
            login, data = ANSWERS[task.node]
            self.demo.complete(login, task.dossier, task.node, data)
            self.say(f"completed {task.id}")
            moved = True
        return moved
