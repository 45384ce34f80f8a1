"""Working calendars by digest: what a deadline was derived from stays on file as long as the deadline does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from engine.errors import IntegrityBroken, NotFound, Text
from engine.model.calendar import Calendar
from engine.model.chain import canonical
from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.statement import Statement

_KNOWN = Statement("SELECT 1 FROM calendar WHERE digest = :digest")
_KEEP = Statement(
    "INSERT INTO calendar (digest, years, kept_at) VALUES (:digest, :years, :kept_at) ON CONFLICT (digest) DO NOTHING"
)
_OF = Statement("SELECT years FROM calendar WHERE digest = :digest")


@dataclass(frozen=True, slots=True)
class Calendars:
    """The calendars of the database; none is ever changed."""

    connection: Connection

    def keep(self, calendar: Calendar, at: datetime) -> None:
        """Put ``calendar`` on file unless it is there."""
        if _KNOWN.run(self.connection, digest=calendar.digest).scalar() is None:
            years = canonical(calendar.as_json())
            _KEEP.run(self.connection, digest=calendar.digest, years=years, kept_at=stored(at))

    def of(self, digest: str) -> Calendar:
        """The calendar of a digest: ``NotFound``, or ``IntegrityBroken`` when the row is not what it claims to be."""
        years = _OF.run(self.connection, digest=digest).scalar()
        if years is None:
            raise NotFound(what=Text(vi=f"lịch làm việc {digest[:12]}", en=f"working calendar {digest[:12]}"))
        return _read(digest, str(years))

    def bound(self, recorded: Mapping[str, Any], now_in_force: Calendar) -> Calendar:
        """The calendar that a dossier's deadline was derived from; without one, the calendar now in force."""
        digest = str(recorded.get("calendar") or "")
        return now_in_force if digest in {"", now_in_force.digest} else self.of(digest)


@lru_cache(maxsize=64)
def _read(digest: str, years: str) -> Calendar:
    calendar = Calendar.from_json(orjson.loads(years))
    if calendar.digest != digest:
        raise IntegrityBroken(
            what=Text(vi=f"lịch làm việc {digest[:12]}", en=f"working calendar {digest[:12]}"),
            why=Text(vi="nội dung đã bị sửa", en="its content was changed"),
        )
    return calendar
