from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageChops, ImageDraw

from connectors import pdfium
from connectors.letters.places import OFFICER_BOX, SEAL_BOX
from connectors.letters.refusals import OriginalUnusable
from connectors.letters.renderer import Renderer

TEMPLATES = Path(__file__).parents[3] / "processes" / "_shared" / "letters"
RENDERER = Renderer(TEMPLATES)


def data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((TEMPLATES / "certified-copy.sample.json").read_text())
    return found


def picture(kind: str, size: tuple[int, int] = (620, 877), mode: str = "RGB", **options: object) -> bytes:
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((40, 60, size[0] // 2, 160), fill=(20, 40, 160))
    pen.ellipse((40, size[1] - 200, 200, size[1] - 40), fill=(30, 120, 40))
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def paper(*turns: int) -> bytes:
    """A PDF with one page for each rotation, an odd crop box, and a mark in one corner."""
    made = Pdf.new()
    for turn in turns:
        page = made.add_blank_page(page_size=(600, 900))
        page.obj.CropBox = Array([50, 60, 550, 860])
        page.obj.Rotate = turn
        page.obj.Contents = made.make_stream(b"0 0 1 rg 100 100 200 60 re f 0 0.6 0 rg 400 500 60 300 re f")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def certify(original: bytes, media_type: str = "application/pdf") -> bytes:
    return RENDERER.certified_copy(original, media_type, "certified-copy", data())


@pytest.mark.parametrize(
    ("kind", "mode", "media_type"),
    [("PNG", "RGB", "image/png"), ("PNG", "L", "image/png"), ("PNG", "P", "image/png"), ("JPEG", "RGB", "image/jpeg"),
     ("JPEG", "L", "image/jpeg"), ("JPEG", "CMYK", "image/jpeg")],
)  # fmt: skip
def test_picture_becomes_an_a4_page_with_its_certification(kind: str, mode: str, media_type: str) -> None:
    copy = certify(picture(kind, mode=mode), media_type)
    with Pdf.open(io.BytesIO(copy)) as pdf:
        assert len(pdf.pages) == 2
        assert [round(float(side)) for side in pdf.pages[0].mediabox] == [0, 0, 595, 842]
    shown, _ = pdfium.render(copy, 1, width=620)
    blue, paper_white = shown.getpixel((150, 130)), shown.getpixel((450, 500))
    assert isinstance(blue, tuple) and isinstance(paper_white, tuple)
    assert min(paper_white) > 240
    assert max(blue) < 200


def test_jpeg_keeps_its_own_bytes() -> None:
    original = picture("JPEG")
    with Pdf.open(io.BytesIO(certify(original, "image/jpeg"))) as pdf:
        streams = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream)]
        assert any(stream.read_raw_bytes() == original for stream in streams if stream.get("/Subtype") == Name.Image)


def test_landscape_picture_gets_a_landscape_page() -> None:
    with Pdf.open(io.BytesIO(certify(picture("PNG", (877, 620)), "image/png"))) as pdf:
        assert [round(float(side)) for side in pdf.pages[0].mediabox] == [0, 0, 842, 595]


def test_camera_rotation_is_honoured() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Pdf.open(io.BytesIO(certify(picture("JPEG", (877, 620), exif=exif), "image/jpeg"))) as pdf:
        assert [round(float(side)) for side in pdf.pages[0].mediabox] == [0, 0, 595, 842]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_pdf_page_looks_as_it_did(turn: int) -> None:
    original = paper(turn)
    before, _ = pdfium.render(original, 1, dpi=72)
    after, _ = pdfium.render(certify(original), 1, dpi=72)
    assert before.size == after.size
    difference = np.asarray(ImageChops.difference(before, after)).max(axis=2) > 60
    stamped = np.zeros_like(difference)
    stamped[: (14 + 32), int(before.width - 17 - 95) :] = True
    assert difference[stamped].sum() > 100  # the stamp is at the top right
    assert difference[~stamped].mean() < 0.002


