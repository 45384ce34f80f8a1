"""Dossiers: added once, changed by compare-and-set on the revision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache

from engine.errors import NotFound
from engine.model.folding import words
from engine.store.connection import Connection
from engine.store.records import Dossier
from engine.store.rows import Rows, change_one
from engine.store.statement import Statement, insert

ROWS = Rows(Dossier, "dossier")
_BY_NUMBER = ROWS.query("WHERE number = :number")
_BY_NUMBER_LOCKED = ROWS.query("WHERE number = :number FOR UPDATE")
_OF_TASK = "WHERE number = (SELECT dossier FROM task WHERE id = :task)"
_BY_TASK, _BY_TASK_LOCKED = ROWS.query(_OF_TASK), ROWS.query(f"{_OF_TASK} FOR UPDATE")
_NUMBERS = Statement("SELECT number FROM dossier ORDER BY number")
_WORD = insert("dossier_word", ("unit", "word", "number"), "ON CONFLICT DO NOTHING")
_RUNNING = Statement(
    "SELECT number FROM dossier WHERE number > :after AND closed_at IS NULL AND clock_from IS NOT NULL "
    "ORDER BY number LIMIT :limit"
)
_CHANGEABLE = frozenset(
    {
        "business", "finance", "delivery", "sync", "clock_from", "received_at", "due_at", "closed_at", "lateness",
        "waiting_for", "deadline", "promised_at", "data", "competent_unit", "digest",
    }
)  # fmt: skip
#: What every command moves.
_MOVED = ("state", "seq", "head")


@cache
def _update(columns: tuple[str, ...]) -> Statement:
    setting = ", ".join(f"{name} = :{name}" for name in (*_MOVED, *columns))
    return Statement(
        f"UPDATE dossier SET revision = revision + 1, {setting} "  # noqa: S608 - names are our own
        "WHERE number = :number AND revision = :revision"
    )


@dataclass(frozen=True, slots=True)
class Dossiers:
    """The dossiers of the database."""

    connection: Connection
    locking: bool = False  #: SQLite has locked the whole file at BEGIN IMMEDIATE and knows no row locks
    _held: dict[str, Dossier] = field(default_factory=dict)  #: locked by this transaction: nobody else changes them

    def on(self, connection: Connection) -> Dossiers:
        """The same over another connection object of this transaction."""
        return Dossiers(connection, self.locking, self._held)

    def add(self, dossier: Dossier) -> None:
        """Store a new dossier."""
        ROWS.add(self.connection, dossier)
        self.concern(dossier, (dossier.receiving_unit, dossier.competent_unit))

    def concern(self, dossier: Dossier, units: Iterable[str]) -> None:
        """Let officials of ``units`` find the dossier by its number and its applicant's name."""
        found = words(f"{dossier.number} {dossier.applicant_name}")
        _WORD.run_many(
            self.connection,
            [{"unit": unit, "word": word, "number": dossier.number} for unit in dict.fromkeys(units) for word in found],
        )

    def get(self, number: str) -> Dossier:
        """The dossier, held for this transaction by a writer; ``NotFound`` when there is none."""
        found = self._held.get(number)
        if found is None:
            found = ROWS.one(self.connection, _BY_NUMBER_LOCKED if self.locking else _BY_NUMBER, number=number)
        if found is None:
            raise NotFound(what=f"dossier {number}")
        self._hold(found)
        return found

    def of_task(self, task: str) -> Dossier:
        """The dossier of a task, held as by ``get``; ``NotFound`` when there is no such task."""
        found = ROWS.one(self.connection, _BY_TASK_LOCKED if self.locking else _BY_TASK, task=task)
        if found is None:
            raise NotFound(what=f"task {task}")
        self._hold(found)
        return found

    def numbers(self) -> tuple[str, ...]:
        """All numbers, in order."""
        return tuple(row[0] for row in _NUMBERS.run(self.connection).fetchall())

    def running(self, *, after: str = "", limit: int = 500) -> tuple[str, ...]:
        """Numbers of open dossiers whose clock has begun, in order, after ``after``."""
        return tuple(row[0] for row in _RUNNING.run(self.connection, after=after, limit=limit).fetchall())

    def save(self, dossier: Dossier, *, revision: int, columns: Iterable[str] = _CHANGEABLE) -> Dossier:
        """Write state, chain head and ``columns`` if the revision is still ``revision``; ``RowChanged`` otherwise.

        The dossier as it is stored then: with the next revision.
        """
        names = tuple(sorted(_CHANGEABLE.intersection(columns)))
        values = ROWS.some(dossier, (*_MOVED, *names, "number"))
        change_one(self.connection, _update(names), "dossier", dossier.number, **values, revision=revision)
        if "competent_unit" in names and dossier.competent_unit != dossier.receiving_unit:
            self.concern(dossier, (dossier.competent_unit,))
        saved = dossier if dossier.revision == revision + 1 else replace(dossier, revision=revision + 1)
        self._hold(saved)
        return saved

    def _hold(self, dossier: Dossier) -> None:
        if self.locking:
            self._held[dossier.number] = dossier
