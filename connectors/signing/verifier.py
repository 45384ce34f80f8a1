"""Judges the signatures of a PDF, by pyHanko alone. Any doubt, and any failure while looking, means not valid.

A signature under a document time stamp (B-LTA) is judged by the data embedded in the file, as AdES long-term
validation asks (ETSI EN 319 102-1, 5.6.3): a certificate revoked or expired after the signing leaves it valid. When
the embedded data cannot settle it, and for every lower level, the authorities are asked.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate, AdESSubIndic
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from connectors.signing.archive import has_time_stamp, name_of
from connectors.signing.evidence import has_revocation_data
from connectors.signing.fetching import RevocationFetcher, describe
from connectors.signing.judgement import GOOD_COVERAGE, GOOD_MODIFICATION, Case, Judge, Judgement, integrity
from connectors.signing.trust import Trust
from engine.ports import SignatureReport

_SENTENCES: dict[AdESSubIndic, str] = {
    AdESFailure.HASH_FAILURE: "nội dung đã bị sửa sau khi ký / the content was changed after signing",
    AdESFailure.SIG_CRYPTO_FAILURE: "chữ ký bị giả mạo hoặc hỏng / the signature is forged or broken",
    AdESFailure.FORMAT_FAILURE: "chữ ký sai định dạng / the signature is malformed",
    AdESFailure.REVOKED: "chứng thư số đã bị thu hồi khi ký / the certificate was revoked when it signed",
    AdESIndeterminate.REVOKED_NO_POE: (
        "chứng thư số đã bị thu hồi và không chứng minh được là ký trước đó"
        " / the certificate is revoked and nothing proves an earlier signing"
    ),
    AdESIndeterminate.REVOKED_CA_NO_POE: "nơi cấp chứng thư số đã bị thu hồi / the issuer is revoked",
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: (
        "chứng thư số hết hạn hoặc chưa có hiệu lực khi ký / the certificate was not valid when it signed"
    ),
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: (
        "chứng thư số không do nơi tin cậy cấp / the certificate was not issued by a trusted authority"
    ),
    AdESIndeterminate.TRY_LATER: (
        "chưa có dữ liệu thu hồi còn hiệu lực, hãy thử lại / no fresh revocation data yet, try again"
    ),
}


class PyhankoVerifier:
    """Verifies against the configured roots only."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._judge = Judge(trust)

    def verify(self, pdf: bytes, *, at: datetime | None = None) -> tuple[SignatureReport, ...]:
        """One report per signature in the order of signing; see ``engine.ports.SignatureVerifier``.

        ``at`` is the moment to judge at, default now. A file that cannot be read gets one invalid report.
        """
        moment = at or self._trust.clock.now()
        fetcher = RevocationFetcher(self._trust.timeout)
        try:
            reader = PdfFileReader(BytesIO(pdf))
            if reader.encrypted:
                return (_doubtful("", "tệp bị khóa bằng mật khẩu / the file is encrypted"),)
            signatures = reader.embedded_signatures
            known = {signature.field_name for signature in signatures}
            fields = [name for name, _, _ in enumerate_sig_fields(reader, filled_status=True)]
            stamps = [s for s in signatures if s.sig_object_type == "/DocTimeStamp"]
            reports = [self._report(s, stamps, moment, fetcher) for s in signatures if s not in stamps]
        except Exception as error:  # noqa: BLE001 - hostile files raise anything; none of it may pass for valid
            return (_doubtful("", f"không đọc được tệp / unreadable file ({type(error).__name__})"),)
        finally:
            fetcher.shut()
        strange = [name for name in fields if name not in known]
        kind = "chữ ký thuộc loại không hỗ trợ / a signature of an unsupported kind"
        return (*reports, *(_doubtful(name, kind) for name in strange))

    def _report(
        self,
        signature: EmbeddedPdfSignature,
        stamps: list[EmbeddedPdfSignature],
        moment: datetime,
        fetcher: RevocationFetcher,
    ) -> SignatureReport:
        try:
            later = tuple(stamp for stamp in stamps if stamp.signed_revision > signature.signed_revision)
            case = Case(
                signature=signature,
                level=_level(signature, bool(later)),
                stamps=later,
                moment=moment,
                fetcher=fetcher,
            )
            return self._judged(case)
        except Exception as error:  # noqa: BLE001 - see verify
            problem = f"không kiểm tra được chữ ký / the signature cannot be checked ({type(error).__name__})"
            return _doubtful(signature.field_name, problem)

    def _judged(self, case: Case) -> SignatureReport:
        signature = case.signature
        coverage, modification = integrity(signature)
        judgement = asyncio.run(self._judge.judge(case))
        status = judgement.status
        intact = status is not None and status.intact and status.valid
        trusted = intact and judgement.passed
        problems = [] if trusted else [_sentence(judgement, case.fetcher.failures)]
        if coverage not in GOOD_COVERAGE:
            problems.append(f"chữ ký không bao trùm tệp / the signature does not cover the file ({coverage.name})")
        if modification not in GOOD_MODIFICATION:
            problems.append("tệp đã bị thay đổi sau khi ký / the document was changed after signing")
        return SignatureReport(
            field=signature.field_name,
            signer=name_of(signature.signer_cert),
            serial=f"{signature.signer_cert.serial_number:x}",
            level="B-LT" if case.level == "B-LTA" and not judgement.sealed else case.level,
            signed_at=judgement.trusted_time if trusted and case.level != "B-B" else None,
            valid=trusted and not problems,
            intact=intact,
            trusted=trusted,
            revoked=not trusted and status is not None and status.revoked,
            coverage=coverage.name,
            modification=modification.name,
            problem="; ".join(problems),
            reason=str(signature.sig_object.get("/Reason", "")),
        )


def _level(signature: EmbeddedPdfSignature, sealed: bool) -> str:
    if not has_time_stamp(signature):
        return "B-B"
    if not has_revocation_data(signature.reader):
        return "B-T"
    return "B-LTA" if sealed else "B-LT"


def _sentence(judgement: Judgement, failures: tuple[str, ...]) -> str:
    status = judgement.status
    if status is not None and not (status.intact and status.valid):
        return _SENTENCES[AdESFailure.HASH_FAILURE]
    settled = (AdESFailure.REVOKED, AdESIndeterminate.REVOKED_NO_POE, AdESIndeterminate.OUT_OF_BOUNDS_NO_POE)
    if failures and judgement.indication not in settled:
        return (
            f"không hỏi được trạng thái thu hồi tại {describe(failures)}, hãy thử lại"
            f" / revocation status cannot be fetched from {describe(failures)}, try again"
        )
    name = judgement.indication.standard_name
    known = _SENTENCES.get(judgement.indication, "chữ ký không được xác nhận / the signature is not confirmed")
    return f"{known} [{name}]"


def _doubtful(field: str, problem: str) -> SignatureReport:
    return SignatureReport(
        field=field,
        signer="",
        serial="",
        level="",
        signed_at=None,
        valid=False,
        intact=False,
        trusted=False,
        revoked=False,
        coverage="UNCLEAR",
        modification="OTHER",
        problem=problem,
    )