def test_every_page_carries_the_stamp_and_the_last_the_wording(tmp_path: Path) -> None:
    place = tmp_path / "copy.pdf"
    place.write_bytes(certify(paper(0, 90, 0)))
    text = subprocess.run(["pdftotext", "-layout", place, "-"], check=True, capture_output=True, text=True).stdout
    pages = text.split("\f")
    assert ["BẢN SAO" in page for page in pages[:3]] == [True] * 3
    assert "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH" in pages[3]
    assert "1024" in pages[3] and "quyển số 01/2026-SCT/BS" in pages[3] and "Trần Quốc Toàn" in pages[3]


def hostile() -> bytes:
    """Scripts, an attachment, a form with a filled field: only what is seen may survive."""
    made = Pdf.open(io.BytesIO(paper(0)))
    action = Dictionary(Type=Name.Action, S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    made.Root.OpenAction = action
    made.pages[0].obj.AA = Dictionary(O=action)
    made.attachments["a.exe"] = b"MZ"
    look = made.make_stream(b"1 0 0 rg 0 0 100 40 re f")
    look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 100, 40])
    field = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=pikepdf.String("name"), V=pikepdf.String("An"),
        Rect=Array([200, 300, 300, 340]), AP=Dictionary(N=look), F=4, AA=Dictionary(K=action),
    )  # fmt: skip
    reference = made.make_indirect(field)
    made.pages[0].obj.Annots = Array([reference])
    made.Root.AcroForm = Dictionary(Fields=Array([reference]), XFA=made.make_stream(b"<xdp/>"))
    out = io.BytesIO()
    made.save(out, encryption=pikepdf.Encryption(owner="o", user=""))
    return out.getvalue()


def test_copy_of_a_hostile_pdf_is_clean() -> None:
    copy = certify(hostile())
    with Pdf.open(io.BytesIO(copy)) as pdf:
        assert not pdf.is_encrypted
        assert not {"/AcroForm", "/OpenAction", "/AA", "/Names", "/AF"} & set(pdf.Root.keys())
        assert not any("/Annots" in page.obj or "/AA" in page.obj for page in pdf.pages[:1])
        plain = io.BytesIO()
        pdf.save(plain, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    for word in (b"JavaScript", b"alert", b"EmbeddedFile", b"xdp", b"/MZ"):
        assert word not in plain.getvalue()


def test_filled_field_is_part_of_what_is_copied() -> None:
    shown, _ = pdfium.render(certify(hostile()), 1, dpi=72)
    assert shown.getpixel((200, 860 - 320)) == (255, 0, 0)


def test_copy_is_deterministic() -> None:
    assert certify(paper(0, 90)) == certify(paper(0, 90))
    assert certify(picture("PNG"), "image/png") == certify(picture("PNG"), "image/png")


def test_signature_places_are_free_of_print() -> None:
    shown, dpi = pdfium.render(certify(paper(0)), 2, dpi=144)
    for left, bottom, right, top in (OFFICER_BOX, SEAL_BOX):
        area = shown.crop(tuple(round(value * dpi / 72) for value in (left, 842 - top, right, 842 - bottom)))
        assert np.asarray(area.convert("L")).min() > 250


@pytest.mark.parametrize(
    ("original", "media_type"),
    [
        (b"", "application/pdf"),
        (b"%PDF-1.7 nothing", "application/pdf"),
        (b"nothing", "image/png"),
        (picture("PNG")[:200], "image/png"),
        (paper(0), "text/html"),
    ],
)
def test_unusable_original_is_a_clear_no(original: bytes, media_type: str) -> None:
    with pytest.raises(OriginalUnusable):
        certify(original, media_type)


def test_locked_original_is_a_clear_no() -> None:
    made = Pdf.open(io.BytesIO(paper(0)))
    out = io.BytesIO()
    made.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(OriginalUnusable, match="password"):
        certify(out.getvalue())


def test_copy_passes_the_structure_check(tmp_path: Path) -> None:
    place = tmp_path / "copy.pdf"
    place.write_bytes(certify(paper(0, 270)))
    done = subprocess.run(["qpdf", "--check", place], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
