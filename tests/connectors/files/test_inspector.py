from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageFile

from connectors.files import refusals
from connectors.files.inspector import Inspector, UploadLimits, printable_name
from connectors.files.refusals import UploadRefused
from engine.errors import InvalidInput, MotcuaError
from tests.connectors.files.uploads import pdf, picture, script, with_signature

inspect = Inspector().inspect
_NAME = re.compile(rb"/[^\x00\s()<>\[\]{}/%]*")


def refusal(name: str, content: bytes, limits: UploadLimits | None = None) -> str:
    with pytest.raises(UploadRefused) as caught:
        Inspector(limits).inspect(name, content)
    assert isinstance(caught.value, InvalidInput)
    assert "<" not in caught.value.message("vi") + caught.value.message("en")
    return caught.value.code


def test_png_is_accepted_with_its_size() -> None:
    found = inspect("ảnh bằng.PNG", picture("PNG", (320, 200)))
    assert (found.media_type, found.pages, found.width, found.height) == ("image/png", 1, 320, 200)


def test_jpeg_is_shown_upright_and_without_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "a camera that knows too much"
    found = inspect("a.jpg", picture("JPEG", (320, 200), exif=exif))
    shown = Image.open(io.BytesIO(found.safe_view))
    assert (found.width, found.height) == shown.size == (200, 320)
    assert not shown.getexif() and b"camera" not in found.safe_view


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_png_of_any_mode_is_shown(mode: str) -> None:
    image = Image.new("RGBA" if mode == "RGBA" else "L", (60, 40), 128).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.new("I;16", (60, 40), 40_000)
    out = io.BytesIO()
    image.save(out, "PNG")
    found = inspect("a.png", out.getvalue())
    assert Image.open(io.BytesIO(found.safe_view)).mode in {"L", "RGB"}


def test_cmyk_jpeg_is_shown_in_rgb() -> None:
    found = inspect("a.jpeg", picture("JPEG", mode="CMYK"))
    assert Image.open(io.BytesIO(found.safe_view)).mode == "RGB"


def test_plain_pdf_is_accepted_as_it_is() -> None:
    found = inspect("a.pdf", pdf(3))
    assert (found.media_type, found.pages, found.signed, found.safe_view) == ("application/pdf", 3, False, b"")
    assert found.notes == ("not-scanned",)


def test_empty_file_is_refused() -> None:
    assert refusal("a.pdf", b"") == "upload-empty"


def test_large_file_is_refused_at_the_byte() -> None:
    content = picture()
    limit = UploadLimits(max_bytes=len(content))
    assert Inspector(limit).inspect("a.png", content).pages == 1
    assert refusal("a.png", content, UploadLimits(max_bytes=len(content) - 1)) == "upload-too-large"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", picture("JPEG")),
        ("a.jpg", picture("PNG")),
        ("a.pdf", picture("PNG")),
        ("a.exe", pdf()),
        ("noextension", pdf()),
        ("a.pdf.exe", pdf()),
        ("a.gif", picture("GIF")),
        ("a.tiff", picture("TIFF")),
        ("a.pdf", b"\n\n" + pdf()),
        ("a.pdf", b"<html><script>alert(1)</script>"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ],
)
def test_wrong_type_is_refused(name: str, content: bytes) -> None:
    assert refusal(name, content) == "upload-type"


def test_accepted_list_is_configurable() -> None:
    assert refusal("a.png", picture(), UploadLimits(accepted=("application/pdf",))) == "upload-type"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_truncated_picture_is_refused(kind: str, share: float) -> None:
    noise = Image.effect_noise((300, 200), 90)
    out = io.BytesIO()
    noise.save(out, kind)
    content = out.getvalue()
    assert refusal(f"a.{kind.lower()}", content[: int(len(content) * share)]) == "upload-broken"


