"""SIGKILL at random moments over the whole path of a dossier: nothing acknowledged is lost, doubled or half-done."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from engine.store.database import Database
from engine.store.statement import Statement
from tests.conftest import LiveClock
from tests.faults.play import Player, on_database
from webapp.bootstrap import Product

#: Kills per database: a few in every run, a thousand in ``make faults``.
KILLS = 1000 if os.environ.get("MOTCUA_FAULTS") == "whole" else 8
_SEED = 20261121


class Victims:
    """Players in processes of their own, killed one after the other."""

    def __init__(self, product: Product, url: str, mode: str = "") -> None:
        settings = product.settings
        arguments = [str(settings.home), str(settings.port), str(settings.sandbox_port), url, mode]
        self._product = product
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[2],
        )  # fmt: skip
        assert self._line() == "up"

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def kill_one(self, wait: float) -> list[str]:
        """Let one play for ``wait`` seconds, then kill it; what it had acknowledged."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"go {self._product.clock.now().isoformat()}\n")
        self._process.stdin.flush()
        first = {self._line(), self._line()}
        child = next(int(line.split()[1]) for line in first if line.startswith("pid "))
        time.sleep(wait)
        os.kill(child, signal.SIGKILL)
        said = [line for line in first if not line.startswith(("pid ", "ready"))]
        while (line := self._line()) != "dead":
            said.append(line)
        _later(self._product)
        return [line for line in said if line and line != "ready"]

    def close(self) -> None:
        """End the process that forks."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)


def _later(product: Product) -> None:
    """Go on until a dead worker's leases have run out."""
    clock = product.clock
    assert isinstance(clock, LiveClock)
    clock.set(clock.now() + timedelta(seconds=61))


def _faults(product: Product, database: Database, acknowledged: list[str]) -> list[str]:
    """Everything that is lost, doubled or half-done."""
    found: list[str] = []
    with database.begin() as uow:
        numbers = set(uow.dossiers.numbers())
        verification = product.verification(uow)
        for number in sorted(numbers):
            found += [f"{number}: {one.place}: {one.what}" for one in verification.verify(number).findings]
        tasks = {task.id: task.state for number in numbers for task in uow.tasks.of(number)}
        paid = {charge.id for number in numbers for charge in uow.money.charges(number) if charge.state == "paid"}
        for fact in acknowledged:
            kind, _, what = fact.partition(" ")
            kept = {"filed": what in numbers, "paid": what in paid, "completed": tasks.get(what) == "completed"}[kind]
            if not kept:
                found.append(f"lost: {fact}")
        doubled = Statement("SELECT dossier, COUNT(*) FROM receipt GROUP BY dossier HAVING COUNT(*) > 1")
        found += [f"two receipts: {row[0]}" for row in doubled.run(uow.connection).fetchall()]
        twice = Statement("SELECT dossier, COUNT(*) FROM document WHERE kind = 'result' GROUP BY dossier")
        found += [f"{row[1]} results: {row[0]}" for row in twice.run(uow.connection).fetchall() if row[1] > 1]
    return found


def _run(product: Product, url: str) -> tuple[list[str], int]:
    chance, acknowledged = random.Random(_SEED), list[str]()
    victims = Victims(product, url)
    kills = 0
    while kills < KILLS or (len(acknowledged) < 4 and kills < 6 * KILLS):  # a busy machine takes longer to get on
        kills += 1
        acknowledged += victims.kill_one(chance.uniform(0.2, 3.0) * (1 + kills / KILLS / 4))
    victims.close()
    database = Database(url)
    found = _faults(product, database, acknowledged)
    if not found:  # and what was begun comes to its end
        player = Player(on_database(product, database), os.open(os.devnull, os.O_WRONLY))
        for _ in range(60):
            if not player.step():
                break
            _later(product)
        found = _faults(product, database, acknowledged)
        with database.begin() as uow:
            found += [f"unsettled: {number}" for number in uow.dossiers.numbers() if not uow.results.of(number)]
    database.close()
    return found, len(acknowledged)


@pytest.mark.slow
def test_kill_sqlite_loses_doubles_and_halves_nothing(product: Product) -> None:
    product.database.close()
    found, acknowledged = _run(product, product.database.url)
    assert found == []
    assert acknowledged > 0


@pytest.mark.slow
@pytest.mark.postgresql
def test_kill_postgresql_loses_doubles_and_halves_nothing(
    product: Product, postgresql_url: Callable[[str], str]
) -> None:
    found, acknowledged = _run(product, postgresql_url("kill"))
    assert found == []
    assert acknowledged > 0


@pytest.mark.slow
def test_kill_split_commits_are_noticed(product: Product) -> None:
    """The control: without one transaction per command the same check must find something."""
    product.database.close()
    victims, chance = Victims(product, product.database.url, "split"), random.Random(_SEED)
    found: list[str] = []
    for _ in range(30):
        victims.kill_one(chance.uniform(0.6, 3.0))
        database = Database(product.database.url)
        found = _faults(product, database, [])
        database.close()
        if found:
            break
    victims.close()
    assert found != []
