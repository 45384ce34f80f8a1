"""Keys that never leave a PKCS#11 token (optional; needs the package ``python-pkcs11``).

A key is declared in ``tokens.json`` of the key folder::

    {"seal:H56.12": {"module": "/usr/lib/softhsm/libsofthsm2.so", "token": "motcua", "key": "seal"}}

Its certificate and the issuers above it lie beside as PEM, ``seal_H56.12.crt``; the PIN stands in
``passphrases.json`` under the key's name.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509

from connectors.signing.keystore import PKCS11_FILE, SYSTEM, SigningKey, key_path, read_passphrases
from connectors.signing.trust import as_asn1
from engine.errors import ConnectorRefused, ConnectorUnavailable, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Where a key lives."""

    module: str  #: path of the vendor's PKCS#11 library
    token: str  #: label of the token
    key: str  #: label of the private key
    pin: str


def find_token(folder: Path, name: str) -> Token | None:
    """The token that holds the key ``name``, None when it is not declared."""
    path = folder / PKCS11_FILE
    if not path.is_file():
        return None
    try:
        entry = json.loads(path.read_bytes()).get(name)
        if entry is None:
            return None
        pin = read_passphrases(folder).get(name, "")
        return Token(module=entry["module"], token=entry["token"], key=entry["key"], pin=pin)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ConnectorRefused(
            system=SYSTEM,
            why=Text(
                vi=f"mục {name} trong {PKCS11_FILE} sai cấu trúc; cần module, token và key",
                en=f"the entry {name} in {PKCS11_FILE} is malformed; it needs module, token and key",
            ),
        ) from error


def token_key(folder: Path, name: str) -> SigningKey:
    """The certificate of a key that lives in a token; ``private`` is None."""
    path = key_path(folder, name).with_suffix(".crt")
    try:
        certificate, *chain = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConnectorRefused(
            system=SYSTEM,
            why=Text(
                vi=f"thiếu hoặc hỏng tệp chứng thư {path.name} của khóa {name}",
                en=f"the certificate file {path.name} of the key {name} is missing or broken",
            ),
        ) from error
    return SigningKey(name=name, private=None, certificate=certificate, chain=tuple(chain))


@contextmanager
def token_signer(token: Token, key: SigningKey) -> Iterator[Any]:
    """A pyHanko signer over an open session, closed afterwards."""
    if importlib.util.find_spec("pkcs11") is None:
        raise ConnectorRefused(
            system=SYSTEM,
            why=Text(
                vi="chưa cài gói python-pkcs11 nên không dùng được khóa trong thiết bị",
                en="the package python-pkcs11 is not installed, so keys in tokens cannot be used",
            ),
        )
    pkcs11: Any = importlib.import_module("pkcs11")
    from pyhanko.config.pkcs11 import TokenCriteria
    from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

    try:
        session = open_pkcs11_session(token.module, token_criteria=TokenCriteria(label=token.token), user_pin=token.pin)
    except (pkcs11.PinIncorrect, pkcs11.PinLocked) as error:
        raise ConnectorRefused(
            system=SYSTEM, why=Text(vi=f"sai mã PIN của khóa {key.name}", en=f"wrong PIN for the key {key.name}")
        ) from error
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        raise ConnectorUnavailable(
            system=SYSTEM,
            why=Text(vi=f"không mở được thiết bị {token.token}", en=f"the token {token.token} cannot be opened"),
        ) from error
    try:
        yield PKCS11Signer(
            session,
            signing_cert=as_asn1(key.certificate),
            ca_chain=[as_asn1(above) for above in key.chain],
            key_label=token.key,
            embed_roots=False,
            # SoftHSM and many cards offer the bare mechanism for P-256 only.
            use_raw_mechanism=key.algorithm == "ec",
        )
    except pkcs11.PKCS11Error as error:
        raise ConnectorUnavailable(
            system=SYSTEM,
            why=Text(vi=f"thiết bị {token.token} không ký được", en=f"the token {token.token} could not sign"),
        ) from error
    finally:
        session.close()
