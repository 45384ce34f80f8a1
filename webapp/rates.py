"""How often one address may ask for something, counted in this process."""

from __future__ import annotations

from flask import Flask, current_app, request
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from engine.errors import DomainError

_COUNTS = "motcua-rates"


class TooOften(DomainError):
    """Too many requests of this kind; wait {seconds} seconds."""

    code = "too-often"
    vi = "Quá nhiều yêu cầu loại này; hãy chờ {seconds} giây."


def begin(app: Flask) -> None:
    """Count for ``app`` from now on."""
    app.extensions[_COUNTS] = MovingWindowRateLimiter(MemoryStorage())


def hit(limit: RateLimitItem, name: str) -> None:
    """Count one request of this kind from its address; ``TooOften`` above ``limit``."""
    if not current_app.extensions[_COUNTS].hit(limit, name, request.remote_addr or ""):
        raise TooOften(seconds=limit.get_expiry())
