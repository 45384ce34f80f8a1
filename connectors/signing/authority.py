"""One certificate authority of the development PKI: issues certificates, a CRL and OCSP answers.

Nothing here is for production: a public authority does this work there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from connectors.signing.keystore import PrivateKey

#: How long a CRL or an OCSP answer stays fresh.
FRESHNESS = timedelta(days=1)

_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a certificate is for."""

    usages: frozenset[str]
    purpose: x509.ObjectIdentifier | None = None
    authority: bool = False
    path_length: int | None = None
    no_check: bool = False  #: an OCSP responder is itself not asked about
    locators: bool = True  #: carries AIA, OCSP and CRL addresses


ROOT = Profile(usages=frozenset({"key_cert_sign", "crl_sign"}), authority=True, locators=False)
ISSUING = Profile(usages=frozenset({"key_cert_sign", "crl_sign"}), authority=True, path_length=0)
DOCUMENT = Profile(usages=frozenset({"digital_signature", "content_commitment"}))
TIME_STAMP = Profile(usages=frozenset({"digital_signature"}), purpose=ExtendedKeyUsageOID.TIME_STAMPING)
RESPONDER = Profile(
    usages=frozenset({"digital_signature"}),
    purpose=ExtendedKeyUsageOID.OCSP_SIGNING,
    no_check=True,
    locators=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A certificate to be made."""

    subject: x509.Name
    public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
    profile: Profile
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A key that issues, its certificate, and the address it answers at (``<url>/<slug>.crl`` …)."""

    slug: str
    url: str
    private: PrivateKey
    certificate: x509.Certificate
    responder_private: PrivateKey | None = None
    responder_certificate: x509.Certificate | None = None

    def issue(self, order: Order) -> x509.Certificate:
        """The certificate that ``order`` asks for."""
        return issue(order, self.certificate.subject, self.private, (self.url, self.slug))

    def crl(self, revoked: Mapping[int, datetime], now: datetime) -> bytes:
        """The list of the revoked serial numbers as of ``now``, DER."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now)
            .next_update(now + FRESHNESS)
            .add_extension(_key_identifier(self.private), critical=False)
            .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), critical=False)
        )
        for serial, at in revoked.items():
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
            )
        crl = builder.sign(self.private, hashes.SHA256())
        return crl.public_bytes(serialization.Encoding.DER)

    def answer(
        self,
        request: bytes,
        issued: Callable[[int], x509.Certificate | None],
        revoked: Mapping[int, datetime],
        now: datetime,
    ) -> bytes:
        """The OCSP answer to ``request`` (DER), nonce echoed; ``issued`` finds a certificate by serial."""
        try:
            asked = ocsp.load_der_ocsp_request(request)
            certificate = issued(asked.serial_number)
        except ValueError:
            return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        if certificate is None or self.responder_private is None or self.responder_certificate is None:
            return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        at = revoked.get(asked.serial_number)
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=certificate,
                issuer=self.certificate,
                algorithm=asked.hash_algorithm,
                cert_status=ocsp.OCSPCertStatus.GOOD if at is None else ocsp.OCSPCertStatus.REVOKED,
                this_update=now,
                next_update=now + FRESHNESS,
                revocation_time=at,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.responder_certificate)
            .certificates([self.responder_certificate])
        )
        for extension in asked.extensions:
            if isinstance(extension.value, x509.OCSPNonce):
                builder = builder.add_extension(extension.value, critical=False)
        response = builder.sign(self.responder_private, hashes.SHA256())
        return response.public_bytes(serialization.Encoding.DER)


def issue(order: Order, issuer: x509.Name, private: PrivateKey, locator: tuple[str, str]) -> x509.Certificate:
    """The certificate of ``order`` signed by ``private``; ``locator`` is the issuer's address and slug."""
    url, slug = locator
    builder = (
        x509.CertificateBuilder()
        .subject_name(order.subject)
        .issuer_name(issuer)
        .public_key(order.public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(order.not_before)
        .not_valid_after(order.not_after)
        .add_extension(
            x509.BasicConstraints(ca=order.profile.authority, path_length=order.profile.path_length),
            critical=True,
        )
        .add_extension(_key_usage(order.profile.usages), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(order.public), critical=False)
        .add_extension(_key_identifier(private), critical=False)
    )
    if order.profile.purpose is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([order.profile.purpose]), critical=True)
    if order.profile.no_check:
        builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    if order.profile.locators:
        builder = builder.add_extension(
            x509.AuthorityInformationAccess(
                [
                    _access(AuthorityInformationAccessOID.OCSP, f"{url}/ocsp/{slug}"),
                    _access(AuthorityInformationAccessOID.CA_ISSUERS, f"{url}/{slug}.crt"),
                ]
            ),
            critical=False,
        ).add_extension(
            x509.CRLDistributionPoints(
                [
                    x509.DistributionPoint(
                        full_name=[x509.UniformResourceIdentifier(f"{url}/{slug}.crl")],
                        relative_name=None,
                        reasons=None,
                        crl_issuer=None,
                    )
                ]
            ),
            critical=False,
        )
    return builder.sign(private, hashes.SHA256())


def new_key(algorithm: str) -> PrivateKey:
    """A fresh key; ``algorithm`` is ``rsa-2048``, ``rsa-3072``, ``rsa-4096`` or ``p-256``."""
    if algorithm == "p-256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=int(algorithm.removeprefix("rsa-")))


def subject(common_name: str, *, organisation: str = "", identifier: str = "") -> x509.Name:
    """A subject name in Vietnam; ``identifier`` becomes the subject's serialNumber attribute."""
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")]
    if organisation:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    if identifier:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, identifier))
    parts.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    return x509.Name(parts)


def _key_identifier(private: PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(private.public_key())


def _key_usage(usages: frozenset[str]) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in usages for usage in _USAGES})


def _access(method: x509.ObjectIdentifier, address: str) -> x509.AccessDescription:
    return x509.AccessDescription(method, x509.UniformResourceIdentifier(address))


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    response = ocsp.OCSPResponseBuilder.build_unsuccessful(status)
    return response.public_bytes(serialization.Encoding.DER)
