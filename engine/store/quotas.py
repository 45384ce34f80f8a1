"""Daily targets, each dated and with its ground; a new one ends the old one by its date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.store.connection import Connection
from engine.store.desk_records import Quota
from engine.store.moments import stored
from engine.store.rows import Rows
from engine.store.statement import insert

ROWS = Rows(Quota, "quota")
_AT = ROWS.query("WHERE valid_from <= :at ORDER BY unit, measure, valid_from")
_PUT = insert(
    "quota",
    ROWS.names,
    "ON CONFLICT (unit, measure, valid_from) DO UPDATE SET percent = excluded.percent, ground = excluded.ground, "
    "entered_by = excluded.entered_by",
)


@dataclass(frozen=True, slots=True)
class Quotas:
    """The targets of the database."""

    connection: Connection

    def put(self, quota: Quota) -> None:
        """Set a target from its date on."""
        _PUT.run(self.connection, **ROWS.values(quota))

    def at(self, moment: datetime) -> dict[tuple[str, str], Quota]:
        """The target in force of each unit and measure."""
        found = ROWS.all(self.connection, _AT, at=stored(moment))
        return {(quota.unit, quota.measure): quota for quota in found}
