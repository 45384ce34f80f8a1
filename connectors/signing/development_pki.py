"""The development public-key infrastructure: root, issuing authority, officers, seals, time stamp, OCSP.

It is invented from end to end and lies below one folder. A second call finds everything there and returns
at once; a new officer, a changed address or a certificate near its end is the only thing made again.

Layout of ``<home>/pki``: ``pki.json`` (the certificate list), ``keys/*.p12`` with ``keys/passphrases.json``,
``roots/*.crt`` (what a verifier trusts), ``authorities/*.key|crt``, ``issued/<authority>/<serial>.crt``,
``revocations.json``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from connectors.signing import authority as ca
from connectors.signing.keystore import (
    KeyStore,
    PrivateKey,
    SigningKey,
    key_path,
    serial_of,
    write_key,
    write_private,
)
from engine.errors import NotFound
from engine.ports import Clock

ROOT_NAME = "Motcua Development Root CA"
ISSUING_NAME = "Motcua Development Issuing CA"
ORGANISATION = "Motcua (thử nghiệm / development only)"
#: A certificate that ends sooner than this is made again at the next start.
RENEWAL = timedelta(days=30)
_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRecord:
    """One line of the certificate list: whose certificate it is, its serial number, how long it is valid."""

    key: str  #: name in the key store, ``officer:LD01``
    kind: str  #: ``officer``, ``seal`` or ``specimen``
    holder: str  #: identifier of the officer or unit
    name: str  #: common name in the certificate
    unit: str
    algorithm: str
    serial: str  #: hexadecimal
    not_before: str  #: ISO 8601
    not_after: str
    issuer: str  #: slug of the authority
    url: str  #: address written into the certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    key: str
    kind: str
    holder: str
    name: str
    unit: str
    algorithm: str
    issuer: str = "issuing"
    expired: bool = False


class DevelopmentPki:
    """What lies in a folder made by ``create_pki``."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "pki"
        self._held: dict[str, PrivateKey] = {}

    @property
    def keys(self) -> Path:
        """Folder of the PKCS#12 files, for ``KeyStore``."""
        return self.folder / "keys"

    @property
    def roots(self) -> Path:
        """Folder of the trusted root certificates, for the verifier."""
        return self.folder / "roots"

    def certificates(self) -> tuple[CertificateRecord, ...]:
        """The certificate list, sorted by key name."""
        records = [CertificateRecord(**entry) for entry in self.manifest().get("certificates", ())]
        return tuple(sorted(records, key=lambda record: record.key))

    def as_json(self) -> list[dict[str, Any]]:
        """The certificate list as JSON, for the dossier system to store (officer → serial)."""
        return [asdict(record) for record in self.certificates()]

    def record(self, key: str) -> CertificateRecord:
        """The certificate of the key ``key``."""
        for record in self.certificates():
            if record.key == key:
                return record
        raise NotFound(what=f"certificate {key}")

    def revocations(self) -> dict[int, datetime]:
        """Moment of revocation by serial number."""
        entries = _read_json(self.folder / "revocations.json")
        return {int(serial, 16): datetime.fromisoformat(at) for serial, at in entries.items()}

    def revoke(self, key: str, at: datetime) -> None:
        """Revoke the certificate of ``key`` from ``at`` on; the next CRL and OCSP answers say so."""
        serial = self.record(key).serial
        entries = _read_json(self.folder / "revocations.json")
        entries[serial] = at.isoformat()
        write_private(self.folder / "revocations.json", json.dumps(entries, indent=1).encode())

    def authority(self, slug: str, url: str = "") -> ca.Authority:
        """The authority ``root``, ``issuing`` or ``stranger`` with its keys loaded."""
        if not self.authority_path(slug, "crt").is_file():
            raise NotFound(what=f"authority {slug}")
        responder = f"ocsp-{slug}"
        ready = self.authority_path(responder, "crt").is_file()
        return ca.Authority(
            slug=slug,
            url=url or str(self.manifest().get("url", "")),
            private=self.private(slug),
            certificate=self.certificate(slug),
            responder_private=self.private(responder) if ready else None,
            responder_certificate=self.certificate(responder) if ready else None,
        )

    def issued(self, slug: str, serial: int) -> x509.Certificate | None:
        """The certificate ``serial`` issued by ``slug``, also one that was replaced since."""
        path = self.folder / "issued" / slug / f"{serial:x}.crt"
        return x509.load_pem_x509_certificate(path.read_bytes()) if path.is_file() else None

    def serials(self, slug: str) -> frozenset[str]:
        """The serial numbers, hexadecimal, of all certificates that ``slug`` ever issued."""
        return frozenset(path.stem for path in (self.folder / "issued" / slug).glob("*.crt"))

    def certificate(self, slug: str) -> x509.Certificate:
        """The certificate of an authority, of ``tsa`` or of an ``ocsp-…`` responder."""
        return x509.load_pem_x509_certificate(self.authority_path(slug, "crt").read_bytes())

    def private(self, slug: str) -> PrivateKey:
        """The private key that belongs to ``certificate(slug)``."""
        held = self._held.get(slug)
        if held is None:
            # Checking the primes of an RSA-4096 key takes half a second; the file is our own.
            key = serialization.load_pem_private_key(
                self.authority_path(slug, "key").read_bytes(), password=None, unsafe_skip_rsa_key_validation=True
            )
            if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):  # never written by us
                raise NotFound(what=f"RSA or EC key {slug}")
            held = self._held[slug] = key
        return held

    def authority_path(self, slug: str, suffix: str) -> Path:
        """Where the ``key`` or ``crt`` of ``slug`` lies."""
        return self.folder / "authorities" / f"{slug}.{suffix}"

    def manifest(self) -> dict[str, Any]:
        """The content of ``pki.json``; empty before the first ``create_pki``."""
        return _read_json(self.folder / "pki.json")


