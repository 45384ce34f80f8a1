"""Which certificate came in the place of which, when, by whom and why; rows are only added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.store.connection import Connection
from engine.store.rows import Rows

#: Kinds of holders.
ACCOUNT, UNIT = "account", "unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateChange:
    """One renewal (thay chứng thư số)."""

    id: str
    kind: str  #: ``account`` or ``unit``
    holder: str  #: login, or code of the unit
    former: str  #: serial number until then; empty = there was none
    serial: str  #: serial number from then on
    reason: str
    changed_by: str
    changed_at: datetime


ROWS = Rows(CertificateChange, "certificate_change")
_ALL = ROWS.query("ORDER BY changed_at, id")
_OF = ROWS.query("WHERE holder = :holder ORDER BY changed_at, id")


@dataclass(frozen=True, slots=True)
class Certificates:
    """The renewals of the database."""

    connection: Connection

    def add(self, change: CertificateChange) -> None:
        """Remember a renewal."""
        ROWS.add(self.connection, change)

    def changes(self, holder: str = "") -> tuple[CertificateChange, ...]:
        """The renewals of one holder, or of all, oldest first."""
        if holder:
            return ROWS.all(self.connection, _OF, holder=holder)
        return ROWS.all(self.connection, _ALL)
