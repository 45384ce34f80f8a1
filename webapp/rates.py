"""How often somebody may ask for something: counted in the database, for all processes of all machines together.

While the database cannot write, each process counts for itself: on a full disk an operator must still be able to sign
in and read what to do, and guessing must stay slow.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv6Address, ip_address

import structlog
from flask import Flask, current_app, request
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from engine.errors import DomainError, Text
from engine.model.rate import Rate
from engine.store.failures import DatabaseRefused, DatabaseUnavailable
from webapp import web

_log = structlog.get_logger("motcua.web")
_OWN = "motcua-rates"
#: Up to this a wait is told in seconds, above it in minutes.
_IN_SECONDS = 90
#: A full disk, a standby, rights that were not given after an upgrade: the operator's page tells what to do.
_CANNOT_WRITE = (DatabaseUnavailable, DatabaseRefused)


class TooOften(DomainError):
    """Too many requests of this kind; wait {wait}."""

    code = "too-often"
    vi = "Quá nhiều yêu cầu loại này; hãy chờ {wait}."

    def __init__(self, *, seconds: int) -> None:
        minutes = -(-seconds // 60)
        wait = Text(vi=f"{minutes} phút", en=f"{minutes} minutes")
        if seconds <= _IN_SECONDS:
            wait = Text(vi=f"{seconds} giây", en=f"{seconds} seconds")
        super().__init__(seconds=seconds, wait=wait)


@dataclass(frozen=True)
class Limit:
    """What is limited, and how."""

    name: str
    rate: Rate

    @cached_property
    def item(self) -> RateLimitItem:
        """The limit in the words of the library that counts for one process."""
        return RateLimitItemPerSecond(self.rate.most, self.rate.window)


#: Tries from one address: an office has one address, and opens in the morning.
SIGN_IN = Limit("sign-in", Rate(most=20, window=60))
#: Tries with one name, from wherever; a right password begins anew.
SIGN_IN_AS = Limit("sign-in-as", Rate(most=10, window=300))
#: A check of signatures costs a tenth of a second of a core.
VERIFYING = Limit("verify", Rate(most=30, window=60))
#: Questions of one official to a register about people.
LOOKING_UP = Limit("look-up", Rate(most=30, window=60))


def begin(app: Flask) -> None:
    """Count for ``app`` from now on."""
    app.extensions[_OWN] = MovingWindowRateLimiter(MemoryStorage())


def hit(limit: Limit, who: str = "") -> None:
    """Count one request of ``who`` (none = of this address); ``TooOften`` above the limit."""
    _hit((limit, who or _address()))


def hit_sign_in(login: str) -> None:
    """Count one try to sign in, by form or for a token; ``TooOften`` for this address or for this name."""
    _hit((SIGN_IN, _address()), (SIGN_IN_AS, login))


def forget_sign_in(login: str) -> None:
    """The password was right: its owner's slips count no more."""
    caller = _caller(SIGN_IN_AS, login)
    _own().clear(SIGN_IN_AS.item, caller)
    try:
        with web.product().database.begin() as uow:
            uow.rates.forget(SIGN_IN_AS.name, caller)
    except _CANNOT_WRITE as error:
        _log.warning("rates-of-one-process", code=error.code)


def _hit(*asked: tuple[Limit, str]) -> None:
    found = [(limit, _caller(limit, who)) for limit, who in asked]
    now = web.product().clock.now()
    try:
        with web.product().database.begin() as uow:
            wait = max([uow.rates.hit(limit.rate, limit.name, caller, now) for limit, caller in found])
    except _CANNOT_WRITE as error:
        _log.warning("rates-of-one-process", code=error.code)
        wait = max([0 if _own().hit(limit.item, caller) else limit.rate.window for limit, caller in found])
    if wait:
        raise TooOften(seconds=wait)


def _own() -> MovingWindowRateLimiter:
    counts = current_app.extensions[_OWN]
    assert isinstance(counts, MovingWindowRateLimiter)
    return counts


def _address() -> str:
    """Whoever has an IPv6 address has all of its network's: the first 64 bits tell them apart."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else address.packed[:8].hex()
    return str(address)


def _caller(limit: Limit, who: str) -> str:
    """Same on every machine, and nobody reads from it who asked."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, f"rate\0{limit.name}\0{who}".encode(), hashlib.sha256).hexdigest()[:32]
