"""The tables. Moments are whole microseconds since 1970 UTC; JSON is canonical text; digests are SHA-256 hex.

Rows of ``event``, ``definition_bundle``, ``calendar``, ``receipt`` and ``result`` are append-only: triggers refuse
change and deletion.
"""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.columns import integer as _int
from engine.store.columns import moment as _moment
from engine.store.columns import text as _text

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


definition_bundle = sa.Table(
    "definition_bundle",
    metadata,
    _text("digest", key=True),
    _text("procedure"),
    _text("version"),
    _text("manifest"),
    sa.Column("files", sa.LargeBinary, nullable=False),
    _moment("created_at"),
)

calendar = sa.Table("calendar", metadata, _text("digest", key=True), _text("years"), _moment("kept_at"))

deployment = sa.Table(
    "deployment",
    metadata,
    _text("id", key=True),
    _text("procedure"),
    _text("digest"),
    _moment("effective_from"),
    sa.Column("effective_to", sa.BigInteger, nullable=True),
    _text("decision", default=""),
    _text("author"),
    _text("approver", default=""),
    _moment("created_at"),
    sa.Index("ix_deployment_procedure", "procedure", "effective_from"),
)

unit = sa.Table(
    "unit",
    metadata,
    _text("code", key=True),
    _int("valid_from", key=True),
    sa.Column("valid_to", sa.BigInteger, nullable=True),
    _text("name"),
    _text("short_name"),
    _text("kind"),
    _text("parent", default=""),
    _text("schedule"),
    _text("bank", default=""),
    _text("account", default=""),
    _text("beneficiary", default=""),
    _text("address", default=""),
    _text("phone", default=""),
    _text("certificate", default=""),
)

account = sa.Table(
    "account",
    metadata,
    _text("login", key=True),
    _text("name"),
    _text("person_id", default=""),
    _text("email", default=""),
    _text("phone", default=""),
    _text("password"),
    _text("certificate", default=""),
    _int("active", default=1),
    sa.Index("ix_account_person", "person_id"),
)

#: Rows are append-only: triggers refuse change and deletion.
certificate_change = sa.Table(
    "certificate_change",
    metadata,
    _text("id", key=True),
    _text("kind"),
    _text("holder"),
    _text("former"),
    _text("serial"),
    _text("reason"),
    _text("changed_by"),
    _moment("changed_at"),
    sa.Index("ix_certificate_change_holder", "holder", "changed_at"),
)

assignment = sa.Table(
    "assignment",
    metadata,
    _text("id", key=True),
    _text("login"),
    _text("unit"),
    _text("role"),
    _moment("valid_from"),
    sa.Column("valid_to", sa.BigInteger, nullable=True),
    sa.Index("ix_assignment_login", "login"),
    sa.Index("ix_assignment_unit", "unit", "role"),
)

draft = sa.Table(
    "draft",
    metadata,
    _text("id", key=True),
    _text("owner"),
    _text("procedure"),
    _text("digest"),
    _text("unit"),
    _text("data"),
    _text("registers"),
    _int("revision"),
    _moment("created_at"),
    _moment("updated_at"),
    _text("dossier", default=""),
    _text("holder", default="{}"),
    sa.Index("ix_draft_owner", "owner", "updated_at"),
)
_FILED = sa.text("dossier <> ''")
sa.Index("ix_draft_dossier", draft.c.dossier, sqlite_where=_FILED, postgresql_where=_FILED)

dossier = sa.Table(
    "dossier",
    metadata,
    _text("number", key=True),
    _text("procedure"),
    _text("procedure_name"),
    _text("digest"),
    _int("revision"),
    _text("business"),
    _text("finance"),
    _text("delivery"),
    _text("sync"),
    _text("channel"),
    _text("applicant"),
    _text("applicant_name"),
    _text("holder_name"),
    _text("applicant_email", default=""),
    _text("receiving_unit"),
    _text("competent_unit"),
    _moment("filed_at"),
    sa.Column("clock_from", sa.BigInteger, nullable=True),
    sa.Column("received_at", sa.BigInteger, nullable=True),
    sa.Column("due_at", sa.BigInteger, nullable=True),
    sa.Column("closed_at", sa.BigInteger, nullable=True),
    _text("lateness", default=""),
    _text("waiting_for", default=""),
    _text("deadline"),
    _text("data"),
    sa.Column("state", sa.LargeBinary, nullable=False),
    _int("seq"),
    _text("head"),
    _text("tracking"),
    _text("search"),
    _moment("promised_at", null=True),
    sa.UniqueConstraint("tracking"),
    sa.Index("ix_dossier_applicant", "applicant", "filed_at"),
    sa.Index("ix_dossier_unit", "competent_unit", "business", "due_at"),
)
#: What the list of waiting dossiers asks for, word for word, so that its index serves it.
WAITING = (
    "closed_at IS NULL AND (waiting_for <> '' OR finance IN ('DUE', 'PENDING') "
    "OR business IN ('INTAKE_SUPPLEMENT', 'WAIT_SUPPLEMENT', 'WAIT_AGENCY'))"
)
sa.Index(
    "ix_dossier_waiting",
    dossier.c.competent_unit,
    dossier.c.filed_at,
    dossier.c.number,
    sqlite_where=sa.text(WAITING),
    postgresql_where=sa.text(WAITING),
)
sa.Index("ix_dossier_closed", dossier.c.competent_unit, dossier.c.closed_at)
sa.Index("ix_dossier_filed", dossier.c.competent_unit, dossier.c.filed_at, dossier.c.number, dossier.c.procedure)

