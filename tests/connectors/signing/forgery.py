"""Makes the files that the product itself refuses to make: the raw material of the attack tests."""

from __future__ import annotations

import asyncio
import re
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from connectors.signing.keystore import KeyStore
from connectors.signing.pades_pyhanko import HeldKeySigner
from connectors.signing.time_stamps import TimeStampClient

from .conftest import Bench


def sign_by(
    pdf: bytes, bench: Bench, key: str, *, stamped: bool = True, field: str = "Forged", certify: bool = False
) -> bytes:
    """A signature without any of the product's own checks before it."""
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=certify,
        docmdp_permissions=MDPPerm.NO_CHANGES if certify else MDPPerm.FILL_FORMS,
    )
    stamps = TimeStampClient(bench.settings.time_stamp_url) if stamped else None
    signer = PdfSigner(metadata, signer=HeldKeySigner(KeyStore(bench.pki.keys).get(key)), timestamper=stamps)
    out = BytesIO()
    asyncio.run(signer.async_sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), output=out))
    return out.getvalue()


def certify(pdf: bytes, bench: Bench) -> bytes:
    """A certification signature that admits no change."""
    return sign_by(pdf, bench, "officer:LD02", certify=True)


def byte_range(pdf: bytes) -> tuple[int, int, int, int]:
    """The ByteRange of the first signature."""
    found = re.search(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)
    assert found is not None
    first, second, third, fourth = (int(part) for part in found.groups())
    return first, second, third, fourth


def with_byte_range(pdf: bytes, numbers: tuple[int, int, int, int]) -> bytes:
    """The file with another ByteRange in the same room."""
    found = re.search(rb"/ByteRange\s*\[[^\]]*\]\s*", pdf)
    assert found is not None
    text = b"/ByteRange [" + b" ".join(b"%d" % number for number in numbers) + b"]"
    return pdf[: found.start()] + text.ljust(found.end() - found.start()) + pdf[found.end() :]


def replace_content(pdf: bytes) -> bytes:
    """Another page content by an incremental update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    content = generic.StreamObject(stream_data=b"0 0 1 rg 50 50 400 400 re f")
    page[pdf_name("/Contents")] = writer.add_object(content)
    writer.update_container(page)
    return _written(writer)


def annotate(pdf: bytes) -> bytes:
    """A white rectangle with text over the page, as an annotation."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    numbers = [generic.NumberObject(side) for side in (50, 600, 400, 760)]
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject(numbers),
            pdf_name("/Contents"): generic.TextStringObject("Amount 9000"),
            pdf_name("/DA"): generic.TextStringObject("/Helv 12 Tf 0 g"),
        }
    )
    notes = page.get("/Annots", generic.ArrayObject())
    page[pdf_name("/Annots")] = generic.ArrayObject([*notes, writer.add_object(note)])
    writer.update_container(page)
    return _written(writer)


def swap_object(pdf: bytes) -> bytes:
    """The form XObject that the page draws, replaced after signing (a shadow attack)."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    drawn = writer.root["/Pages"]["/Kids"][0].get_object()["/Resources"]["/XObject"]["/X1"]
    drawn._data = drawn.data.replace(b"1000", b"9000")
    drawn._encoded_data = None
    writer.update_container(drawn)
    return _written(writer)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
