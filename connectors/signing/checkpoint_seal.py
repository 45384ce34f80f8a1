"""Signs checkpoints: a detached CMS signature by one key of the installation, with an RFC 3161 time stamp."""

from __future__ import annotations

import asyncio

from asn1crypto import cms
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import async_validate_detached_cms
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError

from connectors.signing.fetching import describe
from connectors.signing.keystore import KeyStore
from connectors.signing.pades_pyhanko import DIGEST, HeldKeySigner
from connectors.signing.time_stamps import TimeStampClient, unavailable
from connectors.signing.trust import Trust
from engine.errors import ConnectorRefused, ConnectorUnavailable, Text
from engine.ports import SealReport

SYSTEM = Text(vi="khóa ký điểm chốt", en="checkpoint key")


class CheckpointSealer:
    """One key that signs, and the roots by which signatures are judged."""

    def __init__(self, keys: KeyStore, name: str, trust: Trust, time_stamps: TimeStampClient) -> None:
        self._keys, self._name, self._trust, self._time_stamps = keys, name, trust, time_stamps

    def seal(self, content: bytes) -> bytes:
        """See ``engine.ports.Sealer``."""
        if not self._name:
            why = Text(vi="hãy đặt MOTCUA_CHECKPOINT_KEY", en="set MOTCUA_CHECKPOINT_KEY")
            raise ConnectorRefused(system=SYSTEM, why=why)
        key = self._keys.get(self._name)
        self._trust.require_usable(key)
        signer = HeldKeySigner(key)
        try:
            signed = asyncio.run(
                signer.async_sign_general_data(content, DIGEST, detached=True, timestamper=self._time_stamps)
            )
        except TimestampRequestError as error:
            raise unavailable(self._time_stamps.url, "wrong nonce") from error
        except SigningError as error:
            raise ConnectorRefused(system=SYSTEM, why=type(error).__name__) from error
        return bytes(signed.dump())

    def judge(self, content: bytes, signature: bytes) -> SealReport:
        """See ``engine.ports.Sealer``."""
        try:
            signed = cms.ContentInfo.load(signature, strict=True)["content"]
            with self._trust.occasion() as signer, self._trust.occasion() as stamp:
                status = asyncio.run(
                    async_validate_detached_cms(
                        content, signed,
                        signer_validation_context=signer.context, ts_validation_context=stamp.context,
                    )
                )  # fmt: skip
        except (ValueError, TypeError, KeyError, SignatureValidationError, ValidationError, PathBuildingError) as error:
            problem = f"its signature cannot be read ({type(error).__name__})"
            return SealReport(signer="", signed_at=None, problem=problem)
        stamped = status.timestamp_validity
        problem = ""
        if not (status.intact and status.valid):
            problem = "its signature does not fit what it signs"
        elif signer.fetcher.failures or stamp.fetcher.failures:
            failures = (*signer.fetcher.failures, *stamp.fetcher.failures)
            raise ConnectorUnavailable(system=SYSTEM, why=describe(failures))
        elif not status.trusted:
            problem = "its signer is not trusted"
        elif stamped is None or not (stamped.intact and stamped.valid and stamped.trusted):
            problem = "its time stamp does not hold"
        name = str(status.signing_cert.subject.native.get("common_name", ""))
        return SealReport(signer=name, signed_at=stamped.timestamp if stamped else None, problem=problem)
