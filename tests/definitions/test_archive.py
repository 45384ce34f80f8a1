"""Archives: equal versions give equal bytes, and nothing hostile comes in."""

from __future__ import annotations

import contextlib
import io
import random
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.definitions.archive import INDEX, RECORD, Archive, read_archive, write_archive
from engine.definitions.package import read_folder
from engine.errors import DefinitionRefused

PACKAGE = read_folder(Path(__file__).resolve().parents[2] / "processes" / "2.000815")


def _zip(build: Callable[[zipfile.ZipFile], None]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        build(archive)
    return out.getvalue()


def test_archive_comes_back_whole_and_is_reproducible() -> None:
    first = write_archive(PACKAGE)
    assert read_archive(first) == Archive(files=dict(PACKAGE.files), record=b"")
    assert write_archive(PACKAGE) == first


def test_record_travels_with_its_version_and_cannot_be_dropped_or_swapped() -> None:
    whole = write_archive(PACKAGE, b"%PDF-1.7 signed")
    assert read_archive(whole).record == b"%PDF-1.7 signed"
    for instead in (None, b"%PDF-1.7 another"):

        def build(archive: zipfile.ZipFile, instead: bytes | None = instead) -> None:
            with zipfile.ZipFile(io.BytesIO(whole)) as known:
                for entry in known.namelist():
                    content = instead if entry == RECORD else known.read(entry)
                    if content is not None:
                        archive.writestr(entry, content)

        with pytest.raises(DefinitionRefused) as refused:
            read_archive(_zip(build))
        assert refused.value.problems[0].element == RECORD


def test_name_that_occurs_twice_is_refused() -> None:
    def build(archive: zipfile.ZipFile) -> None:
        archive.writestr("process.bpmn", b"<a/>")
        archive.writestr("process.bpmn", b"<b/>")

    with pytest.warns(UserWarning, match="Duplicate name"), pytest.raises(DefinitionRefused) as refused:
        read_archive(_zip(build))
    assert "xuất hiện hai lần" in refused.value.problems[0].message.vi


def test_many_small_files_that_unfold_to_much_are_refused() -> None:
    def build(archive: zipfile.ZipFile) -> None:
        for number in range(300):  # each below every limit of its own
            archive.writestr(f"forms/f{number}.json", random.Random(number).randbytes(3000) * 50)

    with pytest.raises(DefinitionRefused) as refused:
        read_archive(_zip(build))
    assert "giải nén quá lớn" in refused.value.problems[0].message.vi


def test_size_that_the_directory_lies_about_is_counted_by_what_unfolds() -> None:
    whole = bytearray(_zip(lambda archive: archive.writestr("process.bpmn", b"0" * (6 * 1024 * 1024))))
    true, told = struct.pack("<L", 6 * 1024 * 1024), struct.pack("<L", 100)
    assert whole.count(true) == 2
    with pytest.raises(DefinitionRefused):
        read_archive(bytes(whole.replace(true, told)))


def test_changed_file_is_refused_by_its_digest() -> None:
    changed = dict(PACKAGE.files) | {"procedure.json": b"{}"}

    def build(archive: zipfile.ZipFile) -> None:
        with zipfile.ZipFile(io.BytesIO(write_archive(PACKAGE))) as known:
            archive.writestr(INDEX, known.read(INDEX))
        for name, content in changed.items():
            archive.writestr(name, content)

    with pytest.raises(DefinitionRefused, match="problems"):
        read_archive(_zip(build))


@pytest.mark.parametrize(
    "name",
    [
        "../procedure.json",
        "/etc/passwd",
        "forms/../../x.json",
        "run.py",
        "forms/a.exe",
        "forms//a.json",
        "forms/./a.json",
        "a\\b.json",
    ],
)
def test_foreign_or_escaping_names_are_refused(name: str) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        read_archive(_zip(lambda archive: archive.writestr(name, b"{}")))
    assert refused.value.problems[0].code == "archive-refused"


def test_bomb_is_refused_before_it_unfolds() -> None:
    with pytest.raises(DefinitionRefused) as refused:
        read_archive(_zip(lambda archive: archive.writestr("process.bpmn", b"0" * (4 * 1024 * 1024))))
    assert "bom nén" in refused.value.problems[0].message.vi


def test_too_large_file_is_refused() -> None:
    with pytest.raises(DefinitionRefused):
        read_archive(_zip(lambda archive: archive.writestr("process.bpmn", b"0" * (6 * 1024 * 1024))))


def test_too_many_files_are_refused() -> None:
    def build(archive: zipfile.ZipFile) -> None:
        for number in range(401):
            archive.writestr(f"forms/f{number}.json", b"{}")

    with pytest.raises(DefinitionRefused):
        read_archive(_zip(build))


def test_symbolic_link_is_refused() -> None:
    def build(archive: zipfile.ZipFile) -> None:
        link = zipfile.ZipInfo("process.bpmn")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    with pytest.raises(DefinitionRefused):
        read_archive(_zip(build))


@pytest.mark.parametrize("damage", [b"", b"PK", b"not a zip at all"])
def test_damaged_archive_is_refused(damage: bytes) -> None:
    with pytest.raises(DefinitionRefused):
        read_archive(damage)


@pytest.mark.parametrize("place", [40, 400, 4000, -30])
def test_flipped_byte_is_refused_or_harmless(place: int) -> None:
    whole = bytearray(write_archive(PACKAGE))
    whole[place] ^= 0xFF
    with contextlib.suppress(DefinitionRefused):
        assert read_archive(bytes(whole)).files == dict(PACKAGE.files)
