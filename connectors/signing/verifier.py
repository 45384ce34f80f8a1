"""Judges the signatures of a PDF, by pyHanko alone. Any doubt, and any failure while looking, means not valid.

A signature under a document time stamp (B-LTA) is judged by the data embedded in the file, as AdES long-term
validation asks (ETSI EN 319 102-1, 5.6.3): a certificate revoked or expired after the signing leaves it valid. When
the embedded data cannot settle it, and for every lower level, the authorities are asked.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate, AdESPassed, AdESSubIndic
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.ades import ades_basic_validation, ades_lta_validation, ades_with_time_validation
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo

from connectors.signing.archive import has_time_stamp, name_of
from connectors.signing.evidence import has_revocation_data, proves_unrevoked
from connectors.signing.fetching import RevocationFetcher, describe
from connectors.signing.trust import Trust
from engine.ports import SignatureReport

_GOOD_COVERAGE = (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)
_GOOD_MODIFICATION = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A signature before the judge."""

    signature: EmbeddedPdfSignature
    level: str
    sealed_at: datetime | None  #: time of the first document time stamp after it
    moment: datetime
    fetcher: RevocationFetcher


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judgement:
    indication: AdESSubIndic
    status: PdfSignatureStatus | None
    trusted_time: datetime | None
    message: str = ""


class PyhankoVerifier:
    """Verifies against the configured roots only."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust

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
            later = [stamp for stamp in stamps if stamp.signed_revision > signature.signed_revision]
            case = _Case(
                signature=signature,
                level=_level(signature, bool(later)),
                sealed_at=_stamped_at(later[0]) if later else None,
                moment=moment,
                fetcher=fetcher,
            )
            return self._judged(case)
        except Exception as error:  # noqa: BLE001 - see verify
            problem = f"không kiểm tra được chữ ký / the signature cannot be checked ({type(error).__name__})"
            return _doubtful(signature.field_name, problem)

    def _judged(self, case: _Case) -> SignatureReport:
        signature = case.signature
        signature.compute_integrity_info()
        coverage = signature.coverage or SignatureCoverageLevel.UNCLEAR
        difference = signature.diff_result
        modification = difference.modification_level if isinstance(difference, DiffResult) else ModificationLevel.OTHER
        judgement = asyncio.run(self._judge(case))
        status = judgement.status
        intact = status is not None and status.intact and status.valid
        trusted = intact and judgement.indication == AdESPassed.OK
        problems = [] if trusted else [_sentence(judgement, case.fetcher.failures)]
        if coverage not in _GOOD_COVERAGE:
            problems.append(f"chữ ký không bao trùm tệp / the signature does not cover the file ({coverage.name})")
        if modification not in _GOOD_MODIFICATION:
            problems.append("tệp đã bị thay đổi sau khi ký / the document was changed after signing")
        return SignatureReport(
            field=signature.field_name,
            signer=name_of(signature.signer_cert),
            serial=f"{signature.signer_cert.serial_number:x}",
            level=case.level,
            signed_at=judgement.trusted_time if trusted and case.level != "B-B" else None,
            valid=trusted and not problems,
            intact=intact,
            trusted=trusted,
            revoked=not trusted and status is not None and status.revoked,
            coverage=coverage.name,
            modification=modification.name,
            problem="; ".join(problems),
        )

    async def _judge(self, case: _Case) -> _Judgement:
        if case.level == "B-LTA" and case.sealed_at is not None:
            offline = await self._long_term(case, RevinfoOnlineFetchingRule.LOCAL_ONLY)
            signed_at = offline.trusted_time
            if (
                offline.indication == AdESPassed.OK
                and signed_at is not None
                and await proves_unrevoked(case.signature, self._trust.policy, signed_at, case.sealed_at)
            ):
                return offline
            return _strict(await self._long_term(case, RevinfoOnlineFetchingRule.NO_HISTORICAL_FETCH))
        signature = case.signature
        spec = self._specification(case, RevinfoOnlineFetchingRule.NO_HISTORICAL_FETCH)
        settings = {
            "signed_data": signature.signed_data,
            "validation_spec": spec,
            "timing_info": _timing(case.moment),
            "raw_digest": signature.compute_digest(),
            "extra_status_kwargs": signature.summarise_integrity_info(),
            "status_cls": PdfSignatureStatus,
        }
        judge = ades_basic_validation if case.level == "B-B" else ades_with_time_validation
        result = await judge(**settings)
        return _Judgement(
            indication=result.ades_subindic,
            status=result.api_status,
            trusted_time=getattr(result, "best_signature_time", None),
            message=result.failure_msg or "",
        )

    async def _long_term(self, case: _Case, rule: RevinfoOnlineFetchingRule) -> _Judgement:
        spec = PdfSignatureValidationSpec(self._specification(case, rule))
        result = await ades_lta_validation(case.signature, spec, timing_info=_timing(case.moment))
        return _Judgement(
            indication=result.ades_subindic,
            status=result.api_status,
            trusted_time=result.best_signature_time,
            message=result.failure_msg or "",
        )

    def _specification(self, case: _Case, rule: RevinfoOnlineFetchingRule) -> SignatureValidationSpec:
        return SignatureValidationSpec(
            cert_validation_policy=self._trust.policy,
            revinfo_gathering_policy=RevocationInfoGatheringSpec(
                online_fetching_rule=rule,
                fetcher_backend=case.fetcher,
                certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
            ),
        )


def _strict(judgement: _Judgement) -> _Judgement:
    """A signing after the revocation is never healed by older data that did not know of it yet."""
    status, signed_at = judgement.status, judgement.trusted_time
    details = status.revocation_details if status is not None else None
    if details is not None and (signed_at is None or details.revocation_date <= signed_at):
        return replace(judgement, indication=AdESFailure.REVOKED)
    return judgement


def _level(signature: EmbeddedPdfSignature, sealed: bool) -> str:
    if not has_time_stamp(signature):
        return "B-B"
    if not has_revocation_data(signature.reader):
        return "B-T"
    return "B-LTA" if sealed else "B-LT"


def _stamped_at(stamp: EmbeddedPdfSignature) -> datetime:
    moment: datetime = stamp.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
    return moment


def _timing(moment: datetime) -> ValidationTimingInfo:
    return ValidationTimingInfo(validation_time=moment, best_signature_time=moment, point_in_time_validation=False)


def _sentence(judgement: _Judgement, failures: tuple[str, ...]) -> str:
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
