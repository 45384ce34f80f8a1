"""The outbox: work for connectors, written with the state that asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from engine.errors import NotFound
from engine.model.queue import ORDERED, topic
from engine.ports import Due
from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.records import OutboxRow
from engine.store.rows import Rows
from engine.store.statement import Statement

#: No lease is longer; one that says so was written before the clock was set back, and holds nothing.
LONGEST_HOLD = timedelta(minutes=15)
ROWS = Rows(OutboxRow, "outbox")
_ALL = ", ".join(ROWS.names)
_BY_ID = ROWS.query("WHERE id = :id")
_OF_DOSSIER = ROWS.query("WHERE dossier = :dossier ORDER BY created_at, id")
_FREE = (
    "o.state = 'waiting' AND o.due_at <= :now "
    "AND (o.lease_until IS NULL OR o.lease_until < :now OR o.lease_until > :horizon)"
)
#: Of one dossier, the earlier row of an ordered topic is finished before the later one begins.
_TURN = (
    f"(o.topic NOT IN ({', '.join(repr(name) for name in ORDERED)}) OR o.dossier = '' OR NOT EXISTS ("  # noqa: S608
    "SELECT 1 FROM outbox e WHERE e.dossier = o.dossier AND e.topic = o.topic AND e.state = 'waiting' "
    "AND (e.created_at < o.created_at OR (e.created_at = o.created_at AND e.id < o.id))))"
)
_DUE_SQLITE = Statement(
    "SELECT o.id, o.topic FROM outbox o WHERE o.topic IN (SELECT value FROM json_each(:topics)) "  # noqa: S608
    f"AND {_FREE} AND {_TURN} ORDER BY o.priority DESC, o.due_at, o.id LIMIT :limit"
)
#: One short index scan per topic: what waits in one queue never hides what waits in another.
_DUE_POSTGRESQL = Statement(
    "SELECT f.id, f.topic FROM unnest(CAST(:topics AS text[])) AS t(topic) CROSS JOIN LATERAL ("  # noqa: S608
    "SELECT o.id, o.topic, o.priority, o.due_at FROM outbox o WHERE o.topic = t.topic "
    f"AND {_FREE} AND {_TURN} ORDER BY o.priority DESC, o.due_at, o.id LIMIT :limit) f "
    "ORDER BY f.priority DESC, f.due_at, f.id LIMIT :limit"
)
# In the order of the index, for the same reason as that of timers.
_ANY = Statement(f"SELECT 1 FROM outbox o WHERE {_FREE} ORDER BY o.due_at LIMIT 1")  # noqa: S608
_CLAIM = (
    "UPDATE outbox SET lease_until = :until, lease_owner = :owner, attempts = attempts + 1 WHERE id IN "
    "(SELECT o.id FROM outbox o WHERE o.id {ids} AND {free} AND {turn} {lock}) RETURNING {all}"
)
_CLAIM_SQLITE = Statement(
    _CLAIM.format(ids="IN (SELECT value FROM json_each(:ids))", free=_FREE, turn=_TURN, lock="", all=_ALL)
)
_CLAIM_POSTGRESQL = Statement(
    _CLAIM.format(ids="= ANY(:ids)", free=_FREE, turn=_TURN, lock="FOR UPDATE OF o SKIP LOCKED", all=_ALL)
)
_UNHELD = Statement(
    "SELECT o.id, o.topic, o.priority, o.due_at FROM outbox o WHERE "  # noqa: S608
    f"{_FREE} AND (o.due_at > :after OR (o.due_at = :after AND o.id > :last)) ORDER BY o.due_at, o.id LIMIT :limit"
)
_RENEW = Statement(
    "UPDATE outbox SET lease_until = :until WHERE id = :id AND lease_owner = :owner AND state = 'waiting'"
)
_RELEASE = Statement(
    "UPDATE outbox SET lease_until = NULL, attempts = attempts - 1 "
    "WHERE id = :id AND lease_owner = :owner AND state = 'waiting'"
)
_POSTPONE = Statement("UPDATE outbox SET due_at = :due_at WHERE id = :id AND state = 'waiting' AND lease_until IS NULL")
_DONE = Statement(
    "UPDATE outbox SET state = :state, done_at = :at, lease_until = NULL, error = :error "
    "WHERE id = :id AND state = 'waiting'"
)
_NEXT = Statement(
    "SELECT id, topic, priority FROM outbox WHERE dossier = :dossier AND topic = :topic AND state = 'waiting' "
    "AND due_at <= :now ORDER BY created_at, id LIMIT 1"
)
_RETRY = Statement(
    "UPDATE outbox SET due_at = :due_at, lease_until = NULL, error = :error WHERE id = :id AND state = 'waiting'"
)
_REVIVE = Statement(
    "UPDATE outbox SET state = 'waiting', due_at = :due_at, attempts = 0, lease_until = NULL, note = :note "
    "WHERE id = :id AND state = 'failed'"
)
_SETTLE = Statement(
    "UPDATE outbox SET state = :state, done_at = :at, lease_until = NULL, note = :note "
    "WHERE id = :id AND state IN ('failed', 'late')"
)
_LATE = Statement(
    "UPDATE outbox SET state = 'late', done_at = :at WHERE id = :id AND state IN ('waiting', 'cancelled')"
)
_REOPEN = Statement("UPDATE outbox SET state = 'waiting', done_at = NULL WHERE id = :id AND state = 'done'")
_CANCEL = Statement(
    "UPDATE outbox SET state = 'cancelled', lease_until = NULL WHERE dossier = :dossier AND task = :task "
    "AND state IN ('waiting', 'failed')"
)


def _due(row_id: str, name: str, priority: int, *, again: bool = True) -> Due:
    return Due(topic=name, id=row_id, queue=topic(name).queue, priority=priority, again=again)


@dataclass(frozen=True, slots=True)
class Outbox:
    """The outbox of the database. What becomes due in this transaction is noted in ``due``."""

    connection: Connection
    due: list[Due]

    @property
    def _sqlite(self) -> bool:
        return bool(self.connection.sqlite)

    def _list(self, values: Sequence[str]) -> str | list[str]:
        return orjson.dumps(list(values)).decode() if self._sqlite else list(values)

    def add(self, rows: Iterable[OutboxRow]) -> None:
        """Store work; an id that exists already is refused by the database."""
        rows = tuple(rows)
        self.due.extend(_due(row.id, row.topic, row.priority, again=False) for row in rows)
        ROWS.add_all(self.connection, rows)

    def get(self, row_id: str) -> OutboxRow:
        """The row, or ``NotFound``."""
        found = ROWS.one(self.connection, _BY_ID, id=row_id)
        if found is None:
            raise NotFound(what=f"outbox row {row_id}")
        return found

    def of(self, dossier: str) -> tuple[OutboxRow, ...]:
        """All rows of a dossier, oldest first."""
        return ROWS.all(self.connection, _OF_DOSSIER, dossier=dossier)

    # -- who delivers ------------------------------------------------------------------------------------------------

    def any_due(self, now: datetime) -> bool:
        """Whether there is a row at all that is due and that nobody holds; reads, and locks nothing."""
        return _ANY.run(self.connection, **_moments(now)).fetchone() is not None

    def ready(self, now: datetime, topics: Sequence[str], *, limit: int) -> tuple[tuple[str, str], ...]:
        """Id and topic of rows that nobody holds and whose moment and turn have come, the most urgent first."""
        query = _DUE_SQLITE if self._sqlite else _DUE_POSTGRESQL
        rows = query.run(self.connection, **_moments(now), topics=self._list(topics), limit=limit).fetchall()
        return tuple((row[0], row[1]) for row in rows)

    def claim(self, ids: Sequence[str], now: datetime, *, owner: str, hold: timedelta) -> tuple[OutboxRow, ...]:
        """Take those of ``ids`` that are still free; a killed worker's hold runs out by itself."""
        if not ids:
            return ()
        query = _CLAIM_SQLITE if self._sqlite else _CLAIM_POSTGRESQL
        values = _moments(now) | {"ids": self._list(ids), "until": stored(now + hold), "owner": owner}
        taken = {row.id: row for row in ROWS.all(self.connection, query, **values)}
        return tuple(taken[row_id] for row_id in ids if row_id in taken)

    def unheld(self, now: datetime, *, after: tuple[int, str], limit: int) -> tuple[tuple[Due, tuple[int, str]], ...]:
        """Rows that are due and that nobody holds, from a place on, each with its own place."""
        rows = _UNHELD.run(self.connection, **_moments(now), after=after[0], last=after[1], limit=limit).fetchall()
        return tuple((_due(row[0], row[1], row[2]), (row[3], row[0])) for row in rows)

    def renew(self, ids: Iterable[str], *, owner: str, until: datetime) -> None:
        """Hold longer what ``owner`` still holds."""
        _RENEW.run_many(self.connection, [{"id": one, "owner": owner, "until": stored(until)} for one in ids])

    def release(self, row_id: str, *, owner: str) -> bool:
        """Give back what was not tried."""
        return _RELEASE.run(self.connection, id=row_id, owner=owner).rowcount == 1

    def postpone(self, row_id: str, until: datetime) -> None:
        """Leave a row alone that nobody holds: its connector is not to be called before."""
        _POSTPONE.run(self.connection, id=row_id, due_at=stored(until))

    # -- what came of it ---------------------------------------------------------------------------------------------

    def finish(self, row_id: str, state: str, *, at: datetime, error: str = "") -> bool:
        """Mark a waiting row done, failed or cancelled; False when it was finished before."""
        return _DONE.run(self.connection, id=row_id, state=state, at=stored(at), error=error).rowcount == 1

    def let_next(self, row: OutboxRow, *, at: datetime) -> None:
        """After ``row``: the next one of its dossier and topic has its turn."""
        if row.topic in ORDERED and row.dossier:
            following = _NEXT.run(self.connection, dossier=row.dossier, topic=row.topic, now=stored(at)).fetchone()
            if following is not None:
                self.due.append(_due(*following))

    def retry(self, row_id: str, error: str, *, at: datetime) -> None:
        """Keep the error in sight and try again at ``at``."""
        _RETRY.run(self.connection, id=row_id, error=error, due_at=stored(at))

    def revive(self, row: OutboxRow, note: str, *, at: datetime) -> bool:
        """Try a failed row again from the start."""
        revived = _REVIVE.run(self.connection, id=row.id, note=note, due_at=stored(at)).rowcount == 1
        if revived:
            self.due.append(_due(row.id, row.topic, row.priority))
        return revived

    def settle(self, row_id: str, state: str, *, note: str, at: datetime) -> bool:
        """Close a row that waits for an operator; False when it does not."""
        return _SETTLE.run(self.connection, id=row_id, state=state, note=note, at=stored(at)).rowcount == 1

    def late(self, row_id: str, *, at: datetime) -> bool:
        """The answer came after the row was cancelled: an effect outside is there that nobody waits for; once."""
        return _LATE.run(self.connection, id=row_id, at=stored(at)).rowcount == 1

    def reopen(self, row_id: str) -> None:
        """Take back that a row is done, within the transaction that said so."""
        _REOPEN.run(self.connection, id=row_id)

    def cancel(self, dossier: str, task: str) -> int:
        """Drop the waiting work of an interrupted service task."""
        return _CANCEL.run(self.connection, dossier=dossier, task=task).rowcount


def _moments(now: datetime) -> dict[str, int]:
    return {"now": stored(now), "horizon": stored(now + LONGEST_HOLD)}
