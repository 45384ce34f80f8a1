"""What becomes of a signature when time goes by: revoked, expired, services gone, evidence forged."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from connectors.signing.time_stamps import TimeStampClient

from .conftest import Bench
from .forgery import sign_by

DAY = timedelta(days=1)
YEAR = timedelta(days=365)


def later(bench: Bench, span: timedelta) -> None:
    """Let time go by for everybody."""
    bench.clock.set(bench.clock.now() + span)


def test_fresh_result_is_verified_without_network(letter: bytes, bench: Bench) -> None:
    result = bench.result(letter)
    bench.sandbox.stop()

    reports = bench.connector.verifier.verify(result)
    assert [(r.valid, r.level) for r in reports] == [(True, "B-LTA")] * 2


def test_result_stays_valid_when_certificate_is_revoked_after_signing(letter: bytes, bench: Bench) -> None:
    result = bench.result(letter)
    signed_at = bench.clock.now()
    later(bench, timedelta(minutes=5))
    bench.sandbox.revoke("officer:LD01")

    for span in (timedelta(0), 2 * DAY, YEAR):
        later(bench, span)
        reports = bench.connector.verifier.verify(result)
        assert [(r.valid, r.level, r.revoked) for r in reports] == [(True, "B-LTA", False)] * 2
        assert reports[0].signed_at == signed_at


def test_signature_by_certificate_revoked_before_is_invalid(letter: bytes, bench: Bench) -> None:
    bench.sandbox.revoke("officer:LD01")
    later(bench, timedelta(minutes=5))
    forged = sign_by(letter, bench, "officer:LD01")

    (report,) = bench.connector.verifier.verify(forged)
    assert (report.valid, report.revoked) == (False, True)


def test_old_evidence_does_not_hide_an_earlier_revocation(letter: bytes, bench: Bench) -> None:
    """The key is stolen, the certificate revoked at ten; at eleven the thief signs and adds the answer of nine."""
    honest = bench.connector.signer.seal_for_archive(bench.sign(letter, "officer:LD01"))
    store = DocumentSecurityStore.read_dss(PdfFileReader(BytesIO(honest)))
    later(bench, timedelta(hours=1))
    bench.sandbox.revoke("officer:LD01")
    later(bench, timedelta(hours=1))
    forged = _sealed_with(sign_by(letter, bench, "officer:LD01"), store, bench)

    (report,) = bench.connector.verifier.verify(forged)
    assert (report.valid, report.trusted) == (False, False)
    bench.sandbox.stop()
    (offline,) = bench.connector.verifier.verify(forged)
    assert not offline.valid and "cannot be fetched" in offline.problem


def test_result_outlives_the_certificate_of_its_signer(letter: bytes, bench: Bench) -> None:
    result = bench.result(letter)
    later(bench, 4 * YEAR)

    assert [(r.valid, r.level) for r in bench.connector.verifier.verify(result)] == [(True, "B-LTA")] * 2


def test_time_stamped_signature_alone_does_not_outlive_it(letter: bytes, bench: Bench) -> None:
    signed = bench.sign(letter, "officer:LD01")
    later(bench, 4 * YEAR)

    (report,) = bench.connector.verifier.verify(signed)
    assert not report.valid


def test_certificate_revoked_before_and_expired_since_is_invalid(letter: bytes, bench: Bench) -> None:
    bench.sandbox.revoke("officer:LD01")
    later(bench, timedelta(hours=1))
    forged = sign_by(letter, bench, "officer:LD01")
    later(bench, 4 * YEAR)

    (report,) = bench.connector.verifier.verify(forged)
    assert not report.valid


def test_old_result_needs_the_services_again_after_a_day(letter: bytes, bench: Bench) -> None:
    result = bench.result(letter)
    later(bench, 2 * DAY)
    bench.sandbox.stop()

    reports = bench.connector.verifier.verify(result)
    assert all(not r.valid and "try again" in r.problem for r in reports)
    bench.sandbox.start(bench.port)
    assert all(r.valid for r in bench.connector.verifier.verify(result))


def test_revoked_issuer_makes_new_signature_invalid(letter: bytes, bench: Bench) -> None:
    signed = bench.sign(letter, "officer:LD01")
    path = bench.pki.folder / "revocations.json"
    entries = json.loads(path.read_bytes())
    serial = f"{bench.pki.certificate('issuing').serial_number:x}"
    path.write_text(json.dumps({**entries, serial: bench.clock.now().isoformat()}))

    (report,) = bench.connector.verifier.verify(signed)
    assert not report.valid


def test_sealing_again_renews_and_keeps_earlier_revisions(letter: bytes, bench: Bench) -> None:
    result = bench.result(letter)
    later(bench, 2 * YEAR)
    renewed = bench.connector.signer.seal_for_archive(result)

    assert renewed.startswith(result)
    assert [(r.valid, r.level) for r in bench.connector.verifier.verify(renewed)] == [(True, "B-LTA")] * 2
    later(bench, 9 * YEAR)  # the first time stamp's certificate has ended by now
    assert len(PdfFileReader(BytesIO(renewed)).embedded_timestamp_signatures) == 2


def test_clock_ahead_of_the_machine_makes_no_difference(letter: bytes, bench: Bench) -> None:
    later(bench, 2 * YEAR + 200 * DAY)
    result = bench.result(letter)

    assert [r.valid for r in bench.connector.verifier.verify(result)] == [True, True]


def test_moment_before_the_signing_is_doubtful(letter: bytes, bench: Bench) -> None:
    result = bench.result(letter)

    reports = bench.connector.verifier.verify(result, at=bench.clock.now() - timedelta(hours=2))
    assert not any(r.valid for r in reports)


def _sealed_with(pdf: bytes, store: DocumentSecurityStore, bench: Bench) -> bytes:
    """``pdf`` with the evidence of another file and a document time stamp."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    from asn1crypto import ocsp

    answers = [ocsp.OCSPResponse.load(found.get_object().data) for found in store.ocsps]
    DocumentSecurityStore.supply_dss_in_writer(writer, None, certs=list(store.load_certs()), ocsps=answers)
    out = BytesIO()
    writer.write(out)
    stamped = BytesIO()
    asyncio.run(
        PdfTimeStamper(TimeStampClient(bench.settings.time_stamp_url)).async_timestamp_pdf(
            IncrementalPdfFileWriter(out), "sha256", output=stamped
        )
    )
    return stamped.getvalue()
