"""What is true of a dossier now, under the names that a scenario's expectations use."""

from __future__ import annotations

import re
from typing import Any

from engine.clock import ZONE
from engine.model.portal_status import portal_code
from webapp.bootstrap import Product


def observed(product: Product, number: str) -> dict[str, Any]:
    """Everything that a scenario may expect something of."""
    with product.database.begin() as uow:
        dossier, events, tasks = uow.dossiers.get(number), uow.journal.of(number), uow.tasks.of(number)
        documents, readings = uow.documents.of(number), uow.documents.readings(number)
        charges, receipts, refunds = uow.money.charges(number), uow.money.receipts(number), uow.money.refunds(number)
        result = uow.results.of(number)
        queries = uow.messages.queries(number)
    told = [event.kind for event in events]
    for event in events:
        body = event.content()
        told += [f"{event.kind}:{body[name]}" for name in ("event", "outcome", "warning", "register") if name in body]
    letter = re.compile(rf"(.+)-{re.escape(number)}\.pdf")
    letters = [match[1] for document in documents if (match := letter.fullmatch(document.name))]
    due = dossier.due_at.astimezone(ZONE) if dossier.due_at else None
    code = portal_code(dossier.business, dossier.finance, dossier.delivery)
    return {
        "open": [task.node for task in tasks if task.state == "open"],
        "portal": int(code) if code is not None else None,
        "business": dossier.business.value,
        "finance": dossier.finance.value,
        "delivery": dossier.delivery.value,
        "lateness": dossier.lateness,
        "waiting": dossier.waiting_for,
        "fee": sum(charge.amount for charge in charges),
        "refunds": sum(refund.amount for refund in refunds),
        "receipts": len(receipts),
        "due": f"{due:%Y-%m-%dT%H:%M}" if due else None,
        "letters": sorted(set(letters)),
        "events": sorted(set(told)),
        "result": result.kind if result else None,
        "signatures": sum(report["valid"] for report in result.signatures) if result else 0,
        "read": {field["key"]: field["value"] for reading in readings for field in reading.fields},
        "registers": sorted({query.register for query in queries}),
    }
