"""Kinds of columns: texts, whole numbers, moments."""

from __future__ import annotations

import sqlalchemy as sa


def text(name: str, *, key: bool = False, null: bool = False, default: str | None = None) -> sa.Column[str]:
    """A text."""
    return sa.Column(name, sa.Text, primary_key=key, nullable=null, server_default=default)


def integer(name: str, *, key: bool = False, null: bool = False, default: int | None = None) -> sa.Column[int]:
    """A whole number that we give ourselves."""
    server_default = None if default is None else str(default)
    return sa.Column(
        name, sa.BigInteger, primary_key=key, nullable=null, server_default=server_default, autoincrement=False
    )


def moment(name: str, *, null: bool = False) -> sa.Column[int]:
    """Whole microseconds since 1970 UTC."""
    return sa.Column(name, sa.BigInteger, nullable=null)
