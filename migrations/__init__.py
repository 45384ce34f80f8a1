"""Alembic migrations: expand, deploy, contract."""
