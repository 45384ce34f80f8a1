"""Index what is due next"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_OPEN = sa.text("closed_at IS NULL AND due_at IS NOT NULL")
_INDEXES = (
    ("ix_dossier_due", ["due_at", "number"]),
    ("ix_dossier_unit_due", ["competent_unit", "due_at", "number"]),
)


def upgrade() -> None:
    for name, columns in _INDEXES:
        op.create_index(name, "dossier", columns, sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    for name, _columns in _INDEXES:
        op.drop_index(name, table_name="dossier")
