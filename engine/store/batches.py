"""Bulk actions: one row each, and one for every dossier in it with what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.errors import NotFound
from engine.store.connection import Connection
from engine.store.desk_records import Batch, BatchItem
from engine.store.moments import stored
from engine.store.rows import Rows
from engine.store.statement import Statement

ROWS = Rows(Batch, "batch")
ITEMS = Rows(BatchItem, "batch_item")
_BY_ID = ROWS.query("WHERE id = :id")
_OF_LOGIN = ROWS.query("WHERE login = :login ORDER BY created_at DESC, id LIMIT :limit")
_ITEMS = ITEMS.query("WHERE batch = :batch ORDER BY position")
_ITEM = ITEMS.query("WHERE batch = :batch AND position = :position")
_RECORD = Statement(
    "UPDATE batch_item SET state = :state, code = :code, message = :message, at = :at "
    "WHERE batch = :batch AND position = :position AND state = 'waiting'"
)
_WAITING = Statement("SELECT count(*) FROM batch_item WHERE batch = :batch AND state = 'waiting'")
_DONE = Statement("UPDATE batch SET done_at = :at WHERE id = :id AND done_at IS NULL")


@dataclass(frozen=True, slots=True)
class Batches:
    """The batches of the database."""

    connection: Connection

    def add(self, batch: Batch, items: Iterable[BatchItem]) -> None:
        """Store a batch with its items."""
        ROWS.add(self.connection, batch)
        ITEMS.add_all(self.connection, items)

    def get(self, batch_id: str) -> Batch:
        """The batch, or ``NotFound``."""
        found = ROWS.one(self.connection, _BY_ID, id=batch_id)
        if found is None:
            raise NotFound(what=f"batch {batch_id}")
        return found

    def of(self, login: str, *, limit: int = 20) -> tuple[Batch, ...]:
        """A person's batches, the latest first."""
        return ROWS.all(self.connection, _OF_LOGIN, login=login, limit=limit)

    def items(self, batch_id: str) -> tuple[BatchItem, ...]:
        """The items of a batch in order."""
        return ITEMS.all(self.connection, _ITEMS, batch=batch_id)

    def item(self, batch_id: str, position: int) -> BatchItem:
        """One item, or ``NotFound``."""
        found = ITEMS.one(self.connection, _ITEM, batch=batch_id, position=position)
        if found is None:
            raise NotFound(what=f"item {position} of batch {batch_id}")
        return found

    def record(self, item: BatchItem, *, state: str, code: str, message: str, at: datetime) -> bool:
        """Keep what came of an item, once; the batch is done with its last item."""
        recorded = _RECORD.run(
            self.connection,
            batch=item.batch,
            position=item.position,
            state=state,
            code=code,
            message=message,
            at=stored(at),
        ).rowcount
        if not int(_WAITING.run(self.connection, batch=item.batch).scalar_one()):
            _DONE.run(self.connection, id=item.batch, at=stored(at))
        return recorded == 1
