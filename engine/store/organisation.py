"""Units, accounts and who holds which role where, each dated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.errors import NotFound
from engine.model.permission import Actor, Post
from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.records import Account, Assignment, Unit
from engine.store.rows import Rows
from engine.store.statement import Statement
from engine.store.substitutions import Substitutions
from engine.store.together import together

UNITS = Rows(Unit, "unit")
ACCOUNTS = Rows(Account, "account")
ASSIGNMENTS = Rows(Assignment, "assignment")
_UNIT = UNITS.query("WHERE code = :code ORDER BY valid_from DESC")
_UNITS_AT = UNITS.query("WHERE valid_from <= :at AND (valid_to IS NULL OR valid_to > :at) ORDER BY code")
_ACCOUNT = ACCOUNTS.query("WHERE login = :login")
_BY_PERSON = ACCOUNTS.query("WHERE person_id = :person_id AND active = 1 ORDER BY login LIMIT 1")
_ACCOUNTS = ACCOUNTS.query("ORDER BY login")
_POSTS = Statement(
    "SELECT unit, role FROM assignment WHERE login = :login AND valid_from <= :at "
    "AND (valid_to IS NULL OR valid_to > :at) ORDER BY valid_from, id"
)
_HOLDERS = Statement(
    "SELECT DISTINCT a.login, c.name, c.email FROM assignment a JOIN account c ON c.login = a.login "
    "WHERE a.unit = :unit AND a.role = :role AND a.valid_from <= :at AND (a.valid_to IS NULL OR a.valid_to > :at) "
    "AND c.active = 1 ORDER BY a.login"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who holds a role now."""

    login: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """The organisation of the database."""

    connection: Connection
    _known: dict[str, tuple[Unit, ...]] = field(default_factory=dict)  #: each unit's periods, read once a transaction

    def add_unit(self, unit: Unit) -> None:
        """Store a unit as of its date."""
        UNITS.add(self.connection, unit)
        self._known.pop(unit.code, None)

    def unit(self, code: str, at: datetime) -> Unit:
        """The unit of a code as of a moment, or ``NotFound``."""
        periods = self._known.get(code)
        if periods is None:
            periods = self._known[code] = UNITS.all(self.connection, _UNIT, code=code)
        for period in periods:
            if period.valid_from <= at and (period.valid_to is None or period.valid_to > at):
                return period
        raise NotFound(what=f"unit {code}")

    def units(self, at: datetime) -> tuple[Unit, ...]:
        """All units as of a moment."""
        return UNITS.all(self.connection, _UNITS_AT, at=stored(at))

    def add_account(self, account: Account) -> None:
        """Store an account."""
        ACCOUNTS.add(self.connection, account)

    def account(self, login: str) -> Account | None:
        """The account of a login."""
        return ACCOUNTS.one(self.connection, _ACCOUNT, login=login)

    def by_person(self, person_id: str) -> Account | None:
        """The active account of an identity number."""
        return ACCOUNTS.one(self.connection, _BY_PERSON, person_id=person_id) if person_id else None

    def accounts(self) -> tuple[Account, ...]:
        """All accounts."""
        return ACCOUNTS.all(self.connection, _ACCOUNTS)

    def assign(self, assignment: Assignment) -> None:
        """Give somebody a role in a unit from a date on."""
        ASSIGNMENTS.add(self.connection, assignment)

    def actor(self, login: str, at: datetime) -> Actor | None:
        """The acting person with the posts held at ``at``, own and as a substitute; None when unknown or locked."""
        account, own, standing_in = together(
            self.connection,
            (
                lambda connection: Organisation(connection).account(login),
                lambda connection: Organisation(connection)._posts(login, at),
                lambda connection: Substitutions(connection).by(login, at),
            ),
        )
        if account is None or not account.active:
            return None
        posts = tuple(Post(unit=unit, role=role) for unit, role in own)
        for standing in standing_in:
            absent = self.account(standing.absent)
            if absent is None or not absent.active:
                continue  # a locked account lends nobody its posts
            posts += tuple(
                Post(unit=unit, role=role, on_behalf_of=standing.absent)
                for unit, role in self._posts(standing.absent, at)
                if unit == standing.unit and standing.role in {"", role}
            )
        return Actor(
            login=login,
            name=account.name,
            person_id=account.person_id,
            email=account.email,
            posts=posts,
        )

    def _posts(self, login: str, at: datetime) -> tuple[tuple[str, str], ...]:
        rows: Sequence[Any] = _POSTS.run(self.connection, login=login, at=stored(at)).fetchall()
        return tuple((row[0], row[1]) for row in rows)

    def holders(self, unit: str, role: str, at: datetime) -> tuple[Holder, ...]:
        """Who holds a role in a unit."""
        rows: Sequence[Any] = _HOLDERS.run(self.connection, unit=unit, role=role, at=stored(at)).fetchall()
        return tuple(Holder(login=row[0], name=row[1], email=row[2]) for row in rows)
