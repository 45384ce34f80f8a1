"""The procedures in force as a person looks for them: grouped by field, found with or without tone marks."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engine.errors import Text
from engine.model.folding import folded
from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.statement import Statement

_IN_FORCE = Statement(
    "SELECT d.procedure, d.digest FROM deployment d WHERE d.effective_from <= :at "
    "AND (d.effective_to IS NULL OR d.effective_to > :at) "
    "ORDER BY d.procedure, d.effective_from DESC, d.created_at DESC"
)
_MANIFEST = Statement("SELECT manifest FROM definition_bundle WHERE digest = :digest")
_MANIFESTS = Statement("SELECT digest, manifest FROM definition_bundle")
#: From this many unknown versions on, one pass over the table is cheaper than one read each.
_MANY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRow:
    """A procedure (thủ tục hành chính) in force."""

    code: str
    digest: str  #: of the version in force
    name: Text
    short_name: Text
    summary: Text
    field: str  #: code of the field (lĩnh vực)
    field_name: Text
    level: str  #: commune or province
    online: bool  #: may be filed online
    free: bool  #: the manifest lists no fee
    search: str  #: folded words: code, names, field, summary


class Catalogue:
    """The catalogue of one installation. A version never changes, so each manifest is read once per process."""

    def __init__(self, *, size: int = 20_000) -> None:
        self._size = size
        self._known: OrderedDict[str, CatalogueRow] = OrderedDict()
        self._lock = threading.Lock()

    def rows(self, connection: Connection, at: datetime) -> tuple[CatalogueRow, ...]:
        """The procedures in force at ``at``, by code."""
        newest: dict[str, str] = {}
        in_force: Sequence[Any] = _IN_FORCE.run(connection, at=stored(at)).fetchall()
        for row in in_force:
            newest.setdefault(row[0], row[1])
        with self._lock:
            missing = [digest for digest in newest.values() if digest not in self._known]
        for digest, manifest in _read(connection, missing):
            self._keep(_row(digest, manifest))
        with self._lock:
            return tuple(self._known[digest] for digest in newest.values())

    def _keep(self, row: CatalogueRow) -> None:
        with self._lock:
            self._known[row.digest] = row
            while len(self._known) > self._size:
                self._known.popitem(last=False)


def found(rows: Sequence[CatalogueRow], asked: str) -> tuple[CatalogueRow, ...]:
    """The procedures that contain every word of ``asked``, the best first; all of them, by field, when it is blank."""
    words = folded(asked).split()[:12]
    if not words:
        return tuple(sorted(rows, key=lambda row: (folded(row.field_name.vi), folded(row.short_name.vi), row.code)))
    whole = " ".join(words)
    hits = [row for row in rows if all(word in row.search for word in words)]
    return tuple(sorted(hits, key=lambda row: (_rank(row, whole), len(row.short_name.vi), row.code)))


def _rank(row: CatalogueRow, whole: str) -> int:
    name = folded(row.short_name.vi)
    if whole == row.code or whole == name:
        return 0
    if name.startswith(whole):
        return 1
    if whole in name or whole in folded(row.short_name.en):
        return 2
    return 3 if whole in folded(row.name.vi) else 4


def _read(connection: Connection, digests: Sequence[str]) -> list[tuple[str, str]]:
    if len(digests) > _MANY:
        wanted, rows = set(digests), list[Any](_MANIFESTS.run(connection).fetchall())
        return [(row[0], row[1]) for row in rows if row[0] in wanted]
    return [(digest, str(_MANIFEST.run(connection, digest=digest).scalar_one())) for digest in digests]


def _row(digest: str, manifest: str) -> CatalogueRow:
    data = orjson.loads(manifest)
    name, short, field = Text(**data["name"]), Text(**data["short_name"]), Text(**data["field"]["name"])
    summary = Text(**data.get("summary") or data["short_name"])
    words = (data["code"], short.vi, name.vi, field.vi, summary.vi, short.en, name.en, field.en)
    return CatalogueRow(
        code=data["code"],
        digest=digest,
        name=name,
        short_name=short,
        summary=summary,
        field=data["field"]["code"],
        field_name=field,
        level=data["level"],
        online="online" in data["channels"],
        free=not data["fees"],
        search=folded(" ".join(words)),
    )
