"""Settings of the signing connector."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSettings:
    """Where keys, roots and services are."""

    keys: Path  #: folder of PKCS#12 files and ``passphrases.json``
    roots: Path  #: folder of trusted root certificates
    time_stamp_url: str  #: RFC 3161 service
    timeout: float = 10.0  #: seconds for one request to a time stamp, CRL or OCSP service
    checkpoint_key: str = ""  #: name of the key that signs checkpoints; empty = none are made
    font: Path | None = None  #: Tinos-Regular.ttf; None = the installed one