def test_truncated_picture_is_refused_whatever_another_library_switched(monkeypatch: pytest.MonkeyPatch) -> None:
    content = picture("JPEG", (400, 400))
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    assert refusal("a.jpg", content[: len(content) // 2]) == "upload-broken"


def test_png_with_one_changed_byte_is_refused() -> None:
    content = bytearray(picture("PNG"))
    content[len(content) // 2] ^= 1
    assert refusal("a.png", bytes(content)) == "upload-broken"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_truncated_pdf_is_refused(share: float) -> None:
    content = pdf(20)
    assert refusal("a.pdf", content[: int(len(content) * share)]) == "upload-broken"


def test_pdf_with_lost_tail_is_refused_even_with_its_end_mark() -> None:
    assert refusal("a.pdf", pdf()[:40] + b"\n%%EOF") == "upload-broken"


def test_pdf_without_pages_is_refused() -> None:
    assert refusal("a.pdf", pdf(0)) == "upload-broken"


def test_too_many_pages_are_refused_at_the_page() -> None:
    limits = UploadLimits(max_pages=3)
    assert Inspector(limits).inspect("a.pdf", pdf(3)).pages == 3
    assert refusal("a.pdf", pdf(4), limits) == "upload-pages"


def test_too_many_pixels_are_refused_before_decoding() -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    assert refusal("bomb.png", out.getvalue()) == "upload-pixels"


def test_picture_bomb_inside_a_pdf_is_refused() -> None:
    def bomb(made: Pdf) -> None:
        stream = made.make_stream(b"\0" * 10)
        stream.Type, stream.Subtype, stream.Width, stream.Height = Name.XObject, Name.Image, 90_000, 90_000
        made.pages[0].obj.Resources = Dictionary(XObject=Dictionary(Im=stream))

    assert refusal("a.pdf", pdf(1, bomb)) == "upload-pixels"


def test_stream_bomb_inside_a_pdf_is_refused() -> None:
    def bomb(made: Pdf) -> None:
        made.pages[0].obj.Contents = made.make_stream(b" " * 80_000_000)

    content = pdf(1, bomb, compress_streams=True)
    assert len(content) < 1_000_000
    assert refusal("a.pdf", content) == "upload-broken"


def test_user_password_is_refused() -> None:
    locked = pdf(1, encryption=pikepdf.Encryption(owner="o", user="u"))
    assert refusal("a.pdf", locked) == "upload-encrypted"


def test_owner_password_is_opened_and_noted() -> None:
    found = inspect("a.pdf", pdf(2, encryption=pikepdf.Encryption(owner="o", user="")))
    assert found.pages == 2 and "owner-password" in found.notes
    with Pdf.open(io.BytesIO(found.safe_view)) as view:
        assert not view.is_encrypted


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("run.sh", "echo")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", picture("PNG") + archive()),
        ("a.pdf", pdf() + archive()),
        ("a.jpg", picture("JPEG") + b"<script>alert(1)</script>"),
        ("a.jpg", picture("JPEG", comment=b"%PDF-1.4 \n1 0 obj")),
        ("a.jpg", picture("JPEG", comment=b"<?php system($_GET['c']);")),
        ("a.pdf", pdf() + b"<script>alert(1)</script>%%EOF"),
    ],
)
def test_polyglot_is_refused(name: str, content: bytes) -> None:
    assert refusal(name, content) == "upload-polyglot"


def open_action(made: Pdf) -> None:
    made.Root.OpenAction = script(made)


def page_action(made: Pdf) -> None:
    made.pages[0].obj.AA = Dictionary(O=script(made))


def named_script(made: Pdf) -> None:
    tree = Dictionary(Names=Array([pikepdf.String("x"), made.make_indirect(script(made))]))
    made.Root.Names = Dictionary(JavaScript=tree)


def link_that_launches(made: Pdf) -> None:
    action = Dictionary(S=Name.Launch, F=pikepdf.String("cmd.exe"))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=made.make_indirect(action))
    made.pages[0].obj.Annots = Array([made.make_indirect(link)])


def chained_action(made: Pdf) -> None:
    follow = Dictionary(S=Name.URI, URI=pikepdf.String("https://example.vn"), Next=Array([script(made)]))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=follow)
    made.pages[0].obj.Annots = Array([link])


def attachment(made: Pdf) -> None:
    made.attachments["virus.exe"] = b"MZ"


def associated_file(made: Pdf) -> None:
    file = Dictionary(Type=Name.Filespec, F=pikepdf.String("a.exe"), EF=Dictionary(F=made.make_stream(b"MZ")))
    made.Root.AF = Array([made.make_indirect(file)])


def file_annotation(made: Pdf) -> None:
    note = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([0, 0, 9, 9]))
    made.pages[0].obj.Annots = Array([made.make_indirect(note)])


