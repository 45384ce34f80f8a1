"""Signed results: one per dossier; number, file and check code are unique in the whole installation."""

from __future__ import annotations

from dataclasses import dataclass

from engine.store.connection import Connection
from engine.store.records import Result
from engine.store.rows import Rows

ROWS = Rows(Result, "result")
_OF = ROWS.query("WHERE dossier = :dossier")
_BY_DIGEST = ROWS.query("WHERE digest = :digest")
_BY_CODE = ROWS.query("WHERE verify_code = :code")


@dataclass(frozen=True, slots=True)
class Results:
    """The results of the database."""

    connection: Connection

    def add(self, result: Result) -> None:
        """Store a result; a second one, or another dossier's file or number, is refused by the database."""
        ROWS.add(self.connection, result)

    def of(self, dossier: str) -> Result | None:
        """The result of a dossier."""
        return ROWS.one(self.connection, _OF, dossier=dossier)

    def by_digest(self, digest: str) -> Result | None:
        """The result whose file has this digest."""
        return ROWS.one(self.connection, _BY_DIGEST, digest=digest)

    def by_code(self, code: str) -> Result | None:
        """The result of a check code, as printed in its QR."""
        return ROWS.one(self.connection, _BY_CODE, code=code)
