"""The redirect protocol with a shared secret: sorted, URL-encoded ``vnp_*`` pairs signed by HMAC-SHA512.

Names and rules follow the public description of VNPay 2.1.0; response codes are unverified against an official table.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_FORMAT = "%Y%m%d%H%M%S"
_UNSIGNED = frozenset({"vnp_SecureHash", "vnp_SecureHashType"})
#: Both the response code and the transaction's state must say this for money to have moved.
SUCCESS = "00"


def canonical(parameters: Mapping[str, str]) -> str:
    """The text that is signed: non-empty ``vnp_*`` pairs by name, without the signature itself."""
    pairs = sorted(
        (name, value)
        for name, value in parameters.items()
        if name.startswith("vnp_") and name not in _UNSIGNED and value != ""
    )
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)


def signature(secret: str, parameters: Mapping[str, str]) -> str:
    """HMAC-SHA512 of the canonical text, hexadecimal."""
    return hmac.new(secret.encode(), canonical(parameters).encode(), hashlib.sha512).hexdigest()


def signed(secret: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters with their signature."""
    return dict(parameters) | {"vnp_SecureHash": signature(secret, parameters)}


def is_genuine(secret: str, parameters: Mapping[str, str]) -> bool:
    """Whether the signature is right, compared in constant time."""
    given = parameters.get("vnp_SecureHash", "").lower()
    return hmac.compare_digest(given.encode(), signature(secret, parameters).encode())


def written(moment: datetime) -> str:
    """A moment as the protocol writes it: Vietnam time, 24 hours."""
    return moment.astimezone(_ZONE).strftime(_FORMAT)


def read_moment(text: str) -> datetime:
    """The moment of a protocol time; ``ValueError`` when malformed."""
    return datetime.strptime(text, _FORMAT).replace(tzinfo=_ZONE)
