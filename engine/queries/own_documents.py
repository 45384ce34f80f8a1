"""Which files are the applicant's to have. An official's sight is in ``dossier_page``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine import bpmn
from engine.model.status import Business
from engine.procedures import Library
from engine.store.records import Document, Dossier
from engine.store.unit_of_work import UnitOfWork

#: Kinds of documents that are the applicant's as soon as they exist.
_OWN_KINDS = frozenset({"paper", "slip", "letter", "receipt"})


def own_documents(uow: UnitOfWork, dossier: Dossier, library: Library, now: datetime) -> tuple[Document, ...]:
    """The dossier's documents that its applicant may have, oldest first.

    A draft result only while a task of the applicant's asks to confirm it; the result once it is issued.
    """
    issued = dossier.business is Business.RESULT_ISSUED
    asked = _asked_about(uow, dossier, library, now)
    return tuple(
        document
        for document in uow.documents.of(dossier.number)
        if document.kind in _OWN_KINDS or (issued if document.kind == "result" else document.id in asked)
    )


def _asked_about(uow: UnitOfWork, dossier: Dossier, library: Library, now: datetime) -> set[str]:
    """Every text in the inputs of the applicant's open tasks; the ids of documents are among them."""
    mine = {task.id for task in uow.tasks.of(dossier.number) if task.state == "open" and task.role == "applicant"}
    if not mine:
        return set()
    procedure = library.get(uow, dossier.digest)
    instance = bpmn.Instance.load(procedure.definition, dossier.state, now=now)
    return _texts([dict(task.inputs) for task in instance.open_tasks() if task.id in mine])


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return {text for entry in value for text in _texts(entry)}
    return {value} if isinstance(value, str) else set()
