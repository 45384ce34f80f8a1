"""Is one signature good at a moment? The AdES validation processes of ETSI EN 319 102-1, by pyHanko."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate, AdESPassed, AdESSubIndic
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.validation.ades import (
    ades_basic_validation,
    ades_lta_validation,
    ades_timestamp_validation,
    ades_with_time_validation,
)
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel, StandardCMSSignatureStatus
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo

from connectors.signing.evidence import embedded_knowledge, proves_unrevoked
from connectors.signing.fetching import RevocationFetcher
from connectors.signing.trust import Trust

GOOD_COVERAGE = (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)
GOOD_MODIFICATION = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING)
OFFLINE, ONLINE = RevinfoOnlineFetchingRule.LOCAL_ONLY, RevinfoOnlineFetchingRule.NO_HISTORICAL_FETCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A signature before the judge."""

    signature: EmbeddedPdfSignature
    level: str  #: what the file claims: B-B, B-T, B-LT or B-LTA
    stamps: tuple[EmbeddedPdfSignature, ...]  #: document time stamps after it, in order
    moment: datetime  #: to judge at
    fetcher: RevocationFetcher
    knowledge: LocalKnowledge = field(default_factory=LocalKnowledge)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What came out."""

    indication: AdESSubIndic
    status: StandardCMSSignatureStatus | None
    trusted_time: datetime | None
    sealed: bool = False  #: a document time stamp after the signature is itself valid

    @property
    def passed(self) -> bool:
        """Whether the signature is good."""
        return self.indication == AdESPassed.OK


class Judge:
    """Judges cases under one trust policy."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust

    async def judge(self, case: Case) -> Judgement:
        """The judgement; asks the network only when the file itself does not settle the question."""
        if case.level == "B-B":
            return await self._with_time(case, ONLINE)
        if case.level == "B-LTA":
            known = replace(case, knowledge=embedded_knowledge(case.signature.reader))
            present = await self._sealed(known, OFFLINE)
            if present.passed and present.sealed and await self._proven(case, present.trusted_time):
                return present
            present = await self._sealed(known, ONLINE)
            if present.passed and present.sealed:
                return present
            return _strict(await self._long_term(case))
        return _strict(await self._with_time(case, ONLINE))

    async def _proven(self, case: Case, signed_at: datetime | None) -> bool:
        if signed_at is None:
            return False
        return await proves_unrevoked(case.signature, self._trust.policy, signed_at, stamped_at(case.stamps[0]))

    async def _sealed(self, case: Case, rule: RevinfoOnlineFetchingRule) -> Judgement:
        judgement = _strict(await self._with_time(case, rule))
        if not judgement.passed:
            return judgement
        sealed = await self._stamp_is_good(case, rule)
        return replace(judgement, sealed=sealed)

    async def _stamp_is_good(self, case: Case, rule: RevinfoOnlineFetchingRule) -> bool:
        stamp = case.stamps[-1]
        coverage, modification = integrity(stamp)
        if coverage not in GOOD_COVERAGE or modification not in GOOD_MODIFICATION:
            return False
        digest: Callable[[str], bytes] = stamp.compute_digest
        result = await ades_timestamp_validation(
            tst_signed_data=stamp.signed_data,
            validation_spec=self._specification(case, rule),
            expected_tst_imprint=digest,
            timing_info=_timing(case.moment),
        )
        return bool(result.ades_subindic == AdESPassed.OK)

    async def _with_time(self, case: Case, rule: RevinfoOnlineFetchingRule) -> Judgement:
        signature = case.signature
        settings: dict[str, Any] = {
            "signed_data": signature.signed_data,
            "validation_spec": self._specification(case, rule),
            "timing_info": _timing(case.moment),
            "raw_digest": signature.compute_digest(),
        }
        if case.level == "B-B":
            basic = await ades_basic_validation(**settings)
            return Judgement(indication=basic.ades_subindic, status=basic.api_status, trusted_time=None)
        result = await ades_with_time_validation(
            **settings,
            extra_status_kwargs=signature.summarise_integrity_info(),
            status_cls=PdfSignatureStatus,
        )
        judgement = Judgement(
            indication=result.ades_subindic,
            status=result.api_status,
            trusted_time=result.best_signature_time,
        )
        return _grounded(_in_validity(judgement, signature), case)

    async def _long_term(self, case: Case) -> Judgement:
        spec = PdfSignatureValidationSpec(self._specification(case, ONLINE))
        result = await ades_lta_validation(case.signature, spec, timing_info=_timing(case.moment))
        judgement = Judgement(
            indication=result.ades_subindic,
            status=result.api_status,
            trusted_time=result.best_signature_time,
            sealed=result.oldest_evidence_record_timestamp is not None,
        )
        return _in_validity(judgement, case.signature)

    def _specification(self, case: Case, rule: RevinfoOnlineFetchingRule) -> SignatureValidationSpec:
        return SignatureValidationSpec(
            cert_validation_policy=self._trust.policy,
            revinfo_gathering_policy=RevocationInfoGatheringSpec(
                online_fetching_rule=rule,
                fetcher_backend=case.fetcher,
                certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
            ),
            local_knowledge=case.knowledge,
        )


