"""The hash chain of a dossier's history: what is hashed, and how a link is checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engine.values import aware

#: What the first event of every chain points back to.
GENESIS = "0" * 64


#: Made once: an encoder per call costs as much as encoding.
_write = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(value: Any) -> str:
    """JSON with sorted keys, no spaces and no non-finite number: one text per value."""
    return _write(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact of a dossier's history as it is stored. ``body`` is canonical JSON; ``at`` is server time."""

    dossier: str
    seq: int  #: 1, 2, 3 … without a gap
    at: datetime
    actor: str  #: account, or ``system``
    on_behalf_of: str  #: the absent officer whose work this was, else empty
    unit: str
    kind: str  #: past tense, for example ``DossierFiled``
    version: int  #: of the body's shape
    node: str  #: element of the diagram, else empty
    task: str  #: id of the task, else empty
    body: str
    prev_hash: str
    hash: str

    def content(self) -> dict[str, Any]:
        """The body as data."""
        loaded: dict[str, Any] = json.loads(self.body)
        return loaded


def link_hash(event: Event) -> str:
    """SHA-256 over the previous hash, the header and the body, as stored."""
    header = (
        event.dossier,
        event.seq,
        microseconds(event.at),
        event.actor,
        event.on_behalf_of,
        event.unit,
        event.kind,
        event.version,
        event.node,
        event.task,
    )
    return hash_of(event.prev_hash, header, event.body)


def hash_of(prev_hash: str, header: tuple[str | int, ...], body: str) -> str:
    """The hash of a link whose header fields come in the order of ``link_hash``.

    Texts and whole numbers look the same in the JSON of either writer, and the header has nothing else.
    """
    head = prev_hash.encode() + b"\n" + orjson.dumps(header) + b"\n"
    return hashlib.sha256(head + body.encode()).hexdigest()


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970 UTC: the form in which moments are stored and hashed."""
    delta = aware(moment) - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Where a chain does not hold."""

    dossier: str
    seq: int
    why: str


def first_break(dossier: str, events: Iterable[Event], *, head: str, length: int) -> Break | None:
    """The first place where the chain, its length or its head differs from what it must be."""
    previous, seq = GENESIS, 0
    last_at = None
    for event in events:
        seq += 1
        if event.seq != seq:
            return Break(dossier=dossier, seq=seq, why=f"event {seq} is missing or out of order (found {event.seq})")
        if event.dossier != dossier:
            return Break(dossier=dossier, seq=seq, why="event belongs to another dossier")
        if event.prev_hash != previous:
            return Break(dossier=dossier, seq=seq, why="event does not follow the one before it")
        if link_hash(event) != event.hash:
            return Break(dossier=dossier, seq=seq, why="event was changed after it was written")
        if last_at is not None and event.at < last_at:
            return Break(dossier=dossier, seq=seq, why="event is older than the one before it")
        previous, last_at = event.hash, event.at
    if seq != length:
        return Break(dossier=dossier, seq=seq + 1, why=f"{length - seq} events are missing at the end")
    if previous != head:
        return Break(dossier=dossier, seq=seq, why="head of the chain differs from the dossier's")
    return None
