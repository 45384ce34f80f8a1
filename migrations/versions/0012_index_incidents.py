"""Index what waits for an operator"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ATTENTION = sa.text("state IN ('failed', 'late')")


def upgrade() -> None:
    op.create_index(
        "ix_outbox_attention",
        "outbox",
        ["state", "done_at", "id"],
        sqlite_where=_ATTENTION,
        postgresql_where=_ATTENTION,
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_attention", table_name="outbox")
