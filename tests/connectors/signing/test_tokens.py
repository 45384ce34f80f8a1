"""Keys in a PKCS#11 token, tried on SoftHSM where it and python-pkcs11 are installed."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from connectors.signing.keystore import KeyStore, write_private
from engine.errors import ConnectorRefused

from .conftest import Bench

LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")


def declare(bench: Bench, entry: object, pin: str = "1234") -> None:
    """Name a key that lives in a token."""
    keys = bench.pki.keys
    phrases = json.loads((keys / "passphrases.json").read_bytes()) | {"hsm:seal": pin}
    write_private(keys / "passphrases.json", json.dumps(phrases).encode())
    write_private(keys / "tokens.json", json.dumps({"hsm:seal": entry}).encode())
    key = KeyStore(keys).get("seal:H56.12")
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


@pytest.mark.parametrize("source", ["seal:H56.12", "specimen:p256"])
def test_key_in_token_signs(
    source: str, letter: bytes, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = next((path for path in LIBRARIES if Path(path).exists()), "")
    tool = shutil.which("softhsm2-util")
    if not library or not tool or importlib.util.find_spec("pkcs11") is None:
        pytest.skip("needs Debian's softhsm2 and the package python-pkcs11")
    store = tmp_path / "tokens"
    store.mkdir()
    (tmp_path / "softhsm.conf").write_text(f"directories.tokendir = {store}\nobjectstore.backend = file\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm.conf"))
    declare(bench, {"module": library, "token": "motcua", "key": "seal"})
    key = KeyStore(bench.pki.keys).get(source)
    assert key.private is not None
    pem = key.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(pem)
    chain = [key.certificate, *key.chain]
    (bench.pki.keys / "hsm_seal.crt").write_bytes(
        b"".join(found.public_bytes(serialization.Encoding.PEM) for found in chain)
    )
    init = [tool, "--init-token", "--free", "--label", "motcua", "--pin", "1234", "--so-pin", "5678"]
    subprocess.run(init, check=True, capture_output=True)
    load = [tool, "--import", str(tmp_path / "key.pem"), "--token", "motcua", "--label", "seal"]
    subprocess.run([*load, "--id", "A1", "--pin", "1234"], check=True, capture_output=True)

    result = bench.connector.signer.seal_for_archive(bench.sign(letter, "hsm:seal"))
    (report,) = bench.connector.verifier.verify(result)
    assert (report.valid, report.level, report.serial) == (True, "B-LTA", key.serial)

    declare(bench, {"module": library, "token": "motcua", "key": "seal"}, pin="9999")
    with pytest.raises(ConnectorRefused, match="wrong PIN"):
        bench.connector.pyhanko.sign(letter, replace(bench.request("hsm:seal")))
