"""Does a file itself prove that the signer's certificate was still good when it signed?

AdES accepts any revocation data that was fresh at the signing. A list from the morning is fresh all day, also for a
key that was reported stolen at noon and used in the evening. So we ask for more before the embedded data alone
decides: an authentic answer about the signer's certificate that was given *after* the signing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import CertificateValidator
from pyhanko_certvalidator.context import CertValidationPolicySpec, bootstrap_validation_data_handlers
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer


def has_revocation_data(reader: PdfFileReader) -> bool:
    """Whether the file embeds a CRL or an OCSP answer at all."""
    store = _store(reader)
    return store is not None and bool(store.ocsps or store.crls)


async def proves_unrevoked(
    signature: EmbeddedPdfSignature,
    policy: CertValidationPolicySpec,
    signed_at: datetime,
    sealed_at: datetime,
) -> bool:
    """Whether embedded, authentic data from between the two moments says that the certificate was good."""
    store = _store(signature.reader)
    if store is None:
        return False
    since = signed_at.replace(microsecond=0)
    certificate = signature.signer_cert
    handlers = bootstrap_validation_data_handlers(
        fetchers=None,
        ocsps=_answers(store, certificate, since),
        crls=_lists(store, certificate, since),
        certs=[*store.load_certs(), *signature.other_embedded_certs],
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


def _answers(
    store: DocumentSecurityStore, certificate: asn1_x509.Certificate, since: datetime
) -> Iterable[OCSPContainer]:
    """All OCSP answers except those about ``certificate`` from before ``since``."""
    for reference in store.ocsps:
        data = reference.get_object().read_data(DecodePurpose.OCSP_RESPONSE)
        for answer in OCSPContainer.load_multi(asn1_ocsp.OCSPResponse.load(data)):
            single = answer.extract_single_response()
            if single is None:
                continue
            about_it = single["cert_id"]["serial_number"].native == certificate.serial_number
            if not about_it or (answer.issuance_date is not None and answer.issuance_date >= since):
                yield answer


def _lists(store: DocumentSecurityStore, certificate: asn1_x509.Certificate, since: datetime) -> Iterable[CRLContainer]:
    """All CRLs except those of the issuer of ``certificate`` from before ``since``."""
    for reference in store.crls:
        data = reference.get_object().read_data(DecodePurpose.CRL)
        known = CRLContainer(asn1_crl.CertificateList.load(data))
        about_it = known.crl_data.issuer == certificate.issuer
        if not about_it or (known.issuance_date is not None and known.issuance_date >= since):
            yield known
