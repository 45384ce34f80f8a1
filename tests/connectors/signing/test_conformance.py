"""What every signer must do, run for each of them, and judged by two tools."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from engine.errors import ConnectorRefused, ConnectorUnavailable
from engine.ports import Signer

from .conftest import LABEL, Bench

SIGNERS = ("endesive", "pyhanko")
INPUTS = ("letter", "plain", "scan")


@pytest.fixture(params=SIGNERS)
def signer(request: pytest.FixtureRequest, bench: Bench) -> Signer:
    """Each implementation of the port."""
    found: Signer = getattr(bench.connector, request.param)
    return found


@pytest.fixture(params=INPUTS)
def document(request: pytest.FixtureRequest) -> bytes:
    """Each kind of input."""
    found: bytes = request.getfixturevalue(request.param)
    return found


def test_two_signatures_then_archive_are_valid_for_both_tools(
    signer: Signer, document: bytes, bench: Bench, pdfsig: Callable[[bytes], str]
) -> None:
    official = signer.sign(document, bench.request("officer:LD01", LABEL))
    both = signer.sign(official, bench.request("seal:H56.12"))
    result = signer.seal_for_archive(both)

    reports = bench.connector.verifier.verify(result)
    assert [(r.valid, r.level, r.problem) for r in reports] == [(True, "B-LTA", "")] * 2
    assert [r.serial for r in reports] == [bench.pki.record(k).serial for k in ("officer:LD01", "seal:H56.12")]
    assert [r.signer for r in reports] == ["Nguyễn Thị Ánh Tuyết", "Ủy ban nhân dân phường Đông Ngũ"]
    assert all(r.signed_at == bench.clock.now() for r in reports)
    said = pdfsig(result)
    assert said.count("Signature is Valid") == 2
    assert said.count("ETSI.CAdES.detached") == 2
    assert result.startswith(document)


def test_single_signature_has_trusted_time_and_level(signer: Signer, letter: bytes, bench: Bench) -> None:
    signed = signer.sign(letter, bench.request("officer:LD01"))

    (report,) = bench.connector.verifier.verify(signed)
    assert (report.valid, report.level, report.coverage) == (True, "B-T", "ENTIRE_FILE")
    assert report.signed_at == bench.clock.now()


def test_signature_keeps_reason_place_and_digest(signer: Signer, letter: bytes, bench: Bench) -> None:
    signed = signer.sign(letter, bench.request("officer:LD01"))

    (signature,) = PdfFileReader(BytesIO(signed)).embedded_signatures
    assert signature.sig_object["/Reason"] == "Chứng thực bản sao"
    assert signature.sig_object["/Location"] == "Phường Đông Ngũ"
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.md_algorithm == "sha256"
    assert signature.external_md_algorithm == "sha256"
    attributes = {attribute["type"].native for attribute in signature.signer_info["signed_attrs"]}
    assert "signing_certificate_v2" in attributes and "signing_time" not in attributes


def test_visible_text_is_vietnamese_in_tinos_only(signer: Signer, plain: bytes, bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "visible.pdf"
    path.write_bytes(signer.sign(plain, bench.request("officer:LD01", LABEL)))

    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert "Người ký: Nguyễn Thị Ánh Tuyết" in text
    assert "Ủy ban nhân dân phường" in text
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout
    embedded = [line.split()[0] for line in fonts.splitlines()[2:] if " yes " in line]
    assert embedded and all(name.endswith("+Tinos") for name in embedded)


def test_empty_label_leaves_the_page_unchanged(signer: Signer, scan: bytes, bench: Bench) -> None:
    signed = signer.sign(scan, bench.request("officer:LD01"))

    (report,) = bench.connector.verifier.verify(signed)
    (signature,) = PdfFileReader(BytesIO(signed)).embedded_signatures
    assert [float(side) for side in signature.sig_field.get("/Rect", [0, 0, 0, 0])] == [0, 0, 0, 0]
    assert report.valid


def test_encrypted_file_is_refused(signer: Signer, letter: bytes, bench: Bench) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(letter)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="chu", user=""))

    with pytest.raises(ConnectorRefused, match="encrypted"):
        signer.sign(out.getvalue(), bench.request("officer:LD01"))


def test_certified_file_is_refused(signer: Signer, letter: bytes, bench: Bench) -> None:
    from .forgery import certify

    with pytest.raises(ConnectorRefused, match="certified"):
        signer.sign(certify(letter, bench), bench.request("officer:LD01"))


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7\nbroken", b"\x89PNG\r\n\x1a\n"])
def test_file_that_is_no_pdf_is_refused(signer: Signer, content: bytes, bench: Bench) -> None:
    with pytest.raises(ConnectorRefused):
        signer.sign(content, bench.request("officer:LD01"))


def test_truncated_file_is_refused(signer: Signer, letter: bytes, bench: Bench) -> None:
    with pytest.raises(ConnectorRefused):
        signer.sign(letter[: len(letter) // 2], bench.request("officer:LD01"))


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("specimen:expired", "expired on"),
        ("specimen:revoked", "was revoked at"),
        ("specimen:stranger", "trusted root"),
        ("officer:NOBODY", "there is no key"),
        ("../../etc/passwd", "not a key name"),
    ],
)
def test_unusable_key_is_refused_with_its_reason(
    signer: Signer, key: str, reason: str, letter: bytes, bench: Bench
) -> None:
    with pytest.raises(ConnectorRefused, match=reason):
        signer.sign(letter, bench.request(key))


def test_page_that_is_missing_is_refused(signer: Signer, letter: bytes, bench: Bench) -> None:
    from dataclasses import replace

    with pytest.raises(ConnectorRefused, match="no page 4"):
        signer.sign(letter, replace(bench.request("officer:LD01", LABEL), page=3))


def test_time_stamp_service_down_makes_work_wait(signer: Signer, letter: bytes, bench: Bench) -> None:
    from dataclasses import replace

    from connectors.signing.signers import connect

    elsewhere = replace(bench.settings, time_stamp_url="http://127.0.0.1:9/tsa")
    connector = connect(elsewhere, bench.clock)
    same = connector.endesive if signer is bench.connector.endesive else connector.pyhanko
    signed = signer.sign(letter, bench.request("officer:LD01"))

    with pytest.raises(ConnectorUnavailable, match="time stamp"):
        same.sign(letter, bench.request("officer:LD01"))
    with pytest.raises(ConnectorUnavailable, match="time stamp"):
        same.seal_for_archive(signed)


@pytest.mark.parametrize(
    ("status", "media_type", "body", "error"),
    [
        (500, "text/html", b"", ConnectorUnavailable),
        (200, "text/html", b"<html>login</html>", ConnectorUnavailable),
        (200, "application/timestamp-reply", b"\x30\x05\x30\x03\x02\x01\x02", ConnectorRefused),
    ],
)
def test_time_stamp_service_answering_badly_is_told_apart(
    signer: Signer, status: int, media_type: str, body: bytes, error: type[Exception], letter: bytes, bench: Bench
) -> None:
    from dataclasses import replace

    from connectors.signing.signers import connect

    from .answers import answering

    with answering(status, media_type, body) as url:
        connector = connect(replace(bench.settings, time_stamp_url=url), bench.clock)
        same = connector.endesive if signer is bench.connector.endesive else connector.pyhanko
        with pytest.raises(error, match="time stamp"):
            same.sign(letter, bench.request("officer:LD01"))


def test_all_services_down_then_up_again(signer: Signer, letter: bytes, bench: Bench) -> None:
    signed = signer.sign(letter, bench.request("officer:LD01"))
    bench.sandbox.stop()
    for work in (
        lambda: signer.sign(letter, bench.request("officer:LD01")),
        lambda: signer.seal_for_archive(signed),
    ):
        with pytest.raises(ConnectorUnavailable):
            work()
    bench.sandbox.start(bench.port)
    assert bench.connector.verifier.verify(signer.seal_for_archive(signed))[0].level == "B-LTA"


def test_archive_refuses_what_has_no_signature(signer: Signer, letter: bytes) -> None:
    with pytest.raises(ConnectorRefused, match="carries no signature"):
        signer.seal_for_archive(letter)


def test_archive_refuses_signature_without_time_stamp(signer: Signer, letter: bytes, bench: Bench) -> None:
    from .forgery import sign_by

    bare = sign_by(letter, bench, "officer:LD01", stamped=False)
    with pytest.raises(ConnectorRefused, match="B-B"):
        signer.seal_for_archive(signer.sign(bare, bench.request("seal:H56.12")))


def test_archive_refuses_certificate_revoked_meanwhile(signer: Signer, letter: bytes, bench: Bench) -> None:
    signed = signer.sign(letter, bench.request("officer:LD01"))
    bench.sandbox.revoke("officer:LD01")

    with pytest.raises(ConnectorRefused, match=r"Nguyễn Thị Ánh Tuyết .* was revoked"):
        signer.seal_for_archive(signed)


def test_elliptic_key_is_signed_by_pyhanko_and_refused_by_endesive(
    letter: bytes, bench: Bench, pdfsig: Callable[[bytes], str]
) -> None:
    with pytest.raises(ConnectorRefused, match="RSA only"):
        bench.connector.endesive.sign(letter, bench.request("specimen:p256"))

    signed = bench.sign(letter, "specimen:p256", LABEL)
    result = bench.connector.signer.seal_for_archive(bench.sign(signed, "seal:H56.12"))
    assert [r.valid for r in bench.connector.verifier.verify(result)] == [True, True]
    assert pdfsig(result).count("Signature is Valid") == 2


def test_keyed_signer_uses_endesive_for_rsa(letter: bytes, bench: Bench) -> None:
    signed = bench.sign(letter, "officer:LD02")

    assert b"/Motcua" in signed[len(letter) :]  # the application name that only the endesive adapter writes