#: Words stand in the order of their bytes on both servers: those that begin alike stand together.
BY_BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
#: Each folded word of a dossier's number and its applicant's name, for every unit that has to do with the dossier, so
#: that a few words lead to the few dossiers of a unit at once.
dossier_word = sa.Table(
    "dossier_word",
    metadata,
    _text("unit", key=True, default=""),
    sa.Column("word", BY_BYTES, primary_key=True),
    _text("number", key=True),
)
#: Each folded word of a procedure's code and short name, of any version.
procedure_word = sa.Table(
    "procedure_word", metadata, sa.Column("word", BY_BYTES, primary_key=True), _text("procedure", key=True)
)

event = sa.Table(
    "event",
    metadata,
    _text("dossier", key=True),
    _int("seq", key=True),
    _moment("at"),
    _text("actor"),
    _text("on_behalf_of"),
    _text("unit"),
    _text("kind"),
    _int("version"),
    _text("node"),
    _text("task"),
    _text("body"),
    _text("prev_hash"),
    _text("hash"),
)

task = sa.Table(
    "task",
    metadata,
    _text("id", key=True),
    _text("dossier"),
    _text("node"),
    _text("name"),
    _text("form"),
    _text("role"),
    _text("unit"),
    _text("state"),  # open, completed, cancelled
    _text("assignee", default=""),
    _text("claimed_by", default=""),
    _int("revision"),
    _int("priority", default=50),
    _text("procedure"),
    _text("procedure_name"),
    _text("applicant_name"),
    _text("note", default=""),
    _moment("created_at"),
    sa.Column("due_at", sa.BigInteger, nullable=True),
    sa.Column("completed_at", sa.BigInteger, nullable=True),
    _text("completed_by", default=""),
    _text("lateness", default=""),  # of the dossier, kept here so that an inbox finds what is late by index
    _moment("follow_up_at", null=True),
    _text("owner", default=""),
    sa.Index("ix_task_dossier", "dossier"),
)
#: Unclaimed tasks are the many: an index of people's own tasks must not offer itself for them.
_CLAIMED = sa.text("state = 'open' AND assignee <> ''")
_UNCLAIMED = sa.text("state = 'open' AND assignee = ''")
#: Most tasks are in time and cost this one nothing.
_UNCLAIMED_LATE = sa.text("state = 'open' AND assignee = '' AND lateness <> ''")
for _name, _columns, _where in (
    ("ix_task_assignee", ("assignee", "due_at", "id"), _CLAIMED),
    ("ix_task_unclaimed", ("unit", "role", "due_at", "id"), _UNCLAIMED),
    ("ix_task_unclaimed_procedure", ("unit", "role", "procedure", "due_at", "id"), _UNCLAIMED),
    ("ix_task_unclaimed_late", ("unit", "role", "lateness", "due_at", "id"), _UNCLAIMED_LATE),
    ("ix_task_held", ("unit", "due_at", "id"), _CLAIMED),
    ("ix_task_done", ("assignee", "completed_at", "id"), sa.text("state = 'completed'")),
):
    sa.Index(_name, *(task.c[_column] for _column in _columns), sqlite_where=_where, postgresql_where=_where)

timer = sa.Table(
    "timer",
    metadata,
    _text("id", key=True),
    _text("dossier"),
    _text("kind"),  # process, warning, due
    _text("ref"),
    _moment("due_at"),
    _text("state"),  # waiting, fired, cancelled
    sa.Column("lease_until", sa.BigInteger, nullable=True),
    _text("lease_owner", default=""),
    _int("attempts", default=0),
    _text("error", default=""),
    sa.Index("ix_timer_dossier", "dossier"),
)
_WAITING = sa.text("state = 'waiting'")
sa.Index("ix_timer_due", timer.c.due_at, timer.c.id, sqlite_where=_WAITING, postgresql_where=_WAITING)

