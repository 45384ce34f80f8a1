"""Find dossiers by word; keep unclaimed tasks out of the indexes of people's own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.model.folding import words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BATCH = 1000
_MINE = (
    ("ix_task_assignee", ["assignee", "due_at", "id"]),
    ("ix_task_mine_late", ["assignee", "lateness", "due_at", "id"]),
)


def upgrade() -> None:
    op.create_table(
        "dossier_word",
        sa.Column("word", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("word", "number", name=op.f("pk_dossier_word")),
    )
    _fill()
    _index("state = 'open' AND assignee <> ''")


def _fill() -> None:
    connection, after = op.get_bind(), ""
    page = sa.text("SELECT number, search FROM dossier WHERE number > :after ORDER BY number LIMIT :limit")
    store = sa.text("INSERT INTO dossier_word (word, number) VALUES (:word, :number)")
    while rows := connection.execute(page, {"after": after, "limit": _BATCH}).fetchall():
        connection.execute(store, [{"word": word, "number": row[0]} for row in rows for word in words(row[1])])
        after = rows[-1][0]


def _index(where: str) -> None:
    for name, columns in _MINE:
        op.drop_index(name, table_name="task")
        op.create_index(name, "task", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    _index("state = 'open'")
    op.drop_table("dossier_word")
