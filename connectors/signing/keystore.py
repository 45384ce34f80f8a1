"""Private keys by name, from PKCS#12 files; each file is opened once and the loaded key is held.

A key's name says whose it is: ``officer:LD01`` or ``seal:H56.12``. The file of a key is the name with ``:``
written as ``_`` and ``.p12`` added. Passphrases lie beside the files in ``passphrases.json``, readable by its
owner only.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from engine.errors import ConnectorRefused, Text

SYSTEM = Text(vi="kho khóa ký số", en="key store")
PASSPHRASES = "passphrases.json"
PKCS11_FILE = "tokens.json"
PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey

_NAME = re.compile(r"[a-z]{2,16}:[A-Za-z0-9][A-Za-z0-9.\-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A loaded private key with its certificate and the issuers above it (nearest first)."""

    name: str
    private: PrivateKey | None  #: None when the key stays in a token
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def algorithm(self) -> str:
        """``rsa`` or ``ec``."""
        return "rsa" if isinstance(self.certificate.public_key(), RSAPublicKey) else "ec"

    @property
    def holder(self) -> str:
        """The common name in the certificate."""
        return common_name(self.certificate)

    @property
    def serial(self) -> str:
        """Serial number of the certificate, lower-case hexadecimal without leading zeros."""
        return serial_of(self.certificate)

    def require_validity(self, moment: datetime) -> None:
        """Refuse a certificate that is not valid at ``moment``, or is not for signing documents."""
        after, before = self.certificate.not_valid_after_utc, self.certificate.not_valid_before_utc
        if moment > after:
            raise ConnectorRefused(
                system=SYSTEM,
                why=Text(
                    vi=f"chứng thư số của {self.holder} đã hết hạn ngày {after:%d/%m/%Y}",
                    en=f"the certificate of {self.holder} expired on {after:%Y-%m-%d}",
                ),
            )
        if moment < before:
            raise ConnectorRefused(
                system=SYSTEM,
                why=Text(
                    vi=f"chứng thư số của {self.holder} chỉ có hiệu lực từ {before:%d/%m/%Y}",
                    en=f"the certificate of {self.holder} is valid only from {before:%Y-%m-%d}",
                ),
            )
        if not _signs_documents(self.certificate):
            raise ConnectorRefused(
                system=SYSTEM,
                why=Text(
                    vi=f"chứng thư số của {self.holder} không dùng để ký văn bản",
                    en=f"the certificate of {self.holder} is not meant for signing documents",
                ),
            )


