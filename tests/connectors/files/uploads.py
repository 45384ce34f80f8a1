"""Uploads made in memory: pictures and PDFs, good, hostile and broken."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
from pikepdf import Dictionary, Name, Pdf
from PIL import Image, ImageDraw


def picture(kind: str = "PNG", size: tuple[int, int] = (320, 200), mode: str = "RGB", **options: object) -> bytes:
    image = Image.new(mode, size, "white")
    ImageDraw.Draw(image).rectangle((20, 20, size[0] - 20, size[1] - 60), fill="black" if mode != "L" else 0)
    out = io.BytesIO()
    image.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def pdf(pages: int = 1, change: Callable[[Pdf], None] | None = None, **options: object) -> bytes:
    made = Pdf.new()
    for number in range(pages):
        page = made.add_blank_page(page_size=(595, 842))
        page.obj.Contents = made.make_stream(f"0.{number % 9} g 100 100 300 300 re f".encode())
    if change:
        change(made)
    out = io.BytesIO()
    made.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def script(made: Pdf, code: str = "app.alert(1)") -> pikepdf.Object:
    return Dictionary(Type=Name.Action, S=Name.JavaScript, JS=pikepdf.String(code))


def with_signature(made: Pdf) -> None:
    value = made.make_indirect(
        Dictionary(
            Type=Name.Sig,
            Filter=Name("/Adobe.PPKLite"),
            SubFilter=Name("/ETSI.CAdES.detached"),
            ByteRange=pikepdf.Array([0, 10, 20, 30]),
            Contents=pikepdf.String("00"),
        )
    )
    field = made.make_indirect(Dictionary(FT=Name.Sig, T=pikepdf.String("S1"), V=value))
    made.Root.AcroForm = Dictionary(Fields=pikepdf.Array([field]), SigFlags=3)
