"""The journal: append-only, one hash chain per dossier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.model.chain import GENESIS, Event, canonical, link_hash
from engine.model.permission import Actor
from engine.store.rows import Rows

ROWS = Rows(Event, "event")
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
        events = []
        for fact in facts:
            event = Event(
                dossier=head.dossier,
                seq=head.seq + 1,
                at=at,
                actor=actor.login,
                on_behalf_of=actor.on_behalf_of,
                unit=actor.unit,
                kind=fact.kind,
                version=fact.version,
                node=fact.node,
                task=fact.task,
                body=canonical(fact.body),
                prev_hash=head.hash,
                hash="",
            )
            event = replace(event, hash=link_hash(event))
            events.append(event)
            head = Head(dossier=head.dossier, seq=event.seq, hash=event.hash)
        ROWS.add_all(self.connection, events)
        return head

    def of(self, dossier: str) -> tuple[Event, ...]:
        """All events of a dossier in order."""
        return ROWS.all(self.connection, _OF_DOSSIER, dossier=dossier)
