"""Stored files by what they are for, and what was read from them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import NotFound
from engine.store.connection import Connection
from engine.store.records import Document, Extraction
from engine.store.rows import Rows
from engine.store.statement import Statement

ROWS = Rows(Document, "document")
EXTRACTIONS = Rows(Extraction, "extraction")
_BY_ID = ROWS.query("WHERE id = :id")
_OF_DOSSIER = ROWS.query("WHERE dossier = :dossier ORDER BY uploaded_at, id")
_OF_DRAFT = ROWS.query("WHERE draft = :draft ORDER BY uploaded_at, id")
_BIND = Statement("UPDATE document SET dossier = :dossier WHERE id = :id AND dossier = ''")
_READ_OF = EXTRACTIONS.query("WHERE dossier = :dossier ORDER BY document")
_READ = Statement(
    "INSERT INTO extraction (document, dossier, text, confidence, fields, codes, steps, read_at) "
    "VALUES (:document, :dossier, :text, :confidence, :fields, :codes, :steps, :read_at) "
    "ON CONFLICT (document) DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of the database."""

    connection: Connection

    def add(self, document: Document) -> None:
        """Store a new document."""
        ROWS.add(self.connection, document)

    def get(self, document_id: str) -> Document:
        """The document, or ``NotFound``."""
        found = ROWS.one(self.connection, _BY_ID, id=document_id)
        if found is None:
            raise NotFound(what=f"document {document_id}")
        return found

    def of(self, dossier: str) -> tuple[Document, ...]:
        """The documents of a dossier, oldest first."""
        return ROWS.all(self.connection, _OF_DOSSIER, dossier=dossier)

    def of_draft(self, draft: str) -> tuple[Document, ...]:
        """The documents uploaded for a draft."""
        return ROWS.all(self.connection, _OF_DRAFT, draft=draft)

    def bind(self, document_id: str, dossier: str) -> None:
        """Give a draft's document to the dossier that it was filed with; it never moves again."""
        _BIND.run(self.connection, id=document_id, dossier=dossier)

    def record_reading(self, extraction: Extraction) -> None:
        """Keep what was read from a document, the first time."""
        _READ.run(self.connection, **EXTRACTIONS.values(extraction))

    def readings(self, dossier: str) -> tuple[Extraction, ...]:
        """What was read from the dossier's documents."""
        return EXTRACTIONS.all(self.connection, _READ_OF, dossier=dossier)
