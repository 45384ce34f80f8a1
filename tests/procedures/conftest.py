"""The stage of the scenarios: the session's installation, and what came of each scenario."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import LiveClock
from tests.procedures.stories import FILES, name, read
from webapp.bootstrap import Product
from webapp.scenarios import Coverage, Outcome, play, procedure_in_force

#: Outcome of each file that was played, so that coverage need not play it again.
Played = dict[str, Outcome]


@pytest.fixture(scope="module")
def played() -> Played:
    """What has been played so far."""
    return {}


@pytest.fixture(params=FILES, ids=name)
def outcome(request: pytest.FixtureRequest, installation: Product, clock: LiveClock, played: Played) -> Outcome:
    """One scenario file, played."""
    file: Path = request.param
    played[name(file)] = play(read(file), installation)
    return played[name(file)]


@pytest.fixture
def coverage(installation: Product, clock: LiveClock, played: Played) -> Iterator[dict[str, Coverage]]:
    """What all scenarios together have passed, by procedure."""
    found: dict[str, Coverage] = {}
    for file in FILES:
        scenario = read(file)
        if name(file) not in played:
            played[name(file)] = play(scenario, installation)
        if scenario.procedure not in found:
            found[scenario.procedure] = Coverage.of(procedure_in_force(installation, scenario.procedure).definition)
        found[scenario.procedure].add(played[name(file)].steps)
    yield found
