"""A procedure as its files: read from a folder or from stored bytes; the content's digest is the version."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
import zstandard

from engine.definitions.manifest import FILE, Manifest, read_manifest
from engine.errors import DefinitionRefused, IntegrityBroken, InvalidInput, Problem, Text
from engine.values import Digest

#: What may lie in a package, by folder and suffix.
_ALLOWED = re.compile(
    r"procedure\.json|[\w.-]+\.bpmn|[\w.-]+\.dmn|(forms|letters|texts|scenarios|shared)/[\w./-]+\.(json|html|bpmn|dmn|css)|CHANGES\.md"
)
_CALLED = re.compile(rb"calledElement\s*=\s*[\"']([\w.-]+)[\"']")
_PROCESS = re.compile(rb"<(?:\w+:)?process\b[^>]*\bid\s*=\s*[\"']([\w.-]+)[\"']")
_MAX_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Package:
    """The files of one version of a procedure by name; immutable."""

    files: Mapping[str, bytes]

    @cached_property
    def digest(self) -> Digest:
        """SHA-256 over the sorted names and contents."""
        whole = hashlib.sha256()
        for name in sorted(self.files):
            whole.update(f"{name}\n{len(self.files[name])}\n".encode())
            whole.update(self.files[name])
        return Digest(whole.hexdigest())

    @cached_property
    def manifest(self) -> Manifest:
        """The procedure's manifest; ``DefinitionRefused`` when it is missing or wrong."""
        if FILE not in self.files:
            raise DefinitionRefused(problems=(_missing(FILE),))
        return read_manifest(self.files[FILE])

    def diagrams(self) -> dict[str, bytes]:
        """All BPMN and DMN files."""
        return {name: content for name, content in self.files.items() if name.endswith((".bpmn", ".dmn"))}

    def form(self, name: str) -> bytes | None:
        """The e-form of a name, None when there is none."""
        return self.files.get(f"forms/{name}.json")

    def letters(self) -> dict[str, str]:
        """Letter templates by name."""
        return {
            name.removeprefix("letters/"): content.decode("utf-8")
            for name, content in self.files.items()
            if name.startswith("letters/") and name.endswith((".html", ".css"))
        }

    def texts(self, name: str) -> dict[str, Any]:
        """``texts/<name>.json``: the procedure's own words laid over those of the shared processes."""
        merged: dict[str, Any] = {}
        for file in (f"shared/texts/{name}.json", f"texts/{name}.json"):
            for key, value in _words(self.files.get(file, b"{}"), file).items():
                known = merged.get(key)
                merged[key] = known | value if isinstance(known, dict) and isinstance(value, dict) else value
        return merged

    def pack(self) -> bytes:
        """The stored form: compressed, equal for equal content."""
        listing = {name: base64.b64encode(self.files[name]).decode("ascii") for name in sorted(self.files)}
        return zstandard.compress(orjson.dumps(listing), 9)


def belongs(name: str) -> bool:
    """Whether a file of this name may lie in a package: relative, known folder and suffix, no way out of the folder."""
    return bool(_ALLOWED.fullmatch(name)) and not any(part in {"", ".", ".."} for part in name.split("/"))


def unpack(stored: bytes, *, digest: str) -> Package:
    """The package of stored bytes, checked against its digest."""
    try:
        listing: dict[str, Any] = orjson.loads(zstandard.decompress(stored, max_output_size=4 * _MAX_BYTES))
        package = Package({name: base64.b64decode(content) for name, content in listing.items()})
    except (zstandard.ZstdError, ValueError, AttributeError, TypeError) as error:
        raise IntegrityBroken(what=f"procedure version {digest[:12]}", why="its stored files cannot be read") from error
    if package.digest != digest:
        raise IntegrityBroken(what=f"procedure version {digest[:12]}", why=f"its files hash to {package.digest[:12]}")
    return package


