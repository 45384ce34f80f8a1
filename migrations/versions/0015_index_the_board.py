"""Index what the board counts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_INDEXES = (
    (
        "ix_dossier_open",
        ["competent_unit", "procedure", "clock_from", "due_at", "promised_at", "lateness", "closed_at"],
        sa.text("closed_at IS NULL"),
    ),
    (
        "ix_dossier_ended",
        ["closed_at", "competent_unit", "procedure", "business", "promised_at"],
        sa.text("closed_at IS NOT NULL"),
    ),
    ("ix_dossier_received", ["filed_at", "competent_unit", "procedure"], None),
)


def _filed(*more: str) -> None:
    op.drop_index("ix_dossier_filed", table_name="dossier")
    op.create_index("ix_dossier_filed", "dossier", ["competent_unit", "filed_at", "number", *more])


def upgrade() -> None:
    _filed("procedure")
    for name, columns, where in _INDEXES:
        op.create_index(name, "dossier", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    _filed()
    for name, _columns, _where in _INDEXES:
        op.drop_index(name, table_name="dossier")
