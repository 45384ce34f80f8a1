"""Moments as they are stored: whole microseconds since 1970 UTC."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import overload

from engine.clock import ZONE
from engine.model.chain import microseconds

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@overload
def stored(moment: datetime) -> int: ...
@overload
def stored(moment: None) -> None: ...
def stored(moment: datetime | None) -> int | None:
    """The number kept for ``moment``."""
    return None if moment is None else microseconds(moment)


@overload
def moment(number: int) -> datetime: ...
@overload
def moment(number: None) -> None: ...
def moment(number: int | None) -> datetime | None:
    """The moment of a stored number, in the product's zone."""
    return None if number is None else _moment(number)


@lru_cache(maxsize=8192)
def _moment(number: int) -> datetime:
    """Kept: the rows of a dossier are read for each of its pages."""
    return (_EPOCH + timedelta(microseconds=number)).astimezone(ZONE)