def create_pki(
    home: Path,
    *,
    officers: Sequence[tuple[str, str, str]],
    units: Sequence[tuple[str, str]],
    url: str,
    clock: Clock,
    algorithms: Mapping[str, str] | None = None,
) -> DevelopmentPki:
    """Make what is missing below ``home`` and return the whole.

    ``officers`` are (identifier, name, unit), ``units`` (code, name). ``url`` is the address of the signing
    sandbox without a slash at its end; it is written into the certificates. ``algorithms`` names another
    algorithm than RSA-2048 (officers) and RSA-3072 (seals) by key name. The keys ``specimen:revoked``,
    ``specimen:expired``, ``specimen:stranger`` (issued by another authority of the same name),
    ``specimen:p256`` and ``specimen:rsa3072`` are always made.
    """
    pki, now = DevelopmentPki(home), clock.now()
    wishes = _wishes(officers, units, algorithms or {})
    known = {record.key: record for record in pki.certificates()}
    missing = [wish for wish in wishes if not _served(known.get(wish.key), wish, url, now)]
    authorities_ready = pki.manifest().get("url") == url and pki.authority_path("tsa", "crt").is_file()
    if not missing and authorities_ready:
        return pki
    _make_authorities(pki, url, now)
    for wish in missing:
        known[wish.key] = _make_key(pki, wish, url, now)
    manifest = {"url": url, "certificates": [asdict(record) for record in known.values()]}
    write_private(pki.folder / "pki.json", json.dumps(manifest, indent=1, ensure_ascii=False).encode())
    if pki.record("specimen:revoked").serial not in _read_json(pki.folder / "revocations.json"):
        pki.revoke("specimen:revoked", now - timedelta(hours=1))
    return pki


def _wishes(
    officers: Sequence[tuple[str, str, str]], units: Sequence[tuple[str, str]], algorithms: Mapping[str, str]
) -> list[_Wish]:
    def wish(kind: str, holder: str, name: str, unit: str, algorithm: str) -> _Wish:
        key = f"{kind}:{holder}"
        chosen = algorithms.get(key, algorithm)
        return _Wish(key=key, kind=kind, holder=holder, name=name, unit=unit, algorithm=chosen)

    first = officers[0][1] if officers else "Nguyễn Văn Mẫu"
    specimen = "specimen"
    return [
        *(wish("officer", identifier, name, unit, "rsa-2048") for identifier, name, unit in officers),
        *(wish("seal", code, name, name, "rsa-3072") for code, name in units),
        wish(specimen, "revoked", "Chứng thư đã thu hồi", "", "rsa-2048"),
        wish(specimen, "p256", "Chứng thư P-256", "", "p-256"),
        wish(specimen, "rsa3072", "Chứng thư RSA 3072", "", "rsa-3072"),
        _Wish(
            key="specimen:expired",
            kind=specimen,
            holder="expired",
            name="Chứng thư hết hạn",
            unit="",
            algorithm="rsa-2048",
            expired=True,
        ),
        _Wish(
            key="specimen:stranger",
            kind=specimen,
            holder="stranger",
            name=first,
            unit="",
            algorithm="rsa-2048",
            issuer="stranger",
        ),
    ]


def _served(record: CertificateRecord | None, wish: _Wish, url: str, now: datetime) -> bool:
    if record is None or record.url != url or record.algorithm != wish.algorithm or record.name != wish.name:
        return False
    return wish.expired or now + RENEWAL < datetime.fromisoformat(record.not_after)


