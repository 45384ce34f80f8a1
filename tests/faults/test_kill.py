"""SIGKILL at random moments over the whole path of a dossier: nothing acknowledged is lost, doubled or half-done."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from engine.store.database import Database
from tests.faults.examination import Examination
from tests.faults.play import Player, on_database
from tests.faults.victims import Victims, later
from webapp.bootstrap import Product

#: Kills per database: a few in every run, a thousand in ``make faults``, or as many as ``MOTCUA_FAULTS`` says.
_ASKED = os.environ.get("MOTCUA_FAULTS", "")
KILLS = 1000 if _ASKED == "whole" else int(_ASKED or 6)
WHOLE = bool(_ASKED)


def _end(product: Product, url: str) -> list[str]:
    """Let what was begun come to its end; what stays unsettled."""
    database = Database(url)
    player = Player(on_database(product, database))
    for _ in range(200):
        if not player.step():
            break
        later(product)
    with database.begin() as uow:
        found = [f"unsettled: {number}" for number in uow.dossiers.numbers() if not uow.results.of(number)]
    database.close()
    return found


def _run(product: Product, url: str) -> tuple[list[str], int]:
    """Kill, look, and go on; every fault, and how much was acknowledged."""
    begun = time.monotonic()
    examination, victims = Examination(product, url), Victims(product, url)
    found: list[str] = []
    kills = 0
    try:
        # On a busy machine the first lives may be too short to acknowledge anything.
        while not found and (kills < KILLS or (len(examination.acknowledged) < 4 and kills < 6 * KILLS)):
            found = examination.after(victims.kill_one())
            found += ["a player stumbled over what a kill left behind"] * victims.stumbled
            kills += 1
            if kills % 50 == 0:
                print(f"{kills} kills, {time.monotonic() - begun:.0f} s, {len(examination.acknowledged)} acknowledged")  # noqa: T201
    finally:
        victims.close()
    killed = time.monotonic() - begun
    if not found:
        found = _end(product, url) or examination.at_the_end()
    acknowledged = len(examination.acknowledged)
    examination.close()
    print(f"{kills} kills in {killed:.0f} s, {acknowledged} acknowledged, {len(found)} faults")  # noqa: T201 - the figure
    return found, acknowledged


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600 if WHOLE else 180)
def test_kill_sqlite_loses_doubles_and_halves_nothing(product: Product) -> None:
    product.database.close()
    found, acknowledged = _run(product, product.database.url)
    assert found == []
    assert acknowledged > 0


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.timeout(4 * 3600 if WHOLE else 180)
def test_kill_postgresql_loses_doubles_and_halves_nothing(
    product: Product, postgresql_url: Callable[[str], str]
) -> None:
    found, acknowledged = _run(product, postgresql_url("kill"))
    assert found == []
    assert acknowledged > 0


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["split", "hasty"])
def test_kill_broken_variant_is_noticed(product: Product, mode: str) -> None:
    """The control: with split transactions, or told before it is done, the same look must find something."""
    product.database.close()
    victims, examination = Victims(product, product.database.url, mode), Examination(product, product.database.url)
    found: list[str] = []
    try:
        for _ in range(200):
            found = examination.after(victims.stop_one(200))
            if found:
                break
    finally:
        victims.close()
        examination.close()
    assert found != []