class KeyStore:
    """The keys of a folder. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, SigningKey] = {}
        self._lock = Lock()

    def names(self) -> tuple[str, ...]:
        """Names of the keys that have a file, sorted."""
        return tuple(sorted(path.stem.replace("_", ":", 1) for path in self._folder.glob("*.p12")))

    def get(self, name: str) -> SigningKey:
        """The key ``name``, or ``ConnectorRefused`` when it is missing, locked or of an unknown kind."""
        with self._lock:
            held = self._held.get(name)
            if held is None:
                held = self._held[name] = self._load(name)
            return held

    def forget(self, name: str = "") -> None:
        """Drop a held key (all of them without a name), so that a renewed file is read again."""
        with self._lock:
            if name:
                self._held.pop(name, None)
            else:
                self._held.clear()

    def _load(self, name: str) -> SigningKey:
        path = key_path(self._folder, name)
        if not path.is_file():
            raise ConnectorRefused(
                system=SYSTEM,
                why=Text(
                    vi=f"không có khóa {name}; hãy đặt tệp {path.name} vào kho khóa",
                    en=f"there is no key {name}; put the file {path.name} in the key store",
                ),
            )
        passphrase = read_passphrases(self._folder).get(name, "").encode()
        try:
            private, certificate, chain = pkcs12.load_key_and_certificates(path.read_bytes(), passphrase)
        except ValueError as error:
            raise ConnectorRefused(
                system=SYSTEM,
                why=Text(
                    vi=f"không mở được khóa {name}: tệp hỏng hoặc sai mật khẩu",
                    en=f"the key {name} cannot be opened: broken file or wrong passphrase",
                ),
            ) from error
        if certificate is None or not isinstance(private, RSAPrivateKey | EllipticCurvePrivateKey):
            raise ConnectorRefused(
                system=SYSTEM,
                why=Text(
                    vi=f"tệp khóa {name} không có khóa RSA hoặc EC kèm chứng thư số",
                    en=f"the key file {name} holds no RSA or EC key with a certificate",
                ),
            )
        _require_strength(name, private)
        return SigningKey(name=name, private=private, certificate=certificate, chain=tuple(chain))


def key_path(folder: Path, name: str) -> Path:
    """Where the key ``name`` lies in ``folder``; a name that could leave the folder is refused."""
    if not _NAME.fullmatch(name):
        raise ConnectorRefused(
            system=SYSTEM, why=Text(vi=f"tên khóa không hợp lệ: {name!r}", en=f"not a key name: {name!r}")
        )
    return folder / f"{name.replace(':', '_', 1)}.p12"


def read_passphrases(folder: Path) -> dict[str, str]:
    """Passphrases by key name; refused when others may read the file."""
    path = folder / PASSPHRASES
    if not path.exists():
        return {}
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConnectorRefused(
            system=SYSTEM,
            why=Text(
                vi=f"tệp {PASSPHRASES} đang cho người khác đọc; hãy chạy chmod 600",
                en=f"the file {PASSPHRASES} is readable by others; run chmod 600 on it",
            ),
        )
    try:
        entries = json.loads(path.read_bytes())
    except ValueError as error:
        raise ConnectorRefused(
            system=SYSTEM,
            why=Text(vi=f"tệp {PASSPHRASES} không phải JSON", en=f"the file {PASSPHRASES} is not JSON"),
        ) from error
    return {str(name): str(phrase) for name, phrase in entries.items()}


def write_key(folder: Path, key: SigningKey) -> None:
    """Store ``key`` as PKCS#12 under a new random passphrase, both readable by the owner only."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    passphrases = read_passphrases(folder)
    phrase = passphrases.setdefault(key.name, secrets.token_urlsafe(24))
    if key.private is None:
        raise ConnectorRefused(
            system=SYSTEM, why=Text(vi=f"khóa {key.name} nằm trong thiết bị", en=f"the key {key.name} is in a token")
        )
    content = pkcs12.serialize_key_and_certificates(
        key.name.encode(),
        key.private,
        key.certificate,
        key.chain,
        serialization.BestAvailableEncryption(phrase.encode()),
    )
    # The passphrase first: a file that nobody can open would have to be made again by hand.
    write_private(folder / PASSPHRASES, json.dumps(passphrases, indent=1, sort_keys=True).encode())
    write_private(key_path(folder, key.name), content)


def write_private(path: Path, content: bytes) -> None:
    """Replace ``path`` atomically by ``content``, mode 0600."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def common_name(certificate: x509.Certificate) -> str:
    """The subject's common name, or the whole subject when it has none."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def serial_of(certificate: x509.Certificate) -> str:
    """Serial number in lower-case hexadecimal without leading zeros."""
    return f"{certificate.serial_number:x}"


def _signs_documents(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.content_commitment


def _require_strength(name: str, private: PrivateKey) -> None:
    weak_rsa = isinstance(private, RSAPrivateKey) and private.key_size < 2048
    other_curve = isinstance(private, EllipticCurvePrivateKey) and not isinstance(private.curve, SECP256R1)
    if weak_rsa or other_curve:
        raise ConnectorRefused(
            system=SYSTEM,
            why=Text(
                vi=f"khóa {name} không đủ mạnh; cần RSA từ 2048 bit hoặc P-256",
                en=f"the key {name} is not accepted; it needs RSA of 2048 bits or more, or P-256",
            ),
        )
