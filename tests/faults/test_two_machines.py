"""Two machines on one PostgreSQL: one dies, the other goes on, and nothing is done twice."""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from engine.bus import Bus
from engine.store.database import Database
from engine.store.migration import migrate
from engine.store.records import OutboxRow
from tests.faults.networks import Network, network
from tests.faults.play import Player
from webapp.bench.temporary_postgresql import PostgresqlServer
from webapp.bootstrap import Product, clock_of
from webapp.demo.people import PASSWORD
from webapp.demo.seed import seed
from webapp.ports import free_ports

_LEASE = 3  # seconds
pytestmark = [pytest.mark.slow, pytest.mark.postgresql]


class Machines:
    """Two machines, each with a web server and a worker, and somebody who files dossiers."""

    def __init__(self, product: Product, net: Network, url: str, *, lease: int) -> None:
        settings = product.settings
        self.product, self.net, self.lease = product, net, lease
        self.ports = (free_ports(), free_ports())
        self.player = Player(product)
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.machines", str(settings.home), str(settings.port),
             str(settings.sandbox_port), url, str(lease)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[2],
        )  # fmt: skip
        assert self._zygote.stdout is not None
        assert self._zygote.stdout.readline().strip() == "up"
        self.web, self.workers = [self.start("web", 0), self.start("web", 1)], [0, 0]

    def start(self, role: str, machine: int) -> int:
        """Start a process on a machine; its id."""
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        self._zygote.stdin.write(f"{role} {self.net.names[machine]} {self.ports[machine]}\n")
        self._zygote.stdin.flush()
        return int(self._zygote.stdout.readline().split()[1])

    def address(self, machine: int) -> str:
        """Where its web server is."""
        return f"http://{self.net.addresses[machine]}:{self.ports[machine]}"

    def sign_in(self, machine: int) -> httpx.Client:
        """The desk officer's browser, signed in at one machine; its cookie is good for both."""
        until(lambda: answers(self.address(0)) and answers(self.address(1)), 60)
        browser = httpx.Client(follow_redirects=False, timeout=10)
        page = browser.get(f"{self.address(machine)}/sign-in").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        answer = browser.post(
            f"{self.address(machine)}/sign-in",
            data={"login": "binh", "password": PASSWORD, "csrf_token": token[1]},
        )
        assert answer.status_code == 302, answer.text
        return httpx.Client(cookies={"motcua": browser.cookies["motcua"]}, timeout=10)

    def row(self, number: str) -> OutboxRow:
        """The reading of the dossier's papers."""
        with self.product.database.begin() as uow:
            return next(row for row in uow.outbox.of(number) if row.topic == "papers.read")

    def work_in_hand(self) -> str:
        """File a dossier, let the first machine take its reading, and stop it there: frozen, lease in hand."""
        worker = self.workers[0] = self.start("worker", 0)
        until(lambda: worker in self._alive(), 60)
        number = self.player.filed()
        until(lambda: f":{worker}:" in self.row(number).lease_owner, 30)
        os.kill(worker, signal.SIGSTOP)
        assert self.row(number).state == "waiting"
        return number

    def _alive(self) -> set[int]:
        with self.product.database.begin() as uow:
            return {row.pid for row in uow.workers.all()}

    def beats(self, machine: int) -> bool:
        """Whether the worker of a machine has shown within the last lease that it lives."""
        recent = self.product.clock.now() - timedelta(seconds=self.lease)
        with self.product.database.begin() as uow:
            return any(row.pid == self.workers[machine] and row.beat_at > recent for row in uow.workers.all())

    def takes_over(self, number: str, *, within: float) -> float:
        """Start the second machine's worker; seconds until it holds what the first one held."""
        begun = time.monotonic()
        worker = self.workers[1] = self.start("worker", 1)
        until(lambda: f":{worker}:" in self.row(number).lease_owner or self.row(number).state == "done", within)
        return time.monotonic() - begun

    def taken_over(self, number: str) -> float:
        """As ``takes_over``; what was held is done at the end."""
        taken = self.takes_over(number, within=60)
        until(lambda: self.row(number).state == "done", 60)
        return taken

    def close(self) -> None:
        """End everything that was started."""
        for pid in (*self.web, *self.workers):
            if pid:
                for number in (signal.SIGCONT, signal.SIGKILL):
                    try:
                        os.kill(pid, number)
                    except ProcessLookupError:
                        break
        self._zygote.kill()
        self._zygote.wait(timeout=10)


