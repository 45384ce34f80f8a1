"""The machine itself fails: the disk is full, the clock jumps, the database server dies in mid-work."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.files.store import FileStore
from engine.bus import Bus
from engine.clock import SteppingClock
from engine.errors import ConnectorUnavailable, MotcuaError
from engine.store.database import Database, sqlite_url
from engine.store.failures import DatabaseUnavailable
from engine.store.migration import migrate
from engine.values import Digest
from tests.conftest import LiveClock
from tests.faults.examination import Examination
from tests.faults.play import Player, on_database
from webapp.app import create_app
from webapp.bench.temporary_postgresql import PostgresqlServer
from webapp.bootstrap import Product
from webapp.demo.seed import seed
from webapp.ports import free_ports


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
        if idle == 8:  # longer than the clock was ever ahead
            break
    facts += player.facts


# -- the disk ----------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {made.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def _on_disk(product: Product, disk: Path, store: type[FileStore] = FileStore) -> Product:
    shutil.copyfile(product.settings.home / "motcua.db", disk / "motcua.db")
    product.database.close()
    database = Database(sqlite_url(disk / "motcua.db"))
    ports = dataclasses.replace(product.ports, files=store(disk / "files"))
    return dataclasses.replace(on_database(product, database), ports=ports)


def _fill(disk: Path) -> Path:
    """Leave no room: as when a log or a backup has grown."""
    ballast = disk / "ballast"
    handle = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(handle, b"\0" * 4096)
    except OSError:
        os.close(handle)
    return ballast


def test_full_disk_refuses_clearly_and_goes_on_when_there_is_room(product: Product, small_disk: Path) -> None:
    full = _on_disk(product, small_disk)
    player = Player(full)
    player.filed()
    with sqlite3.connect(small_disk / "motcua.db") as emptied:
        emptied.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else the log has room that is already its own
    ballast = _fill(small_disk)
    with pytest.raises((DatabaseUnavailable, ConnectorUnavailable)):
        for _ in range(20):
            player.filed()
    app = create_app(full)
    assert app.test_client().get("/healthz").status_code == 200
    ballast.unlink()
    assert _faults(full, player.facts) == []
    _play_on(full, player.facts)
    assert _faults(full, player.facts) == []
    with full.database.begin() as uow:
        assert all(uow.results.of(number) for number in uow.dossiers.numbers())
    full.database.close()


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


@pytest.mark.parametrize("first", [timedelta(hours=1), timedelta(hours=-1)], ids=["forward", "back"])
def test_clock_that_jumps_an_hour_and_back_loses_nothing(product: Product, clock: LiveClock, first: timedelta) -> None:
    clock.set(clock.now() + timedelta(hours=2))  # so that an hour earlier everybody has their posts already
    player = Player(product)
    player.filed()
    killed = product.worker()
    assert killed.lease(10)  # taken by a worker that is never heard of again
    client = create_app(product).test_client()
    with client.session_transaction() as session:
        session["login"] = "binh"
    _jump(clock, first)
    assert client.get("/inbox").status_code == 200  # nobody's session is lost
    player.filed()
    player.step()
    _jump(clock, -first)
    assert client.get("/inbox").status_code == 200
    clock.set(clock.now() + timedelta(seconds=61))
    _play_on(product, player.facts)
    assert _faults(product, player.facts) == []
    with product.database.begin() as uow:
        assert all(uow.results.of(number) for number in uow.dossiers.numbers())


def test_clock_set_back_under_a_lease_without_horizon_holds_for_ever(
    product: Product, clock: LiveClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the longest hold a row leased before the clock was set back stays with its dead worker."""
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
        server = PostgresqlServer(Path(folder), free_ports())
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
