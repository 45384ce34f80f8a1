"""Keep filters of the inbox; find what a person has not read"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False, server_default=""),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
    )
    op.create_index("ix_saved_filter_owner", "saved_filter", ["owner", "name"])
    op.create_index("ix_saved_filter_unit", "saved_filter", ["unit", "name"])
    op.create_table(
        "chosen_filter",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_chosen_filter")),
    )
    unread = sa.text("read_at IS NULL")
    op.create_index(
        "ix_message_unread", "message", ["recipient", "created_at"], sqlite_where=unread, postgresql_where=unread
    )


def downgrade() -> None:
    op.drop_index("ix_message_unread", table_name="message")
    op.drop_table("chosen_filter")
    op.drop_table("saved_filter")
