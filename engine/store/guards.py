"""Which tables only grow, and the rights of the role that the application works as (PostgreSQL).

Two walls stand around what is append-only: triggers, which refuse everybody, and on PostgreSQL missing rights, which a
role that is not the tables' owner cannot give to itself. So the tables are made by one role (the owner, who migrates)
and the application works as another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.errors import InvalidInput, Text
from engine.store.connection import Connection
from engine.store.database import Database
from engine.store.statement import Statement

#: Rows of these are never changed and never deleted.
APPEND_ONLY = (
    "book_entry", "calendar", "certificate_change", "checkpoint", "checkpoint_head", "definition_bundle", "event",
    "payment", "procedure_draft_file", "procedure_event", "receipt", "register_query", "result",
)  # fmt: skip
#: Rows of these change, but are never deleted.
KEPT = ("charge", "deployment", "document", "dossier", "task")
#: Months of the journal that have a partition of their own before they begin.
MONTHS_AHEAD = 3

_PART = Statement("SELECT motcua_event_partitions(:ahead)")
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class NoRoles(InvalidInput):
    """SQLite knows no roles: whoever may write the file may write everything in it."""

    code = "no-roles"
    vi = "SQLite không có vai trò: ai ghi được tệp thì ghi được mọi thứ trong đó."


def grant(database: Database, role: str) -> None:
    """Let ``role`` work with the tables, but neither change nor remove what is append-only; harmless when repeated.

    Run by the tables' owner after each migration.
    """
    if database.sqlite:
        raise NoRoles()
    if not _ROLE.fullmatch(role):
        raise InvalidInput(
            what=role, why=Text(vi="tên vai trò chỉ gồm a–z, 0–9 và _", en="a role's name has a–z, 0–9 and _ only")
        )
    with database.begin() as uow:
        run = uow.connection.driver.execute
        [schema] = run("SELECT current_schema()").fetchone()
        run(f'REVOKE CREATE ON SCHEMA "{schema}" FROM PUBLIC')
        run(f'GRANT USAGE ON SCHEMA "{schema}" TO {role}')
        run(f'REVOKE ALL ON ALL TABLES IN SCHEMA "{schema}" FROM {role}')
        run(f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{schema}" TO {role}')
        run(f"GRANT EXECUTE ON FUNCTION motcua_event_partitions(integer) TO {role}")
        for (table,) in run(_TABLES).fetchall():
            run(f'GRANT {", ".join(_rights(table))} ON "{table}" TO {role}')


#: Every table that is asked for by its name: partitions are not, the right to the whole lets through.
_TABLES = (
    "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition "
    "AND c.relnamespace = current_schema()::regnamespace ORDER BY 1"
)


#: What the role that asks may do with the tables of whoever migrates.
_OWN_RIGHTS = Statement(
    "SELECT current_user, c.relname, has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'INSERT'), "
    "has_table_privilege(c.oid, 'UPDATE'), has_table_privilege(c.oid, 'DELETE') "
    "FROM pg_class c JOIN pg_class m ON m.relnamespace = c.relnamespace AND m.relowner = c.relowner "
    "WHERE m.relname = 'alembic_version' AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
    "AND c.relnamespace = current_schema()::regnamespace ORDER BY 2"
)
_ALL_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRights:
    """Tables that the application's role cannot work with as it has to: a migration made them after the last grant."""

    role: str
    tables: tuple[str, ...]


def missing_rights(connection: Connection) -> MissingRights | None:
    """What the role that works here lacks; None when it lacks nothing, and on SQLite."""
    if connection.sqlite:
        return None
    rows = _OWN_RIGHTS.run(connection).fetchall()
    lacking = tuple(
        table
        for _, table, *has in rows
        if not set(_rights(table)) <= {right for right, held in zip(_ALL_RIGHTS, has, strict=True) if held}
    )
    return MissingRights(role=rows[0][0], tables=lacking) if lacking else None


def _rights(table: str) -> tuple[str, ...]:
    if table == "alembic_version":
        return _ALL_RIGHTS[:1]
    if table in APPEND_ONLY:
        return _ALL_RIGHTS[:2]
    if table in KEPT:
        return _ALL_RIGHTS[:3]
    return _ALL_RIGHTS


def part_ahead(database: Database) -> int:
    """Make the journal's partitions of the coming months; how many were new. SQLite keeps one table."""
    if database.sqlite:
        return 0
    with database.begin() as uow:
        return int(_PART.run(uow.connection, ahead=MONTHS_AHEAD).scalar_one())
