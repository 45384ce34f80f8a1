from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from connectors.files.inspector import Inspector
from connectors.files.refusals import UploadQuarantined, UploadVirus
from connectors.files.scanner import ClamdScanner
from tests.connectors.files.uploads import pdf

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Daemon:
    """Speaks clamd's INSTREAM on a socket of its own; ``reply`` overrides its judgement."""

    def __init__(self, path: Path) -> None:
        self.path, self.reply, self.received = path, b"", b""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line, line.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                self.received = b""
                while size := int.from_bytes(stream.read(4), "big"):
                    self.received += stream.read(size)
                found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in self.received else b"stream: OK\0"
                line.sendall(self.reply or found)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(2)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    running = Daemon(tmp_path / "clamd.sock")
    yield running
    running.close()


def test_clean_file_passes_whole(daemon: Daemon) -> None:
    content = bytes(range(256)) * 1000
    assert ClamdScanner(daemon.path).scan(content) == ""
    assert daemon.received == content


def test_virus_is_refused_by_name(daemon: Daemon) -> None:
    with pytest.raises(UploadVirus, match="Eicar-Test-Signature"):
        Inspector.with_clamd(daemon.path).inspect("a.pdf", pdf() + b"\n%" + EICAR + b"\n%%EOF")


def test_scanned_file_carries_no_note(daemon: Daemon) -> None:
    assert Inspector.with_clamd(daemon.path).inspect("a.pdf", pdf()).notes == ()


@pytest.mark.parametrize("reply", [b"INSTREAM size limit exceeded. ERROR\0", b"\0", b"stream: OK but\0"])
def test_doubtful_answer_quarantines(daemon: Daemon, reply: bytes) -> None:
    daemon.reply = reply
    with pytest.raises(UploadQuarantined):
        ClamdScanner(daemon.path).scan(b"x")


def test_silent_scanner_quarantines_in_time(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "deaf.sock"))
        deaf.listen()
        with pytest.raises(UploadQuarantined):
            ClamdScanner(tmp_path / "deaf.sock", timeout=0.2).scan(b"x")


def test_scanner_that_answers_byte_by_byte_quarantines_in_time(tmp_path: Path) -> None:
    over = threading.Event()

    def drip(server: socket.socket) -> None:
        line, _ = server.accept()
        with line, suppress(OSError):
            while not over.wait(0.05):
                line.sendall(b"s")

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "slow.sock"))
        server.listen()
        threading.Thread(target=drip, args=(server,), daemon=True).start()
        begun = time.monotonic()
        with pytest.raises(UploadQuarantined):
            ClamdScanner(tmp_path / "slow.sock", timeout=0.4).scan(b"x")
        assert time.monotonic() - begun < 5
        over.set()
