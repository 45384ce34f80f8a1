"""Content-addressed files on a local disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from engine.errors import ConnectorUnavailable, IntegrityBroken, NotFound
from engine.values import Digest


class FileStore:
    """Files below ``root`` named by their SHA-256: ``ab/cd/abcd…``; mode 0440, never changed, never removed.

    ``put`` returns only after content and directory entry are on the disk (fsync of both), so that a database
    row that names a digest can never survive a power cut that its file did not.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        try:
            (root / "tmp").mkdir(parents=True, exist_ok=True, mode=0o750)
        except OSError as error:
            raise _unavailable(error) from error

    def put(self, content: bytes) -> Digest:
        """Store ``content`` durably and return its digest; ``ConnectorUnavailable`` when the disk says no."""
        digest = Digest.of(content)
        place = self.path_of(digest)
        try:
            if place.exists() and self._matches(place, digest):
                return digest
            self._write(place, content)
        except OSError as error:
            raise _unavailable(error) from error
        return digest

    def get(self, digest: Digest) -> bytes:
        """The content; ``NotFound`` when absent, ``IntegrityBroken`` when a byte is not what was stored."""
        try:
            content = self.path_of(digest).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(what=f"file {digest}") from error
        except OSError as error:
            raise _unavailable(error) from error
        found = hashlib.sha256(content).hexdigest()
        if found != digest:
            raise IntegrityBroken(what=f"file {digest}", why=f"its bytes now hash to {found[:16]}…")
        return content

    def exists(self, digest: Digest) -> bool:
        """Whether the file is there; its content is not read."""
        return self.path_of(digest).is_file()

    def path_of(self, digest: Digest) -> Path:
        """Where the file with this digest lives, whether or not it exists."""
        name = str(Digest(digest))
        return self._root / name[:2] / name[2:4] / name

    def _write(self, place: Path, content: bytes) -> None:
        self._make_folders(place.parent)
        handle, temporary = tempfile.mkstemp(dir=self._root / "tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), 0o440)
                os.fsync(file.fileno())
            Path(temporary).replace(place)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_folder(place.parent)

    def _make_folders(self, folder: Path) -> None:
        """Create ``folder`` and make each new entry durable, from the root down."""
        for step in (folder.parent, folder):
            if not step.is_dir():
                step.mkdir(exist_ok=True, mode=0o750)
                _sync_folder(step.parent)

    def _matches(self, place: Path, digest: Digest) -> bool:
        """A damaged file is replaced by the good bytes in hand rather than believed."""
        with place.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unavailable(error: OSError) -> ConnectorUnavailable:
    return ConnectorUnavailable(system="file store", why=error.strerror or type(error).__name__)
