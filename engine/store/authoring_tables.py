"""The tables of authoring: drafts of procedures, their history, the national catalogue, plans to move dossiers.

Rows of ``procedure_draft_file`` and ``procedure_event`` are append-only: triggers refuse change and deletion.
"""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.columns import integer as _int
from engine.store.columns import moment as _moment
from engine.store.columns import text as _text
from engine.store.tables import metadata

procedure_draft = sa.Table(
    "procedure_draft",
    metadata,
    _text("id", key=True),
    _text("procedure"),
    _text("name"),
    _text("state"),
    _int("revision"),
    _text("origin"),
    _text("base", default=""),
    _text("author"),
    _text("decision", default=""),
    sa.Column("effective_from", sa.BigInteger, nullable=True),
    _text("note", default=""),
    _text("digest", default=""),
    _text("submitted_by", default=""),
    _text("approver", default=""),
    _moment("created_at"),
    _moment("updated_at"),
    _text("updated_by"),
    sa.Index("ix_procedure_draft_state", "state", "updated_at"),
)

procedure_draft_file = sa.Table(
    "procedure_draft_file",
    metadata,
    _text("draft", key=True),
    _text("name", key=True),
    _int("revision", key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    _int("gone", default=0),
    _text("author"),
    _moment("at"),
)

procedure_event = sa.Table(
    "procedure_event",
    metadata,
    _text("id", key=True),
    _text("procedure"),
    _text("draft", default=""),
    _text("kind"),
    _text("digest", default=""),
    _text("actor"),
    _text("actor_name"),
    _moment("at"),
    _text("body"),
    sa.Index("ix_procedure_event_procedure", "procedure", "at"),
)

national_entry = sa.Table(
    "national_entry",
    metadata,
    _text("code", key=True),
    _text("name"),
    _text("field"),
    _text("search"),
    _text("entry"),
    _moment("imported_at"),
)

migration_plan = sa.Table(
    "migration_plan",
    metadata,
    _text("id", key=True),
    _text("procedure"),
    _text("source"),
    _text("target"),
    _text("mapping"),
    _text("legal_basis"),
    _text("state"),
    _text("author"),
    _text("author_name"),
    _text("approver", default=""),
    _text("approver_name", default=""),
    _moment("created_at"),
    sa.Column("approved_at", sa.BigInteger, nullable=True),
    _text("batch", default=""),
    sa.Index("ix_migration_plan_procedure", "procedure", "created_at"),
)

migration_item = sa.Table(
    "migration_item",
    metadata,
    _text("plan", key=True),
    _text("dossier", key=True),
    _text("state"),
    _text("findings", default="[]"),
    sa.Column("old_due", sa.BigInteger, nullable=True),
    sa.Column("new_due", sa.BigInteger, nullable=True),
    sa.Column("state_before", sa.LargeBinary, nullable=False),
    _text("limit_before", default="{}"),
    _int("seq", default=0),
    sa.Column("at", sa.BigInteger, nullable=True),
)
