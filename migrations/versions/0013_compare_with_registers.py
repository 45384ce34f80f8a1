"""Find what the registers answered for a dossier"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    filed = sa.text("dossier <> ''")
    op.create_index("ix_draft_dossier", "draft", ["dossier"], sqlite_where=filed, postgresql_where=filed)


def downgrade() -> None:
    op.drop_index("ix_draft_dossier", table_name="draft")
