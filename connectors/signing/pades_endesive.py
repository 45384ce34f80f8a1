"""RSA signatures by endesive 2.19.3: PAdES B-T from PKCS#12 keys.

endesive's public ``sign`` writes ``adbe.pkcs7.detached`` and hashes with SHA-1 by default; with a time stamp it
fails now and then unless room is reserved. Hence the subclass and the fixed parameters below. It would ask for the
time stamp without an end to its patience and take any answer, so the stamp comes from our own client.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Any

from asn1crypto import cms as asn1_cms
from endesive.pdf import cms
from endesive.pdf.PyPDF2 import generic
from endesive.pdf.PyPDF2.utils import PyPdfError
from endesive.pdf.PyPDF2_annotate.annotations.signature import Signature
from endesive.pdf.PyPDF2_annotate.config.appearance import Appearance
from endesive.pdf.PyPDF2_annotate.config.location import Location
from endesive.pdf.PyPDF2_annotate.util.geometry import identity
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from connectors.signing.admission import PARSE_ERRORS, SYSTEM, Signable, admit
from connectors.signing.appearance import LEADING, MARGIN, Face, open_font
from connectors.signing.archive import Archivist
from connectors.signing.keystore import KeyStore, SigningKey
from connectors.signing.signing_settings import SigningSettings
from connectors.signing.time_stamps import TimeStampClient, unavailable
from connectors.signing.trust import Trust
from engine.errors import ConnectorRefused, Text
from engine.ports import SignatureRequest

_DIGEST = "sha256"
#: Bytes reserved for the signature, in hexadecimal digits of the file; a B-T signature has about 11 KB.
_RESERVED = 16384
_CONTENTS = re.compile(rb"<([0-9a-f]{%d})>" % (2 * _RESERVED))


class _Pades(cms.SignedData):  # type: ignore[misc]
    def _make_signature(self, Contents: Any = None, Type: Any = None, SubFilter: Any = None) -> Any:  # noqa: N803
        if SubFilter == "/adbe.pkcs7.detached":
            SubFilter = generic.NameObject("/ETSI.CAdES.detached")  # noqa: N806 - the parent's keyword
        return super()._make_signature(Contents=Contents, Type=Type, SubFilter=SubFilter)

    def addAnnotation(  # noqa: N802, PLR0913 - the parent's name and arguments
        self, cert: Any, udct: Any, box: Any, page0ref: Any, obj13: Any, obj13ref: Any, new_13: Any
    ) -> None:
        """Draw the face with Tinos alone; the parent would embed its Helvetica too."""
        face: Face = udct["face"]
        left, bottom, right, top = box
        annotation = Signature(Location(x1=left, y1=bottom, x2=right, y2=top, page=0), Appearance())
        annotation.add_ttf_font(str(udct["font"].path), name="Tinos")
        lead = face.size * LEADING
        style = (face.width, lead, face.size, False, "left", "top", LEADING)
        lines = [
            ["text_box", line, "Tinos", MARGIN, face.height - MARGIN - lead * number, *style]
            for number, line in enumerate(face.lines, 1)
            if line
        ]
        annotation.set_signature_appearance(["fill_colour", 0, 0, 0], ["font", "Tinos", face.size], *lines)
        drawn = annotation.as_pdf_object(identity(), page=page0ref)
        shown = generic.DictionaryObject()
        shown[generic.NameObject("/N")] = self._addObject(self._extend(drawn["/AP"]["/N"]))
        corners = generic.ArrayObject([generic.FloatObject(side) for side in box])
        obj13.update({generic.NameObject("/Rect"): corners, generic.NameObject("/AP"): shown})
        page = page0ref.getObject()
        annotations = page["/Annots"] if "/Annots" in page else generic.ArrayObject()
        if new_13:
            annotations.append(obj13ref)
        page.update({generic.NameObject("/Annots"): annotations})
        self._objects[page0ref.idnum - 1] = page


class EndesiveSigner:
    """Signs with RSA keys; EC keys, certified and encrypted files are refused before endesive sees them."""

    def __init__(
        self,
        keys: KeyStore,
        trust: Trust,
        archivist: Archivist,
        settings: SigningSettings,
        time_stamps: TimeStampClient,
    ) -> None:
        self._keys, self._trust, self._archivist, self._settings = keys, trust, archivist, settings
        self._time_stamps = time_stamps

    def sign(self, pdf: bytes, request: SignatureRequest) -> bytes:
        """The PDF with one more signature at B-T; see ``engine.ports.Signer``."""
        key = self._keys.get(request.key)
        if key.algorithm != "rsa" or key.private is None:
            raise ConnectorRefused(
                system=SYSTEM,
                why=Text(
                    vi=f"khóa {key.name} không phải RSA; endesive chỉ ký đúng với RSA, hãy dùng pyHanko",
                    en=f"the key {key.name} is not RSA; endesive signs correctly with RSA only, use pyHanko",
                ),
            )
        place = admit(pdf, request)
        self._trust.require_usable(key)
        return pdf + self._stamped(_revision(pdf, key, self._parameters(request, place)))

    def seal_for_archive(self, pdf: bytes) -> bytes:
        """The PDF at B-LTA, by pyHanko; see ``engine.ports.Signer``."""
        return self._archivist.seal(pdf)

    def _stamped(self, revision: bytes) -> bytes:
        """The revision with a time stamp over its signature, in the room that is reserved."""
        (room,) = _CONTENTS.finditer(revision)
        signed = asn1_cms.ContentInfo.load(bytes.fromhex(room[1].decode()))
        signer = signed["content"]["signer_infos"][0]
        digest = hashlib.new(_DIGEST, signer["signature"].native).digest()
        try:
            token = asyncio.run(self._time_stamps.async_timestamp(digest, _DIGEST))
        except TimestampRequestError as error:
            raise unavailable(self._time_stamps.url, "wrong nonce") from error
        signer["unsigned_attrs"] = [{"type": "signature_time_stamp_token", "values": [token]}]
        contents = signed.dump().hex().encode()
        if len(contents) > len(room[1]):
            raise unavailable(self._time_stamps.url, f"{len(token.dump())} bytes")
        filled: bytes = contents.ljust(len(room[1]), b"0")
        return revision[: room.start(1)] + filled + revision[room.end(1) :]

    def _parameters(self, request: SignatureRequest, place: Signable) -> dict[str, Any]:
        moment = self._trust.clock.now()
        offset = moment.strftime("%z")
        parameters: dict[str, Any] = {
            "aligned": _RESERVED,
            "sigflags": 3,
            "sigfield": place.field,
            "sigpage": request.page,
            "reason": request.reason,
            "location": request.location,
            "signingdate": f"D:{moment:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:]}'",
            "application": "Motcua",
        }
        if request.label:
            font = open_font(self._settings.font)
            left, bottom, right, top = request.box
            face = font.layout(request.label, right - left, top - bottom)
            parameters |= {"signaturebox": request.box, "face": face, "font": font}
        return parameters


def _revision(pdf: bytes, key: SigningKey, parameters: dict[str, Any]) -> bytes:
    """What is written behind ``pdf``: one more signature, at B-B."""
    chain = list(key.chain)
    try:
        revision: bytes = _Pades().sign(pdf, parameters, key.private, key.certificate, chain, _DIGEST, None)
    except (ValueError, *PARSE_ERRORS, PyPdfError) as error:
        raise _unsignable(error) from error
    return revision


def _unsignable(error: Exception) -> ConnectorRefused:
    return ConnectorRefused(
        system=SYSTEM,
        why=Text(
            vi="cấu trúc tệp PDF không cho ký đúng; hãy in lại tệp rồi ký",
            en=f"the structure of the PDF does not allow a correct signature ({type(error).__name__})",
        ),
    )
