"""A look-up in a national register that no application came of: it is on record all the same (I14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.commands.context import Context
from engine.commands.intake import log_query
from engine.errors import Forbidden, InvalidInput, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLookUp:
    """An official has asked a register about somebody."""

    register: str
    subject: str
    purpose: str


def note_look_up(context: Context, command: NoteLookUp) -> dict[str, Any]:
    """The register's name."""
    if not context.actor.official:
        raise Forbidden(why=Text(vi="việc của cán bộ", en="officials' work"))
    if not command.purpose.strip():
        raise InvalidInput(what="purpose", why=Text(vi="tra cứu phải có mục đích", en="a look-up has a purpose"))
    log_query(context, register=command.register, subject=command.subject, dossier="", purpose=command.purpose.strip())
    return {"register": command.register}
