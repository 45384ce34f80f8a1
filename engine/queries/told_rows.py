"""The rows that a journal tells: folded from its events, column by column, to be compared with what is stored."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from engine.model.chain import Event

Columns = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row that is not as the journal tells; ``column`` is empty when the whole row is at fault."""

    table: str
    key: str
    what: str


class ToldRows:
    """What the events taken so far say of every row of the dossier.

    ``rows[table][key]`` holds the columns that the journal tells; a column that it does not tell is not there.
    """

    def __init__(self, number: str) -> None:
        self.number = number
        self.rows: dict[str, dict[str, Columns]] = defaultdict(dict)

    @property
    def dossier(self) -> Columns:
        """The columns of the dossier itself."""
        return self.rows["dossier"].setdefault(self.number, {})

    def take(self, event: Event, body: Mapping[str, Any]) -> None:
        """Fold one event in; ``body`` is its content."""
        handler = _TAKE.get(event.kind)
        if handler is not None:
            handler(self, event, body)
        self.dossier.update(seq=event.seq, head=event.hash)
        if "state" in body:  # the last fact of a transaction
            self.dossier["revision"] = self.dossier.get("revision", 0) + 1


def compare(
    told: ToldRows, table: str, stored: Iterable[Any], key: Callable[[Any], str], *, whole: bool = True
) -> Iterator[Difference]:
    """Where the stored rows of a table and the told ones differ; rows beside the told ones only if not ``whole``."""
    expected = told.rows[table]
    found = {key(record): record for record in stored}
    for missing in sorted(expected.keys() - found.keys()):
        yield Difference(table=table, key=missing, what="is missing")
    for name, record in found.items():
        if name not in expected:
            if not whole:
                continue
            yield Difference(table=table, key=name, what="is not told by the journal")
            continue
        for column, value in expected[name].items():
            if not same(getattr(record, column), value):
                yield Difference(table=table, key=name, what=f"{column} differs from the journal")


def same(stored: Any, told: Any) -> bool:
    """Whether a stored value is the told one; moments are told as ISO 8601, states by their value."""
    if isinstance(stored, datetime) and isinstance(told, str):
        return stored == datetime.fromisoformat(told)
    if isinstance(stored, Enum) and not isinstance(told, Enum):
        return bool(stored.value == told)
    return bool(stored == told)


# -- one function per kind of event ------------------------------------------------------------------------------


def _filed(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    told.dossier.update(body.get("columns", {}))
    told.dossier["data"] = body["variables"].get("form", {})
    for name in ("tracking", "competent_unit", "applicant", "procedure", "digest"):
        told.dossier[name] = body[name]
    for document in body["documents"]:
        told.rows["document"][document["id"]] = dict(document)


def _changed(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    told.dossier.update({name: value for name, value in body.items() if name != "state"})


def _document(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    told.rows["document"][body["id"]] = {name: value for name, value in body.items() if name != "state"}


def _papers_read(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    for reading in body["readings"]:  # the first reading of a paper stays
        columns = {name: reading[name] for name in ("text", "confidence", "fields", "codes", "steps")}
        told.rows["extraction"].setdefault(reading["document"], columns | {"read_at": event.at})


def _demanded(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    names = ("item", "name", "amount", "unit", "bank", "account", "beneficiary", "explanation")
    columns = {name: body[name] for name in names}
    told.rows["charge"][body["charge"]] = columns | {"state": "due", "created_at": event.at}


def _begun(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    told.rows["payment_intent"][body["reference"]] = {
        "charge": body["charge"],
        "amount": body["amount"],
        "created_at": event.at,
    }


def _paid(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    columns = {name: body[name] for name in ("reference", "charge", "amount", "outcome", "paid_at", "raw")}
    told.rows["payment"][f"{body['gateway']}:{body['transaction']}"] = columns | {"recorded_at": event.at}


def _receipt(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    told.rows["receipt"][body["number"]] = {
        "charge": body["charge"],
        "amount": body["amount"],
        "issued_at": event.at,
    }
    _charge_is(told, body["charge"], "paid")


def _charge_cancelled(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    _charge_is(told, body["charge"], "cancelled")


def _charge_is(told: ToldRows, charge: str, state: str) -> None:
    told.rows["charge"].setdefault(charge, {})["state"] = state


def _refund(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    names = ("charge", "gateway", "transaction_no", "amount", "reason")
    opened = {"state": "open", "created_at": event.at, "done_by": "", "done_at": None}
    told.rows["refund"][body["refund"]] = {name: body[name] for name in names} | opened
    _charge_is(told, body["charge"], body["charge_state"])


def _refund_paid(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    refunds = told.rows["refund"]
    refunds.setdefault(body["refund"], {}).update(state="done", done_at=event.at, done_by=body["by"])
    if all(refund["state"] == "done" for refund in refunds.values()):
        for charge in told.rows["charge"].values():
            if charge["state"] == "refund_due":
                charge["state"] = "refunded"


def _signed(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    names = ("number", "kind", "digest", "document", "signatures", "signed_by", "signed_at")
    told.rows["result"][told.number] = {name: body[name] for name in names} | {"verify_code": body["code"]}


def _book(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    for entry in body["entries"]:  # an occasion has one number for ever, asked again or not
        told.rows["book_entry"].setdefault(
            entry["occasion"],
            {
                "book": body["book"],
                "unit": body["unit"],
                "year": body["year"],
                "number": entry["number"],
                "entered_at": event.at,
            },
        )


def _comment(told: ToldRows, event: Event, body: Mapping[str, Any]) -> None:
    told.rows["comment"][body["comment"]] = {
        "text": body["text"],
        "author": event.actor,
        "task": event.task,
        "at": event.at,
    }


_TAKE: Mapping[str, Callable[[ToldRows, Event, Mapping[str, Any]], None]] = {
    "DossierFiled": _filed,
    "DossierChanged": _changed,
    "DocumentStored": _document,
    "PaperAttached": _document,
    "PapersRead": _papers_read,
    "ChargeDemanded": _demanded,
    "ChargeCancelled": _charge_cancelled,
    "PaymentBegun": _begun,
    "PaymentRecorded": _paid,
    "ReceiptIssued": _receipt,
    "RefundOpened": _refund,
    "RefundPaid": _refund_paid,
    "ResultSigned": _signed,
    "BookNumberTaken": _book,
    "CommentAdded": _comment,
}
