"""Count how often somebody asks where every process sees it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TABLE = "rate_count"


def upgrade() -> None:
    # Not logged: a count is worth nothing after a crash, and writing it waits for no disk.
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        _TABLE,
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "caller", "slot", name=op.f("pk_rate_count")),
        prefixes=[] if sqlite else ["UNLOGGED"],
    )


def downgrade() -> None:
    op.drop_table(_TABLE)
