"""Dossiers: search, read, history, result, documents, deadline, and the auditor's check."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from engine.commands.results import HandOver
from engine.errors import NotFound, Text
from engine.model.portal_status import PORTAL_WORDS, portal_code
from engine.model.remaining import Remaining
from engine.model.status import Business, Delivery
from engine.queries.api_search import DOSSIER_COLUMNS, DossierRow, find_dossiers
from engine.queries.explanation import explain_deadline
from engine.queries.export import history as exported
from engine.queries.standing import Standings
from engine.store.records import Charge, Dossier, Receipt, Result, Task
from engine.store.unit_of_work import UnitOfWork
from engine.values import Digest
from webapp import web
from webapp.screens.api.call import Call, answer
from webapp.screens.api.drafts import paper
from webapp.screens.api.problems import NotAcceptable
from webapp.screens.api.procedures import words
from webapp.screens.api.search_body import read_search, write_page
from webapp.screens.api.sight import Seen, only_auditors, only_officials, seen

_RESULT_TYPES = ("application/pdf", "application/json")


def search(call: Call) -> Response:
    """The dossiers that the person may see and the filter asks for."""
    asked = read_search(call.body, DOSSIER_COLUMNS, default=("filed_at", True))
    with web.reading() as uow:
        found = find_dossiers(uow.connection, call.actor, asked)
    return answer({"items": [_row(row) for row in found.rows], "page": write_page(call.body, asked, found.after)})


def _row(row: DossierRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "procedure": row.procedure,
        "procedure_name": row.procedure_name,
        "revision": row.revision,
        "status": {"business": row.business, "finance": row.finance, "delivery": row.delivery},
        "portal": _portal(row),
        "channel": row.channel,
        "applicant_name": row.applicant_name,
        "holder_name": row.holder_name,
        "receiving_unit": row.receiving_unit,
        "competent_unit": row.competent_unit,
        "filed_at": row.filed_at,
        "received_at": row.received_at,
        "due_at": row.due_at,
        "closed_at": row.closed_at,
        "lateness": row.lateness,
        "waiting_for": row.waiting_for,
    }


def _portal(dossier: Dossier | DossierRow) -> dict[str, Any]:
    code = portal_code(dossier.business, dossier.finance, dossier.delivery)
    return {"code": int(code), "name": words(PORTAL_WORDS[code])}


def read(call: Call) -> Response:
    """One dossier: where it stands in every dimension, what it waits for, its money, tasks and documents."""
    number = call.path["number"]
    with web.reading() as uow:
        found = seen(uow, number, call.actor)
        body = _whole(uow, found)
    return answer(body, revision=found.dossier.revision)


def _whole(uow: UnitOfWork, found: Seen) -> dict[str, Any]:
    dossier, product = found.dossier, web.product()
    standings = Standings(uow=uow, calendar=product.bus.rules.calendar, now=product.clock.now())
    standing = standings.of(dossier.clock_from, dossier.deadline, dossier.competent_unit, closed_at=dossier.closed_at)
    result = uow.results.of(dossier.number)
    issued = result is not None and (found.official or dossier.business is Business.RESULT_ISSUED)
    receipts = {receipt.charge: receipt for receipt in uow.money.receipts(dossier.number)}
    return {
        "number": dossier.number,
        "procedure": dossier.procedure,
        "procedure_name": dossier.procedure_name,
        "version": dossier.digest,
        "revision": dossier.revision,
        "status": {
            "business": dossier.business,
            "finance": dossier.finance,
            "delivery": dossier.delivery,
            "sync": dossier.sync,
        },
        "portal": _portal(dossier),
        "channel": dossier.channel,
        "applicant_name": dossier.applicant_name,
        "holder_name": dossier.holder_name,
        "receiving_unit": dossier.receiving_unit,
        "competent_unit": dossier.competent_unit,
        "filed_at": dossier.filed_at,
        "received_at": dossier.received_at,
        "due_at": dossier.due_at,
        "closed_at": dossier.closed_at,
        "lateness": dossier.lateness,
        "standing": _standing(standing),
        "waiting_for": dossier.waiting_for,
        "tracking": dossier.tracking,
        "chain": {"length": dossier.seq, "head": dossier.head},
        "data": dossier.data,
        "charges": [_charge(charge, receipts.get(charge.id)) for charge in uow.money.charges(dossier.number)],
        "tasks": [_task(task) for task in found.tasks],
        "documents": [paper(document) for document in found.documents(uow)],
        "result": result.number if issued and result is not None else None,
    }


def _standing(standing: Remaining | None) -> dict[str, Any] | None:
    if standing is None:
        return None
    return {
        "state": standing.state,
        "working_minutes": standing.working_minutes,
        "words": words(standing.words),
        "on_time": standing.on_time,
    }


def _charge(charge: Charge, receipt: Receipt | None) -> dict[str, Any]:
    return {
        "id": charge.id,
        "item": charge.item,
        "name": charge.name,
        "amount": charge.amount,
        "state": charge.state,
        "unit": charge.unit,
        "lines": charge.explanation,
        "receipt": receipt.number if receipt else None,
    }


def _task(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "node": task.node,
        "name": task.name,
        "role": task.role,
        "unit": task.unit,
        "state": task.state,
        "assignee": task.assignee or None,
        "revision": task.revision,
        "created_at": task.created_at,
        "due_at": task.due_at,
        "completed_at": task.completed_at,
    }


def history(call: Call) -> Response:
    """The whole hash chain, so that anybody can check it without this product."""
    with web.reading() as uow:
        found = seen(uow, call.path["number"], call.actor)
        only_officials(found)
        events = uow.journal.of(found.dossier.number)
    return answer(exported(found.dossier, events), revision=found.dossier.revision)


def result(call: Call) -> Response:
    """The signed file, or with ``Accept: application/json`` its facts.

    The applicant's first download of the file is recorded as the delivery (trả kết quả).
    """
    chosen = request.accept_mimetypes.best_match(_RESULT_TYPES) if request.accept_mimetypes else _RESULT_TYPES[0]
    if chosen is None:
        raise NotAcceptable(offered=", ".join(_RESULT_TYPES))
    with web.reading() as uow:
        found = seen(uow, call.path["number"], call.actor)
        dossier, stored = found.dossier, uow.results.of(found.dossier.number)
    if stored is None or not (found.official or dossier.business is Business.RESULT_ISSUED):
        raise NotFound(what=Text(vi=f"kết quả của {dossier.number}", en=f"result of {dossier.number}"))
    if chosen == "application/json":
        return answer(_facts(stored))
    applicant = dossier.applicant == call.actor.login
    if applicant and dossier.business is Business.RESULT_ISSUED and dossier.delivery is not Delivery.DELIVERED:
        web.execute(HandOver(dossier=dossier.number, way="online"))
    content = web.product().ports.files.get(Digest(stored.digest))
    return web.download(content, "application/pdf", f"{stored.number.replace('/', '-')}.pdf")


def _facts(stored: Result) -> dict[str, Any]:
    return {
        "dossier": stored.dossier,
        "number": stored.number,
        "kind": stored.kind,
        "digest": stored.digest,
        "document": stored.document,
        "signed_by": stored.signed_by,
        "signed_at": stored.signed_at,
        "verify_code": stored.verify_code,
        "signatures": stored.signatures,
    }


def document(call: Call) -> Response:
    """A file of the dossier as it was handed in or made."""
    wanted = call.path["document"]
    with web.reading() as uow:
        found = seen(uow, call.path["number"], call.actor)
        kept = next((one for one in found.documents(uow) if one.id == wanted), None)
    if kept is None:
        raise NotFound(what=f"document {wanted}")
    return web.download(web.product().ports.files.get(Digest(kept.digest)), kept.media_type, kept.name)


def verify(call: Call) -> Response:
    """Check chain and files, execute the dossier again and compare: the auditor's whole check."""
    product = web.product()
    with web.reading() as uow:
        found = seen(uow, call.path["number"], call.actor)
        only_auditors(found)
        check = product.verification(uow)
        verdict = check.verify(found.dossier.number)
    return answer(
        {
            "dossier": verdict.dossier,
            "holds": verdict.holds,
            "events": verdict.events,
            "files": verdict.files,
            "findings": [finding.as_json() for finding in verdict.findings],
        }
    )


def deadline(call: Call) -> Response:
    """How the due moment comes about: every stretch counted or skipped with its ground; null before the clock runs."""
    product = web.product()
    with web.reading() as uow:
        found = seen(uow, call.path["number"], call.actor)
        explained = explain_deadline(uow, found.dossier.number, product.bus.rules.calendar)
    body = {"number": found.dossier.number, "deadline": explained.as_json() if explained else None}
    return answer(body, revision=found.dossier.revision)
