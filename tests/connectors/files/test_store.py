from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files.store import FileStore
from engine.errors import ConnectorUnavailable
from engine.values import Digest


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def test_store_same_content_twice_is_one_file(store: FileStore, tmp_path: Path) -> None:
    assert store.put(b"x") == store.put(b"x")
    assert len([file for file in (tmp_path / "files").rglob("*") if file.is_file()]) == 1


def test_stored_file_is_read_only(store: FileStore) -> None:
    digest = store.put(b"x")
    assert stat.S_IMODE(store.path_of(digest).stat().st_mode) == 0o440


def test_failed_write_leaves_nothing_behind(store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConnectorUnavailable, match="No space left"):
        store.put(b"too much")
    monkeypatch.undo()
    assert not store.exists(Digest.of(b"too much"))
    assert not list((tmp_path / "files" / "tmp").iterdir())


@given(content=st.binary(max_size=2000))
@settings(max_examples=40, deadline=None)
def test_any_content_round_trips(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    store = FileStore(tmp_path_factory.getbasetemp() / "law")
    assert store.get(store.put(content)) == content


def test_store_without_a_disk_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConnectorUnavailable):
        FileStore(tmp_path / "file" / "below")
