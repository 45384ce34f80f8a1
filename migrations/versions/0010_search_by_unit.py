"""Find dossiers by word within a unit, procedures by their words, and what is held in a unit"""

from __future__ import annotations

import orjson
import sqlalchemy as sa
from alembic import op

from engine.model.folding import words

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BATCH = 1000
_BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.drop_table("dossier_word")
    op.create_table(
        "dossier_word",
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("word", _BYTES, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "word", "number", name=op.f("pk_dossier_word")),
    )
    op.create_table(
        "procedure_word",
        sa.Column("word", _BYTES, nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("word", "procedure", name=op.f("pk_procedure_word")),
    )
    _fill_dossiers()
    _fill_procedures()
    op.drop_index("ix_task_mine_late", table_name="task")  # what one person holds is few: no index of its own
    held = sa.text("state = 'open' AND assignee <> ''")
    op.create_index("ix_task_held", "task", ["unit", "due_at", "id"], sqlite_where=held, postgresql_where=held)


def _fill_dossiers() -> None:
    connection, after = op.get_bind(), ""
    page = sa.text(
        "SELECT number, applicant_name, receiving_unit, competent_unit FROM dossier WHERE number > :after "
        "ORDER BY number LIMIT :limit"
    )
    elsewhere = sa.text("SELECT DISTINCT unit FROM task WHERE dossier = :number AND unit <> ''")
    store = sa.text("INSERT INTO dossier_word (unit, word, number) VALUES (:unit, :word, :number)")
    while rows := connection.execute(page, {"after": after, "limit": _BATCH}).fetchall():
        found = []
        for number, name, *units in rows:
            units += [row[0] for row in connection.execute(elsewhere, {"number": number}).fetchall()]
            found += [
                {"unit": unit, "word": word, "number": number}
                for unit in dict.fromkeys(units)
                for word in words(f"{number} {name}")
            ]
        connection.execute(store, found)
        after = rows[-1][0]


def _fill_procedures() -> None:
    connection = op.get_bind()
    store = sa.text("INSERT INTO procedure_word (word, procedure) VALUES (:word, :procedure)")
    names: dict[str, str] = {}
    for procedure, text in connection.execute(sa.text("SELECT procedure, manifest FROM definition_bundle")).fetchall():
        name = orjson.loads(text).get("short_name", {}).get("vi", "")
        names[procedure] = f"{names.get(procedure, procedure)} {name}"
    for procedure, name in names.items():
        connection.execute(store, [{"word": word, "procedure": procedure} for word in words(name)])


def downgrade() -> None:
    op.drop_index("ix_task_held", table_name="task")
    mine = sa.text("state = 'open' AND assignee <> '' AND lateness <> ''")
    op.create_index(
        "ix_task_mine_late",
        "task",
        ["assignee", "lateness", "due_at", "id"],
        sqlite_where=mine,
        postgresql_where=mine,
    )
    op.drop_table("procedure_word")
    op.drop_table("dossier_word")
    op.create_table(
        "dossier_word",
        sa.Column("word", _BYTES, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("word", "number", name=op.f("pk_dossier_word")),
    )
