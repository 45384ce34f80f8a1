"""A version of a procedure as a zip that another province can check and load. Equal versions give equal bytes.

A published version takes its signed record of publication along; whether its signature holds is judged by
``publication_record``, for it takes a verifier.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Final

import orjson

from engine.definitions.package import Package, belongs
from engine.errors import DefinitionRefused, Problem, Text

#: The file that says what the archive holds.
INDEX: Final = "motcua-package.json"
#: The signed record of publication.
RECORD: Final = "motcua-record.pdf"
MAX_ARCHIVE: Final = 20 * 1024 * 1024
MAX_FILES: Final = 400
MAX_CONTENT: Final = 40 * 1024 * 1024
MAX_FILE: Final = 5 * 1024 * 1024
#: More than this is no text but a bomb.
MAX_RATIO: Final = 200
_SMALL: Final = 64 * 1024  #: below this a high ratio is harmless
_WHEN: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What an archive holds."""

    files: Mapping[str, bytes]
    record: bytes  #: the signed record of publication, a PDF; empty when there is none


def write_archive(package: Package, record: bytes = b"") -> bytes:
    """The zip of a package with its index and record of publication; the same content gives the same bytes."""
    manifest = package.manifest
    index = {
        "format": "motcua-package/1",
        "procedure": str(manifest.code),
        "version": manifest.version,
        "digest": str(package.digest),
        "record": sha256(record).hexdigest() if record else "",
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        _put(archive, INDEX, orjson.dumps(index, option=orjson.OPT_INDENT_2))
        for name in sorted(package.files):
            _put(archive, name, package.files[name])
        if record:
            _put(archive, RECORD, record)
    return out.getvalue()


def read_archive(source: bytes, *, file: str = "archive.zip") -> Archive:
    """What an archive holds, or ``DefinitionRefused``; sizes, names, ratio, checksum and digests are judged."""
    if len(source) > MAX_ARCHIVE:
        raise _refused(file, "", f"lớn hơn {MAX_ARCHIVE >> 20} MB", f"larger than {MAX_ARCHIVE >> 20} MB")
    try:
        with zipfile.ZipFile(BytesIO(source)) as archive:
            files = _files(archive, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise _refused(file, "", f"không phải tệp zip đọc được: {error}", f"no readable zip: {error}") from error
    index, record = files.pop(INDEX, None), files.pop(RECORD, b"")
    if index is not None:
        _check_index(index, files, record, file)
    return Archive(files=files, record=record)


def _files(archive: zipfile.ZipFile, file: str) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_FILES:
        raise _refused(
            file, "", f"có {len(entries)} tệp, nhiều nhất {MAX_FILES}", f"{len(entries)} files, at most {MAX_FILES}"
        )
    files: dict[str, bytes] = {}
    left = MAX_CONTENT
    for entry in entries:
        name = entry.filename
        _check_entry(entry, file, name in files)
        with archive.open(entry) as opened:
            content = opened.read(min(MAX_FILE, left) + 1)
        if len(content) > min(MAX_FILE, left):
            raise _refused(file, name, "giải nén quá lớn", "too large when unpacked")
        if len(content) > _SMALL and len(content) > MAX_RATIO * max(entry.compress_size, 1):
            raise _refused(file, name, "nén bất thường (bom nén)", "compressed beyond reason (a bomb)")
        left -= len(content)
        files[name] = content
    return files


def _check_entry(entry: zipfile.ZipInfo, file: str, known: bool) -> None:
    name = entry.filename
    if name not in {INDEX, RECORD} and not belongs(name):
        raise _refused(file, name, "tên tệp không thuộc bộ thủ tục", "this name does not belong in a package")
    if known:
        raise _refused(file, name, "xuất hiện hai lần", "occurs twice")
    if entry.flag_bits & 0x1:
        raise _refused(file, name, "được đặt mật khẩu", "encrypted")
    mode = entry.external_attr >> 16
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        raise _refused(file, name, "không phải tệp thường", "no regular file")
    if entry.file_size > MAX_FILE:
        raise _refused(file, name, f"lớn hơn {MAX_FILE >> 20} MB", f"larger than {MAX_FILE >> 20} MB")


def _check_index(index: bytes, files: Mapping[str, bytes], record: bytes, file: str) -> None:
    try:
        told = orjson.loads(index)
    except orjson.JSONDecodeError as error:
        raise _refused(file, INDEX, f"không phải JSON: {error}", f"not JSON: {error}") from error
    if not isinstance(told, dict) or told.get("format") != "motcua-package/1":
        raise _refused(file, INDEX, "không phải dạng motcua-package/1", "not of the format motcua-package/1")
    digest = Package(files).digest
    if told.get("digest") != digest:
        raise _refused(
            file,
            INDEX,
            f"nội dung có mã băm {digest[:12]}, không phải {str(told.get('digest'))[:12]}",
            f"the content hashes to {digest[:12]}, not {str(told.get('digest'))[:12]}",
        )
    if told.get("record", "") != (sha256(record).hexdigest() if record else ""):
        raise _refused(
            file,
            RECORD,
            "biên bản ban hành bị thiếu hoặc không phải bản đã xuất",
            "the record of publication is missing or is not the one that was exported",
        )


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    archive.writestr(entry, content)


def _refused(file: str, name: str, vi: str, en: str) -> DefinitionRefused:
    place = f"{file}: {name[:120]}" if name else file
    return DefinitionRefused(
        problems=(
            Problem(
                code="archive-refused",
                file=file,
                element=name[:120],
                message=Text(vi=f"{place}: {vi}.", en=f"{place}: {en}."),
                remedy=Text(
                    vi="Xuất lại bộ thủ tục từ nơi đã ban hành rồi nhập lại.",
                    en="Export the procedure again where it was published, then import it.",
                ),
            ),
        )
    )
