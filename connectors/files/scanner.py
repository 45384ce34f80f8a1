"""Virus scan by clamd over a Unix socket (protocol INSTREAM)."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from connectors.files.refusals import UploadQuarantined
from connectors.patience import hung_up

_CHUNK = 1 << 16


class ClamdScanner:
    """A clamd on this machine. No whole answer in time, or an error, is *not checked*: ``UploadQuarantined``."""

    def __init__(self, path: Path, *, timeout: float = 30.0) -> None:
        self._path = path
        self._timeout = timeout

    def scan(self, content: bytes) -> str:
        """The name of the virus found, empty when clean."""
        try:
            reply = self._ask(content)
        except OSError as error:
            raise UploadQuarantined(system="clamd", why=error.strerror or type(error).__name__) from error
        answer = reply.rstrip(b"\0\n").decode("utf-8", "replace")
        if answer == "stream: OK":
            return ""
        if answer.startswith("stream: ") and answer.endswith(" FOUND"):
            return answer[len("stream: ") : -len(" FOUND")]
        raise UploadQuarantined(system="clamd", why=answer[:120] or "no answer")

    def _ask(self, content: bytes) -> bytes:
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line,
            hung_up(lambda: line, after=self._timeout),
        ):
            line.settimeout(self._timeout)
            line.connect(str(self._path))
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                piece = content[start : start + _CHUNK]
                line.sendall(struct.pack("!I", len(piece)) + piece)
            line.sendall(struct.pack("!I", 0))
            reply = b""
            while not reply.endswith(b"\0") and len(reply) < 4096:
                piece = line.recv(1024)
                if not piece:
                    break
                reply += piece
        return reply
