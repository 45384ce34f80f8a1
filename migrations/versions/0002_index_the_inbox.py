"""Index the inbox: lateness on tasks, and the lists that officials open all day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OPEN = "state = 'open'"
_UNCLAIMED = "state = 'open' AND assignee = ''"
_WAITING = (
    "closed_at IS NULL AND (waiting_for <> '' OR finance IN ('DUE', 'PENDING') "
    "OR business IN ('INTAKE_SUPPLEMENT', 'WAIT_SUPPLEMENT', 'WAIT_AGENCY'))"
)
_INDEXES = (
    ("ix_task_unclaimed", "task", ["unit", "role", "due_at", "id"], _UNCLAIMED),
    ("ix_task_unclaimed_procedure", "task", ["unit", "role", "procedure", "due_at", "id"], _UNCLAIMED),
    ("ix_task_unclaimed_late", "task", ["unit", "role", "lateness", "due_at", "id"], _UNCLAIMED),
    ("ix_task_mine_late", "task", ["assignee", "lateness", "due_at", "id"], _OPEN),
    ("ix_task_done", "task", ["assignee", "completed_at", "id"], "state = 'completed'"),
    ("ix_dossier_waiting", "dossier", ["competent_unit", "filed_at", "number"], _WAITING),
    ("ix_dossier_filed", "dossier", ["competent_unit", "filed_at", "number"], None),
)


def upgrade() -> None:
    op.add_column("task", sa.Column("lateness", sa.Text(), server_default="", nullable=False))
    op.execute(
        "UPDATE task SET lateness = (SELECT d.lateness FROM dossier d WHERE d.number = task.dossier) "
        "WHERE state = 'open'"
    )
    for name, table, columns, where in _INDEXES:
        clause = sa.text(where) if where else None
        op.create_index(name, table, columns, sqlite_where=clause, postgresql_where=clause)


def downgrade() -> None:
    for name, table, _, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_column("task", "lateness")
