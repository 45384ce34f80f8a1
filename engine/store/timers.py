"""Timers: moments that a worker watches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.queue import TIMER, TIMERS
from engine.ports import Due
from engine.store.connection import Connection
from engine.store.moments import moment, stored
from engine.store.outbox import LONGEST_HOLD
from engine.store.records import Timer
from engine.store.rows import Rows
from engine.store.statement import Statement

ROWS = Rows(Timer, "timer")
_ALL = ", ".join(ROWS.names)
# Says nothing of their state: a server without statistics would walk the index of all waiting timers for it.
_OF_DOSSIER = ROWS.query("WHERE dossier = :dossier ORDER BY due_at, id")
_FREE = (
    "t.state = 'waiting' AND t.due_at <= :now "
    "AND (t.lease_until IS NULL OR t.lease_until < :now OR t.lease_until > :horizon)"
)
# In the order of the index: a plan made for any moment takes "due" for a third of all timers, and would read the table.
_ANY = Statement(f"SELECT 1 FROM timer t WHERE {_FREE} ORDER BY t.due_at LIMIT 1")  # noqa: S608
_NEXT = Statement("SELECT due_at FROM timer WHERE state = 'waiting' AND due_at > :now ORDER BY due_at LIMIT 1")
_LEASE = (
    "UPDATE timer SET lease_until = :until, lease_owner = :owner, attempts = attempts + 1 "
    "WHERE id {those} RETURNING {all}"
)
_THOSE = "SELECT t.id FROM timer t WHERE {free} {which} ORDER BY t.due_at, t.id LIMIT :limit"


def _lease(which: str = "", *, skipping: bool) -> Statement:
    """Skipping what others hold, the ids are an array: it is made once, and its few timers are looked up. A plan for
    any limit would read the whole table for a join."""
    found = _THOSE.format(free=_FREE, which=which)
    those = f"= ANY (ARRAY({found} FOR UPDATE SKIP LOCKED))" if skipping else f"IN ({found})"
    return Statement(_LEASE.format(those=those, all=_ALL))


_DUE, _DUE_SKIPPING = _lease(skipping=False), _lease(skipping=True)
_ONE, _ONE_SKIPPING = _lease("AND t.id = :id", skipping=False), _lease("AND t.id = :id", skipping=True)
_UNHELD = Statement(
    "SELECT t.id, t.due_at FROM timer t WHERE "  # noqa: S608
    f"{_FREE} AND (t.due_at > :after OR (t.due_at = :after AND t.id > :last)) ORDER BY t.due_at, t.id LIMIT :limit"
)
_RENEW = Statement(
    "UPDATE timer SET lease_until = :until WHERE id = :id AND lease_owner = :owner AND state = 'waiting'"
)
_RELEASE = Statement(
    "UPDATE timer SET lease_until = NULL, attempts = attempts - 1 "
    "WHERE id = :id AND lease_owner = :owner AND state = 'waiting'"
)
_PUT = Statement(
    "INSERT INTO timer (id, dossier, kind, ref, due_at, state, attempts, error) "
    "VALUES (:id, :dossier, :kind, :ref, :due_at, 'waiting', 0, '') "
    "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, ref = excluded.ref, due_at = excluded.due_at, "
    "state = 'waiting', lease_until = NULL, "
    "attempts = 0, error = ''"
)
_CLOSE = Statement("UPDATE timer SET state = :state, lease_until = NULL WHERE id = :id AND state = 'waiting'")
_FAIL = Statement(
    "UPDATE timer SET error = :error, lease_until = :until, lease_owner = '' WHERE id = :id AND state = 'waiting'"
)
_HURRY = Statement(
    "UPDATE timer SET lease_until = NULL, attempts = 0 WHERE id = :id AND state = 'waiting' AND error <> ''"
)


@dataclass(frozen=True, slots=True)
class Timers:
    """The timers of the database. What becomes due in this transaction is noted in ``due``."""

    connection: Connection
    due: list[Due]

    def put(self, timers: Iterable[Timer]) -> None:
        """Set or move timers by id."""
        rows = [
            {"id": t.id, "dossier": t.dossier, "kind": t.kind, "ref": t.ref, "due_at": stored(t.due_at)} for t in timers
        ]
        _PUT.run_many(self.connection, rows)

    def of(self, dossier: str) -> tuple[Timer, ...]:
        """The waiting timers of a dossier, the soonest first."""
        found = ROWS.all(self.connection, _OF_DOSSIER, dossier=dossier)
        return tuple(timer for timer in found if timer.state == "waiting")

    def close(self, timer_id: str, state: str) -> bool:
        """Mark a waiting timer fired or cancelled; False when it was not waiting any more."""
        return _CLOSE.run(self.connection, id=timer_id, state=state).rowcount == 1

    def any_due(self, now: datetime) -> bool:
        """Whether there is a timer at all that is due and that nobody holds; reads, and locks nothing."""
        moments = {"now": stored(now), "horizon": stored(now + LONGEST_HOLD)}
        return _ANY.run(self.connection, **moments).fetchone() is not None

    def next_due(self, now: datetime) -> datetime | None:
        """The next moment after ``now`` at which a timer comes due."""
        found: int | None = _NEXT.run(self.connection, now=stored(now)).scalar()
        return None if found is None else moment(found)

    def lease(self, now: datetime, *, owner: str, limit: int, hold: timedelta) -> tuple[Timer, ...]:
        """Take due timers for a while, the oldest first; a killed worker's hold runs out by itself."""
        query = _DUE if self.connection.sqlite else _DUE_SKIPPING
        taken = ROWS.all(self.connection, query, **_holding(now, owner, hold), limit=limit)
        return tuple(sorted(taken, key=lambda timer: (timer.due_at, timer.id)))

    def take(self, timer_id: str, now: datetime, *, owner: str, hold: timedelta) -> Timer | None:
        """Take one timer, None when it is not due or somebody holds it."""
        query = _ONE if self.connection.sqlite else _ONE_SKIPPING
        return ROWS.one(self.connection, query, **_holding(now, owner, hold), id=timer_id, limit=1)

    def unheld(self, now: datetime, *, after: tuple[int, str], limit: int) -> tuple[tuple[Due, tuple[int, str]], ...]:
        """Timers that are due and that nobody holds, from a place on, each with its own place."""
        moments = {"now": stored(now), "horizon": stored(now + LONGEST_HOLD), "after": after[0], "last": after[1]}
        rows = _UNHELD.run(self.connection, **moments, limit=limit).fetchall()
        return tuple((_due(row[0]), (row[1], row[0])) for row in rows)

    def renew(self, ids: Iterable[str], *, owner: str, until: datetime) -> None:
        """Hold longer what ``owner`` still holds."""
        _RENEW.run_many(self.connection, [{"id": one, "owner": owner, "until": stored(until)} for one in ids])

    def release(self, timer_id: str, *, owner: str) -> bool:
        """Give back what was not tried."""
        return _RELEASE.run(self.connection, id=timer_id, owner=owner).rowcount == 1

    def fail(self, timer_id: str, error: str, *, retry_at: datetime) -> None:
        """Keep the error in sight and try again later."""
        _FAIL.run(self.connection, id=timer_id, error=error, until=stored(retry_at))

    def hurry(self, timer_id: str) -> bool:
        """Try a failing timer again now; False when it is not one."""
        hurried = _HURRY.run(self.connection, id=timer_id).rowcount == 1
        if hurried:
            self.due.append(_due(timer_id))
        return hurried


def _due(timer_id: str) -> Due:
    return Due(topic=TIMER, id=timer_id, queue=TIMERS, priority=0, again=True)


def _holding(now: datetime, owner: str, hold: timedelta) -> dict[str, int | str]:
    return {
        "now": stored(now),
        "horizon": stored(now + LONGEST_HOLD),
        "until": stored(now + hold),
        "owner": owner,
    }
