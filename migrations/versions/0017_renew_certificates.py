"""Remember who renewed which certificate, and why"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TABLE = "certificate_change"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("former", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_change")),
    )
    op.create_index("ix_certificate_change_holder", _TABLE, ["holder", "changed_at"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for action in ("UPDATE", "DELETE") if sqlite else ("UPDATE", "DELETE", "TRUNCATE"):
        op.execute(
            f"CREATE TRIGGER {_TABLE}_no_{action.lower()} BEFORE {action} ON {_TABLE} "
            + (
                f"BEGIN SELECT RAISE(ABORT, '{_TABLE} is append-only: {action} refused'); END"
                if sqlite
                else "FOR EACH STATEMENT EXECUTE FUNCTION motcua_refuse()"
            )
        )


def downgrade() -> None:
    op.drop_index("ix_certificate_change_holder", table_name=_TABLE)
    op.drop_table(_TABLE)
