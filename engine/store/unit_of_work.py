"""One transaction and everything that may be written in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.ports import Due
from engine.store.alerts import Alerts
from engine.store.batches import Batches
from engine.store.calendars import Calendars
from engine.store.certificates import Certificates
from engine.store.checkpoints import Checkpoints
from engine.store.circuits import Circuits
from engine.store.connection import Connection
from engine.store.definitions import Definitions
from engine.store.discussion import Discussion
from engine.store.documents import Documents
from engine.store.dossiers import Dossiers
from engine.store.drafts import Drafts
from engine.store.filters import Filters
from engine.store.incident_notes import IncidentNotes
from engine.store.journal import Journal
from engine.store.messages import Messages
from engine.store.migration_plans import MigrationPlans
from engine.store.money import MoneyBook
from engine.store.numbers import Numbers
from engine.store.organisation import Organisation
from engine.store.outbox import Outbox
from engine.store.procedure_drafts import ProcedureDrafts
from engine.store.quotas import Quotas
from engine.store.rate_counts import RateCounts
from engine.store.results import Results
from engine.store.slots import Slots
from engine.store.substitutions import Substitutions
from engine.store.tasks import Tasks
from engine.store.timers import Timers
from engine.store.together import together
from engine.store.workers import Workers


@dataclass
class UnitOfWork:
    """The repositories of one open transaction."""

    connection: Connection
    locking: bool = False  #: whether a dossier that is read is held for this transaction; readers hold nothing
    due: list[Due] = field(default_factory=list)  #: what became due in this transaction; the dispatcher is told

    def __post_init__(self) -> None:
        self.dossiers = Dossiers(self.connection, self.locking)
        self.journal = Journal(self.connection)
        self.tasks = Tasks(self.connection)
        self.timers = Timers(self.connection, self.due)
        self.outbox = Outbox(self.connection, self.due)

    def together(self, *reads: Callable[[UnitOfWork], Any]) -> Sequence[Any]:
        """What each read returns, asked in one round trip; see ``engine.store.together``."""
        return together(self.connection, reads, self._on)

    def _on(self, connection: Connection) -> UnitOfWork:
        """The same transaction over ``connection``; what it remembers and holds is one for both."""
        unit = UnitOfWork(connection, self.locking, self.due)
        unit.dossiers = self.dossiers.on(connection)
        unit.organisation = self.organisation.on(connection)
        return unit

    @cached_property
    def certificates(self) -> Certificates:
        """Renewals of certificates."""
        return Certificates(self.connection)

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """Signed checkpoints."""
        return Checkpoints(self.connection)

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
    def migrations(self) -> MigrationPlans:
        """Plans to move dossiers to another version."""
        return MigrationPlans(self.connection)

    @cached_property
    def numbers(self) -> Numbers:
        """Counters and books."""
        return Numbers(self.connection)

    @cached_property
    def messages(self) -> Messages:
        """Notifications and register look-ups."""
        return Messages(self.connection)

    @cached_property
    def calendars(self) -> Calendars:
        """Working calendars that deadlines were derived from."""
        return Calendars(self.connection)

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

    @cached_property
    def circuits(self) -> Circuits:
        """Circuit breakers of connectors."""
        return Circuits(self.connection)

    @cached_property
    def slots(self) -> Slots:
        """Slots of periodic work."""
        return Slots(self.connection)

    @cached_property
    def rates(self) -> RateCounts:
        """How often somebody asked for something."""
        return RateCounts(self.connection)

    @cached_property
    def workers(self) -> Workers:
        """Those who deliver."""
        return Workers(self.connection)

    @cached_property
    def filters(self) -> Filters:
        """Saved filters of the inbox."""
        return Filters(self.connection)

    @cached_property
    def incident_notes(self) -> IncidentNotes:
        """What operators write about incidents."""
        return IncidentNotes(self.connection)
