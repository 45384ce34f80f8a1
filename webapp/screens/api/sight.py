"""Which dossiers, documents and tasks the person who asks may see. What may not be seen is not found."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Forbidden, NotFound, Text
from engine.model.permission import AUDITOR, Actor
from engine.queries.dossier_page import may_read
from engine.store.records import Document, Dossier, Task
from engine.store.unit_of_work import UnitOfWork
from webapp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A dossier that the actor may see: as an official or auditor of its units, or as its applicant."""

    dossier: Dossier
    every_task: tuple[Task, ...]
    official: bool
    actor: Actor

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All tasks for an official, one's own for the applicant."""
        if self.official:
            return self.every_task
        return tuple(task for task in self.every_task if task.assignee == self.actor.login)

    def documents(self, uow: UnitOfWork) -> tuple[Document, ...]:
        """All documents for an official, one's own for the applicant."""
        return uow.documents.of(self.dossier.number) if self.official else web.own_documents(uow, self.dossier)


def seen(uow: UnitOfWork, number: str, actor: Actor) -> Seen:
    """The dossier of a number as far as the actor may see it, ``NotFound`` otherwise."""
    dossier, tasks = uow.dossiers.get(number), uow.tasks.of(number)
    official = may_read(actor, dossier, tasks)
    if not official and dossier.applicant != actor.login:
        raise NotFound(what=f"dossier {number}")
    return Seen(dossier=dossier, every_task=tasks, official=official, actor=actor)


def seen_task(uow: UnitOfWork, task_id: str, actor: Actor) -> tuple[Task, Seen]:
    """The task of an id and its dossier, ``NotFound`` when the actor may not see it."""
    task = uow.tasks.get(task_id)
    try:
        found = seen(uow, task.dossier, actor)
    except NotFound as hidden:
        raise NotFound(what=f"task {task_id}") from hidden
    if all(one.id != task_id for one in found.tasks):
        raise NotFound(what=f"task {task_id}")
    return task, found


def only_officials(found: Seen) -> None:
    """Refuse the applicant what is internal to the administration."""
    if not found.official:
        raise Forbidden(
            why=Text(
                vi="chỉ cán bộ, người kiểm tra của đơn vị được xem", en="for officials and auditors of the unit only"
            )
        )


def only_auditors(found: Seen) -> None:
    """Refuse whoever is not an auditor of the dossier's units."""
    units = (found.dossier.competent_unit, found.dossier.receiving_unit)
    if not any(found.actor.holds(AUDITOR, unit) for unit in units):
        raise Forbidden(why=Text(vi="việc của người kiểm tra", en="an auditor's work"))
