"""What may be signed: refuses, before any library is called, a PDF that could not be signed correctly."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from engine.errors import ConnectorRefused, Text
from engine.ports import SignatureRequest

SYSTEM = Text(vi="ký số", en="signing")
#: endesive writes offsets into eight digits.
LARGEST = 90 * 1024 * 1024
#: What a parser may raise on a malformed file; anything else is our own mistake and must show.
PARSE_ERRORS = (
    PdfError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    OSError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signable:
    """A PDF that may get one more signature."""

    field: str  #: a name for the new signature field that is not taken
    signatures: int  #: signatures already there, time stamps not counted
    pages: int


def admit(pdf: bytes, request: SignatureRequest) -> Signable:
    """Judge ``pdf``; ``ConnectorRefused`` says what is wrong with it."""
    if len(pdf) > LARGEST:
        raise _refused(f"tệp lớn hơn {LARGEST // 2**20} MB", f"the file is larger than {LARGEST // 2**20} MB")
    if not pdf.startswith(b"%PDF-"):
        raise _refused("tệp không phải PDF", "the file is not a PDF")
    try:
        reader = PdfFileReader(BytesIO(pdf))
        if reader.encrypted:
            raise _refused(
                "tệp PDF bị khóa bằng mật khẩu; hãy bỏ mật khẩu rồi ký",
                "the PDF is encrypted; remove the password and sign again",
            )
        if ("/Perms" in reader.root and "/DocMDP" in reader.root["/Perms"]) or _locked(reader):
            raise _refused(
                "tệp PDF đã được chứng nhận và không cho ký thêm",
                "the PDF is certified and admits no further signature",
            )
        pages = int(reader.root["/Pages"]["/Count"])
        names = {name for name, _, _ in enumerate_sig_fields(reader)}
        signatures = len(reader.embedded_regular_signatures)
        if reader.xrefs.hybrid_xrefs_present:
            raise _refused("tệp PDF có bảng tham chiếu hỗn hợp", "the PDF has a hybrid reference table")
    except PARSE_ERRORS as error:
        raise _refused("tệp PDF hỏng, không đọc được", "the PDF is broken and cannot be read") from error
    _require_place(request, pages)
    number = signatures + 1
    while f"Signature{number}" in names:
        number += 1
    return Signable(field=f"Signature{number}", signatures=signatures, pages=pages)


def _locked(reader: PdfFileReader) -> bool:
    return any(signature.docmdp_level is not None for signature in reader.embedded_regular_signatures)


def _require_place(request: SignatureRequest, pages: int) -> None:
    if not 0 <= request.page < pages:
        raise _refused(
            f"không có trang {request.page + 1}; tệp có {pages} trang",
            f"there is no page {request.page + 1}; the file has {pages}",
        )
    left, bottom, right, top = request.box
    if request.label and (right - left < 20 or top - bottom < 10):
        raise _refused("khung chữ ký nhỏ hơn 20 x 10 điểm", "the box of the signature is smaller than 20 x 10 points")


def _refused(vi: str, en: str) -> ConnectorRefused:
    return ConnectorRefused(system=SYSTEM, why=Text(vi=vi, en=en))
