"""Who stands in for whom, and when; a row is never changed but to be revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.errors import NotFound
from engine.store.connection import Connection
from engine.store.desk_records import Substitution
from engine.store.moments import stored
from engine.store.rows import Rows
from engine.store.statement import Statement

ROWS = Rows(Substitution, "substitution")
_BY_ID = ROWS.query("WHERE id = :id")
_IN_FORCE = "revoked_at IS NULL AND valid_from <= :at AND valid_to > :at"
_OF_SUBSTITUTE = ROWS.query(f"WHERE substitute = :login AND {_IN_FORCE} ORDER BY valid_from, id")
_OF_ABSENT = ROWS.query(f"WHERE absent = :login AND {_IN_FORCE} ORDER BY valid_from, id")
_CONCERNING = ROWS.query(
    "WHERE (substitute = :login OR absent = :login) AND valid_to > :since ORDER BY valid_from DESC, id"
)
_IN_UNIT = ROWS.query("WHERE unit = :unit AND valid_to > :since ORDER BY valid_from DESC, id")
_REVOKE = Statement(
    "UPDATE substitution SET revoked_by = :by, revoked_at = :at "
    "WHERE id = :id AND revoked_at IS NULL AND valid_to > :at"
)


@dataclass(frozen=True, slots=True)
class Substitutions:
    """The substitutions of the database."""

    connection: Connection

    def add(self, substitution: Substitution) -> None:
        """Store a substitution."""
        ROWS.add(self.connection, substitution)

    def get(self, substitution_id: str) -> Substitution:
        """The substitution, or ``NotFound``."""
        found = ROWS.one(self.connection, _BY_ID, id=substitution_id)
        if found is None:
            raise NotFound(what=f"substitution {substitution_id}")
        return found

    def by(self, substitute: str, at: datetime) -> tuple[Substitution, ...]:
        """Whom ``substitute`` stands in for at ``at``."""
        return ROWS.all(self.connection, _OF_SUBSTITUTE, login=substitute, at=stored(at))

    def of(self, absent: str, at: datetime) -> tuple[Substitution, ...]:
        """Who stands in for ``absent`` at ``at``."""
        return ROWS.all(self.connection, _OF_ABSENT, login=absent, at=stored(at))

    def concerning(self, login: str, since: datetime) -> tuple[Substitution, ...]:
        """All in which a person takes part and that end after ``since``."""
        return ROWS.all(self.connection, _CONCERNING, login=login, since=stored(since))

    def in_unit(self, unit: str, since: datetime) -> tuple[Substitution, ...]:
        """All of a unit that end after ``since``."""
        return ROWS.all(self.connection, _IN_UNIT, unit=unit, since=stored(since))

    def revoke(self, substitution_id: str, *, by: str, at: datetime) -> bool:
        """End it now; False when it has ended or was revoked before."""
        return _REVOKE.run(self.connection, id=substitution_id, by=by, at=stored(at)).rowcount == 1
