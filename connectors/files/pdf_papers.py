"""PDF uploads: parsed strictly, searched for things that run, and cleaned for showing."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from connectors.files.refusals import (
    UploadActive,
    UploadBroken,
    UploadEncrypted,
    UploadPages,
    UploadPixels,
)

#: Keys that start something, or carry a file along, wherever they stand.
_KEYS = frozenset({"/OpenAction", "/AA", "/AF", "/JavaScript", "/JS", "/EmbeddedFiles", "/XFA", "/EF", "/RF"})
#: Actions that run code, start programs, send data or leave the document.
_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToR",
        "/GoToE",
        "/Rendition",
        "/Movie",
        "/Sound",
    }
    | {"/RichMediaExecute", "/ResetForm"}
)
#: Annotations that play or carry something.
_ANNOTATIONS = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Screen", "/3D", "/Sound"})
#: What truly runs; a signed file cannot be cleaned, so these refuse it.
_RUNNING = frozenset({"/JavaScript", "/JS", "/XFA", "/Launch", "/RichMedia"})
_MAX_STREAM = 64_000_000
_MAX_ALL_STREAMS = 256_000_000
_MAX_DEPTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfPaper:
    """A parsed PDF. ``safe_view`` is empty when the original may be shown as it is."""

    pages: int
    signed: bool
    owner_password: bool
    removed: tuple[str, ...]  #: active content left out of the safe view, as PDF names
    safe_view: bytes


def parse_pdf(name: str, content: bytes, *, max_pages: int, max_pixels: int) -> PdfPaper:
    """Parse the whole file; raise the refusal that fits."""
    if b"%%EOF" not in content[-2048:]:
        raise UploadBroken(name=name)
    with _open(name, content) as pdf:
        pages = _count(name, pdf, max_pages)
        try:
            _check_streams(name, pdf, max_pixels)
            signed = is_signed(pdf)
            found = tuple(sorted(set(_active(pdf))))
        except (pikepdf.PdfError, pikepdf.DataDecodingError, RecursionError, ValueError, TypeError) as error:
            raise UploadBroken(name=name) from error
        if signed:
            running = sorted(_RUNNING & set(found))
            if running:
                raise UploadActive(name=name, found=", ".join(running))
            safe_view, found = b"", ()
        else:
            safe_view = _clean(name, pdf) if found or pdf.is_encrypted else b""
        return PdfPaper(pages=pages, signed=signed, owner_password=pdf.is_encrypted, removed=found, safe_view=safe_view)


def is_signed(pdf: Pdf) -> bool:
    """Whether any object is a signature or a document time stamp (a ByteRange with its contents)."""
    return any(
        isinstance(thing, Dictionary) and "/ByteRange" in thing and "/Contents" in thing for thing in pdf.objects
    )


def _open(name: str, content: bytes) -> Pdf:
    try:
        return Pdf.open(io.BytesIO(content))
    except pikepdf.PasswordError as error:
        raise UploadEncrypted(name=name) from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise UploadBroken(name=name) from error


def _count(name: str, pdf: Pdf, limit: int) -> int:
    try:
        pages = len(pdf.pages)
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise UploadBroken(name=name) from error
    if pages == 0:
        raise UploadBroken(name=name)
    if pages > limit:
        raise UploadPages(name=name, pages=pages, limit=limit)
    return pages


def _check_streams(name: str, pdf: Pdf, max_pixels: int) -> None:
    """No picture above the pixel limit, no stream that unpacks into a bomb, no stream cut short."""
    total = 0
    for thing in pdf.objects:
        if not isinstance(thing, Stream):
            continue
        picture = thing.get("/Subtype") == Name.Image
        if picture:
            pixels = int(thing.get("/Width", 0)) * int(thing.get("/Height", 0))
            if pixels > max_pixels:
                raise UploadPixels(name=name, pixels=f"{pixels / 1e6:.0f}", limit=f"{max_pixels / 1e6:.0f}")
        size = _unpacked_size(name, thing, limit=max_pixels * 4 if picture else _MAX_STREAM)
        total += 0 if picture else size
        if total > _MAX_ALL_STREAMS:
            raise UploadBroken(name=name)


def _unpacked_size(name: str, stream: Stream, *, limit: int) -> int:
    """Bytes after undoing Flate, never more than ``limit`` in memory at once."""
    data = stream.read_raw_bytes()
    filters = stream.get("/Filter")
    names = list(filters) if isinstance(filters, Array) else [filters] if filters is not None else []
    for filter_name in names:
        if filter_name not in (Name.FlateDecode, Name.Fl):
            break
        opener = zlib.decompressobj()
        try:
            unpacked = opener.decompress(data, limit)
        except zlib.error as error:
            raise UploadBroken(name=name) from error
        if opener.unconsumed_tail:
            raise UploadBroken(name=name)
        data = unpacked
    return len(data)


def _clean(name: str, pdf: Pdf) -> bytes:
    """A copy without active content, written anew and searched again."""
    for holder in list(_containers(pdf)):
        _strip(holder)
    out = io.BytesIO()
    try:
        pdf.save(out, encryption=False, deterministic_id=True)
        with Pdf.open(io.BytesIO(out.getvalue())) as again:
            left = sorted(set(_active(again)))
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise UploadBroken(name=name) from error
    if left:
        raise UploadActive(name=name, found=", ".join(left))
    return out.getvalue()


def _active(pdf: Pdf) -> Iterator[str]:
    for holder in _containers(pdf):
        for _, why in _offences(holder):
            yield why


def _containers(pdf: Pdf) -> Iterator[Object]:
    """Every dictionary, stream and array of the file, each reached from its own indirect object."""
    yield from _nested(pdf.trailer, 0)
    for thing in pdf.objects:
        yield from _nested(thing, 0)


def _nested(thing: Object, depth: int) -> Iterator[Object]:
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deep")
    if not isinstance(thing, (Dictionary, Stream, Array)):
        return
    yield thing
    children = list(thing) if isinstance(thing, Array) else [thing[key] for key in list(thing.keys())]
    for child in children:
        # An indirect child is visited from the file's own list of objects.
        if isinstance(child, (Dictionary, Stream, Array)) and not child.is_indirect:
            yield from _nested(child, depth + 1)


def _offences(holder: Object) -> list[tuple[str | int, str]]:
    """Keys (or places in an array) of ``holder`` that must go, each with the PDF name that condemns it."""
    if isinstance(holder, Array):
        entries: list[tuple[str | int, Object]] = list(enumerate(holder))
    else:
        entries = [(str(key), holder[key]) for key in list(holder.keys())]
    found: list[tuple[str | int, str]] = []
    for key, value in entries:
        if isinstance(key, str) and key in _KEYS:
            found.append((key, key))
        elif isinstance(value, (Dictionary, Stream)):
            why = _condemned(value)
            if why:
                found.append((key, why))
    return found


def _condemned(value: Object) -> str:
    action, kind = str(value.get("/S", "")), str(value.get("/Subtype", ""))
    if action in _ACTIONS and value.get("/Type", Name.Action) == Name.Action:
        return action
    if kind in _ANNOTATIONS and "/Rect" in value:
        return kind
    if action == "/URI" and not str(value.get("/URI", "")).lower().startswith(("http:", "https:", "mailto:")):
        return "/URI"
    return ""


def _strip(holder: Object) -> None:
    for key, _ in reversed(_offences(holder)):
        del holder[key]
