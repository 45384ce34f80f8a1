"""The tables of money: what is charged, asked of the gateway, paid, receipted and given back."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.columns import integer as _int
from engine.store.columns import moment as _moment
from engine.store.columns import text as _text
from engine.store.tables import metadata

charge = sa.Table(
    "charge",
    metadata,
    _text("id", key=True),
    _text("dossier"),
    _text("item"),
    _text("name"),
    _int("amount"),
    _text("state"),  # due, paid, refund_due, refunded, cancelled
    _text("unit"),
    _text("bank"),
    _text("account"),
    _text("beneficiary"),
    _text("explanation"),
    _moment("created_at"),
    sa.UniqueConstraint("dossier", "item"),
)

payment_intent = sa.Table(
    "payment_intent",
    metadata,
    _text("reference", key=True),
    _text("charge"),
    _text("gateway"),
    _int("amount"),
    _moment("created_at"),
    sa.Index("ix_payment_intent_charge", "charge"),
)

payment = sa.Table(
    "payment",
    metadata,
    _text("gateway", key=True),
    _text("transaction_no", key=True),
    _text("reference"),
    _text("charge"),
    _int("amount"),
    _text("outcome"),  # paid, second, failed
    _moment("paid_at"),
    _text("raw"),
    _moment("recorded_at"),
    sa.Index("ix_payment_charge", "charge"),
)

receipt = sa.Table(
    "receipt",
    metadata,
    _text("number", key=True),
    _text("charge"),
    _text("dossier"),
    _int("amount"),
    _moment("issued_at"),
    sa.UniqueConstraint("charge"),
    sa.Index("ix_receipt_dossier", "dossier"),
)

refund = sa.Table(
    "refund",
    metadata,
    _text("id", key=True),
    _text("dossier"),
    _text("charge"),
    _text("gateway"),
    _text("transaction_no"),
    _int("amount"),
    _text("reason"),
    _text("state"),  # open, done
    _moment("created_at"),
    _text("done_by", default=""),
    sa.Column("done_at", sa.BigInteger, nullable=True),
    sa.UniqueConstraint("gateway", "transaction_no"),
    sa.Index("ix_refund_dossier", "dossier"),
)
_OPEN = sa.text("state = 'open'")
sa.Index("ix_refund_open", refund.c.created_at, refund.c.id, sqlite_where=_OPEN, postgresql_where=_OPEN)
