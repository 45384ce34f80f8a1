"""Keys and passphrases on disk."""

from __future__ import annotations

import json
import stat
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from connectors.signing import authority
from connectors.signing.keystore import KeyStore, SigningKey, key_path, write_key
from connectors.signing.signers import connect
from engine.errors import ConnectorRefused

from .conftest import START, Bench


def test_key_is_opened_once_and_held(bench: Bench) -> None:
    keys = KeyStore(bench.pki.keys)
    first = keys.get("officer:LD01")
    key_path(bench.pki.keys, "officer:LD01").unlink()

    assert keys.get("officer:LD01") is first
    keys.forget("officer:LD01")
    with pytest.raises(ConnectorRefused, match="no key officer:LD01"):
        keys.get("officer:LD01")


def test_key_tells_holder_serial_and_algorithm(bench: Bench) -> None:
    keys = KeyStore(bench.pki.keys)

    assert keys.get("officer:LD02").holder == "Trần Văn Đường"
    assert keys.get("officer:LD02").serial == bench.pki.record("officer:LD02").serial
    assert keys.get("specimen:p256").algorithm == "ec"
    assert keys.get("seal:H56.12").algorithm == "rsa"
    assert {"officer:LD01", "seal:H56.12", "specimen:p256"} <= set(keys.names())


def test_key_files_are_private(bench: Bench) -> None:
    for path in (*bench.pki.keys.iterdir(), *bench.pki.folder.glob("authorities/*.key")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_passphrases_that_others_may_read_are_refused(bench: Bench) -> None:
    (bench.pki.keys / "passphrases.json").chmod(0o644)

    with pytest.raises(ConnectorRefused, match="chmod 600"):
        KeyStore(bench.pki.keys).get("officer:LD01")


@pytest.mark.parametrize("content", [b"[]x", b"\xff"])
def test_passphrases_that_are_no_json_are_refused(content: bytes, bench: Bench) -> None:
    (bench.pki.keys / "passphrases.json").write_bytes(content)

    with pytest.raises(ConnectorRefused, match="not JSON"):
        KeyStore(bench.pki.keys).get("officer:LD01")


def test_wrong_passphrase_is_refused_without_naming_it(bench: Bench) -> None:
    path = bench.pki.keys / "passphrases.json"
    path.write_text(json.dumps({"officer:LD01": "sai"}))

    with pytest.raises(ConnectorRefused, match="wrong passphrase") as caught:
        KeyStore(bench.pki.keys).get("officer:LD01")
    assert "sai'" not in str(caught.value)


def test_broken_key_file_is_refused(bench: Bench) -> None:
    key_path(bench.pki.keys, "officer:LD01").write_bytes(b"rubbish")

    with pytest.raises(ConnectorRefused, match="cannot be opened"):
        KeyStore(bench.pki.keys).get("officer:LD01")


@pytest.mark.parametrize("name", ["", "officer", "officer:", "Officer:a", "officer:../x", "officer:a/b", "a:b\n"])
def test_name_that_is_no_key_name_is_refused(name: str, bench: Bench) -> None:
    with pytest.raises(ConnectorRefused, match="not a key name"):
        KeyStore(bench.pki.keys).get(name)


@pytest.mark.parametrize("weak", ["rsa", "curve"])
def test_weak_key_is_refused(weak: str, bench: Bench) -> None:
    private = (
        rsa.generate_private_key(public_exponent=65537, key_size=1024)
        if weak == "rsa"
        else ec.generate_private_key(ec.SECP224R1())
    )
    order = authority.Order(
        subject=authority.subject("Yếu"),
        public=private.public_key(),
        profile=authority.DOCUMENT,
        not_before=START,
        not_after=START + timedelta(days=9),
    )
    certificate = bench.pki.authority("issuing").issue(order)
    write_key(bench.pki.keys, SigningKey(name="officer:WEAK", private=private, certificate=certificate))

    with pytest.raises(ConnectorRefused, match="2048 bits or more, or P-256"):
        KeyStore(bench.pki.keys).get("officer:WEAK")


def test_key_for_another_purpose_is_refused(letter: bytes, bench: Bench) -> None:
    private = authority.new_key("rsa-2048")
    order = authority.Order(
        subject=authority.subject("Dịch vụ"),
        public=private.public_key(),
        profile=authority.TIME_STAMP,
        not_before=START - timedelta(days=1),
        not_after=START + timedelta(days=9),
    )
    certificate = bench.pki.authority("issuing").issue(order)
    write_key(bench.pki.keys, SigningKey(name="officer:TSA", private=private, certificate=certificate))

    with pytest.raises(ConnectorRefused, match="not meant for signing"):
        connect(bench.settings, bench.clock).signer.sign(letter, bench.request("officer:TSA"))
