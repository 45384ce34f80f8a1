"""Bringing a database to the present schema."""

from __future__ import annotations

from functools import cache
from importlib import resources

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from engine.store import authoring_tables as authoring_tables  # registers its tables
from engine.store import checkpoint_tables, desk_tables, dispatch_tables, money_tables  # noqa: F401 - tables of the schema
from engine.store.database import Database
from engine.store.tables import metadata

#: The key of PostgreSQL's advisory lock that whoever migrates holds.
_MIGRATING = 0x6D6F74637561


def migrate(database: Database, *, revision: str = "head") -> None:
    """Apply all migrations up to ``revision``, in one transaction; harmless when there is nothing to do.

    Processes that start together wait for the one that came first. Migrations may take longer than a statement of
    a request is allowed to, but do not wait longer than one for a lock, or everybody would queue behind them.
    """
    with database.connected() as connection:
        if revision == "head" and _is_current(connection):
            return  # the application's role may have no right to more
        if database.sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")  # it thinks between them
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")
        command.upgrade(_config(connection), revision)
        connection.commit()


def _is_current(connection: Connection) -> bool:
    found = MigrationContext.configure(connection).get_current_revision() == expected_revision()
    connection.rollback()
    return found


@cache
def expected_revision() -> str:
    """The revision that this version of the product works with."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("migrations")))
    return str(ScriptDirectory.from_config(config).get_current_head())


def differences(database: Database) -> list[str]:
    """What tables.py and the migrated database disagree on; empty when they agree."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        return [str(difference) for difference in compare_metadata(context, metadata)]


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Partitions of the journal come and go with the months; the schema is told by the whole table."""
    return kind != "table" or name is None or not name.startswith("event_")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("migrations")))
    config.attributes["connection"] = connection
    return config