def integrity(signature: EmbeddedPdfSignature) -> tuple[SignatureCoverageLevel, ModificationLevel]:
    """How much of the file the signature covers, and what was done to the file afterwards."""
    signature.compute_integrity_info()
    found: dict[str, Any] = vars(signature)  # pyHanko declares both attributes as None
    difference = found["diff_result"]
    level = difference.modification_level if isinstance(difference, DiffResult) else ModificationLevel.OTHER
    return found["coverage"] or SignatureCoverageLevel.UNCLEAR, level


def stamped_at(stamp: EmbeddedPdfSignature) -> datetime:
    """The time in a document time stamp."""
    moment: datetime = stamp.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
    return moment


def _strict(judgement: Judgement) -> Judgement:
    """A signing after the revocation is never healed by older data that did not know of it yet."""
    status, signed_at = judgement.status, judgement.trusted_time
    details = status.revocation_details if status is not None else None
    if details is not None and (signed_at is None or details.revocation_date <= signed_at):
        return replace(judgement, indication=AdESFailure.REVOKED)
    return judgement


def _grounded(judgement: Judgement, case: Case) -> Judgement:
    """Only a path valid now, or a revocation of the signer known to be later than the signing, is a ground to pass.

    pyHanko also lets an expired certificate and a revoked authority pass at this level, as nothing is proven
    against them; but then nobody asked whether the certificate was revoked, so nothing is proven for them either.
    """
    status, signed_at = judgement.status, judgement.trusted_time
    if not judgement.passed or status is None:
        return judgement
    details, path = status.revocation_details, status.validation_path
    if details is not None and (details.ca_revoked or signed_at is None or details.revocation_date <= signed_at):
        return replace(judgement, indication=AdESIndeterminate.REVOKED_NO_POE)
    certificates = [case.signature.signer_cert] if path is None else list(path.iter_certs(include_root=False))
    if all(found.not_valid_before <= case.moment <= found.not_valid_after for found in certificates):
        return judgement
    return replace(judgement, indication=AdESIndeterminate.OUT_OF_BOUNDS_NO_POE)


def _in_validity(judgement: Judgement, signature: EmbeddedPdfSignature) -> Judgement:
    """A signing outside the validity of the certificate is never good, whatever the process concluded."""
    certificate, signed_at = signature.signer_cert, judgement.trusted_time
    if not judgement.passed or signed_at is None:
        return judgement
    if certificate.not_valid_before <= signed_at <= certificate.not_valid_after:
        return judgement
    return replace(judgement, indication=AdESIndeterminate.OUT_OF_BOUNDS_NO_POE)


def _timing(moment: datetime) -> ValidationTimingInfo:
    return ValidationTimingInfo(validation_time=moment, best_signature_time=moment, point_in_time_validation=False)
