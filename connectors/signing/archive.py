"""Raises a signed PDF to B-LTA: revocation data for each signature, then one document time stamp."""

from __future__ import annotations

import asyncio
from io import BytesIO

from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import NonexistentAttributeError, SigningError, find_unique_cms_attribute
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation.dss import async_add_validation_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError

from connectors.signing.admission import PARSE_ERRORS
from connectors.signing.time_stamps import TimeStampClient, unavailable
from connectors.signing.trust import Occasion, Trust, explain
from engine.errors import ConnectorRefused, Text

SYSTEM = Text(vi="lưu trữ lâu dài chữ ký", en="signature archiving")
DIGEST = "sha256"


class Archivist:
    """Adds what makes signatures verifiable for decades; every network answer it needs is fetched here, now."""

    def __init__(self, trust: Trust, time_stamps: TimeStampClient) -> None:
        self._trust = trust
        self._time_stamps = time_stamps

    def seal(self, pdf: bytes) -> bytes:
        """``pdf`` at B-LTA. Refused when unsigned, when a signature has no time stamp, or is not trusted now.

        Sealing a sealed file again renews it: revocation data about the earlier time stamps and a new time stamp.
        """
        pending = self._pending(pdf)
        with self._trust.occasion() as occasion:
            for name in pending:
                pdf = self._add_revocation_data(pdf, name, occasion)
            return self._stamp(pdf, occasion)

    def _pending(self, pdf: bytes) -> list[str]:
        """Fields of the signatures not under a time stamp yet, and of all earlier document time stamps."""
        try:
            reader = PdfFileReader(BytesIO(pdf))
            signatures = reader.embedded_regular_signatures
            stamps = reader.embedded_timestamp_signatures
            bare = [signature.field_name for signature in signatures if not has_time_stamp(signature)]
        except PARSE_ERRORS as error:
            raise _refused("tệp PDF hỏng, không đọc được", "the PDF is broken and cannot be read") from error
        if not signatures:
            raise _refused("tệp chưa có chữ ký nào", "the file carries no signature")
        if bare:
            names = ", ".join(bare)
            raise _refused(
                f"chữ ký {names} không có dấu thời gian (mức B-B)",
                f"the signature {names} has no time stamp (level B-B)",
            )
        sealed_to = max((stamp.signed_revision for stamp in stamps), default=-1)
        new = [signature for signature in signatures if signature.signed_revision > sealed_to]
        return [signature.field_name for signature in (*new, *stamps)]

    def _add_revocation_data(self, pdf: bytes, name: str, occasion: Occasion) -> bytes:
        # A reader of its own for each addition: one that saw the file before would drop what was added since.
        reader = PdfFileReader(BytesIO(pdf))
        signature = next(found for found in reader.embedded_signatures if found.field_name == name)
        holder = name_of(signature.signer_cert)
        out = BytesIO()
        try:
            asyncio.run(async_add_validation_info(signature, occasion.context, output=out))
        except (ValidationError, PathBuildingError) as error:
            raise explain(error, holder, occasion.fetcher.failures) from error
        except (SignatureValidationError, SigningError) as error:
            raise _refused(f"chữ ký của {holder} không hợp lệ", f"the signature of {holder} is not valid") from error
        return out.getvalue()

    def _stamp(self, pdf: bytes, occasion: Occasion) -> bytes:
        for _ in range(2):
            out = BytesIO()
            writer = IncrementalPdfFileWriter(BytesIO(pdf))
            try:
                asyncio.run(
                    PdfTimeStamper(self._time_stamps).async_timestamp_pdf(
                        writer, DIGEST, validation_context=occasion.context, output=out
                    )
                )
            except TimestampRequestError as error:
                raise unavailable(self._time_stamps.url, "wrong nonce") from error
            except (ValidationError, PathBuildingError) as error:
                raise explain(error, "TSA", occasion.fetcher.failures) from error
            if self._probe_was_right(out.getvalue()):
                return out.getvalue()
            # The service answered the probe with another certificate than the stamp: what was embedded is
            # about the wrong one.
            self._time_stamps.forget()
        raise unavailable(self._time_stamps.url, "its certificate keeps changing")

    def _probe_was_right(self, pdf: bytes) -> bool:
        stamp = PdfFileReader(BytesIO(pdf)).embedded_timestamp_signatures[-1]
        return stamp.signer_cert.issuer_serial in self._time_stamps._certs


def has_time_stamp(signature: EmbeddedPdfSignature) -> bool:
    """Whether the signature carries a time stamp of its own (B-T)."""
    try:
        find_unique_cms_attribute(signature.signer_info["unsigned_attrs"], "signature_time_stamp_token")
    except NonexistentAttributeError:
        return False
    return True


def name_of(certificate: asn1_x509.Certificate) -> str:
    """The common name of the certificate's subject."""
    names = certificate.subject.native
    name = names.get("common_name", certificate.subject.human_friendly)
    return name if isinstance(name, str) else ", ".join(name)


def _refused(vi: str, en: str) -> ConnectorRefused:
    return ConnectorRefused(system=SYSTEM, why=Text(vi=vi, en=en))
