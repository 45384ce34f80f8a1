"""Personal bearer tokens for machines: signed with the installation's secret, short-lived, ended by a new password."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from engine.clock import ZONE
from engine.store.records import Account

#: How long a token holds.
LIFETIME = timedelta(hours=8)
_SALT = "motcua.api-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token says: whose it is, until when, and for which password it was given."""

    login: str
    until: datetime
    stamp: str


def issue(secret: str, account: Account, now: datetime) -> tuple[str, datetime]:
    """A new token for an account, and the moment at which it ends."""
    until = (now + LIFETIME).replace(microsecond=0)
    claims = {"login": account.login, "until": int(until.timestamp()), "stamp": stamp(account)}
    return str(URLSafeSerializer(secret, salt=_SALT).dumps(claims)), until


def read(secret: str, text: str, now: datetime) -> Token | None:
    """The token of ``text``; None when it was not issued here, was changed, or has ended."""
    try:
        claims = URLSafeSerializer(secret, salt=_SALT).loads(text)
    except BadData:
        return None
    if not isinstance(claims, dict) or set(claims) != {"login", "until", "stamp"}:
        return None
    until = datetime.fromtimestamp(claims["until"], ZONE)
    return Token(login=claims["login"], until=until, stamp=claims["stamp"]) if now < until else None


def stamp(account: Account) -> str:
    """Changes with the account's password, so that a new password ends every token given before it."""
    return hashlib.sha256(f"{account.login}\n{account.password}".encode()).hexdigest()[:16]
