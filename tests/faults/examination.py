"""What is lost, doubled or half-done after a fault: asked of the database, the files and the mail alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.store.database import Database
from engine.store.statement import Statement
from engine.store.unit_of_work import UnitOfWork
from engine.values import Digest
from webapp.bootstrap import Product

_HEADS = Statement("SELECT number, head, revision FROM dossier ORDER BY number")
#: What must be there at most once, and what a row of the answer means.
_DOUBLED = {
    "payments of one charge": Statement(
        "SELECT charge, COUNT(*) FROM payment WHERE outcome = 'paid' GROUP BY charge HAVING COUNT(*) > 1"
    ),
    "charges": Statement("SELECT dossier, COUNT(*) FROM charge GROUP BY dossier, item HAVING COUNT(*) > 1"),
    "receipts": Statement("SELECT charge, COUNT(*) FROM receipt GROUP BY charge HAVING COUNT(*) > 1"),
    "result files": Statement(
        "SELECT dossier, COUNT(*) FROM document WHERE kind = 'result' GROUP BY dossier HAVING COUNT(*) > 1"
    ),
    "issues or hand-overs": Statement(
        "SELECT dossier, COUNT(*) FROM event "
        "WHERE kind IN ('DossierFiled', 'ResultSigned', 'ResultIssued', 'ResultDelivered') "
        "GROUP BY dossier, kind HAVING COUNT(*) > 1"
    ),
    "completions of one task": Statement(
        "SELECT task, COUNT(*) FROM event WHERE kind = 'TaskCompleted' GROUP BY task HAVING COUNT(*) > 1"
    ),
    "dossiers of one draft": Statement(
        "SELECT dossier, COUNT(*) FROM draft WHERE dossier <> '' GROUP BY dossier HAVING COUNT(*) > 1"
    ),
}
_BOOKS = Statement("SELECT book, unit, year, MAX(number), COUNT(*) FROM book_entry GROUP BY book, unit, year")
_COUNTERS = Statement("SELECT name, value FROM counter WHERE name LIKE 'receipt:%'")
_RECEIPTS = Statement("SELECT number FROM receipt ORDER BY number")
_MAILED = Statement("SELECT id FROM outbox WHERE topic IN ('notify.send', 'mail.send') AND state = 'done'")
_ASKED = Statement("SELECT id FROM outbox WHERE topic IN ('notify.send', 'mail.send')")
_ADDRESSED = Statement("SELECT id FROM message WHERE sent_at IS NOT NULL")
_KEPT = {
    "drafted": Statement("SELECT COUNT(*) FROM draft WHERE id = :id"),
    "uploaded": Statement("SELECT COUNT(*) FROM document WHERE id = :id"),
    "filed": Statement("SELECT COUNT(*) FROM dossier WHERE number = :id"),
    "paid": Statement("SELECT COUNT(*) FROM charge WHERE id = :id AND state = 'paid'"),
    "completed": Statement("SELECT COUNT(*) FROM task WHERE id = :id AND state = 'completed'"),
    "taken": Statement("SELECT COUNT(*) FROM dossier WHERE number = :id AND delivery = 'DELIVERED'"),
}


class Examination:
    """Looks at one database again and again; a dossier that did not move is not verified a second time."""

    def __init__(self, product: Product, url: str) -> None:
        self._product, self._database = product, Database(url)
        self._seen: dict[str, tuple[str, int]] = {}
        self.acknowledged: list[str] = []
        self._definitions: dict[str, object] = {}

    def close(self) -> None:
        """Give the connections back."""
        self._database.close()

    def after(self, said: Iterable[str]) -> list[str]:
        """Every fault now, ``said`` having been acknowledged since the last look."""
        fresh = [fact for fact in said if fact]
        self.acknowledged += fresh
        return self._look(fresh, whole=False)

    def at_the_end(self) -> list[str]:
        """Every fault of every dossier, and everything that was ever acknowledged."""
        return self._look(self.acknowledged, whole=True)

    def _look(self, facts: list[str], *, whole: bool) -> list[str]:
        with self._database.begin() as uow:
            found = list(self._unverified(uow, whole))
            found += _lost(uow, facts)
            for what, statement in _DOUBLED.items():
                found += [f"doubled {what}: {row[0]} × {row[1]}" for row in statement.run(uow.connection).fetchall()]
            found += _numbers(uow)
            found += self._mails(uow, whole)
        return found

    def _unverified(self, uow: UnitOfWork, whole: bool) -> Iterator[str]:
        verification = self._product.verification(uow)
        verification._definitions = self._definitions  # type: ignore[assignment]  # reading them takes a second each time
        for number, head, revision in _HEADS.run(uow.connection).fetchall():
            if not whole and self._seen.get(number) == (head, revision):
                continue
            self._seen[number] = (head, revision)
            for one in verification.verify(number).findings:
                yield f"{number}: {one.place}: {one.what}"

    def _mails(self, uow: UnitOfWork, whole: bool) -> Iterator[str]:
        """Each message that is on record as sent has its mail, and no mail lies there that nobody asked for."""
        assert self._product.sandboxes is not None
        folder: Path = self._product.sandboxes.mail_folder
        sent = {str(row[0]) for row in _ADDRESSED.run(uow.connection).fetchall()}
        done = {str(row[0]) for row in _MAILED.run(uow.connection).fetchall()}
        for key in sorted(sent & done if not whole else sent):
            if not (folder / f"{Digest.of(key.encode())[:24]}.eml").exists():
                yield f"lost: mail {key}"
        asked = {Digest.of(str(row[0]).encode())[:24] for row in _ASKED.run(uow.connection).fetchall()}
        for mail in folder.glob("*.eml"):
            if mail.stem not in asked:
                yield f"doubled or groundless mail: {mail.name}"


def _lost(uow: UnitOfWork, facts: Iterable[str]) -> Iterator[str]:
    for fact in facts:
        kind, _, what = fact.partition(" ")
        if not _KEPT[kind].run(uow.connection, id=what).scalar_one():
            yield f"lost: {fact}"


def _numbers(uow: UnitOfWork) -> Iterator[str]:
    """Numbers of books and receipts are consecutive: one that is missing was half given."""
    for book, unit, year, highest, count in _BOOKS.run(uow.connection).fetchall():
        if highest != count:
            yield f"book {book} of {unit} {year}: {count} entries up to {highest}"
    counters = {name.partition(":")[2]: value for name, value in _COUNTERS.run(uow.connection).fetchall()}
    given: dict[str, int] = {}
    for (number,) in _RECEIPTS.run(uow.connection).fetchall():
        series = re.sub(r"-\d+$", "", number)
        given[series] = given.get(series, 0) + 1
    for series, value in counters.items():
        if given.get(series, 0) != value:
            yield f"receipts {series}: {given.get(series, 0)} of {value}"
