"""Dossiers that are or will be late: how high the warning has climbed, and what the responsible person says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.store.connection import Connection
from engine.store.desk_records import LateAlert
from engine.store.moments import stored
from engine.store.rows import Rows
from engine.store.statement import Statement

ROWS = Rows(LateAlert, "late_alert")
_OF = ROWS.query("WHERE dossier = :dossier")
_OPEN_IN = ROWS.query("WHERE unit = :unit AND ended_at IS NULL ORDER BY level DESC, raised_at, dossier LIMIT 1000")
_RAISE = Statement(
    "INSERT INTO late_alert (dossier, unit, level, raised_at) VALUES (:dossier, :unit, :level, :at) "
    "ON CONFLICT (dossier) DO UPDATE SET unit = excluded.unit, raised_at = CASE WHEN late_alert.ended_at IS NULL "
    "THEN late_alert.raised_at ELSE excluded.raised_at END, level = CASE WHEN late_alert.ended_at IS NULL "
    "AND late_alert.level > excluded.level THEN late_alert.level ELSE excluded.level END, ended_at = NULL"
)
_EXPLAIN = Statement(
    "UPDATE late_alert SET reason = :reason, remedy = :remedy, reason_by = :by, reason_at = :at "
    "WHERE dossier = :dossier"
)
_END = Statement("UPDATE late_alert SET ended_at = :at WHERE dossier = :dossier AND ended_at IS NULL")


@dataclass(frozen=True, slots=True)
class Alerts:
    """The late alerts of the database."""

    connection: Connection

    def of(self, dossier: str) -> LateAlert | None:
        """The alert of a dossier."""
        return ROWS.one(self.connection, _OF, dossier=dossier)

    def open_in(self, unit: str) -> tuple[LateAlert, ...]:
        """The alerts of a unit that still stand, the highest first."""
        return ROWS.all(self.connection, _OPEN_IN, unit=unit)

    def climb(self, dossier: str, unit: str, level: int, at: datetime) -> None:
        """Raise the alert to at least ``level``; it never goes down while it lasts."""
        _RAISE.run(self.connection, dossier=dossier, unit=unit, level=level, at=stored(at))

    def explain(self, dossier: str, *, reason: str, remedy: str, by: str, at: datetime) -> None:
        """Keep what the responsible person says; the alert stays."""
        _EXPLAIN.run(self.connection, dossier=dossier, reason=reason, remedy=remedy, by=by, at=stored(at))

    def end(self, dossier: str, at: datetime) -> bool:
        """The dossier has made progress; False when no alert was raised."""
        return _END.run(self.connection, dossier=dossier, at=stored(at)).rowcount == 1
