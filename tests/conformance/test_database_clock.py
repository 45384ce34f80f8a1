"""Leases are on the database's clock: what a machine's own clock says changes nothing."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from engine.bus import Bus
from engine.clock import SteppingClock
from engine.store.database import Database
from engine.store.database_clock import DatabaseClock
from engine.store.moments import moment
from engine.store.statement import Statement
from engine.worker import Worker
from tests.conformance.dispatching import Yard
from tests.conftest import LiveClock, _on_postgresql
from webapp.bootstrap import Product

_NOW = Statement("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)")


def _server(database: Database) -> int:
    with database.read() as connection:
        return int(_NOW.run(connection).scalar_one())


@pytest.mark.postgresql
def test_lease_is_safe_from_a_machine_whose_clock_is_wrong(
    request: pytest.FixtureRequest, product: Product, clock: LiveClock
) -> None:
    with _on_postgresql(request, product) as whole:
        running = [0.0]
        told = DatabaseClock(whole.database.url, running=lambda: running[0])
        before = _server(whole.database)
        now = told.now()
        assert moment(before) <= now <= moment(_server(whole.database))  # the server's, not this machine's
        running[0] = 20.0
        assert told.now() == now + timedelta(seconds=20)  # carried on by the uptime
        running[0] = 60.0
        assert told.now() < now + timedelta(seconds=50)  # asked again: an uptime that went wrong is forgotten

        real = DatabaseClock(whole.database.url)
        bus = whole.bus
        yard = Yard(dataclasses.replace(whole, clock=real, bus=_bus(bus, real)), "embedded", clock)
        row = yard.post("held")
        assert [held.id for held in yard.worker().lease(5)] == [row]
        assert yard.worker().lease(5) == ()
        ahead = SteppingClock(real.now() + timedelta(hours=1))  # the control: a machine that trusts its own clock
        thief = Worker(_bus(bus, ahead), yard.product.ports)
        assert [stolen.id for stolen in thief.lease(5)] == [row]


def _bus(bus: Bus, clock: DatabaseClock | SteppingClock) -> Bus:
    return Bus(bus.database, clock, bus.library, bus.rules)