outbox = sa.Table(
    "outbox",
    metadata,
    _text("id", key=True),
    _text("dossier"),
    _text("topic"),
    _text("task"),
    _text("payload"),
    _text("state"),  # waiting, done, failed, cancelled
    _int("attempts", default=0),
    _int("priority", default=0),
    _moment("due_at"),
    sa.Column("lease_until", sa.BigInteger, nullable=True),
    _text("lease_owner", default=""),
    _text("error", default=""),
    _text("note", default=""),
    _moment("created_at"),
    sa.Column("done_at", sa.BigInteger, nullable=True),
    sa.Index("ix_outbox_dossier", "dossier"),
)
sa.Index("ix_outbox_due", outbox.c.due_at, outbox.c.id, sqlite_where=_WAITING, postgresql_where=_WAITING)
_ATTENTION = sa.text("state IN ('failed', 'late')")
sa.Index(
    "ix_outbox_attention",
    outbox.c.state,
    outbox.c.done_at,
    outbox.c.id,
    sqlite_where=_ATTENTION,
    postgresql_where=_ATTENTION,
)
sa.Index(
    "ix_outbox_topic",
    outbox.c.topic,
    outbox.c.priority.desc(),
    outbox.c.due_at,
    outbox.c.id,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)

document = sa.Table(
    "document",
    metadata,
    _text("id", key=True),
    _text("draft", default=""),
    _text("dossier", default=""),
    _text("kind"),  # paper, slip, letter, draft-result, result, receipt
    _text("paper", default=""),
    _text("name"),
    _text("digest"),
    _text("media_type"),
    _int("pages"),
    _int("size"),
    _text("view", default=""),
    _text("uploaded_by"),
    _moment("uploaded_at"),
    sa.Index("ix_document_dossier", "dossier"),
    sa.Index("ix_document_draft", "draft"),
)

extraction = sa.Table(
    "extraction",
    metadata,
    _text("document", key=True),
    _text("dossier"),
    _text("text"),
    sa.Column("confidence", sa.Float, nullable=False),
    _text("fields"),
    _text("codes"),
    _text("steps"),
    _moment("read_at"),
    sa.Index("ix_extraction_dossier", "dossier"),
)

result = sa.Table(
    "result",
    metadata,
    _text("dossier", key=True),
    _text("number"),
    _text("kind"),
    _text("digest"),
    _text("document"),
    _text("signatures"),
    _text("signed_by"),
    _moment("signed_at"),
    _text("verify_code"),
    sa.UniqueConstraint("number"),
    sa.UniqueConstraint("digest"),
    sa.UniqueConstraint("verify_code"),
)

counter = sa.Table("counter", metadata, _text("name", key=True), _int("value"))

book_entry = sa.Table(
    "book_entry",
    metadata,
    _text("book", key=True),
    _text("unit", key=True),
    _int("year", key=True),
    _int("number", key=True),
    _text("dossier"),
    _text("occasion"),
    _moment("entered_at"),
    sa.UniqueConstraint("dossier", "occasion"),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    _text("key", key=True),
    _text("actor", key=True),
    _text("fingerprint"),
    _text("answer"),
    _moment("at"),
)

message = sa.Table(
    "message",
    metadata,
    _text("id", key=True),
    _text("dossier"),
    _text("recipient"),
    _text("address"),
    _text("subject"),
    _text("body"),
    _moment("created_at"),
    sa.Column("sent_at", sa.BigInteger, nullable=True),
    sa.Column("read_at", sa.BigInteger, nullable=True),
    sa.Index("ix_message_recipient", "recipient", "created_at"),
    sa.Index("ix_message_dossier", "dossier"),
)
_UNREAD = sa.text("read_at IS NULL")
sa.Index("ix_message_unread", message.c.recipient, message.c.created_at, sqlite_where=_UNREAD, postgresql_where=_UNREAD)

register_query = sa.Table(
    "register_query",
    metadata,
    _text("id", key=True),
    _text("dossier"),
    _text("register"),
    _text("subject"),
    _text("purpose"),
    _text("officer"),
    _moment("at"),
    sa.Index("ix_register_query_subject", "subject", "at"),
    sa.Index("ix_register_query_dossier", "dossier", "at"),
)
