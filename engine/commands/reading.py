"""A person has read what the application told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.commands.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadNotice:
    """The person has read one notice."""

    notice: str


def read_notice(context: Context, command: ReadNotice) -> dict[str, Any]:
    """Whether it was the person's own and unread."""
    return {"read": context.uow.messages.read(command.notice, context.actor.login, context.now)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAllNotices:
    """The person has read everything that was shown: later notices stay unread."""

    until: datetime


def read_all_notices(context: Context, command: ReadAllNotices) -> dict[str, Any]:
    """How many were unread."""
    until = min(command.until, context.now)
    return {"read": context.uow.messages.read_all(context.actor.login, until=until, at=context.now)}
