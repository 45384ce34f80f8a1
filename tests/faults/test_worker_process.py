"""The worker's own process, told to stop while it reads a paper: it finishes, or gives back what it cannot finish."""

from __future__ import annotations

import dataclasses
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from engine.bus import Bus
from engine.clock import SystemClock
from engine.store.records import OutboxRow
from tests.faults import play
from tests.faults.play import Player
from tests.faults.test_two_machines import until
from webapp.bootstrap import Product

pytestmark = pytest.mark.slow


def _long_paper() -> bytes:
    """A page full of words, over which the reader sits for seconds."""
    page = Image.new("L", (2480, 3508), 250)
    pen = ImageDraw.Draw(page)
    for line in range(60):
        pen.text((150, 100 + 55 * line), f"{line} " + "Giay to can chung thuc " * 6, fill=20, font_size=36)
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(300, 300))
    return out.getvalue()


@pytest.fixture
def filed(product: Product, monkeypatch: pytest.MonkeyPatch) -> tuple[Product, str]:
    """The product by the real clock, which the process goes by, and a dossier whose paper is to be read."""
    monkeypatch.setattr(play, "small_paper", _long_paper)
    clock = SystemClock()
    bus = Bus(product.database, clock, product.bus.library, product.bus.rules)
    own = dataclasses.replace(product, clock=clock, bus=bus)
    return own, Player(own).filed()


def _reading(product: Product, number: str) -> OutboxRow:
    with product.database.begin() as uow:
        return next(row for row in uow.outbox.of(number) if row.topic == "papers.read")


@contextmanager
def _worker(product: Product, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """``motcua worker`` on the product's database."""
    home = product.settings.home
    environment = os.environ | {
        "MOTCUA_HOME": str(home), "MOTCUA_DATABASE_URL": product.database.url,
        "MOTCUA_PORT": str(product.settings.port), "MOTCUA_SANDBOX_PORT": str(product.settings.sandbox_port),
        "MOTCUA_LOG_LEVEL": "ERROR", **settings,
    }  # fmt: skip
    process = subprocess.Popen([str(Path(sys.executable).with_name("motcua")), "worker"], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=10)


def _told_while_reading(process: subprocess.Popen[bytes], product: Product, number: str) -> None:
    until(lambda: _reading(product, number).lease_owner != "", 90)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    with product.database.begin() as uow:
        assert uow.workers.all() == ()
        assert product.verification(uow).verify(number).findings == ()


def test_worker_told_to_stop_finishes_what_it_has_in_hand(filed: tuple[Product, str]) -> None:
    product, number = filed
    with _worker(product) as process:
        _told_while_reading(process, product, number)
    assert _reading(product, number).state == "done"


def test_worker_without_time_gives_back_what_it_has_in_hand(filed: tuple[Product, str]) -> None:
    product, number = filed
    with _worker(product, MOTCUA_STOP_SECONDS="0") as process:
        _told_while_reading(process, product, number)
    row = _reading(product, number)
    assert (row.state, row.lease_until, row.attempts) == ("waiting", None, 0)
