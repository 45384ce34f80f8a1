"""The development PKI and the services it is served by."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from asn1crypto import algos, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from connectors.signing.appearance import open_font
from connectors.signing.measure import measure
from connectors.signing.sandbox import SigningSandbox, create_pki
from connectors.signing.signers import connect
from connectors.signing.time_stamps import TimeStampReply
from engine.clock import SteppingClock
from engine.errors import ConnectorRefused, NotFound

from .conftest import LABEL, OFFICERS, START, UNITS, Bench


def url_of(bench: Bench) -> str:
    """Where the sandbox answers."""
    return f"http://127.0.0.1:{bench.port}"


def make_again(bench: Bench, **changes: object) -> None:
    """A later start of the product."""
    wanted = {"officers": OFFICERS, "units": UNITS, "url": url_of(bench), "clock": bench.clock, **changes}
    create_pki(bench.home, **wanted)  # type: ignore[arg-type]


def test_sandbox_never_starts_in_production(tmp_path: Path) -> None:
    with pytest.raises(ConnectorRefused, match="never runs in production"):
        SigningSandbox(tmp_path, clock=SteppingClock(START), production=True)


def test_second_start_makes_nothing_and_is_fast(bench: Bench) -> None:
    before = {path: path.read_bytes() for path in bench.pki.folder.rglob("*") if path.is_file()}
    started = time.perf_counter()
    make_again(bench)
    spent = time.perf_counter() - started

    assert {path: path.read_bytes() for path in bench.pki.folder.rglob("*") if path.is_file()} == before
    assert spent < 0.05


def test_new_officer_gets_a_key_and_others_keep_theirs(bench: Bench) -> None:
    before = {record.key: record for record in bench.pki.certificates()}
    make_again(bench, officers=[*OFFICERS, ("LD03", "Lê Thị Mới", "H56.12")])

    after = {record.key: record for record in bench.pki.certificates()}
    assert set(after) - set(before) == {"officer:LD03"}
    assert all(after[key] == record for key, record in before.items())


def test_certificate_near_its_end_is_renewed_with_the_same_key(letter: bytes, bench: Bench) -> None:
    old_key = bench.connector.keys.get("officer:LD01")
    result = bench.result(letter)
    bench.clock.set(bench.clock.now() + timedelta(days=3 * 365 - 10))
    make_again(bench)
    renewed = connect(bench.settings, bench.clock)

    new_key = renewed.keys.get("officer:LD01")
    assert new_key.serial != old_key.serial
    assert new_key.certificate.public_key() == old_key.certificate.public_key()
    assert [r.valid for r in renewed.verifier.verify(result)] == [True, True]


def test_moved_address_is_written_into_new_certificates(bench: Bench) -> None:
    make_again(bench, url="http://127.0.0.1:1")

    assert {record.url for record in bench.pki.certificates()} == {"http://127.0.0.1:1"}


def test_certificate_list_is_json_for_the_dossier_system(bench: Bench) -> None:
    entries = {entry["key"]: entry for entry in json.loads(json.dumps(bench.pki.as_json()))}

    officer = entries["officer:LD01"]
    assert officer["holder"] == "LD01" and officer["name"] == "Nguyễn Thị Ánh Tuyết"
    certificate = bench.connector.keys.get("officer:LD01").certificate
    assert officer["serial"] == f"{certificate.serial_number:x}"
    assert officer["not_after"] == certificate.not_valid_after_utc.isoformat()
    with pytest.raises(NotFound):
        bench.pki.record("officer:NOBODY")


def test_profiles_are_what_the_laws_of_certificates_ask(bench: Bench) -> None:
    root, issuing = bench.pki.certificate("root"), bench.pki.certificate("issuing")
    assert root.public_key().key_size == issuing.public_key().key_size == 4096
    tsa = bench.pki.certificate("tsa").extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert tsa.critical and list(tsa.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    official = bench.connector.keys.get("officer:LD01").certificate
    usage = official.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature and usage.content_commitment and not usage.key_cert_sign
    assert bench.connector.keys.get("seal:H56.12").certificate.public_key().key_size == 3072


def test_certificates_and_lists_are_served(bench: Bench) -> None:
    issuing = x509.load_der_x509_certificate(requests.get(url_of(bench) + "/issuing.crt", timeout=5).content)
    assert issuing == bench.pki.certificate("issuing")
    crl = x509.load_der_x509_crl(requests.get(url_of(bench) + "/issuing.crl", timeout=5).content)
    assert crl.is_signature_valid(issuing.public_key())
    revoked = int(bench.pki.record("specimen:revoked").serial, 16)
    assert crl.get_revoked_certificate_by_serial_number(revoked) is not None


def test_revocation_is_on_the_next_list_and_answer(bench: Bench) -> None:
    serial = int(bench.pki.record("officer:LD02").serial, 16)
    at = bench.clock.now() - timedelta(minutes=3)
    bench.sandbox.revoke("officer:LD02", at)

    entry = x509.load_der_x509_crl(bench.sandbox.crl("issuing")).get_revoked_certificate_by_serial_number(serial)
    assert entry is not None and entry.revocation_date_utc == at
    answer = _ask(bench, "officer:LD02", os.urandom(16))
    assert answer.certificate_status == ocsp.OCSPCertStatus.REVOKED
    assert answer.revocation_time_utc == at


def test_ocsp_echoes_the_nonce(bench: Bench) -> None:
    nonce = os.urandom(16)
    answer = _ask(bench, "officer:LD01", nonce)

    assert answer.certificate_status == ocsp.OCSPCertStatus.GOOD
    assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce
    assert answer.this_update_utc == bench.clock.now()


@pytest.mark.parametrize("body", [b"", b"rubbish", b"\x30\x03\x02\x01\x01"])
def test_bad_requests_get_an_error_answer(body: bytes, bench: Bench) -> None:
    answer = ocsp.load_der_ocsp_response(bench.sandbox.ocsp("issuing", body))
    assert answer.response_status == ocsp.OCSPResponseStatus.MALFORMED_REQUEST
    stamp = TimeStampReply.load(bench.sandbox.time_stamp(body))
    assert stamp["status"]["status"].native == "rejection"


@pytest.mark.parametrize(("algorithm", "length"), [("sha1", 20), ("md5", 16), ("sha256", 20)])
def test_weak_or_short_digest_gets_no_time_stamp(algorithm: str, length: int, bench: Bench) -> None:
    imprint = tsp.MessageImprint(
        {"hash_algorithm": algos.DigestAlgorithm({"algorithm": algorithm}), "hashed_message": bytes(length)}
    )
    asked = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "cert_req": True})
    answer = TimeStampReply.load(bench.sandbox.time_stamp(asked.dump()))

    assert answer["status"]["status"].native == "rejection"


def test_unknown_addresses_are_not_found(bench: Bench) -> None:
    for path in ("/", "/nobody.crl", "/../pki.json", "/tsa.key", "/officer.crt"):
        assert requests.get(url_of(bench) + path, timeout=5).status_code == 404
    assert requests.post(url_of(bench) + "/ocsp/nobody", data=b"x", timeout=5).status_code == 404
    assert requests.post(url_of(bench) + "/tsa", data=bytes(100_000), timeout=5).status_code == 413


def test_taken_port_is_refused_with_advice(bench: Bench) -> None:
    second = SigningSandbox(bench.home, clock=bench.clock)

    with pytest.raises(ConnectorRefused, match="is taken"):
        second.start(bench.port)
    assert not second.running


def test_missing_font_is_refused_with_advice(letter: bytes, bench: Bench, tmp_path: Path) -> None:
    connector = connect(replace(bench.settings, font=tmp_path / "Tinos-Regular.ttf"), bench.clock)

    for signer in (connector.endesive, connector.pyhanko):
        with pytest.raises(ConnectorRefused, match="fonts-croscore"):
            signer.sign(letter, bench.request("officer:LD01", LABEL))


def test_decomposed_letters_are_composed_before_layout() -> None:
    font = open_font()

    assert font.layout("Tuye\u0302\u0301t", 200, 50).lines == ("Tuyết",)


@pytest.mark.parametrize("length", [1, 20, 200, 2000])
def test_long_labels_shrink_to_their_box(length: int) -> None:
    face = open_font().layout("Ủy ban " * length, 240, 80)

    assert 4 <= face.size <= 10
    if face.size > 4:
        assert len(face.lines) * face.size * 1.2 <= 80


def test_folder_without_roots_is_refused(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(ConnectorRefused, match="no trusted root"):
        connect(replace(bench.settings, roots=tmp_path), bench.clock)


def test_measured_steps_are_all_there(letter: bytes, bench: Bench) -> None:
    timings = measure(
        bench.connector,
        letter,
        official="officer:LD01",
        seal="seal:H56.12",
        other="specimen:p256",
        rounds=1,
    )

    assert len(timings) == 6 and all(t.wall_ms > 0 for t in timings)


def _ask(bench: Bench, key: str, nonce: bytes) -> ocsp.OCSPResponse:
    certificate = bench.connector.keys.get(key).certificate
    request = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(certificate, bench.pki.certificate("issuing"), hashes.SHA256())
        .add_extension(x509.OCSPNonce(nonce), critical=False)
        .build()
    )
    body = request.public_bytes(serialization.Encoding.DER)
    reply = requests.post(url_of(bench) + "/ocsp/issuing", data=body, timeout=5)
    return ocsp.load_der_ocsp_response(reply.content)
