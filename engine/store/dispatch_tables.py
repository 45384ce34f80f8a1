"""The tables of those who serve and deliver together: circuit breakers, slots, workers, notes on incidents, rates."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.columns import integer as _int
from engine.store.columns import text as _text
from engine.store.tables import metadata

circuit = sa.Table(
    "circuit",
    metadata,
    _text("connector", key=True),
    _text("state"),  # closed, open, half-open
    _int("failures", default=0),
    _int("trips", default=0),
    _int("changed_at", null=True),
    _int("until", null=True),
    _text("error", default=""),
)

#: One row for each time that periodic work was begun: the key is what keeps it from running twice.
slot = sa.Table(
    "slot",
    metadata,
    _text("name", key=True),
    _text("slot", key=True),
    _text("owner"),
    _int("claimed_at"),
    sa.Index("ix_slot_claimed_at", "claimed_at"),
)

worker = sa.Table(
    "worker",
    metadata,
    _text("name", key=True),
    _text("host"),
    _int("pid"),
    _text("dispatcher"),
    _text("queues"),
    _int("concurrency"),
    _text("version"),
    _int("started_at"),
    _int("beat_at"),
    _text("holding", default="[]"),
)

incident_note = sa.Table(
    "incident_note",
    metadata,
    _text("id", key=True),
    _text("incident"),  # id of the outbox row or timer
    _text("author"),
    _text("author_name"),
    _text("text"),
    _int("at"),
    sa.Index("ix_incident_note_incident", "incident", "at"),
)

#: How often somebody asked for something within a slot of time. Who it was is not readable from ``caller``.
rate_count = sa.Table(
    "rate_count",
    metadata,
    _text("name", key=True),
    _text("caller", key=True),
    _int("slot", key=True),
    _int("hits"),
    _int("ends_at"),  # counts no more from then on
)
