"""Signatures by pyHanko: EC (P-256) and RSA keys from PKCS#12, and keys in a PKCS#11 token."""

from __future__ import annotations

import asyncio
from io import BytesIO

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, SimpleBoxLayoutRule
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from connectors.signing.admission import PARSE_ERRORS, SYSTEM, Signable, admit
from connectors.signing.appearance import FaceContent, open_font
from connectors.signing.archive import Archivist
from connectors.signing.keystore import KeyStore, SigningKey
from connectors.signing.signing_settings import SigningSettings
from connectors.signing.time_stamps import TimeStampClient, unavailable
from connectors.signing.tokens import find_token, token_key, token_signer
from connectors.signing.trust import Trust, as_asn1
from engine.errors import ConnectorRefused, Text
from engine.ports import SignatureRequest

DIGEST = "sha256"
_WHOLE = SimpleBoxLayoutRule(x_align=AxisAlignment.ALIGN_MIN, y_align=AxisAlignment.ALIGN_MIN)


class HeldKeySigner(Signer):  # type: ignore[misc,unused-ignore]
    """Signs with a key object that stays loaded (pyHanko's own parses the key twice a signature)."""

    def __init__(self, key: SigningKey) -> None:
        store = SimpleCertificateStore()
        store.register_multiple(as_asn1(certificate) for certificate in key.chain)
        super().__init__(signing_cert=as_asn1(key.certificate), cert_registry=store, embed_roots=False)
        if key.private is None:
            raise ConnectorRefused(
                system=SYSTEM,
                why=Text(vi=f"khóa {key.name} nằm trong thiết bị", en=f"the key {key.name} is in a token"),
            )
        self._private = key.private

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """The raw signature over ``data``."""
        if digest_algorithm != DIGEST:
            raise SigningError(f"digest {digest_algorithm} is not used here")
        if isinstance(self._private, RSAPrivateKey):
            return (
                bytes(self._private.key_size // 8) if dry_run else self._private.sign(data, PKCS1v15(), hashes.SHA256())
            )
        return bytes(72) if dry_run else self._private.sign(data, ECDSA(hashes.SHA256()))


class PyhankoSigner:
    """Signs with EC and RSA keys at B-T and raises files to B-LTA."""

    def __init__(
        self,
        keys: KeyStore,
        trust: Trust,
        archivist: Archivist,
        settings: SigningSettings,
        time_stamps: TimeStampClient,
    ) -> None:
        self._keys, self._trust, self._archivist = keys, trust, archivist
        self._settings, self._time_stamps = settings, time_stamps
        self._signers: dict[str, HeldKeySigner] = {}

    def sign(self, pdf: bytes, request: SignatureRequest) -> bytes:
        """The PDF with one more signature at B-T; see ``engine.ports.Signer``."""
        token = find_token(self._settings.keys, request.key)
        key = self._keys.get(request.key) if token is None else token_key(self._settings.keys, request.key)
        place = admit(pdf, request)
        self._trust.require_usable(key)
        if token is not None:
            with token_signer(token, key) as signer:
                return self._signed(pdf, signer, request, place)
        return self._signed(pdf, self._held(key), request, place)

    def _held(self, key: SigningKey) -> HeldKeySigner:
        signer = self._signers.get(key.serial)
        if signer is None:
            signer = self._signers[key.serial] = HeldKeySigner(key)
        return signer

    def seal_for_archive(self, pdf: bytes) -> bytes:
        """The PDF at B-LTA; see ``engine.ports.Signer``."""
        return self._archivist.seal(pdf)

    def _signed(self, pdf: bytes, signer: Signer, request: SignatureRequest, place: Signable) -> bytes:
        metadata = PdfSignatureMetadata(
            field_name=place.field,
            md_algorithm=DIGEST,
            subfilter=SigSeedSubFilter.PADES,
            reason=request.reason,
            location=request.location,
        )
        field = SigFieldSpec(
            sig_field_name=place.field,
            on_page=request.page,
            box=request.box if request.label else None,
        )
        pdf_signer = PdfSigner(
            metadata,
            signer=signer,
            timestamper=self._time_stamps,
            stamp_style=self._style(request),
            new_field_spec=field,
        )
        out = BytesIO()
        try:
            writer = IncrementalPdfFileWriter(BytesIO(pdf))
            asyncio.run(pdf_signer.async_sign_pdf(writer, output=out))
        except TimestampRequestError as error:
            raise unavailable(self._settings.time_stamp_url, "wrong nonce") from error
        except (SigningError, *PARSE_ERRORS) as error:
            raise ConnectorRefused(
                system=SYSTEM,
                why=Text(
                    vi="cấu trúc tệp PDF không cho ký đúng; hãy in lại tệp rồi ký",
                    en=f"the structure of the PDF does not allow a correct signature ({type(error).__name__})",
                ),
            ) from error
        return out.getvalue()

    def _style(self, request: SignatureRequest) -> StaticStampStyle | None:
        if not request.label:
            return None
        font = open_font(self._settings.font)
        left, bottom, right, top = request.box
        content = FaceContent(font, font.layout(request.label, right - left, top - bottom))
        return StaticStampStyle(background=content, border_width=0, background_layout=_WHOLE)
