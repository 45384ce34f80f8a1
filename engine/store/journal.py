"""The journal: append-only, one hash chain per dossier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.model.chain import GENESIS, Event, canonical, hash_of, microseconds
from engine.model.permission import Actor
from engine.store.connection import Connection
from engine.store.rows import Rows
from engine.store.statement import insert

ROWS = Rows(Event, "event")
_APPEND = insert("event", ROWS.names)
_OF_DOSSIER = ROWS.query("WHERE dossier = :dossier ORDER BY seq")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened, before it gets its place in the chain."""

    kind: str
    body: dict[str, Any]
    version: int = 1
    node: str = ""
    task: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a dossier's chain."""

    dossier: str
    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Journal:
    """The events of the database."""

    connection: Connection

    def append(self, head: Head, facts: list[Fact], *, actor: Actor, at: datetime) -> Head:
        """Chain ``facts`` behind ``head`` and store them; the new head."""
        rows = []
        moment = microseconds(at)
        for fact in facts:
            body = canonical(fact.body)
            header = (head.dossier, head.seq + 1, moment, actor.login, actor.on_behalf_of, actor.unit)
            link = hash_of(head.hash, (*header, fact.kind, fact.version, fact.node, fact.task), body)
            rows.append((*header, fact.kind, fact.version, fact.node, fact.task, body, head.hash, link))
            head = Head(dossier=head.dossier, seq=head.seq + 1, hash=link)
        _APPEND.run_rows(self.connection, rows)
        return head

    def of(self, dossier: str) -> tuple[Event, ...]:
        """All events of a dossier in order."""
        return ROWS.all(self.connection, _OF_DOSSIER, dossier=dossier)
