"""One transaction and everything that may be written in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from engine.store.alerts import Alerts
from engine.store.batches import Batches
from engine.store.definitions import Definitions
from engine.store.discussion import Discussion
from engine.store.documents import Documents
from engine.store.dossiers import Dossiers
from engine.store.drafts import Drafts
from engine.store.journal import Journal
from engine.store.messages import Messages
from engine.store.moments import moment
from engine.store.money import MoneyBook
from engine.store.numbers import Numbers
from engine.store.organisation import Organisation
from engine.store.outbox import Outbox
from engine.store.procedure_drafts import ProcedureDrafts
from engine.store.quotas import Quotas
from engine.store.results import Results
from engine.store.statement import Statement
from engine.store.substitutions import Substitutions
from engine.store.tasks import Tasks
from engine.store.timers import Timers

_NOW_SQLITE = Statement("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000")
_NOW_POSTGRESQL = Statement("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)")


@dataclass
class UnitOfWork:
    """The repositories of one open transaction."""

    connection: Connection
    locking: bool = False  #: whether a dossier that is read is held for this transaction; readers hold nothing

    def __post_init__(self) -> None:
        self.dossiers = Dossiers(self.connection, self.locking)
        self.journal = Journal(self.connection)
        self.tasks = Tasks(self.connection)
        self.timers = Timers(self.connection)
        self.outbox = Outbox(self.connection)

    @cached_property
    def documents(self) -> Documents:
        """Stored files."""
        return Documents(self.connection)

    @cached_property
    def money(self) -> MoneyBook:
        """Charges and payments."""
        return MoneyBook(self.connection)

    @cached_property
    def results(self) -> Results:
        """Signed results."""
        return Results(self.connection)

    @cached_property
    def drafts(self) -> Drafts:
        """Applications being filled in."""
        return Drafts(self.connection)

    @cached_property
    def organisation(self) -> Organisation:
        """Units and people."""
        return Organisation(self.connection)

    @cached_property
    def definitions(self) -> Definitions:
        """Procedures."""
        return Definitions(self.connection)

    @cached_property
    def procedure_drafts(self) -> ProcedureDrafts:
        """Procedures being authored."""
        return ProcedureDrafts(self.connection)

    @cached_property
    def numbers(self) -> Numbers:
        """Counters and books."""
        return Numbers(self.connection)

    @cached_property
    def messages(self) -> Messages:
        """Notifications and register look-ups."""
        return Messages(self.connection)

    @cached_property
    def substitutions(self) -> Substitutions:
        """Who stands in for whom."""
        return Substitutions(self.connection)

    @cached_property
    def discussion(self) -> Discussion:
        """Comments and watches."""
        return Discussion(self.connection)

    @cached_property
    def alerts(self) -> Alerts:
        """Late dossiers and how high their warning has climbed."""
        return Alerts(self.connection)

    @cached_property
    def batches(self) -> Batches:
        """Bulk actions."""
        return Batches(self.connection)

    @cached_property
    def quotas(self) -> Quotas:
        """Daily targets."""
        return Quotas(self.connection)

    def database_now(self) -> datetime:
        """The time of the database server: the clock of leases, the same for every worker."""
        statement = _NOW_SQLITE if self.connection.dialect.name == "sqlite" else _NOW_POSTGRESQL
        return moment(int(statement.run(self.connection).scalar_one()))
