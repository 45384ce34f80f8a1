"""The HTTP status of each refusal: the one table behind the pages and the interface."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from engine.bus import KeyReused
from engine.commands.fees import AlreadyCharged
from engine.commands.intake import AlreadyFiled
from engine.commands.tasks import TaskTaken
from engine.errors import (
    Conflict,
    ConnectorRefused,
    ConnectorUnavailable,
    DomainError,
    Forbidden,
    IntegrityBroken,
    MotcuaError,
    NotFound,
)
from engine.store.failures import DatabaseUnavailable
from webapp import web
from webapp.rates import TooOften

#: The first kind that an error is of decides.
Statuses = Sequence[tuple[type[MotcuaError], HTTPStatus]]

_STATUSES: Final[Statuses] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (web.SignInNeeded, HTTPStatus.UNAUTHORIZED),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (KeyReused, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Conflict, HTTPStatus.CONFLICT),
    (TaskTaken, HTTPStatus.CONFLICT),
    (AlreadyFiled, HTTPStatus.CONFLICT),
    (AlreadyCharged, HTTPStatus.CONFLICT),
    (DatabaseUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (ConnectorUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (ConnectorRefused, HTTPStatus.BAD_GATEWAY),
    (IntegrityBroken, HTTPStatus.INTERNAL_SERVER_ERROR),
    (TooOften, HTTPStatus.TOO_MANY_REQUESTS),
    (DomainError, HTTPStatus.UNPROCESSABLE_ENTITY),
)

#: A database server restarts in about this time.
_RETRY_SECONDS = 5


def status_of(error: MotcuaError, own: Statuses = ()) -> HTTPStatus:
    """The status that a refusal gets; a screen's ``own`` refusals are looked up first."""
    found = (status for kind, status in (*own, *_STATUSES) if isinstance(error, kind))
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def retry_after(error: MotcuaError) -> dict[str, str]:
    """The header that tells a client when to come again, where coming again may help by itself."""
    if isinstance(error, TooOften):
        return {"Retry-After": str(error.facts["seconds"])}
    if isinstance(error, DatabaseUnavailable | ConnectorUnavailable):
        return {"Retry-After": str(_RETRY_SECONDS)}
    return {}
