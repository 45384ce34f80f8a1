"""The tables of the desk's daily work: leave, talk about a dossier, bulk actions, late dossiers, quotas."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.columns import integer as _int
from engine.store.columns import text as _text
from engine.store.tables import dossier, metadata

substitution = sa.Table(
    "substitution",
    metadata,
    _text("id", key=True),
    _text("absent"),
    _text("substitute"),
    _text("unit"),
    _text("role", default=""),  # empty = every post of the absent in that unit
    _int("valid_from"),
    _int("valid_to"),
    _text("reason"),
    _text("entered_by"),
    _int("entered_at"),
    _text("revoked_by", default=""),
    _int("revoked_at", null=True),
    sa.Index("ix_substitution_substitute", "substitute", "valid_to"),
    sa.Index("ix_substitution_absent", "absent", "valid_to"),
)

comment = sa.Table(
    "comment",
    metadata,
    _text("id", key=True),
    _text("dossier"),
    _text("task", default=""),
    _text("author"),
    _text("author_name"),
    _text("text"),
    _int("at"),
    sa.Index("ix_comment_dossier", "dossier", "at"),
)

watch = sa.Table(
    "watch",
    metadata,
    _text("dossier", key=True),
    _text("login", key=True),
    _int("since"),
    sa.Index("ix_watch_login", "login", "since"),
)

late_alert = sa.Table(
    "late_alert",
    metadata,
    _text("dossier", key=True),
    _text("unit"),
    _int("level"),  # 0 the person, 1 the head of the unit, 2 the province
    _int("raised_at"),
    _text("reason", default=""),
    _text("remedy", default=""),
    _text("reason_by", default=""),
    _int("reason_at", null=True),
    _int("ended_at", null=True),
    sa.Index("ix_late_alert_unit", "unit", "ended_at", "level"),
)

batch = sa.Table(
    "batch",
    metadata,
    _text("id", key=True),
    _text("login"),
    _text("name"),
    _text("kind"),  # claim, assign, complete
    _text("data"),
    _int("total"),
    _int("created_at"),
    _int("done_at", null=True),
    sa.Index("ix_batch_login", "login", "created_at"),
)

batch_item = sa.Table(
    "batch_item",
    metadata,
    _text("batch", key=True),
    _int("position", key=True),
    _text("task"),
    _text("dossier"),
    _int("revision"),
    _text("state"),  # waiting, done, refused
    _text("code", default=""),
    _text("message", default=""),
    _int("at", null=True),
)

quota = sa.Table(
    "quota",
    metadata,
    _text("unit", key=True),  # empty = the whole province
    _text("measure", key=True),
    _int("valid_from", key=True),
    _int("percent"),
    _text("ground"),
    _text("entered_by"),
)

saved_filter = sa.Table(
    "saved_filter",
    metadata,
    _text("id", key=True),
    _text("owner"),
    _text("owner_name"),
    _text("unit", default=""),  # with which it is shared
    _text("name"),
    _text("query"),
    _int("created_at"),
    sa.Index("ix_saved_filter_owner", "owner", "name"),
    sa.Index("ix_saved_filter_unit", "unit", "name"),
)

chosen_filter = sa.Table("chosen_filter", metadata, _text("login", key=True), _text("filter"))

#: What the board counts, each from an index that holds all it needs: a province looks at it all day.
_OPEN, _ENDED = sa.text("closed_at IS NULL"), sa.text("closed_at IS NOT NULL")
_OPEN_COLUMNS = ("competent_unit", "procedure", "clock_from", "due_at", "promised_at", "lateness", "closed_at")
_ENDED_COLUMNS = ("closed_at", "competent_unit", "procedure", "business", "promised_at")
sa.Index("ix_dossier_open", *(dossier.c[name] for name in _OPEN_COLUMNS), sqlite_where=_OPEN, postgresql_where=_OPEN)
sa.Index(
    "ix_dossier_ended", *(dossier.c[name] for name in _ENDED_COLUMNS), sqlite_where=_ENDED, postgresql_where=_ENDED
)
sa.Index("ix_dossier_received", dossier.c.filed_at, dossier.c.competent_unit, dossier.c.procedure)
#: What is due next, of everybody and of a unit: the early warning begins with the most pressing.
_EXPECTED = sa.text("closed_at IS NULL AND due_at IS NOT NULL")
for _name, _columns in (
    ("ix_dossier_due", ("due_at", "number")),
    ("ix_dossier_unit_due", ("competent_unit", "due_at", "number")),
):
    sa.Index(_name, *(dossier.c[_of] for _of in _columns), sqlite_where=_EXPECTED, postgresql_where=_EXPECTED)
