"""Daily shares against their targets. Definitions, version ``VERSION``:

- received_online: of the dossiers filed on the day, those filed online.
- fully_online: of the results issued on the day, those of dossiers filed online that were not handed over at the desk
  or by post.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.store.connection import Connection
from engine.store.desk_records import Quota
from engine.store.moments import stored
from engine.store.quotas import Quotas
from engine.store.statement import Statement

VERSION = "2026-11"
_FILED = (
    "SELECT competent_unit, count(*), sum(CASE WHEN channel = 'online' THEN 1 ELSE 0 END) FROM dossier "
    "WHERE {unit}filed_at >= :since AND filed_at < :until GROUP BY competent_unit"
)
_ISSUED = (
    "SELECT d.competent_unit, count(*), sum(CASE WHEN d.channel = 'online' AND NOT EXISTS (SELECT 1 FROM event e "
    "WHERE e.dossier = d.number AND e.kind = 'ResultDelivered' AND e.body NOT LIKE '%\"way\":\"online\"%') "
    "THEN 1 ELSE 0 END) FROM dossier d WHERE {unit}d.closed_at >= :since AND d.closed_at < :until "
    "AND d.business = 'RESULT_ISSUED' GROUP BY d.competent_unit"
)
_STATEMENTS = {
    "received_online": (
        Statement(_FILED.format(unit="")),
        Statement(_FILED.format(unit="competent_unit = :unit AND ")),
    ),
    "fully_online": (
        Statement(_ISSUED.format(unit="")),
        Statement(_ISSUED.format(unit="d.competent_unit = :unit AND ")),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One measure of one unit (or, with an empty unit, of all that were asked for) on a day."""

    measure: str
    unit: str
    counted: int
    reached: int
    target: Quota | None

    @property
    def percent(self) -> int | None:
        """Rounded down; None where nothing was counted: no dossiers are neither good nor bad."""
        return None if not self.counted else 100 * self.reached // self.counted

    @property
    def missed(self) -> bool:
        """Whether the day is below its target."""
        return self.target is not None and self.percent is not None and self.percent < self.target.percent


def shares(connection: Connection, units: tuple[str, ...], *, since: datetime, until: datetime) -> tuple[Share, ...]:
    """Every measure for the sum and for each unit; a unit without a target of its own has the province's."""
    targets = Quotas(connection).at(since if since >= until else until)
    found: list[Share] = []
    for measure, (everywhere, one) in _STATEMENTS.items():
        rows = []
        for unit in units or ("",):
            values = {"unit": unit, "since": stored(since), "until": stored(until)}
            rows += (one if unit else everywhere).run(connection, **values).fetchall()
        province = targets.get(("", measure))
        total = (sum(row[1] for row in rows), sum(row[2] or 0 for row in rows))
        found.append(Share(measure=measure, unit="", counted=total[0], reached=total[1], target=province))
        found += [
            Share(
                measure=measure,
                unit=row[0],
                counted=row[1],
                reached=row[2] or 0,
                target=targets.get((row[0], measure), province),
            )
            for row in sorted(rows)
        ]
    return tuple(found)
