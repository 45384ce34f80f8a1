"""Keep tasks that are in time out of the indexes of late ones"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_task_unclaimed_late", ["unit", "role", "lateness", "due_at", "id"], "state = 'open' AND assignee = ''"),
    ("ix_task_mine_late", ["assignee", "lateness", "due_at", "id"], "state = 'open' AND assignee <> ''"),
)


def upgrade() -> None:
    _index(" AND lateness <> ''")


def _index(more: str) -> None:
    for name, columns, where in _INDEXES:
        clause = sa.text(where + more)
        op.drop_index(name, table_name="task")
        op.create_index(name, "task", columns, sqlite_where=clause, postgresql_where=clause)


def downgrade() -> None:
    _index("")
