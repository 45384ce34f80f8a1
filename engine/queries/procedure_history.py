"""The whole history of a procedure: versions, deployments, what was done and by whom, dossiers per version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.store.connection import Connection
from engine.store.definitions import DEPLOYMENTS
from engine.store.procedure_drafts import ProcedureEvent
from engine.store.records import Deployment
from engine.store.rows import Rows
from engine.store.statement import Statement

_EVENT_ROWS = Rows(ProcedureEvent, "procedure_event")
_EVENTS = _EVENT_ROWS.query("WHERE procedure = :procedure ORDER BY at DESC, id LIMIT 500")
_PUBLISHED = _EVENT_ROWS.query(
    "WHERE procedure = :procedure AND kind = 'published' AND digest = :digest ORDER BY at DESC"
)
_DEPLOYMENTS = DEPLOYMENTS.query("WHERE procedure = :procedure ORDER BY effective_from DESC, created_at DESC LIMIT 200")
_DOSSIERS = Statement(
    "SELECT digest, COUNT(*), SUM(CASE WHEN closed_at IS NULL THEN 1 ELSE 0 END) FROM dossier "
    "WHERE procedure = :procedure GROUP BY digest"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A deployment and how many dossiers are bound to its version."""

    deployment: Deployment
    dossiers: int
    open: int
    in_force: bool


def versions(connection: Connection, procedure: str, at: datetime) -> tuple[VersionRow, ...]:
    """The deployments of a procedure, newest first; at most one of them is in force."""
    counts = {row[0]: (int(row[1]), int(row[2])) for row in _DOSSIERS.run(connection, procedure=procedure).fetchall()}
    found = DEPLOYMENTS.all(connection, _DEPLOYMENTS, procedure=procedure)
    current = next(
        (one.id for one in found if one.effective_from <= at and (one.effective_to is None or one.effective_to > at)),
        "",
    )
    return tuple(
        VersionRow(
            deployment=one,
            dossiers=counts.get(one.digest, (0, 0))[0],
            open=counts.get(one.digest, (0, 0))[1],
            in_force=one.id == current,
        )
        for one in found
    )


def events(connection: Connection, procedure: str) -> tuple[ProcedureEvent, ...]:
    """What was done about a procedure, newest first, at most 500."""
    return _EVENT_ROWS.all(connection, _EVENTS, procedure=procedure)


def record_of(connection: Connection, procedure: str, digest: str) -> str:
    """The stored file of the latest signed record of a version's publication; '' when it has none."""
    for event in _EVENT_ROWS.all(connection, _PUBLISHED, procedure=procedure, digest=digest):
        if event.body.get("record", {}).get("signed"):
            return str(event.body["record"]["pdf"])
    return ""
