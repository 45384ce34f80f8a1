"""Which connectors may be called now, and how many rows of each a worker may take."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from engine.model.circuit import CLOSED, OPEN, Circuit
from engine.model.queue import TOPICS, topic, topics_of
from engine.ports import Due
from engine.store.database import Database
from engine.store.unit_of_work import UnitOfWork
from engine.worker.plan import Plan

_log = structlog.get_logger("motcua.worker")
#: When a row is looked at again whose connector has enough in hand.
_BUSY = timedelta(seconds=1)


@dataclass(slots=True)
class _Room:
    """What one look at the circuits leaves open."""

    uow: UnitOfWork
    now: datetime
    share: int
    busy: Counter[str]
    circuits: dict[str, Circuit]
    probed: dict[str, bool] = field(default_factory=dict)

    def closed_to(self, connector: str) -> bool:
        """Whether no call of this connector may begin now."""
        circuit = self.circuits.get(connector)
        return circuit is not None and circuit.state != CLOSED and not circuit.may_probe(self.now)

    def full(self, connector: str) -> bool:
        """Whether the connector has its share of hands; our own database has no limit but the worker's."""
        return connector != "" and self.busy[connector] >= self.share

    def enter(self, connector: str) -> bool:
        """Begin one call; after an open circuit one probe alone, of one worker alone."""
        circuit = self.circuits.get(connector)
        if circuit is not None and circuit.state != CLOSED:
            if connector in self.probed:
                return False
            self.probed[connector] = self.uow.circuits.probe(connector, self.now)
            if not self.probed[connector]:
                return False
        self.busy[connector] += 1
        return True


class Breakers:
    """The circuit breakers as one worker sees them; the database is what all workers share."""

    def __init__(self, plan: Plan) -> None:
        self._topics = topics_of(plan.queues)
        self._share = plan.per_connector
        self._lock = threading.Lock()
        self._ailing: set[str] = set()  #: connectors that a success has to clear

    def choose(self, uow: UnitOfWork, now: datetime, limit: int, busy: Counter[str]) -> list[str]:
        """Ids of at most ``limit`` ready rows that may be delivered now, the most urgent first."""
        room = self._room(uow, now, busy)
        topics = [
            name
            for name in self._topics
            if not room.closed_to(TOPICS[name].connector) and not room.full(TOPICS[name].connector)
        ]
        chosen: list[str] = []
        for row_id, name in uow.outbox.ready(now, topics, limit=4 * limit) if topics else ():
            connector = TOPICS[name].connector
            if len(chosen) < limit and not room.full(connector) and room.enter(connector):
                chosen.append(row_id)
        return chosen

    def allow(self, uow: UnitOfWork, due: Due, now: datetime, busy: Counter[str]) -> bool:
        """Whether this row may be tried now; one whose connector is left alone is put off until it is not."""
        room, connector = self._room(uow, now, busy), topic(due.topic).connector
        if not room.closed_to(connector) and not room.full(connector) and room.enter(connector):
            return True
        until = room.circuits[connector].until if room.closed_to(connector) else None
        uow.outbox.postpone(due.id, until or now + _BUSY)
        return False

    def _room(self, uow: UnitOfWork, now: datetime, busy: Counter[str]) -> _Room:
        circuits = {circuit.connector: circuit for circuit in uow.circuits.all()}
        with self._lock:
            self._ailing |= {name for name, circuit in circuits.items() if circuit.failures}
        return _Room(uow=uow, now=now, share=self._share, busy=busy, circuits=circuits)

    def failed(self, database: Database, name: str, now: datetime, error: str) -> None:
        """A call of the connector of topic ``name`` failed."""
        connector = topic(name).connector
        if not connector:
            return
        with database.begin() as uow:
            after = uow.circuits.failed(connector, now, error)
        with self._lock:
            self._ailing.add(connector)
        if after.state == OPEN and after.changed_at == now:
            _log.warning("circuit-opened", connector=connector, trips=after.trips)

    def succeeded(self, database: Database, name: str, now: datetime) -> None:
        """A call of the connector of topic ``name`` came back."""
        connector = topic(name).connector
        with self._lock:
            if connector not in self._ailing:
                return
            self._ailing.discard(connector)
        with database.begin() as uow:
            uow.circuits.succeeded(connector, now)
        _log.info("circuit-closed", connector=connector)
