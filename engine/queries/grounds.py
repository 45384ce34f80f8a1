"""Why a dossier's columns may have changed: every change of state rests on a fact of the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.model.chain import Event

#: (column, value) → the facts on which the change may rest: kinds of events, or operations that were answered.
_GROUNDS: Mapping[tuple[str, str], frozenset[str]] = {
    ("business", "SUBMITTED"): frozenset({"dossier.lodge", "dossier.resume"}),
    ("business", "RECEIVED"): frozenset({"dossier.receive"}),
    ("business", "IN_PROGRESS"): frozenset({"dossier.receive", "dossier.resume", "dossier.progress"}),
    ("business", "REFUSED"): frozenset({"dossier.decline"}),
    ("business", "INTAKE_SUPPLEMENT"): frozenset({"dossier.request_supplement"}),
    ("business", "WAIT_SUPPLEMENT"): frozenset({"dossier.request_supplement"}),
    ("business", "WAIT_AGENCY"): frozenset({"dossier.wait_agency"}),
    ("business", "STOPPED"): frozenset({"dossier.stop", "DossierStopped"}),
    ("business", "RESULT_SIGNED"): frozenset({"ResultSigned"}),
    ("business", "RESULT_ISSUED"): frozenset({"result.issue"}),
    ("business", "WITHDRAWN"): frozenset({"DossierWithdrawn"}),
    ("finance", "EXEMPT"): frozenset({"fee.charge"}),
    ("finance", "DUE"): frozenset({"ChargeDemanded", "PaymentRecorded"}),
    ("finance", "PENDING"): frozenset({"PaymentBegun"}),
    ("finance", "PAID"): frozenset({"ReceiptIssued"}),
    ("finance", "REFUND_DUE"): frozenset({"RefundOpened"}),
    ("finance", "REFUNDED"): frozenset({"RefundPaid"}),
    ("finance", "CANCELLED"): frozenset({"ChargeCancelled"}),
    ("delivery", "READY"): frozenset({"result.issue"}),
    ("delivery", "DELIVERED"): frozenset({"ResultDelivered"}),
}
#: Columns that may change only with one of these facts beside them.
_COLUMN_GROUNDS: Mapping[str, frozenset[str]] = {
    "due_at": frozenset({"DeadlineDerived"}),
    "promised_at": frozenset({"DeadlineDerived"}),
    "clock_from": frozenset({"dossier.lodge", "dossier.receive"}),
    "received_at": frozenset({"dossier.receive"}),
    "digest": frozenset({"DossierMigrated", "MigrationReverted"}),
    "closed_at": frozenset(
        {"dossier.decline", "dossier.stop", "result.issue", "DossierStopped", "DossierWithdrawn"}
    ),
}  # fmt: skip
#: Facts that only an answered operation can have told.
_TOLD_BY: Mapping[str, str] = {
    "ChargeDemanded": "fee.charge",
    "BookNumberTaken": "book.number",
    "ResultIssued": "result.issue",
    "ResultSigned": "result.sign",
    "PapersRead": "papers.read",
    "SilenceNoted": "silence.note",
    "RegisterQueried": "registry.look_up",
    "RegisterEntered": "registry.register",
}


def ungrounded(transaction: Sequence[tuple[Event, Mapping[str, Any]]]) -> tuple[Event, str] | None:
    """The first fact of one transaction that nothing in it supports, with the reason; None when all are supported."""
    facts = {event.kind for event, _body in transaction}
    facts |= {str(body["operation"]) for event, body in transaction if event.kind in _ANSWERS}
    derived: list[datetime | None] = []
    bound: list[str] = []
    for event, body in transaction:
        needed = _TOLD_BY.get(event.kind)
        if needed is not None and needed not in facts:
            return event, f"nothing in the journal gives rise to this {event.kind}"
        if event.kind == "DeadlineDerived":
            derived.append(_moment(body["due_at"]))
        if event.kind in {"DossierMigrated", "MigrationReverted"}:
            bound.append(str(body["to"]))
        if event.kind == "DossierMigrated" and body["author"] in {"", body["approver"]}:
            return event, "it was not approved by a second person"
        if event.kind == "DossierChanged":
            why = _unsupported(body, facts, derived)
            if not why and "digest" in body and bound[-1:] != [body["digest"]]:
                why = "digest differs from the version that the dossier was moved to"
            if why:
                return event, why
    return None


_ANSWERS = frozenset({"ServiceAnswered", "ServiceRefused"})


def _unsupported(body: Mapping[str, Any], facts: set[str], derived: list[datetime | None]) -> str:
    for column, value in body.items():
        grounds = _GROUNDS.get((column, str(value))) or _COLUMN_GROUNDS.get(column)
        if column in {"business", "finance", "delivery"} and grounds is None:
            return f"{column} cannot become {value}"
        if grounds is not None and not grounds & facts:
            return f"nothing in the journal gives rise to {column} = {value}"
    if "due_at" in body and (not derived or derived[-1] != _moment(body["due_at"])):
        return "due_at differs from the deadline derived"
    return ""


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