def answers(address: str) -> bool:
    """Whether a web server is alive and ready for requests."""
    try:
        return httpx.get(f"{address}/readyz", timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def until(holds: Callable[[], bool], seconds: float) -> None:
    """Wait until something holds; it never does: the test fails."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        if holds():
            return
        pause.wait(0.02)
    raise AssertionError("it never came to pass")


@pytest.fixture
def machines(product: Product, request: pytest.FixtureRequest) -> Iterator[Machines]:
    """Both machines on a database of the test's own; the parameter is the length of a lease in seconds."""
    with network() as net, tempfile.TemporaryDirectory(prefix="motcua-postgresql-") as folder:
        server = PostgresqlServer(Path(folder), free_ports(), listen=net.host)
        server.start()
        url = server.url("postgres")
        database = Database(url)
        both: Machines | None = None
        try:
            migrate(database)
            clock = clock_of(database)
            bus = Bus(database, clock, product.bus.library, product.bus.rules)
            whole = dataclasses.replace(product, database=database, bus=bus, clock=clock)
            seed(whole)
            both = Machines(whole, net, url, lease=getattr(request, "param", _LEASE))
            yield both
        finally:
            if both is not None:
                both.close()
            database.close()
            server.stop()


def _read_once(machines: Machines, number: str) -> None:
    with machines.product.database.begin() as uow:
        kinds = [event.kind for event in uow.journal.of(number)]
        assert kinds.count("PapersRead") == 1
        assert machines.product.verification(uow).verify(number).findings == ()


def test_machine_killed_is_replaced_within_two_leases_and_no_session_is_lost(machines: Machines) -> None:
    browser = machines.sign_in(0)
    assert browser.get(f"{machines.address(0)}/inbox").status_code == 200
    number = machines.work_in_hand()
    for pid in (machines.web[0], machines.workers[0]):
        os.kill(pid, signal.SIGKILL)
    assert machines.taken_over(number) < 2 * _LEASE
    assert machines.row(number).attempts == 2
    assert browser.get(f"{machines.address(1)}/inbox").status_code == 200
    _read_once(machines, number)


def test_machine_cut_off_is_replaced_and_does_nothing_twice_when_it_is_back(machines: Machines) -> None:
    if not machines.net.real:
        pytest.skip("no network namespaces are allowed here, so there is no cable to pull")
    browser = machines.sign_in(0)
    number = machines.work_in_hand()
    machines.net.cut(0)
    os.kill(machines.workers[0], signal.SIGCONT)  # it reads on, and can tell nobody
    assert machines.taken_over(number) < 2 * _LEASE
    assert browser.get(f"{machines.address(1)}/inbox").status_code == 200
    machines.net.mend(0)
    until(lambda: answers(machines.address(0)), 90)
    assert browser.get(f"{machines.address(0)}/inbox").status_code == 200
    until(lambda: machines.beats(0), 90)
    _read_once(machines, number)


@pytest.mark.parametrize("machines", [600], indirect=True)
def test_machine_whose_lease_does_not_end_is_not_replaced(machines: Machines) -> None:
    """The control: what the first machine holds stays with it as long as its lease says, dead or alive."""
    machines.sign_in(0)
    number = machines.work_in_hand()
    os.kill(machines.workers[0], signal.SIGKILL)
    with pytest.raises(AssertionError, match="never came to pass"):
        machines.takes_over(number, within=2 * _LEASE)
    assert machines.row(number).attempts == 1