def xfa(made: Pdf) -> None:
    made.Root.AcroForm = Dictionary(Fields=Array([]), XFA=made.make_stream(b"<xdp/>"))


def script_address(made: Pdf) -> None:
    go = Dictionary(S=Name.URI, URI=pikepdf.String("javascript:alert(1)"))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=go)
    made.pages[0].obj.Annots = Array([link])


ACTIVE = [
    open_action,
    page_action,
    named_script,
    link_that_launches,
    chained_action,
    attachment,
    associated_file,
    file_annotation,
    xfa,
    script_address,
]


@pytest.mark.parametrize("change", ACTIVE)
def test_active_content_is_left_out_of_the_safe_view(change: Callable[[Pdf], None]) -> None:
    found = inspect("a.pdf", pdf(2, change))
    assert any(note.startswith("removed:") for note in found.notes)
    again = inspect("view.pdf", found.safe_view)
    assert again.pages == 2 and again.safe_view == b"" and again.notes == ("not-scanned",)
    for word in (b"JavaScript", b"Launch", b"EmbeddedFile", b"MZ", b"XFA", b"alert"):
        with Pdf.open(io.BytesIO(found.safe_view)) as view:
            plain = io.BytesIO()
            view.save(plain, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
        assert word not in plain.getvalue()


def test_safe_view_keeps_harmless_links() -> None:
    def link(made: Pdf) -> None:
        go = Dictionary(S=Name.URI, URI=pikepdf.String("https://example.vn"))
        note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=go)
        made.pages[0].obj.Annots = Array([note])
        made.Root.OpenAction = script(made)

    view = inspect("a.pdf", pdf(1, link)).safe_view
    assert b"https://example.vn" in view


def test_signed_pdf_is_never_rewritten() -> None:
    def both(made: Pdf) -> None:
        with_signature(made)
        attachment(made)

    found = inspect("a.pdf", pdf(1, both))
    assert found.signed and found.safe_view == b""


def test_signed_pdf_that_runs_something_is_refused() -> None:
    def both(made: Pdf) -> None:
        with_signature(made)
        open_action(made)

    assert refusal("a.pdf", pdf(1, both)) == "upload-active"


def test_name_in_messages_is_harmless() -> None:
    assert printable_name("C:\\giấy tờ\\khai sinh\n\x1b[31m.pdf") == "khai sinh[31m.pdf"
    assert len(printable_name("ả" * 500 + ".pdf")) <= 120
    assert printable_name("ả" * 500 + ".pdf").endswith("….pdf")


def test_every_refusal_has_its_own_code_and_both_sentences() -> None:
    kinds = [kind for kind in vars(refusals).values() if isinstance(kind, type) and issubclass(kind, MotcuaError)]
    kinds = [kind for kind in kinds if kind.__module__ == refusals.__name__]
    assert len({kind.code for kind in kinds}) == len(kinds) > 10
    assert all(kind.vi and kind.__doc__ and kind.vi != UploadRefused.vi for kind in kinds[1:])


@given(junk=st.binary(max_size=400), suffix=st.sampled_from(["a.pdf", "a.png", "a.jpg", "", "a"]))
@settings(max_examples=120, deadline=None)
def test_any_junk_is_refused_politely(junk: bytes, suffix: str) -> None:
    with pytest.raises(UploadRefused):
        inspect(suffix, junk)


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_mutated_pdf_is_accepted_or_refused_politely(data: st.DataObject) -> None:
    content = bytearray(pdf(2, open_action))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = inspect("a.pdf", bytes(content))
    except UploadRefused:
        return
    # A whole name: what the mutation made of it, /JavaScript#01 say, names no action.
    assert found.pages >= 1 and b"/JavaScript" not in _NAME.findall(found.safe_view)


def test_unset_scanner_is_recorded() -> None:
    assert Inspector.with_clamd(None).inspect("a.pdf", pdf()).notes == ("not-scanned",)


def test_absent_scanner_quarantines(tmp_path: Path) -> None:
    with pytest.raises(refusals.UploadQuarantined) as caught:
        Inspector.with_clamd(tmp_path / "clamd.sock").inspect("a.pdf", pdf())
    assert caught.value.code == "upload-quarantined"
