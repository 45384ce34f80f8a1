"""Work at the desk: leave, comments, bulk actions, late alerts, quotas, and the promise that statistics judge by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = ("substitution", "comment", "watch", "late_alert", "batch", "batch_item", "quota")


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _int(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def upgrade() -> None:
    op.add_column("dossier", _int("promised_at", null=True))
    # A dossier that was extended before this column has no promise on record and is counted as such, never as on time.
    op.execute("UPDATE dossier SET promised_at = due_at WHERE deadline NOT LIKE '%\"extensions\"%'")
    op.add_column("task", _int("follow_up_at", null=True))
    op.add_column("task", _text("owner", ""))
    op.add_column("draft", _text("holder", "{}"))
    op.create_index("ix_dossier_closed", "dossier", ["competent_unit", "closed_at"])
    _people()
    _bulk()


def _people() -> None:
    op.create_table(
        "substitution", _text("id"), _text("absent"), _text("substitute"), _text("unit"), _text("role", ""),
        _int("valid_from"), _int("valid_to"), _text("reason"), _text("entered_by"), _int("entered_at"),
        _text("revoked_by", ""), _int("revoked_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_substitution"),
    )  # fmt: skip
    op.create_index("ix_substitution_substitute", "substitution", ["substitute", "valid_to"])
    op.create_index("ix_substitution_absent", "substitution", ["absent", "valid_to"])
    op.create_table(
        "comment", _text("id"), _text("dossier"), _text("task", ""), _text("author"), _text("author_name"),
        _text("text"), _int("at"),
        sa.PrimaryKeyConstraint("id", name="pk_comment"),
    )  # fmt: skip
    op.create_index("ix_comment_dossier", "comment", ["dossier", "at"])
    op.create_table(
        "watch", _text("dossier"), _text("login"), _int("since"),
        sa.PrimaryKeyConstraint("dossier", "login", name="pk_watch"),
    )  # fmt: skip
    op.create_index("ix_watch_login", "watch", ["login", "since"])


def _bulk() -> None:
    op.create_table(
        "late_alert", _text("dossier"), _text("unit"), _int("level"), _int("raised_at"), _text("reason", ""),
        _text("remedy", ""), _text("reason_by", ""), _int("reason_at", null=True), _int("ended_at", null=True),
        sa.PrimaryKeyConstraint("dossier", name="pk_late_alert"),
    )  # fmt: skip
    op.create_index("ix_late_alert_unit", "late_alert", ["unit", "ended_at", "level"])
    op.create_table(
        "batch", _text("id"), _text("login"), _text("name"), _text("kind"), _text("data"), _int("total"),
        _int("created_at"), _int("done_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
    )  # fmt: skip
    op.create_index("ix_batch_login", "batch", ["login", "created_at"])
    op.create_table(
        "batch_item", _text("batch"), _int("position"), _text("task"), _text("dossier"), _int("revision"),
        _text("state"), _text("code", ""), _text("message", ""), _int("at", null=True),
        sa.PrimaryKeyConstraint("batch", "position", name="pk_batch_item"),
    )  # fmt: skip
    op.create_table(
        "quota", _text("unit"), _text("measure"), _int("valid_from"), _int("percent"), _text("ground"),
        _text("entered_by"),
        sa.PrimaryKeyConstraint("unit", "measure", "valid_from", name="pk_quota"),
    )  # fmt: skip


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_index("ix_dossier_closed", table_name="dossier")
    op.drop_column("draft", "holder")
    op.drop_column("task", "owner")
    op.drop_column("task", "follow_up_at")
    op.drop_column("dossier", "promised_at")
