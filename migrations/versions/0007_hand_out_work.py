"""Hand out work: priorities, who holds a timer, circuit breakers, slots, workers, notes on incidents"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WAITING = sa.text("state = 'waiting'")


def _text(name: str, *, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _int(name: str, *, null: bool = False, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=default, autoincrement=False, nullable=null)


def upgrade() -> None:
    op.add_column("outbox", _int("priority", default="0"))
    op.add_column("timer", _text("lease_owner", default=""))
    op.create_index(
        "ix_outbox_topic",
        "outbox",
        ["topic", sa.text("priority DESC"), "due_at", "id"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_table(
        "circuit",
        _text("connector"), _text("state"), _int("failures", default="0"), _int("trips", default="0"),
        _int("changed_at", null=True), _int("until", null=True), _text("error", default=""),
        sa.PrimaryKeyConstraint("connector", name=op.f("pk_circuit")),
    )  # fmt: skip
    op.create_table(
        "slot",
        _text("name"), _text("slot"), _text("owner"), _int("claimed_at"),
        sa.PrimaryKeyConstraint("name", "slot", name=op.f("pk_slot")),
    )  # fmt: skip
    op.create_index("ix_slot_claimed_at", "slot", ["claimed_at"])
    op.create_table(
        "worker",
        _text("name"), _text("host"), _int("pid"), _text("dispatcher"), _text("queues"), _int("concurrency"),
        _text("version"), _int("started_at"), _int("beat_at"), _text("holding", default="[]"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )  # fmt: skip
    op.create_table(
        "incident_note",
        _text("id"), _text("incident"), _text("author"), _text("author_name"), _text("text"), _int("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_note")),
    )  # fmt: skip
    op.create_index("ix_incident_note_incident", "incident_note", ["incident", "at"])


def downgrade() -> None:
    for table in ("incident_note", "worker", "slot", "circuit"):
        op.drop_table(table)
    op.drop_index("ix_outbox_topic", table_name="outbox")
    op.drop_column("timer", "lease_owner")
    op.drop_column("outbox", "priority")
