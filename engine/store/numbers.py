"""Numbers that are given once: dossier codes, receipts, results and the books of a unit for a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.records import BookEntry
from engine.store.rows import Rows
from engine.store.statement import Statement

_NEXT = Statement(
    "INSERT INTO counter (name, value) VALUES (:name, 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value"
)
ENTRIES = Rows(BookEntry, "book_entry")
_OF = ENTRIES.query("WHERE dossier = :dossier ORDER BY book, number")
_ENTRY = Statement("SELECT number FROM book_entry WHERE dossier = :dossier AND occasion = :occasion")
_ENTER = Statement(
    "INSERT INTO book_entry (book, unit, year, number, dossier, occasion, entered_at) "
    "VALUES (:book, :unit, :year, :number, :dossier, :occasion, :entered_at)"
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The counters of the database; allocation happens in the caller's transaction."""

    connection: Connection

    def next(self, name: str) -> int:
        """The next number of a counter, from 1."""
        return int(_NEXT.run(self.connection, name=name).scalar_one())

    def entries(self, dossier: str) -> tuple[BookEntry, ...]:
        """The numbers that a dossier has in the books."""
        return ENTRIES.all(self.connection, _OF, dossier=dossier)

    def book_number(self, book: str, unit: str, at: datetime, *, dossier: str, occasion: str) -> int:
        """The number in the unit's book of the year: one per dossier and occasion, consecutive, never given twice."""
        known = _ENTRY.run(self.connection, dossier=dossier, occasion=occasion).scalar()
        if known is not None:
            return int(known)
        number = self.next(f"book:{book}:{unit}:{at.year}")
        _ENTER.run(
            self.connection,
            book=book,
            unit=unit,
            year=at.year,
            number=number,
            dossier=dossier,
            occasion=occasion,
            entered_at=stored(at),
        )
        return number