def read_folder(folder: Path, *, forms: Path | None = None, shared: Path | None = None) -> Package:
    """The package of ``processes/<code>`` with its forms and what it uses of the shared folders.

    ``forms`` defaults to ``../../forms/<code>`` and ``shared`` to ``../_shared``, seen from ``folder``.
    """
    if not folder.is_dir():
        raise InvalidInput(what=str(folder), why="expected a folder with procedure.json")
    forms = forms or folder.parent.parent / "forms" / folder.name
    shared = shared or folder.parent / "_shared"
    files: dict[str, bytes] = {}
    _collect(files, folder, "")
    _collect(files, forms, "forms/")
    _collect(files, forms.parent / "_shared", "forms/_shared/")
    letters: dict[str, bytes] = {}
    _collect(letters, shared / "letters", "letters/")
    files = {name: content for name, content in letters.items() if not name.endswith(".sample.json")} | files
    _collect(files, shared / "texts", "shared/texts/")
    _add_called(files, shared)
    return Package(files)


def _collect(files: dict[str, bytes], folder: Path, prefix: str) -> None:
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        name = prefix + path.relative_to(folder).as_posix()
        if path.is_dir() or path.name.startswith("."):
            continue
        if not _ALLOWED.fullmatch(name):
            raise DefinitionRefused(problems=(_foreign(name),))
        if path.stat().st_size > _MAX_BYTES:
            raise DefinitionRefused(problems=(_too_big(name),))
        files[name] = path.read_bytes()


def _add_called(files: dict[str, bytes], shared: Path) -> None:
    """Add the shared diagrams that the package's diagrams call, and those that these call."""
    available: dict[bytes, tuple[str, bytes]] = {}
    for path in sorted(shared.glob("*.bpmn")):
        content = path.read_bytes()
        for process in _PROCESS.findall(content):
            available[process] = (f"shared/{path.name}", content)
    waiting = [content for name, content in files.items() if name.endswith(".bpmn")]
    while waiting:
        for called in _CALLED.findall(waiting.pop()):
            name, content = available.get(called, ("", b""))
            if name and name not in files:
                files[name] = content
                waiting.append(content)


def _words(content: bytes, file: str) -> dict[str, Any]:
    try:
        words = orjson.loads(content)
        if isinstance(words, dict):
            return words
        why = "{…}"
    except orjson.JSONDecodeError as error:
        why = str(error)
    raise DefinitionRefused(
        problems=(
            Problem(
                code="texts-broken",
                file=file,
                message=Text(vi=f"Tệp chữ không đọc được: {why}", en=f"The file of texts cannot be read: {why}"),
                remedy=Text(vi="Sửa lỗi cú pháp JSON tại chỗ đã nêu.", en="Correct the JSON at the place named."),
            ),
        )
    )


def _missing(name: str) -> Problem:
    return Problem(
        code="package-missing",
        file=name,
        message=Text(vi=f"Thiếu tệp {name}.", en=f"The file {name} is missing."),
        remedy=Text(vi="Thêm tệp này vào thư mục của thủ tục.", en="Add it to the procedure's folder."),
    )


def _foreign(name: str) -> Problem:
    return Problem(
        code="package-foreign",
        file=name,
        message=Text(vi=f"Tệp {name} không thuộc bộ thủ tục.", en=f"The file {name} does not belong in a package."),
        remedy=Text(
            vi="Chỉ giữ tệp .bpmn, .dmn, .json, .html; không có mã lệnh.",
            en="Keep .bpmn, .dmn, .json and .html files only; no code.",
        ),
    )


def _too_big(name: str) -> Problem:
    return Problem(
        code="package-too-big",
        file=name,
        message=Text(vi=f"Tệp {name} quá lớn.", en=f"The file {name} is too big."),
        remedy=Text(vi="Giữ mỗi tệp dưới 20 MB.", en="Keep each file below 20 MB."),
    )
