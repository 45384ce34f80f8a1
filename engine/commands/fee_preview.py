"""What a citizen will have to pay, before filing: the process itself is run in memory up to where it first waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import bpmn
from engine.commands.intake import papers
from engine.model.permission import Actor
from engine.procedures import Procedure
from engine.store.records import Document, Draft, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class FeePreview:
    """What a business rule of the procedure answers for this application. Amounts in whole đồng."""

    decision: str
    amount: int
    lines: tuple[dict[str, Any], ...]  #: as the table gives them: name, pages, copies, each, amount …


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A draft ready to be filed, with all it refers to."""

    draft: Draft
    unit: Unit
    actor: Actor
    documents: tuple[Document, ...]


def preview_fees(procedure: Procedure, application: Application, now: datetime) -> tuple[FeePreview, ...]:
    """The fees that filing would demand at once; empty when a fee is decided only later or not at all."""
    draft, actor, unit = application.draft, application.actor, application.unit
    form = procedure.form(procedure.manifest.application_form)
    variables = {
        "number": "",
        "channel": "online",
        "unit": {"code": unit.code, "name": unit.name},
        "filed_at": now.isoformat(),
        "applicant": {"name": actor.name, "id": actor.person_id, "login": actor.login},
        "form": draft.data,
        "papers": papers(form, draft.data, list(application.documents)),
    }
    instance = bpmn.Instance.start(procedure.definition, variables, now=now, seed=f"preview:{draft.id}")
    found: dict[str, FeePreview] = {}
    for step in instance.drain():
        element = procedure.definition.elements.get(step.element)
        decision = element.attributes.get("decision", "") if element is not None else ""
        for value in step.changed.values() if decision else ():
            if isinstance(value, dict) and isinstance(value.get("amount"), int):
                lines = tuple(line for line in value.get("lines") or () if isinstance(line, dict))
                found[decision] = FeePreview(decision=decision, amount=value["amount"], lines=lines)
    return tuple(found.values())
