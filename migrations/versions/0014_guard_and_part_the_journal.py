"""Guard what is append-only against TRUNCATE too, part the journal by month, sign checkpoints"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

#: Tables that may only grow, and those whose rows may change but never go, as of this migration.
_APPEND_ONLY = (
    "calendar", "definition_bundle", "receipt", "result", "payment", "book_entry", "register_query", "procedure_event",
    "procedure_draft_file",
)  # fmt: skip
_KEPT = ("dossier", "task", "charge", "document", "deployment")
_NEW = ("checkpoint", "checkpoint_head")


def upgrade() -> None:
    _create_tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _NEW:
        for action in ("UPDATE", "DELETE"):
            _guard(table, action)
    if sqlite:
        return
    for table in (*_APPEND_ONLY, *_KEPT, *_NEW):
        _guard(table, "TRUNCATE")
    _part_the_journal()


def _create_tables() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "checkpoint_head",
        sa.Column("checkpoint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dossier", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("checkpoint", "place", name=op.f("pk_checkpoint_head")),
    )
    op.create_index("ix_checkpoint_head_dossier", "checkpoint_head", ["dossier", "seq"])


def _guard(table: str, action: str) -> None:
    name = f"{table}_no_{action.lower()}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {action} refused'); END"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION motcua_refuse()"
        )


#: Makes the partitions of this month and of the next ones, where nothing covers them yet; how many it made. It runs
#: with the rights of the tables' owner, so that the role of the application needs none to create tables. A month that
#: cannot be parted off (its events lie in event_other already) stays where it is. Months are UTC's.
_PARTITIONS = """
CREATE FUNCTION motcua_event_partitions(ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  made integer := 0;
  month timestamp;
  low bigint;
  covered bigint;
  name text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('motcua_event_partitions'));
  SELECT (regexp_match(pg_get_expr(relpartbound, oid), $re$TO \\('(\\d+)'\\)$re$))[1]::bigint INTO covered
    FROM pg_class WHERE oid = 'event_first'::regclass;
  FOR place IN 0..least(ahead, 24) LOOP
    month := date_trunc('month', timezone('UTC', now())) + make_interval(months => place);
    low := extract(epoch FROM month)::bigint * 1000000;
    name := 'event_' || to_char(month, 'YYYY_MM');
    CONTINUE WHEN low < covered OR to_regclass(name) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE TABLE %I (LIKE event INCLUDING DEFAULTS, PRIMARY KEY (dossier, seq))', name);
      EXECUTE format('CREATE INDEX ON %I USING brin (at) WITH (autosummarize = on)', name);
      EXECUTE format('ALTER TABLE event ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', name, low,
        extract(epoch FROM month + interval '1 month')::bigint * 1000000);
      EXECUTE format('CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON %I '
        'FOR EACH STATEMENT EXECUTE FUNCTION motcua_refuse()', name);
      made := made + 1;
    EXCEPTION WHEN check_violation OR invalid_object_definition THEN
      RAISE NOTICE '% stays in event_other', name;
    END;
  END LOOP;
  RETURN made;
END $$
"""


def _part_the_journal() -> None:
    """The table becomes the first partition as it is: nothing is copied and its hashes stay where they were."""
    first_free = (
        "SELECT extract(epoch FROM date_trunc('month', greatest(timezone('UTC', now()), "
        "timezone('UTC', to_timestamp(coalesce(max(at), 0) / 1000000.0)))) + interval '1 month')::bigint * 1000000 "
        "FROM event_first"
    )
    for statement in (
        "ALTER TABLE event RENAME TO event_first",
        "ALTER TABLE event_first RENAME CONSTRAINT pk_event TO pk_event_first",
        "CREATE INDEX ix_event_first_at ON event_first USING brin (at) WITH (autosummarize = on)",
        "CREATE TABLE event (LIKE event_first INCLUDING DEFAULTS) PARTITION BY RANGE (at)",
        "CREATE TABLE event_other (LIKE event_first INCLUDING DEFAULTS, PRIMARY KEY (dossier, seq))",
        "ALTER TABLE event ATTACH PARTITION event_other DEFAULT",
    ):
        op.execute(statement)
    upper = op.get_bind().exec_driver_sql(first_free).scalar()
    op.execute(f"ALTER TABLE event ATTACH PARTITION event_first FOR VALUES FROM (MINVALUE) TO ({upper})")
    for action in ("UPDATE", "DELETE"):
        # For each row: such a trigger is in force on every partition, and on those to come, whichever name is used.
        op.execute(
            f"CREATE TRIGGER event_row_no_{action.lower()} BEFORE {action} ON event "
            "FOR EACH ROW EXECUTE FUNCTION motcua_refuse()"
        )
        _guard("event", action)
    for table in ("event", "event_first", "event_other"):
        op.execute(
            f"CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION motcua_refuse()"
        )
    op.execute(_PARTITIONS)
    op.execute("REVOKE ALL ON FUNCTION motcua_event_partitions(integer) FROM PUBLIC")
    op.execute("SELECT motcua_event_partitions(3)")


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        _join_the_journal()
        for table in (*_APPEND_ONLY, *_KEPT):
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
    op.drop_index("ix_checkpoint_head_dossier", table_name="checkpoint_head")
    op.drop_table("checkpoint_head")
    op.drop_table("checkpoint")


def _join_the_journal() -> None:
    for statement in (
        "DROP FUNCTION motcua_event_partitions(integer)",
        "ALTER TABLE event RENAME TO event_parts",
        "CREATE TABLE event (LIKE event_parts INCLUDING DEFAULTS)",
        "INSERT INTO event SELECT * FROM event_parts",
        "DROP TABLE event_parts CASCADE",
        "ALTER TABLE event ADD CONSTRAINT pk_event PRIMARY KEY (dossier, seq)",
    ):
        op.execute(statement)
    for action in ("UPDATE", "DELETE"):
        _guard("event", action)
