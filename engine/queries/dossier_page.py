"""Everything an official or an auditor sees of one dossier, and who may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.errors import Forbidden, Text
from engine.model import permission as role
from engine.model.permission import Actor
from engine.store.records import (
    Charge,
    Document,
    Dossier,
    Extraction,
    OutboxRow,
    Payment,
    Receipt,
    Refund,
    RegisterQueryRow,
    Result,
    StoredMessage,
    Task,
    Timer,
)
from engine.store.unit_of_work import UnitOfWork

#: Roles whose work needs the dossiers of their unit.
WORKING = (role.DESK, role.SPECIALIST, role.LEADER, role.CLERK, role.ACCOUNTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierPage:
    """One dossier with all that belongs to it, from one moment of the database."""

    dossier: Dossier
    tasks: tuple[Task, ...]
    documents: tuple[Document, ...]
    readings: tuple[Extraction, ...]
    charges: tuple[Charge, ...]
    payments: tuple[Payment, ...]
    receipts: tuple[Receipt, ...]
    refunds: tuple[Refund, ...]
    result: Result | None
    messages: tuple[StoredMessage, ...]
    registers: dict[str, Any]  #: what registers answered when the application was filled in, by their key in the form
    look_ups: tuple[RegisterQueryRow, ...]
    outbox: tuple[OutboxRow, ...]
    timers: tuple[Timer, ...]

    @property
    def open_tasks(self) -> tuple[Task, ...]:
        """The tasks that somebody has to do now."""
        return tuple(task for task in self.tasks if task.state == "open")

    @property
    def under_way(self) -> tuple[OutboxRow, ...]:
        """Deliveries that connectors are at, or that wait to be tried again."""
        return tuple(row for row in self.outbox if row.state == "waiting")

    def document(self, document_id: str) -> Document | None:
        """One of the dossier's own documents."""
        return next((document for document in self.documents if document.id == document_id), None)


def may_read(actor: Actor, dossier: Dossier, tasks: tuple[Task, ...]) -> bool:
    """Officials of the receiving or competent unit or of a unit with a task of the dossier, and their auditors."""
    own = {dossier.competent_unit, dossier.receiving_unit}
    if any(actor.holds(role.AUDITOR, unit) for unit in own):
        return True
    concerned = own | {task.unit for task in tasks if task.unit}
    return any(post.role in WORKING and post.unit in concerned for post in actor.posts)


def readable(uow: UnitOfWork, number: str, actor: Actor) -> tuple[Dossier, tuple[Task, ...]]:
    """The dossier and its tasks; ``NotFound`` or ``Forbidden``."""
    dossier, tasks = uow.dossiers.get(number), uow.tasks.of(number)
    if not may_read(actor, dossier, tasks):
        raise Forbidden(
            why=Text(
                vi="hồ sơ của đơn vị khác, hoặc vai trò của bạn không cần xem hồ sơ này",
                en="another unit's dossier, or your role has no need of it",
            )
        )
    return dossier, tasks


def dossier_page(uow: UnitOfWork, number: str, actor: Actor) -> DossierPage:
    """The page of a dossier; ``NotFound`` or ``Forbidden``."""
    dossier, tasks = readable(uow, number, actor)
    charges = uow.money.charges(number)
    return DossierPage(
        dossier=dossier,
        tasks=tasks,
        documents=uow.documents.of(number),
        readings=uow.documents.readings(number),
        charges=charges,
        payments=tuple(payment for charge in charges for payment in uow.money.payments(charge.id)),
        receipts=uow.money.receipts(number),
        refunds=uow.money.refunds(number),
        result=uow.results.of(number),
        messages=uow.messages.of(number),
        registers=uow.drafts.registers(number),
        look_ups=uow.messages.queries(number),
        outbox=uow.outbox.of(number),
        timers=uow.timers.of(number),
    )
