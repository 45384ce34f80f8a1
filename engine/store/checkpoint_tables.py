"""Tables of signed checkpoints."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables import metadata

checkpoint = sa.Table(
    "checkpoint",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("statement", sa.Text, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
)

checkpoint_head = sa.Table(
    "checkpoint_head",
    metadata,
    sa.Column("checkpoint", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("dossier", sa.Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
    sa.Index("ix_checkpoint_head_dossier", "dossier", "seq"),
)
