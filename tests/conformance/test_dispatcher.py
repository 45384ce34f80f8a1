"""What every dispatcher has to do, embedded on both databases and distributed on PostgreSQL: one suite for all."""

from __future__ import annotations

import threading
from collections.abc import Callable

from engine.commands.intake import FileDossier
from tests.conftest import person
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun

#: Far more than anything here takes; a test ends as soon as what it waits for has come.
_PATIENCE = 60.0


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fails the test when it never does."""
    end = threading.Event()
    for _ in range(int(_PATIENCE / 0.05)):
        if holds():
            return
        end.wait(0.05)
    raise AssertionError("it never came to pass")


def waiting(product: Product, number: str) -> list[str]:
    """The topics that still wait."""
    with product.database.begin() as uow:
        return [row.topic for row in uow.outbox.of(number) if row.state == "waiting"]


def filed(product: Product) -> str:
    """A dossier whose papers are to be read; nobody works yet."""
    demo, lan = DemoRun(product, say=lambda line: None), person(product, "lan")
    return str(product.bus.execute(FileDossier(draft=demo.prepare(lan)), lan)["number"])


def test_due_row_is_delivered_and_the_worker_shown(either_product: Product) -> None:
    number = filed(either_product)
    assert waiting(either_product, number) == ["papers.read"]
    running = either_product.start(either_product.worker())
    try:
        until(lambda: waiting(either_product, number) == [])
        with either_product.database.begin() as uow:
            (shown,) = uow.workers.all()
        assert shown.name == running.worker.name
    finally:
        running.stop()
    with either_product.database.begin() as uow:
        assert uow.workers.all() == ()  # it said good-bye
