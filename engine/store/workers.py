"""The workers of the installation, each with its sign of life and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.rows import Rows
from engine.store.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """One worker as it last told of itself."""

    name: str
    host: str
    pid: int
    dispatcher: str  #: embedded or distributed
    queues: list[str]
    concurrency: int
    version: str
    started_at: datetime
    beat_at: datetime
    holding: list[str]  #: topic and id of what it works on


#: A worker that has been silent for so long is none that anybody's settings have to agree with.
GONE = timedelta(minutes=5)
ROWS = Rows(WorkerRow, "worker")
_ALL = ROWS.query("ORDER BY name")
_AT_ODDS = ROWS.query("WHERE dispatcher <> :dispatcher AND beat_at >= :since ORDER BY name")
_COLUMNS = ", ".join(ROWS.names)
_BEAT = Statement(
    f"INSERT INTO worker ({_COLUMNS}) VALUES ({', '.join(f':{name}' for name in ROWS.names)}) "  # noqa: S608
    "ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at, holding = excluded.holding"
)
_LEAVE = Statement("DELETE FROM worker WHERE name = :name")
_PRUNE = Statement("DELETE FROM worker WHERE beat_at < :before")


@dataclass(frozen=True, slots=True)
class Workers:
    """The workers of the database."""

    connection: Connection

    def all(self) -> tuple[WorkerRow, ...]:
        """Every worker that did not say good-bye."""
        return ROWS.all(self.connection, _ALL)

    def at_odds(self, dispatcher: str, now: datetime) -> tuple[WorkerRow, ...]:
        """Living workers that go by another dispatcher than ``dispatcher``, which the asking process goes by."""
        return ROWS.all(self.connection, _AT_ODDS, dispatcher=dispatcher, since=stored(now - GONE))

    def beat(self, row: WorkerRow) -> None:
        """Tell that it lives, and what it holds."""
        _BEAT.run(self.connection, **ROWS.values(row))

    def leave(self, name: str) -> None:
        """A worker has stopped in good order."""
        _LEAVE.run(self.connection, name=name)

    def prune(self, before: datetime) -> None:
        """Forget workers that have been silent for long."""
        _PRUNE.run(self.connection, before=stored(before))
