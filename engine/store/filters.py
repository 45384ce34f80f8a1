"""Saved filters of the inbox, and the one that each person begins with."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import NotFound
from engine.store.connection import Connection
from engine.store.desk_records import SavedFilter
from engine.store.rows import Rows
from engine.store.statement import Statement

ROWS = Rows(SavedFilter, "saved_filter")
_BY_ID = ROWS.query("WHERE id = :id")
_OF = ROWS.query("WHERE owner = :login ORDER BY name, id")
_OF_UNIT = ROWS.query("WHERE unit = :unit AND unit <> '' ORDER BY name, id LIMIT 100")
_CHANGE = Statement("UPDATE saved_filter SET name = :name, unit = :unit WHERE id = :id")
_DROP = Statement("DELETE FROM saved_filter WHERE id = :id")
_UNCHOOSE_ALL = Statement("DELETE FROM chosen_filter WHERE filter = :id")
_UNCHOOSE = Statement("DELETE FROM chosen_filter WHERE login = :login")
_CHOOSE = Statement("INSERT INTO chosen_filter (login, filter) VALUES (:login, :id)")
_CHOSEN = Statement("SELECT filter FROM chosen_filter WHERE login = :login")


@dataclass(frozen=True, slots=True)
class Filters:
    """The saved filters of the database."""

    connection: Connection

    def add(self, kept: SavedFilter) -> None:
        """Store a filter."""
        ROWS.add(self.connection, kept)

    def get(self, filter_id: str) -> SavedFilter:
        """The filter, or ``NotFound``."""
        found = ROWS.one(self.connection, _BY_ID, id=filter_id)
        if found is None:
            raise NotFound(what=f"filter {filter_id}")
        return found

    def of(self, login: str) -> tuple[SavedFilter, ...]:
        """A person's own filters, by name."""
        return ROWS.all(self.connection, _OF, login=login)

    def shared(self, unit: str) -> tuple[SavedFilter, ...]:
        """The filters shared with a unit, by name."""
        return ROWS.all(self.connection, _OF_UNIT, unit=unit)

    def change(self, filter_id: str, *, name: str, unit: str) -> None:
        """Give a filter another name, and share it with another unit or (empty) with none."""
        _CHANGE.run(self.connection, id=filter_id, name=name, unit=unit)

    def drop(self, filter_id: str) -> None:
        """Delete a filter; nobody begins with it any more."""
        _UNCHOOSE_ALL.run(self.connection, id=filter_id)
        _DROP.run(self.connection, id=filter_id)

    def choose(self, login: str, filter_id: str) -> None:
        """Keep which filter a person begins with; none when empty."""
        _UNCHOOSE.run(self.connection, login=login)
        if filter_id:
            _CHOOSE.run(self.connection, login=login, id=filter_id)

    def chosen(self, login: str) -> str:
        """The filter that a person begins with, empty for none."""
        return str(_CHOSEN.run(self.connection, login=login).scalar() or "")
