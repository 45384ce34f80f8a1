"""Keys in a PKCS#11 token, tried on SoftHSM where it and python-pkcs11 are installed."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from connectors.signing.keystore import KeyStore, write_private
from engine.errors import ConnectorRefused

from .conftest import Bench

LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
SOURCES = {"seal:H56.12": "A1", "specimen:p256": "A2"}  #: keys put into the token, and their object numbers


@pytest.fixture(scope="module")
def softhsm(made: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """SoftHSM's library over one token with the keys of SOURCES; it looks at its store once a process."""
    library = next((path for path in LIBRARIES if Path(path).exists()), "")
    tool = shutil.which("softhsm2-util")
    if not library or not tool or importlib.util.find_spec("pkcs11") is None:
        pytest.skip("needs Debian's softhsm2 and the package python-pkcs11")
    home = tmp_path_factory.mktemp("softhsm")
    (home / "tokens").mkdir()
    settings = home / "softhsm.conf"
    settings.write_text(f"directories.tokendir = {home / 'tokens'}\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(settings))
        command = [tool, "--module", library]
        init = ["--init-token", "--free", "--label", "motcua", "--pin", "1234", "--so-pin", "5678"]
        subprocess.run([*command, *init], check=True, capture_output=True)
        for source, number in SOURCES.items():
            private = KeyStore(made[0] / "pki" / "keys").get(source).private
            assert private is not None
            pem = private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            (home / "key.pem").write_bytes(pem)
            load = ["--import", str(home / "key.pem"), "--token", "motcua", "--pin", "1234"]
            subprocess.run([*command, *load, "--label", source, "--id", number], check=True, capture_output=True)
        yield library


def declare(bench: Bench, entry: object, *, source: str = "seal:H56.12", pin: str = "1234") -> None:
    """Name a key that lives in a token."""
    keys = bench.pki.keys
    phrases = json.loads((keys / "passphrases.json").read_bytes()) | {"hsm:seal": pin}
    write_private(keys / "passphrases.json", json.dumps(phrases).encode())
    write_private(keys / "tokens.json", json.dumps({"hsm:seal": entry}).encode())
    key = KeyStore(keys).get(source)
    chain = [key.certificate, *key.chain]
    pem = b"".join(found.public_bytes(serialization.Encoding.PEM) for found in chain)
    (keys / "hsm_seal.crt").write_bytes(pem)


def test_malformed_entry_is_refused(letter: bytes, bench: Bench) -> None:
    declare(bench, {"module": "/nowhere.so"})

    with pytest.raises(ConnectorRefused, match="malformed"):
        bench.sign(letter, "hsm:seal")


def test_missing_package_is_refused(letter: bytes, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(bench, {"module": "/nowhere.so", "token": "motcua", "key": "seal"})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(ConnectorRefused, match="python-pkcs11 is not installed"):
        bench.sign(letter, "hsm:seal")


@pytest.mark.parametrize("source", SOURCES)
def test_key_in_token_signs(source: str, letter: bytes, bench: Bench, softhsm: str) -> None:
    entry = {"module": softhsm, "token": "motcua", "key": source}
    declare(bench, entry, source=source)

    result = bench.connector.signer.seal_for_archive(bench.sign(letter, "hsm:seal"))
    (report,) = bench.connector.verifier.verify(result)
    assert (report.valid, report.level) == (True, "B-LTA")
    assert report.serial == bench.pki.record(source).serial

    declare(bench, entry, source=source, pin="9999")
    with pytest.raises(ConnectorRefused, match="wrong PIN"):
        bench.sign(letter, "hsm:seal")
