"""Everything an official or an auditor sees of one dossier, and who may see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.errors import Forbidden, Text
from engine.model import permission as role
from engine.model.permission import Actor
from engine.store.desk_records import Comment
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
class DossierWork:
    """One dossier with the work on it, from one moment of the database."""

    dossier: Dossier
    tasks: tuple[Task, ...]
    documents: tuple[Document, ...]
    outbox: tuple[OutboxRow, ...]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierPage(DossierWork):
    """One dossier with all that belongs to it, from one moment of the database."""

    readings: tuple[Extraction, ...]
    charges: tuple[Charge, ...]
    payments: tuple[Payment, ...]
    receipts: tuple[Receipt, ...]
    refunds: tuple[Refund, ...]
    result: Result | None
    messages: tuple[StoredMessage, ...]
    registers: dict[str, Any]  #: what registers answered when the application was filled in, by their key in the form
    look_ups: tuple[RegisterQueryRow, ...]
    timers: tuple[Timer, ...]
    comments: tuple[Comment, ...]
    watchers: tuple[str, ...]


def may_read(actor: Actor, dossier: Dossier, tasks: tuple[Task, ...]) -> bool:
    """Officials of the receiving or competent unit or of a unit with a task of the dossier, and their auditors."""
    own = {dossier.competent_unit, dossier.receiving_unit}
    if any(actor.holds(role.AUDITOR, unit) for unit in own):
        return True
    concerned = own | {task.unit for task in tasks if task.unit}
    return any(post.role in WORKING and post.unit in concerned for post in actor.posts)


def readable(uow: UnitOfWork, number: str, actor: Actor) -> tuple[Dossier, tuple[Task, ...]]:
    """The dossier and its tasks; ``NotFound`` or ``Forbidden``."""
    dossier, tasks = uow.together(lambda u: u.dossiers.get(number), lambda u: u.tasks.of(number))
    _check(actor, dossier, tasks)
    return dossier, tasks


def _check(actor: Actor, dossier: Dossier, tasks: tuple[Task, ...]) -> None:
    if not may_read(actor, dossier, tasks):
        raise Forbidden(
            why=Text(
                vi="hồ sơ của đơn vị khác, hoặc vai trò của bạn không cần xem hồ sơ này",
                en="another unit's dossier, or your role has no need of it",
            )
        )


def dossier_page(uow: UnitOfWork, number: str, actor: Actor, *besides: Callable[[UnitOfWork], Any]) -> DossierPage:
    """The page of a dossier; ``NotFound`` or ``Forbidden``. ``besides`` is asked for in the same round trip."""
    return _read(DossierPage, _WORK | _REST, uow, number, actor, besides)


def dossier_work(uow: UnitOfWork, number: str, actor: Actor) -> DossierWork:
    """The part of the page that tells what is to be done; ``NotFound`` or ``Forbidden``."""
    return _read(DossierWork, _WORK, uow, number, actor)


def _read(
    kind: type[W],
    parts: Parts,
    uow: UnitOfWork,
    number: str,
    actor: Actor,
    besides: Sequence[Callable[[UnitOfWork], Any]] = (),
) -> W:
    answers = uow.together(*(read(number) for read in parts.values()), *besides)
    found = kind(**dict(zip(parts, answers, strict=False)))
    _check(actor, found.dossier, found.tasks)
    return found


W = TypeVar("W", bound=DossierWork)
#: Fields of the page, each with its own read of the dossier of a number.
Parts = dict[str, Callable[[str], Callable[[UnitOfWork], Any]]]
_WORK: Parts = {
    "dossier": lambda number: lambda uow: uow.dossiers.get(number),
    "tasks": lambda number: lambda uow: uow.tasks.of(number),
    "documents": lambda number: lambda uow: uow.documents.of(number),
    "outbox": lambda number: lambda uow: uow.outbox.of(number),
}
_REST: Parts = {
    "readings": lambda number: lambda uow: uow.documents.readings(number),
    "charges": lambda number: lambda uow: uow.money.charges(number),
    "payments": lambda number: lambda uow: uow.money.payments_for(number),
    "receipts": lambda number: lambda uow: uow.money.receipts(number),
    "refunds": lambda number: lambda uow: uow.money.refunds(number),
    "result": lambda number: lambda uow: uow.results.of(number),
    "messages": lambda number: lambda uow: uow.messages.of(number),
    "registers": lambda number: lambda uow: uow.drafts.registers(number),
    "look_ups": lambda number: lambda uow: uow.messages.queries(number),
    "timers": lambda number: lambda uow: uow.timers.of(number),
    "comments": lambda number: lambda uow: uow.discussion.of(number),
    "watchers": lambda number: lambda uow: uow.discussion.watchers(number),
}
