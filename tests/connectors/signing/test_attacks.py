"""Files made to deceive, each with the answer that the verifier must give; where it can tell, pdfsig too."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from engine.ports import SignatureReport

from . import forgery
from .conftest import Bench


@pytest.fixture
def signed(plain: bytes, bench: Bench) -> bytes:
    """One good signature at B-T."""
    return bench.sign(plain, "officer:LD01")


def only(bench: Bench, pdf: bytes) -> SignatureReport:
    """The report of a file with one signature."""
    (report,) = bench.connector.verifier.verify(pdf)
    return report


def test_byte_flip_breaks_the_hash(signed: bytes, bench: Bench, pdfsig: Callable[[bytes], str]) -> None:
    spot = signed.index(b"(Amount 1000)") + 8
    flipped = signed[:spot] + b"9" + signed[spot + 1 :]

    report = only(bench, flipped)
    assert (report.valid, report.intact) == (False, False)
    assert "changed after signing" in report.problem
    assert "Digest Mismatch" in pdfsig(flipped)


def test_enlarged_gap_breaks_the_hash(signed: bytes, bench: Bench, pdfsig: Callable[[bytes], str]) -> None:
    first, length, start, rest = forgery.byte_range(signed)
    gapped = forgery.with_byte_range(signed, (first, length - 40, start, rest))

    report = only(bench, gapped)
    assert (report.valid, report.intact) == (False, False)
    assert "Digest Mismatch" in pdfsig(gapped)


@pytest.mark.parametrize("forge", [forgery.replace_content, forgery.annotate, forgery.swap_object])
def test_update_after_signing_is_a_modification(
    forge: Callable[[bytes], bytes], signed: bytes, bench: Bench, pdfsig: Callable[[bytes], str]
) -> None:
    report = only(bench, forge(signed))

    assert (report.valid, report.intact, report.modification) == (False, True, "OTHER")
    assert "document was changed" in report.problem
    assert "Not total document signed" in pdfsig(forge(signed))


@pytest.mark.parametrize("forge", [forgery.replace_content, forgery.annotate, forgery.swap_object])
def test_update_after_archiving_is_a_modification(forge: Callable[[bytes], bytes], plain: bytes, bench: Bench) -> None:
    reports = bench.connector.verifier.verify(forge(bench.result(plain)))

    assert [(r.valid, r.modification) for r in reports] == [(False, "OTHER")] * 2


def test_negative_byte_range_is_invalid(signed: bytes, bench: Bench) -> None:
    first, length, start, rest = forgery.byte_range(signed)
    report = only(bench, forgery.with_byte_range(signed, (first, length, -start, rest)))

    assert not report.valid


def test_zeroed_contents_are_invalid(signed: bytes, bench: Bench) -> None:
    first, length, start, _ = forgery.byte_range(signed)
    blank = b"<" + b"0" * (start - first - length - 2) + b">"
    report = only(bench, signed[: first + length] + blank + signed[start:])

    assert not report.valid


def test_stranger_with_the_same_name_spoils_the_file(signed: bytes, bench: Bench) -> None:
    reports = bench.connector.verifier.verify(forgery.sign_by(signed, bench, "specimen:stranger"))

    assert [r.valid for r in reports] == [True, False]
    assert reports[0].signer == reports[1].signer
    assert reports[0].serial != reports[1].serial
    assert (reports[1].intact, reports[1].trusted) == (True, False)


def test_authority_of_the_same_name_is_not_trusted(plain: bytes, bench: Bench, pdfsig: Callable[[bytes], str]) -> None:
    forged = forgery.sign_by(plain, bench, "specimen:stranger")

    report = only(bench, forged)
    assert (report.valid, report.intact, report.trusted, report.revoked) == (False, True, False, False)
    assert bench.pki.certificate("stranger").subject == bench.pki.certificate("root").subject
    assert "Signature is Valid" in pdfsig(forged)  # it looks at the hash alone when no roots are installed


def test_revoked_signer_is_invalid(plain: bytes, bench: Bench) -> None:
    report = only(bench, forgery.sign_by(plain, bench, "specimen:revoked"))

    assert (report.valid, report.intact, report.revoked) == (False, True, True)
    assert "revoked" in report.problem


@pytest.mark.parametrize("stamped", [True, False])
def test_signer_expired_when_signing_is_invalid(stamped: bool, plain: bytes, bench: Bench) -> None:
    report = only(bench, forgery.sign_by(plain, bench, "specimen:expired", stamped=stamped))

    assert (report.valid, report.intact, report.trusted) == (False, True, False)
    assert "was not valid when it signed" in report.problem


def test_trailing_comment_is_harmless(signed: bytes, bench: Bench, pdfsig: Callable[[bytes], str]) -> None:
    longer = signed + b"\n% nothing\n"

    assert only(bench, longer).valid
    assert "Not total document signed" in pdfsig(longer)


def test_signature_of_an_unknown_kind_is_reported(signed: bytes, bench: Bench) -> None:
    strange = signed.replace(b"/ETSI.CAdES.detached", b"/ETSI.CAdES.detacheX")

    reports = bench.connector.verifier.verify(strange)
    assert reports and not any(r.valid for r in reports)


def test_signature_without_time_stamp_is_never_more_than_basic(plain: bytes, bench: Bench) -> None:
    report = only(bench, forgery.sign_by(plain, bench, "officer:LD01", stamped=False))

    assert (report.valid, report.level, report.signed_at) == (True, "B-B", None)


def test_encrypted_file_is_invalid(plain: bytes, bench: Bench) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(plain)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="chu", user=""))

    assert not only(bench, out.getvalue()).valid


@pytest.mark.parametrize("content", [b"", b"xx", b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(2000)])
def test_rubbish_is_invalid_and_never_raises(content: bytes, bench: Bench) -> None:
    report = only(bench, content)

    assert not report.valid and report.problem


def test_every_truncation_is_invalid_or_unsigned(signed: bytes, plain: bytes, bench: Bench) -> None:
    for end in range(0, len(signed), 997):
        reports = bench.connector.verifier.verify(signed[:end])
        assert not any(r.valid for r in reports), end
        assert reports or signed[:end].startswith(plain.rstrip()), end


def test_unsigned_file_has_no_report(plain: bytes, bench: Bench) -> None:
    assert bench.connector.verifier.verify(plain) == ()


def test_rewritten_file_loses_its_signature(signed: bytes, bench: Bench) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(signed)) as pdf:
        pdf.save(out)

    assert not any(r.valid for r in bench.connector.verifier.verify(out.getvalue()))


def test_harmless_revision_is_still_valid(signed: bytes, bench: Bench) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(signed))
    writer.update_root()
    out = BytesIO()
    writer.write(out)

    report = only(bench, out.getvalue())
    assert (report.valid, report.coverage) == (True, "ENTIRE_REVISION")
