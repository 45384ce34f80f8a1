"""Charges, attempts to pay them, payments, receipts and refunds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.records import Charge, Intent, Payment, Receipt, Refund
from engine.store.rows import Rows, changed
from engine.store.statement import Statement

CHARGES = Rows(Charge, "charge")
INTENTS = Rows(Intent, "payment_intent")
PAYMENTS = Rows(Payment, "payment")
RECEIPTS = Rows(Receipt, "receipt")
REFUNDS = Rows(Refund, "refund")
_CHARGE = CHARGES.query("WHERE id = :id")
_CHARGES_OF = CHARGES.query("WHERE dossier = :dossier ORDER BY created_at, id")
_STATE = Statement("UPDATE charge SET state = :state WHERE id = :id AND state = :before")
_INTENT = INTENTS.query("WHERE reference = :reference")
_INTENTS_OF = INTENTS.query("WHERE charge = :charge ORDER BY created_at")
_PAYMENT = PAYMENTS.query("WHERE gateway = :gateway AND transaction_no = :transaction_no")
_PAYMENTS_OF = PAYMENTS.query("WHERE charge = :charge ORDER BY recorded_at")
_PAYMENTS_FOR = PAYMENTS.query(
    "WHERE charge IN (SELECT id FROM charge WHERE dossier = :dossier) ORDER BY recorded_at, gateway, transaction_no"
)
# Not by way of the charges: one that was slipped in for no charge has to be found.
_RECEIPTS_OF = RECEIPTS.query("WHERE dossier = :dossier ORDER BY number")
_REFUNDS_OF = REFUNDS.query("WHERE dossier = :dossier ORDER BY created_at")
_REFUND_DONE = Statement(
    "UPDATE refund SET state = 'done', done_by = :by, done_at = :at WHERE id = :id AND state = 'open'"
)


@dataclass(frozen=True, slots=True)
class MoneyBook:
    """All money of the database."""

    connection: Connection

    def add_charge(self, charge: Charge) -> None:
        """Demand a fee; a second charge for the same item of a dossier is refused by the database."""
        CHARGES.add(self.connection, charge)

    def charge(self, charge_id: str) -> Charge | None:
        """One charge."""
        return CHARGES.one(self.connection, _CHARGE, id=charge_id)

    def charges(self, dossier: str) -> tuple[Charge, ...]:
        """The charges of a dossier."""
        return CHARGES.all(self.connection, _CHARGES_OF, dossier=dossier)

    def set_state(self, charge: Charge, state: str) -> None:
        """Move a charge on from the state it was read in."""
        count = _STATE.run(self.connection, id=charge.id, state=state, before=charge.state).rowcount
        changed("charge", charge.id, count)

    def add_intent(self, intent: Intent) -> None:
        """Remember an attempt to pay."""
        INTENTS.add(self.connection, intent)

    def intent(self, reference: str) -> Intent | None:
        """The attempt of a reference."""
        return INTENTS.one(self.connection, _INTENT, reference=reference)

    def intents(self, charge: str) -> tuple[Intent, ...]:
        """The attempts for a charge."""
        return INTENTS.all(self.connection, _INTENTS_OF, charge=charge)

    def payment(self, gateway: str, transaction_no: str) -> Payment | None:
        """A notice already recorded."""
        return PAYMENTS.one(self.connection, _PAYMENT, gateway=gateway, transaction_no=transaction_no)

    def add_payment(self, payment: Payment) -> None:
        """Record a gateway's notice, once per gateway and transaction."""
        PAYMENTS.add(self.connection, payment)

    def payments(self, charge: str) -> tuple[Payment, ...]:
        """The notices recorded for a charge."""
        return PAYMENTS.all(self.connection, _PAYMENTS_OF, charge=charge)

    def payments_for(self, dossier: str) -> tuple[Payment, ...]:
        """The notices recorded for all charges of a dossier."""
        return PAYMENTS.all(self.connection, _PAYMENTS_FOR, dossier=dossier)

    def add_receipt(self, receipt: Receipt) -> None:
        """Issue a receipt, one per charge."""
        RECEIPTS.add(self.connection, receipt)

    def receipts(self, dossier: str) -> tuple[Receipt, ...]:
        """The receipts of a dossier."""
        return RECEIPTS.all(self.connection, _RECEIPTS_OF, dossier=dossier)

    def add_refund(self, refund: Refund) -> None:
        """Open a refund task, once per transaction."""
        REFUNDS.add(self.connection, refund)

    def refunds(self, dossier: str) -> tuple[Refund, ...]:
        """The refunds of a dossier."""
        return REFUNDS.all(self.connection, _REFUNDS_OF, dossier=dossier)

    def finish_refund(self, refund_id: str, *, by: str, at: datetime) -> None:
        """Mark a refund paid back."""
        changed("refund", refund_id, _REFUND_DONE.run(self.connection, id=refund_id, by=by, at=stored(at)).rowcount)
