"""Does a file itself prove that the signer's certificate was still good when it signed?

AdES accepts any revocation data that was fresh at the signing. A list from the morning is fresh all day, also for a
key that was reported stolen at noon and used in the evening. So we ask for more before the embedded data alone
decides: an authentic answer about the signer's certificate that was given *after* the signing.
"""

from __future__ import annotations

from datetime import datetime

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko_certvalidator import CertificateValidator
from pyhanko_certvalidator.context import CertValidationPolicySpec, bootstrap_validation_data_handlers
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer


def has_revocation_data(reader: PdfFileReader) -> bool:
    """Whether the file embeds a CRL or an OCSP answer at all."""
    store = _store(reader)
    return store is not None and bool(store.ocsps or store.crls)


def embedded_knowledge(reader: PdfFileReader) -> LocalKnowledge:
    """Certificates, CRLs and OCSP answers that the file embeds; nothing of it is trusted by being there."""
    store = _store(reader)
    if store is None:
        return LocalKnowledge()
    answers = [
        answer
        for reference in store.ocsps
        for answer in OCSPContainer.load_multi(
            asn1_ocsp.OCSPResponse.load(reference.get_object().read_data(DecodePurpose.OCSP_RESPONSE))
        )
    ]
    lists = [
        CRLContainer(asn1_crl.CertificateList.load(reference.get_object().read_data(DecodePurpose.CRL)))
        for reference in store.crls
    ]
    return LocalKnowledge(known_ocsps=answers, known_crls=lists, known_certs=list(store.load_certs()))


async def proves_unrevoked(
    signature: EmbeddedPdfSignature,
    policy: CertValidationPolicySpec,
    signed_at: datetime,
    sealed_at: datetime,
) -> bool:
    """Whether embedded, authentic data from between the two moments says that the certificate was good."""
    since = signed_at.replace(microsecond=0)
    certificate, known = signature.signer_cert, embedded_knowledge(signature.reader)
    handlers = bootstrap_validation_data_handlers(
        fetchers=None,
        ocsps=[answer for answer in known.known_ocsps if not _outdated_answer(answer, certificate, since)],
        crls=[listed for listed in known.known_crls if not _outdated_list(listed, certificate, since)],
        certs=[*known.known_certs, *signature.other_embedded_certs],
    )
    timing = ValidationTimingInfo(
        validation_time=sealed_at, best_signature_time=sealed_at, point_in_time_validation=True
    )
    validator = CertificateValidator(certificate, validation_context=policy.build_validation_context(timing, handlers))
    try:
        await validator.async_validate_path()
    except (ValidationError, PathBuildingError):
        return False
    return True


def _store(reader: PdfFileReader) -> DocumentSecurityStore | None:
    try:
        return DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return None


def _outdated_answer(answer: OCSPContainer, certificate: asn1_x509.Certificate, since: datetime) -> bool:
    single = answer.extract_single_response()
    if single is None:
        return True
    about_it = single["cert_id"]["serial_number"].native == certificate.serial_number
    return about_it and (answer.issuance_date is None or answer.issuance_date < since)


def _outdated_list(listed: CRLContainer, certificate: asn1_x509.Certificate, since: datetime) -> bool:
    about_it = listed.crl_data.issuer == certificate.issuer
    return about_it and (listed.issuance_date is None or listed.issuance_date < since)
