"""Circuit breakers, shared by all workers of the installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.circuit import Circuit
from engine.store.connection import Connection
from engine.store.rows import Rows
from engine.store.statement import Statement

ROWS = Rows(Circuit, "circuit")
_ALL = ROWS.query("ORDER BY connector")
_ONE = ROWS.query("WHERE connector = :connector")
_ONE_HELD = ROWS.query("WHERE connector = :connector FOR UPDATE")
_KNOWN = Statement("INSERT INTO circuit (connector, state) VALUES (:connector, 'closed') ON CONFLICT DO NOTHING")
_SAVE = Statement(
    "UPDATE circuit SET state = :state, failures = :failures, trips = :trips, changed_at = :changed_at, "
    "until = :until, error = :error WHERE connector = :connector"
)


@dataclass(frozen=True, slots=True)
class Circuits:
    """The circuit breakers of the database; a connector without a row has never failed."""

    connection: Connection

    def all(self) -> tuple[Circuit, ...]:
        """Every connector that ever failed."""
        return ROWS.all(self.connection, _ALL)

    def get(self, connector: str) -> Circuit:
        """What is known of a connector, held until the end of this transaction."""
        query = _ONE if self.connection.sqlite else _ONE_HELD
        return ROWS.one(self.connection, query, connector=connector) or Circuit(connector=connector)

    def probe(self, connector: str, now: datetime) -> bool:
        """Whether this caller may make the one call that finds out how the connector is."""
        found = self.get(connector)
        if not found.may_probe(now):
            return False
        self._save(found.probing(now))
        return True

    def hurry(self, connector: str, now: datetime) -> None:
        """Somebody says that the connector is repaired: one call may find out at once."""
        self._save(self.get(connector).hurried(now))

    def failed(self, connector: str, now: datetime, error: str) -> Circuit:
        """A call failed; the circuit after it."""
        _KNOWN.run(self.connection, connector=connector)
        after = self.get(connector).failed(now, error)
        self._save(after)
        return after

    def succeeded(self, connector: str, now: datetime) -> None:
        """A call came back."""
        self._save(self.get(connector).succeeded(now))

    def _save(self, circuit: Circuit) -> None:
        _SAVE.run(self.connection, **ROWS.values(circuit))
