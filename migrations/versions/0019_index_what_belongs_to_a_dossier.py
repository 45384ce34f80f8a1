"""Index receipts, refunds and register queries by their dossier, people by their number, posts by their unit"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_OPEN = sa.text("state = 'open'")
_INDEXES = (
    ("ix_receipt_dossier", "receipt", ["dossier"], None),
    ("ix_refund_dossier", "refund", ["dossier"], None),
    ("ix_refund_open", "refund", ["created_at", "id"], _OPEN),
    ("ix_register_query_dossier", "register_query", ["dossier", "at"], None),
    ("ix_account_person", "account", ["person_id"], None),
    ("ix_assignment_unit", "assignment", ["unit", "role"], None),
)


def upgrade() -> None:
    for name, table, columns, where in _INDEXES:
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, table, _columns, _where in _INDEXES:
        op.drop_index(name, table_name=table)
