"""Puts the signing connector together: the right library for each key, one verifier, from one settings record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from connectors.signing.archive import Archivist
from connectors.signing.checkpoint_seal import CheckpointSealer
from connectors.signing.keystore import KeyStore
from connectors.signing.pades_endesive import EndesiveSigner
from connectors.signing.pades_pyhanko import PyhankoSigner
from connectors.signing.signing_settings import SigningSettings
from connectors.signing.time_stamps import TimeStampClient
from connectors.signing.tokens import find_token
from connectors.signing.trust import Trust
from connectors.signing.verifier import PyhankoVerifier
from engine.ports import Clock, SignatureRequest, Signer


class KeyedSigner:
    """Signs RSA keys of PKCS#12 files with endesive; EC keys and keys in tokens with pyHanko."""

    def __init__(self, keys: KeyStore, folder: Path, rsa: Signer, other: Signer) -> None:
        self._keys, self._folder = keys, folder
        self._rsa, self._other = rsa, other

    def sign(self, pdf: bytes, request: SignatureRequest) -> bytes:
        """See ``engine.ports.Signer``."""
        if find_token(self._folder, request.key) is not None:
            return self._other.sign(pdf, request)
        signer = self._rsa if self._keys.get(request.key).algorithm == "rsa" else self._other
        return signer.sign(pdf, request)

    def seal_for_archive(self, pdf: bytes) -> bytes:
        """See ``engine.ports.Signer``."""
        return self._other.seal_for_archive(pdf)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningConnector:
    """Everything of the kind ``signing`` that the product uses."""

    signer: KeyedSigner
    verifier: PyhankoVerifier
    keys: KeyStore
    endesive: EndesiveSigner
    pyhanko: PyhankoSigner
    sealer: CheckpointSealer


def connect(settings: SigningSettings, clock: Clock, keys: KeyStore | None = None) -> SigningConnector:
    """The connector for ``settings``; opens no key and no connection. ``keys`` shares keys already held."""
    keys = keys or KeyStore(settings.keys)
    trust = Trust(settings.roots, clock=clock, timeout=settings.timeout)
    time_stamps = TimeStampClient(settings.time_stamp_url, timeout=settings.timeout)
    archivist = Archivist(trust, time_stamps)
    endesive = EndesiveSigner(keys, trust, archivist, settings, time_stamps)
    pyhanko = PyhankoSigner(keys, trust, archivist, settings, time_stamps)
    return SigningConnector(
        signer=KeyedSigner(keys, settings.keys, endesive, pyhanko),
        verifier=PyhankoVerifier(trust),
        keys=keys,
        endesive=endesive,
        pyhanko=pyhanko,
        sealer=CheckpointSealer(keys, settings.checkpoint_key, trust, time_stamps),
    )
