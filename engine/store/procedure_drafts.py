"""Procedures being authored: drafts, every saved state of every file, their history, and the national catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.errors import NotFound, Text
from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.rows import Rows, changed
from engine.store.statement import Statement, insert


class DraftState(StrEnum):
    """Where a draft of a procedure stands."""

    EDITING = "editing"  #: đang soạn
    SUBMITTED = "submitted"  #: trình duyệt: nobody edits it
    PUBLISHED = "published"  #: đã ban hành
    SET_ASIDE = "set_aside"  #: cất đi; may be taken up again


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureDraft:
    """A version of a procedure that is being authored."""

    id: str
    procedure: str  #: code
    name: str
    state: DraftState
    revision: int  #: one higher with every change
    origin: str  #: blank, copy, template, catalogue or import
    base: str  #: digest of the version it began from, else ''
    author: str  #: who began it
    decision: str  #: number and date of the publishing decision, once submitted
    effective_from: datetime | None
    note: str
    digest: str  #: of the package that was submitted
    submitted_by: str
    approver: str
    created_at: datetime
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFile:
    """One saved state of one file of a draft; the newest of a name is the file, unless it is gone."""

    draft: str
    name: str
    revision: int  #: of the draft when it was saved
    content: bytes
    gone: bool
    author: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureEvent:
    """Something that was done about a procedure; append-only."""

    id: str
    procedure: str
    draft: str
    kind: str  #: begun, submitted, returned, published, retired, set_aside, taken_up, migration_…
    digest: str
    actor: str
    actor_name: str
    at: datetime
    body: dict[str, Any]


_DRAFTS = Rows(ProcedureDraft, "procedure_draft")
_FILES = Rows(DraftFile, "procedure_draft_file")
_EVENTS = Rows(ProcedureEvent, "procedure_event")
_BY_ID = _DRAFTS.query("WHERE id = :id")
_NEWEST = (
    "revision = (SELECT MAX(newer.revision) FROM procedure_draft_file newer "
    "WHERE newer.draft = procedure_draft_file.draft AND newer.name = procedure_draft_file.name)"
)
_CURRENT = _FILES.query(f"WHERE draft = :draft AND {_NEWEST} ORDER BY name")
_FILE = _FILES.query("WHERE draft = :draft AND name = :name ORDER BY revision DESC LIMIT 1")
_STATES = _FILES.query("WHERE draft = :draft AND name = :name ORDER BY revision DESC LIMIT :most")
_AUTHORS = Statement("SELECT DISTINCT author FROM procedure_draft_file WHERE draft = :draft")
_COLUMNS = (
    "procedure", "name", "state", "revision", "decision", "effective_from", "note", "digest", "submitted_by",
    "approver", "updated_at", "updated_by",
)  # fmt: skip
_UPDATE = Statement(
    f"UPDATE procedure_draft SET {', '.join(f'{name} = :{name}' for name in _COLUMNS)} "  # noqa: S608 - our own names
    "WHERE id = :id AND revision = :known"
)
_DROP_ENTRIES = Statement("DELETE FROM national_entry")
_ADD_ENTRY = insert("national_entry", ("code", "name", "field", "search", "entry", "imported_at"))
_ENTRY = Statement("SELECT entry FROM national_entry WHERE code = :code")


@dataclass(frozen=True, slots=True)
class ProcedureDrafts:
    """The procedure drafts of the database."""

    connection: Connection

    def add(self, draft: ProcedureDraft, files: Mapping[str, bytes]) -> None:
        """Store a new draft with its files."""
        _DRAFTS.add(self.connection, draft)
        _FILES.add_all(
            self.connection,
            (
                DraftFile(
                    draft=draft.id,
                    name=name,
                    revision=draft.revision,
                    content=content,
                    gone=False,
                    author=draft.author,
                    at=draft.created_at,
                )
                for name, content in sorted(files.items())
            ),
        )

    def get(self, draft_id: str) -> ProcedureDraft:
        """The draft, or ``NotFound``."""
        found = _DRAFTS.one(self.connection, _BY_ID, id=draft_id)
        if found is None:
            raise NotFound(what=Text(vi=f"bản soạn {draft_id[:40]}", en=f"draft {draft_id[:40]}"))
        return found

    def save(self, draft: ProcedureDraft) -> ProcedureDraft:
        """Write the draft's columns if its revision is unchanged; the draft with its next revision."""
        after = replace(draft, revision=draft.revision + 1)
        values = _DRAFTS.some(after, _COLUMNS)
        changed(
            "procedure_draft",
            draft.id,
            _UPDATE.run(self.connection, id=draft.id, known=draft.revision, **values).rowcount,
        )
        return after

    def files(self, draft_id: str) -> dict[str, bytes]:
        """The draft's files as they are now."""
        rows = _FILES.all(self.connection, _CURRENT, draft=draft_id)
        return {row.name: row.content for row in rows if not row.gone}

    def file(self, draft_id: str, name: str) -> DraftFile | None:
        """The newest state of a file, gone or not; None when it never was."""
        return _FILES.one(self.connection, _FILE, draft=draft_id, name=name)

    def states(self, draft_id: str, name: str, *, most: int = 100) -> tuple[DraftFile, ...]:
        """The saved states of a file, newest first."""
        return _FILES.all(self.connection, _STATES, draft=draft_id, name=name, most=most)

    def add_state(self, state: DraftFile) -> None:
        """Store a new state of a file."""
        _FILES.add(self.connection, state)

    def authors(self, draft_id: str) -> frozenset[str]:
        """Everybody who saved any file of the draft."""
        return frozenset(str(row[0]) for row in _AUTHORS.run(self.connection, draft=draft_id).fetchall())

    def tell(self, event: ProcedureEvent) -> None:
        """Add to the history of a procedure."""
        _EVENTS.add(self.connection, event)

    def replace_catalogue(self, entries: Iterable[Mapping[str, Any]], at: datetime) -> None:
        """Put a new national catalogue in place of the old one; each entry has code, name, field, search, entry."""
        _DROP_ENTRIES.run(self.connection)
        _ADD_ENTRY.run_many(self.connection, [dict(entry) | {"imported_at": stored(at)} for entry in entries])

    def entry(self, code: str) -> str:
        """The JSON text of a catalogue entry, or ``NotFound``."""
        found = _ENTRY.run(self.connection, code=code).scalar()
        if found is None:
            raise NotFound(what=Text(vi=f"mục {code[:40]}", en=f"entry {code[:40]}"))
        return str(found)
