"""The machine itself fails: the disk is full, the clock jumps, the database server dies in mid-work."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import tempfile
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.files.store import FileStore
from engine.bus import Bus
from engine.clock import SteppingClock
from engine.errors import ConnectorUnavailable, MotcuaError
from engine.store.database import Database
from engine.store.migration import migrate
from engine.values import Digest
from tests.conftest import LiveClock, free_ports
from tests.faults.examination import Examination
from tests.faults.play import Player
from webapp.bench.temporary_postgresql import PostgresqlServer
from webapp.bootstrap import Product
from webapp.demo.seed import seed


def _faults(product: Product, facts: list[str]) -> list[str]:
    examination = Examination(product, product.database.url)
    examination.acknowledged += facts
    try:
        return examination.at_the_end()
    finally:
        examination.close()


def _play_on(product: Product, facts: list[str], *, rounds: int = 60) -> None:
    """To the end of everything begun; what cannot be done now is tried again later."""
    player, clock, idle = Player(product), product.clock, 0
    assert isinstance(clock, LiveClock)
    for _ in range(rounds):
        clock.set(clock.now() + timedelta(minutes=10))  # what was put off is tried again
        idle = 0 if player.step() else idle + 1
        if idle == 3:
            break
    facts += player.facts


# -- the disk ----------------------------------------------------------------------------------------------------


class Careless(FileStore):
    """The control: says that a file is stored though the disk took nothing of it."""

    def put(self, content: bytes) -> Digest:
        """Swallow what the disk says."""
        try:
            return super().put(content)
        except ConnectorUnavailable:
            return Digest.of(content)


def test_full_disk_of_a_careless_store_is_noticed(product: Product, tmp_path: Path) -> None:
    careless = dataclasses.replace(product, ports=dataclasses.replace(product.ports, files=Careless(tmp_path / "f")))
    shutil.rmtree(tmp_path / "f" / "tmp")  # nothing can be written
    player = Player(careless)
    player.filed()
    assert any("file" in fault for fault in _faults(careless, player.facts))


# -- the clock ---------------------------------------------------------------------------------------------------


def _jump(clock: LiveClock, by: timedelta) -> None:
    clock.stepping = SteppingClock(clock.now() + by)


def test_clock_set_back_under_a_lease_without_horizon_holds_for_ever(
    product: Product, clock: LiveClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the longest hold a row leased before the clock was set back stays with its dead worker."""
    monkeypatch.setattr("engine.store.outbox.LONGEST_HOLD", timedelta(days=1))
    Player(product).filed()
    assert product.worker().lease(10)
    _jump(clock, timedelta(hours=-1))
    clock.set(clock.now() + timedelta(seconds=61))
    assert product.worker().drain() == 0


# -- the database server -----------------------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.slow
def test_database_killed_in_mid_work_loses_nothing_and_work_goes_on_by_itself(product: Product) -> None:
    with tempfile.TemporaryDirectory(prefix="motcua-postgresql-") as folder:
        server = PostgresqlServer(Path(folder), free_ports(1))
        server.start()
        database = Database(server.url("postgres"))
        try:
            migrate(database)
            bus = Bus(database, product.clock, product.bus.library, product.bus.rules)
            whole = dataclasses.replace(product, database=database, bus=bus)
            seed(whole)
            player, refusals, done = Player(whole), list[str](), threading.Event()
            worker = threading.Thread(target=_through_outages, args=(player, refusals, done), daemon=True)
            worker.start()
            for _ in range(3):
                done.wait(0.7)
                _die_and_come_back(server)
            done.wait(1.0)
            done.set()
            worker.join(timeout=60)
            assert not worker.is_alive()
            assert set(refusals) <= {"database-unavailable", "database-outcome-unknown", "database-busy"}
            facts = list(player.facts)
            assert isinstance(product.clock, LiveClock)
            product.clock.set(product.clock.now() + timedelta(minutes=2))
            _play_on(whole, facts)
            assert _faults(whole, facts) == []
        finally:
            database.close()
            server.stop()


def _through_outages(player: Player, refusals: list[str], done: threading.Event) -> None:
    """Somebody who tries again after each clear refusal; anything else ends the thread and the test."""
    while not done.is_set():
        try:
            if not player.step():
                player.filed()
        except MotcuaError as refused:
            refusals.append(refused.code)
            done.wait(0.1)


def _die_and_come_back(server: PostgresqlServer) -> None:
    """What ``pg_ctl restart -m immediate`` does: no shutdown, recovery from the log at the start."""
    os.kill(int((server.folder / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    server.wait()
    server.start()
