"""Whom we trust and how a certificate is judged: configured roots only, revocation checked or the answer is no."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec, bootstrap_validation_data_handlers
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from connectors.signing.fetching import RevocationFetcher, describe
from connectors.signing.keystore import SigningKey
from engine.errors import ConnectorRefused, ConnectorUnavailable, MotcuaError, Text
from engine.ports import Clock

#: How far the clocks of an authority and of this server may differ.
CLOCK_SKEW = timedelta(seconds=10)
SYSTEM = Text(vi="dịch vụ chứng thực chữ ký số", en="certification authority")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One validation under way: its context and the fetcher that serves it."""

    context: ValidationContext
    fetcher: RevocationFetcher


class Trust:
    """The trusted roots of a folder (``*.crt`` and ``*.pem``) and the rules of judging."""

    def __init__(self, roots: Path, *, clock: Clock, timeout: float = 10.0) -> None:
        # Its findings come back as results and errors; on the log they are tracebacks about hostile files.
        for library in ("pyhanko", "pyhanko_certvalidator"):
            logging.getLogger(library).setLevel(logging.CRITICAL)
        self.clock = clock
        self.timeout = timeout  #: seconds for one request to an authority
        certificates = _read_certificates(roots)
        if not certificates:
            raise ConnectorRefused(
                system=SYSTEM,
                why=Text(
                    vi="không có chứng thư gốc tin cậy nào trong thư mục cấu hình (tệp .crt hoặc .pem)",
                    en="the configured folder holds no trusted root certificate (.crt or .pem)",
                ),
            )
        self.policy = CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build(trust_roots=certificates),
            revinfo_policy=CertRevTrustPolicy(RevocationCheckingPolicy.from_legacy("hard-fail")),
            time_tolerance=CLOCK_SKEW,
        )

    @contextmanager
    def occasion(self, moment: datetime | None = None) -> Iterator[Occasion]:
        """A context that judges at ``moment`` (default: now) and fetches CRLs and OCSP answers."""
        moment = moment or self.clock.now()
        fetcher = RevocationFetcher(self.timeout)
        handlers = bootstrap_validation_data_handlers(fetchers=fetcher)
        handlers.cert_registry.fetcher = None
        timing = ValidationTimingInfo(
            validation_time=moment, best_signature_time=moment, point_in_time_validation=False
        )
        try:
            yield Occasion(context=self.policy.build_validation_context(timing, handlers), fetcher=fetcher)
        finally:
            fetcher.shut()

    def require_usable(self, key: SigningKey) -> None:
        """Refuse a key whose certificate is expired, revoked, untrusted or not for signing documents, now."""
        key.require_validity(self.clock.now())
        chain = [as_asn1(certificate) for certificate in key.chain]
        with self.occasion() as occasion:
            validator = CertificateValidator(
                as_asn1(key.certificate), intermediate_certs=chain, validation_context=occasion.context
            )
            try:
                asyncio.run(validator.async_validate_usage({"non_repudiation"}))
            except (ValidationError, PathBuildingError) as error:
                raise explain(error, key.holder, occasion.fetcher.failures) from error


def explain(error: Exception, holder: str, failures: Sequence[str] = ()) -> MotcuaError:
    """The error for people: unavailable when an authority did not answer, else refused with its reason."""
    unavailable = not isinstance(error, RevokedError | ExpiredError | NotYetValidError) and (
        bool(failures) or isinstance(error, InsufficientRevinfoError)
    )
    kind = ConnectorUnavailable if unavailable else ConnectorRefused
    return kind(system=SYSTEM, why=_why(error, holder, failures))


def _why(error: Exception, holder: str, failures: Sequence[str]) -> Text:
    if isinstance(error, RevokedError):
        at = error.revocation_dt
        return Text(
            vi=f"chứng thư số của {holder} (hoặc của nơi cấp) đã bị thu hồi lúc {at:%H:%M:%S %d/%m/%Y} UTC",
            en=f"the certificate of {holder} (or of its issuer) was revoked at {at:%Y-%m-%d %H:%M:%S} UTC",
        )
    if isinstance(error, ExpiredError):
        return Text(
            vi=f"chứng thư số của {holder} hoặc của nơi cấp đã hết hạn",
            en=f"the certificate of {holder} or of its issuer has expired",
        )
    if isinstance(error, NotYetValidError):
        return Text(
            vi=f"chứng thư số của {holder} chưa có hiệu lực", en=f"the certificate of {holder} is not valid yet"
        )
    if failures:
        return Text(
            vi=f"không hỏi được trạng thái thu hồi tại {describe(failures)}",
            en=f"revocation status cannot be fetched from {describe(failures)}",
        )
    if isinstance(error, InsufficientRevinfoError):
        return Text(
            vi=f"chưa có dữ liệu thu hồi còn hiệu lực cho {holder}",
            en=f"there is no fresh revocation data for {holder} yet",
        )
    if isinstance(error, InvalidCertificateError):
        return Text(
            vi=f"chứng thư số của {holder} không dùng để ký văn bản",
            en=f"the certificate of {holder} is not meant for signing documents",
        )
    return Text(
        vi=f"chứng thư số của {holder} không nối được tới gốc tin cậy",
        en=f"the certificate of {holder} does not lead to a trusted root",
    )


def as_asn1(certificate: object) -> asn1_x509.Certificate:
    """A certificate of ``cryptography`` as pyHanko wants it."""
    der = certificate.public_bytes(serialization.Encoding.DER)  # type: ignore[attr-defined]
    return asn1_x509.Certificate.load(der)


def _read_certificates(folder: Path) -> list[asn1_x509.Certificate]:
    found = []
    for path in sorted(folder.glob("*")):
        if path.suffix not in (".crt", ".pem", ".cer"):
            continue
        content = path.read_bytes()
        try:
            parts = [der for _, _, der in pem.unarmor(content, multiple=True)] if pem.detect(content) else [content]
            found += [asn1_x509.Certificate.load(part, strict=True) for part in parts]
        except ValueError as error:
            raise ConnectorRefused(
                system=SYSTEM,
                why=Text(
                    vi=f"tệp chứng thư gốc {path.name} không đọc được", en=f"the root certificate {path.name} is broken"
                ),
            ) from error
    return found
