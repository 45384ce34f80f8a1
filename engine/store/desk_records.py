"""The rows of the desk's daily work as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitution:
    """Somebody stands in for an absent official (thay quyền) from one moment to another."""

    id: str
    absent: str
    substitute: str
    unit: str
    role: str  #: empty = every post of the absent in the unit
    valid_from: datetime
    valid_to: datetime
    reason: str
    entered_by: str
    entered_at: datetime
    revoked_by: str
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What an official wrote about a dossier, for colleagues only."""

    id: str
    dossier: str
    task: str
    author: str
    author_name: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LateAlert:
    """A dossier that is, or will be, late, and how high the warning has climbed."""

    dossier: str
    unit: str
    level: int  #: 0 the person, 1 the head of the unit, 2 the province
    raised_at: datetime
    reason: str
    remedy: str
    reason_by: str
    reason_at: datetime | None
    ended_at: datetime | None  #: by progress alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One action of one person on many dossiers."""

    id: str
    login: str
    name: str
    kind: str
    data: dict[str, Any]
    total: int
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchItem:
    """One dossier of a batch, and what came of it."""

    batch: str
    position: int
    task: str
    dossier: str
    revision: int
    state: str  #: waiting, done or refused
    code: str
    message: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """A daily target in percent, for a unit or (empty) the whole province, from a date on."""

    unit: str
    measure: str
    valid_from: datetime
    percent: int
    ground: str
    entered_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFilter:
    """A filter of the inbox that somebody keeps, and perhaps shares."""

    id: str
    owner: str
    owner_name: str
    unit: str  #: with which it is shared; empty = with nobody
    name: str
    query: dict[str, Any]
    created_at: datetime