def _make_authorities(pki: DevelopmentPki, url: str, now: datetime) -> None:
    for folder in ("authorities", "roots", "issued", "keys"):
        (pki.folder / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    root_name = ca.subject(ROOT_NAME, organisation=ORGANISATION)
    for slug, algorithm in (("root", "rsa-4096"), ("stranger", "rsa-2048")):
        _make_root(pki, slug, _key(pki, slug, algorithm), root_name, now)
    # Public by name and by content: this one is what a verifier is told to trust.
    root_certificate = pki.authority_path("root", "crt").read_bytes()
    (pki.folder / "roots" / "root.crt").write_bytes(root_certificate)
    subjects = {
        "issuing": (ISSUING_NAME, "rsa-4096", "root", ca.ISSUING, 10 * _YEAR),
        "ocsp-root": ("Motcua Development Root OCSP", "rsa-2048", "root", ca.RESPONDER, 10 * _YEAR),
        "ocsp-issuing": ("Motcua Development OCSP", "rsa-2048", "issuing", ca.RESPONDER, 5 * _YEAR),
        "ocsp-stranger": ("Motcua Development OCSP", "rsa-2048", "stranger", ca.RESPONDER, 5 * _YEAR),
        "tsa": ("Motcua Development TSA", "rsa-2048", "issuing", ca.TIME_STAMP, 10 * _YEAR),
    }
    moved = pki.manifest().get("url") != url
    for slug, (name, algorithm, issuer, profile, span) in subjects.items():
        present = pki.authority_path(slug, "crt").is_file()
        if present and not moved and now + RENEWAL < pki.certificate(slug).not_valid_after_utc:
            continue
        private = _key(pki, slug, algorithm)
        order = ca.Order(
            subject=ca.subject(name, organisation=ORGANISATION),
            public=private.public_key(),
            profile=profile,
            not_before=now - _DAY,
            not_after=now + span,
        )
        _issue(pki, order, issuer=issuer, slug=slug, url=url)


def _make_root(pki: DevelopmentPki, slug: str, private: PrivateKey, name: x509.Name, now: datetime) -> None:
    path = pki.authority_path(slug, "crt")
    if path.is_file():
        return
    order = ca.Order(
        subject=name,
        public=private.public_key(),
        profile=ca.ROOT,
        not_before=now - _DAY,
        not_after=now + 20 * _YEAR,
    )
    certificate = ca.issue(order, name, private, ("", slug))
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _issue(pki: DevelopmentPki, order: ca.Order, *, issuer: str, slug: str, url: str) -> x509.Certificate:
    certificate = pki.authority(issuer, url).issue(order)
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    shelf = pki.folder / "issued" / issuer
    shelf.mkdir(parents=True, exist_ok=True)
    (shelf / f"{serial_of(certificate)}.crt").write_bytes(pem)
    if slug:
        pki.authority_path(slug, "crt").write_bytes(pem)
    return certificate


def _make_key(pki: DevelopmentPki, wish: _Wish, url: str, now: datetime) -> CertificateRecord:
    private = _held_key(pki, wish) or ca.new_key(wish.algorithm)
    order = ca.Order(
        subject=ca.subject(wish.name, organisation=wish.unit or ORGANISATION, identifier=wish.holder),
        public=private.public_key(),
        profile=ca.DOCUMENT,
        not_before=now - (2 * _YEAR if wish.expired else _DAY),
        not_after=now - _DAY if wish.expired else now + 3 * _YEAR,
    )
    certificate = _issue(pki, order, issuer=wish.issuer, slug="", url=url)
    chain = (pki.certificate(wish.issuer),) if wish.issuer == "issuing" else ()
    write_key(pki.keys, SigningKey(name=wish.key, private=private, certificate=certificate, chain=chain))
    return CertificateRecord(
        key=wish.key,
        kind=wish.kind,
        holder=wish.holder,
        name=wish.name,
        unit=wish.unit,
        algorithm=wish.algorithm,
        serial=serial_of(certificate),
        not_before=certificate.not_valid_before_utc.isoformat(),
        not_after=certificate.not_valid_after_utc.isoformat(),
        issuer=wish.issuer,
        url=url,
    )


def _held_key(pki: DevelopmentPki, wish: _Wish) -> PrivateKey | None:
    """The key made earlier under this name, kept when only its certificate is renewed."""
    if not key_path(pki.keys, wish.key).is_file():
        return None
    record = next((record for record in pki.certificates() if record.key == wish.key), None)
    if record is None or record.algorithm != wish.algorithm:
        return None
    return KeyStore(pki.keys).get(wish.key).private


def _key(pki: DevelopmentPki, slug: str, algorithm: str) -> PrivateKey:
    path = pki.authority_path(slug, "key")
    if path.is_file():
        return pki.private(slug)
    private = ca.new_key(algorithm)
    write_private(
        path,
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    return private


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content
