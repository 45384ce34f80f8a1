"""Units, accounts and who holds which role where, each dated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from engine.errors import NotFound
from engine.model.permission import Actor, Post
from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.records import Account, Assignment, Unit
from engine.store.rows import Rows, changed
from engine.store.statement import Statement
from engine.store.substitutions import Substitutions

UNITS = Rows(Unit, "unit")
ACCOUNTS = Rows(Account, "account")
ASSIGNMENTS = Rows(Assignment, "assignment")
_UNIT = UNITS.query("WHERE code = :code ORDER BY valid_from DESC")
_UNITS_AT = UNITS.query("WHERE valid_from <= :at AND (valid_to IS NULL OR valid_to > :at) ORDER BY code")
_ACCOUNT = ACCOUNTS.query("WHERE login = :login")
_BY_PERSON = ACCOUNTS.query("WHERE person_id = :person_id AND active = 1 ORDER BY login LIMIT 1")
_ACCOUNTS = ACCOUNTS.query("ORDER BY login")
_STAFF = ACCOUNTS.query(
    "WHERE login IN (SELECT login FROM assignment UNION SELECT substitute FROM substitution) ORDER BY login"
)
_NAMES_SQLITE = Statement("SELECT login, name FROM account WHERE login IN (SELECT value FROM json_each(:logins))")
_NAMES_POSTGRESQL = Statement("SELECT login, name FROM account WHERE login = ANY(:logins)")
_RENEW_ACCOUNT = Statement("UPDATE account SET certificate = :serial WHERE login = :login AND certificate = :former")
_END_UNIT = Statement(
    "UPDATE unit SET valid_to = :at WHERE code = :code AND valid_from = :valid_from AND certificate = :former "
    "AND (valid_to IS NULL OR valid_to > :at)"
)
_RENEW_LATER = Statement(
    "UPDATE unit SET certificate = :serial WHERE code = :code AND valid_from > :at AND certificate = :former"
)
#: Accounts of another person than ``:person_id`` and units of another code than ``:code``, now or from a later date on.
_WITH = Statement(
    "SELECT 'account', login, name FROM account WHERE certificate = :serial AND login <> :login "
    "AND (person_id = '' OR person_id <> :person_id) "
    "UNION ALL SELECT 'unit', code, name FROM unit WHERE certificate = :serial AND code <> :code "
    "AND (valid_to IS NULL OR valid_to > :at) ORDER BY 1, 2"
)
#: A person, each own post a row, and whether the person stands in for somebody.
_ACTING = Statement(
    "SELECT c.name, c.person_id, c.email, c.active, a.unit, a.role, EXISTS (SELECT 1 FROM substitution s "
    "WHERE s.substitute = :login AND s.revoked_at IS NULL AND s.valid_from <= :at AND s.valid_to > :at) "
    "FROM account c LEFT JOIN assignment a ON a.login = c.login AND a.valid_from <= :at "
    "AND (a.valid_to IS NULL OR a.valid_to > :at) WHERE c.login = :login ORDER BY a.valid_from, a.id"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateHolder:
    """An account or a unit whose certificate it is."""

    kind: str  #: ``account`` or ``unit``
    id: str  #: login, or code of the unit
    name: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """The organisation of the database."""

    connection: Connection
    _known: dict[str, tuple[Unit, ...]] = field(default_factory=dict)  #: each unit's periods, read once a transaction

    def on(self, connection: Connection) -> Organisation:
        """The same over another connection object of this transaction."""
        return Organisation(connection, self._known)

    def add_unit(self, unit: Unit) -> None:
        """Store a unit as of its date."""
        UNITS.add(self.connection, unit)
        self._known.pop(unit.code, None)

    def unit(self, code: str, at: datetime) -> Unit:
        """The unit of a code as of a moment, or ``NotFound``."""
        for period in self.periods(code):
            if period.valid_from <= at and (period.valid_to is None or period.valid_to > at):
                return period
        raise NotFound(what=f"unit {code}")

    def periods(self, code: str) -> tuple[Unit, ...]:
        """All rows of a code, the latest first; none when there is no such unit."""
        periods = self._known.get(code)
        if periods is None:
            periods = self._known[code] = UNITS.all(self.connection, _UNIT, code=code)
        return periods

    def units(self, at: datetime) -> tuple[Unit, ...]:
        """All units as of a moment."""
        return UNITS.all(self.connection, _UNITS_AT, at=stored(at))

    def renew_unit(self, unit: Unit, serial: str, at: datetime) -> None:
        """End the row ``unit`` at ``at`` and begin one with another certificate.

        Rows of later dates that were entered with the certificate of now get the new one too. ``RowChanged`` when the
        row is not as given.
        """
        key = {"code": unit.code, "at": stored(at), "former": unit.certificate}
        changed("unit", unit.code, _END_UNIT.run(self.connection, valid_from=stored(unit.valid_from), **key).rowcount)
        _RENEW_LATER.run(self.connection, serial=serial, **key)
        self.add_unit(replace(unit, valid_from=at, certificate=serial))

    def renew_account(self, account: Account, serial: str) -> None:
        """Put another certificate in the place of the account's; ``RowChanged`` when it is not as given."""
        done = _RENEW_ACCOUNT.run(self.connection, login=account.login, former=account.certificate, serial=serial)
        changed("account", account.login, done.rowcount)

    def others_with(self, serial: str, held_by: Account | Unit, at: datetime) -> tuple[CertificateHolder, ...]:
        """Who else has a certificate of this number, now or from a later date on; the same person is nobody else."""
        own = {"login": "", "person_id": "", "code": ""}
        if isinstance(held_by, Unit):
            own["code"] = held_by.code
        else:
            own |= {"login": held_by.login, "person_id": held_by.person_id}
        rows: Sequence[Any] = _WITH.run(self.connection, serial=serial, at=stored(at), **own).fetchall()
        return tuple(CertificateHolder(kind=row[0], id=row[1], name=row[2]) for row in rows)

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
        """All accounts, those of all citizens among them: for small installations and tests."""
        return ACCOUNTS.all(self.connection, _ACCOUNTS)

    def staff(self) -> tuple[Account, ...]:
        """The accounts that ever had a post or stood in for somebody."""
        return ACCOUNTS.all(self.connection, _STAFF)

    def names(self, logins: Iterable[str]) -> dict[str, str]:
        """The names of these log-ins, as far as they are known."""
        asked = sorted({login for login in logins if login})
        if not asked:
            return {}
        if self.connection.sqlite:
            rows = _NAMES_SQLITE.run(self.connection, logins=orjson.dumps(asked).decode())
        else:
            rows = _NAMES_POSTGRESQL.run(self.connection, logins=asked)
        return dict(rows.fetchall())

    def assign(self, assignment: Assignment) -> None:
        """Give somebody a role in a unit from a date on."""
        ASSIGNMENTS.add(self.connection, assignment)

    def actor(self, login: str, at: datetime) -> Actor | None:
        """The acting person with the posts held at ``at``, own and as a substitute; None when unknown or locked."""
        actor, stands_in = self._own(login, at)
        if actor is None or not stands_in:
            return actor
        posts = actor.posts
        for standing in Substitutions(self.connection).by(login, at):
            absent, _ = self._own(standing.absent, at)
            posts += tuple(
                replace(post, on_behalf_of=standing.absent)
                for post in (absent.posts if absent else ())  # a locked account lends nobody its posts
                if post.unit == standing.unit and standing.role in {"", post.role}
            )
        return replace(actor, posts=posts)

    def _own(self, login: str, at: datetime) -> tuple[Actor | None, bool]:
        """The person with the own posts, None when unknown or locked; and whether there is somebody to stand in for."""
        rows: Sequence[Any] = _ACTING.run(self.connection, login=login, at=stored(at)).fetchall()
        if not rows or not rows[0][3]:
            return None, False
        name, person_id, email, *_, stands_in = rows[0]
        posts = tuple(Post(unit=row[4], role=row[5]) for row in rows if row[4] is not None)
        return Actor(login=login, name=name, person_id=person_id, email=email, posts=posts), bool(stands_in)

    def holders(self, unit: str, role: str, at: datetime) -> tuple[Holder, ...]:
        """Who holds a role in a unit."""
        rows: Sequence[Any] = _HOLDERS.run(self.connection, unit=unit, role=role, at=stored(at)).fetchall()
        return tuple(Holder(login=row[0], name=row[1], email=row[2]) for row in rows)
