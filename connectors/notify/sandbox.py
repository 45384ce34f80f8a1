"""A mail server on loopback that keeps every mail in a folder: the demo's post office. It refuses production."""

from __future__ import annotations

import socketserver
import threading
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path

from engine.errors import InvalidInput
from engine.values import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMail:
    """A mail as the folder keeps it."""

    id: str
    to: str
    subject: str
    body: str
    at: datetime | None


class MailSandbox:
    """Speaks enough SMTP for any client; one file a mail, the same key stored once."""

    def __init__(self, folder: Path, *, production: bool = False) -> None:
        if production:
            raise InvalidInput(what="mail sandbox", why="it never runs in production; configure a mail server")
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._server: socketserver.ThreadingTCPServer | None = None

    def start(self, port: int = 0) -> tuple[str, int]:
        """Serve on loopback; host and port."""
        folder = self.folder

        class Handler(_Conversation):
            store = folder

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="mail-sandbox", daemon=True).start()
        return "127.0.0.1", int(self._server.server_address[1])

    def stop(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def mails(folder: Path, to: str = "") -> tuple[StoredMail, ...]:
    """The kept mails, newest first, to one address if given."""
    found = []
    for path in sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        if to and to not in str(mail["To"]):
            continue
        body = mail.get_body(("plain",))
        at = parsedate_to_datetime(str(mail["Date"])) if mail["Date"] else None
        text = body.get_content() if body is not None else ""
        found.append(StoredMail(id=path.stem, to=str(mail["To"]), subject=str(mail["Subject"]), body=text, at=at))
    return tuple(found)


class _Conversation(socketserver.StreamRequestHandler):
    store: Path

    def handle(self) -> None:
        """One client's conversation."""
        self._say("220 motcua mail sandbox")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb in (b"EHLO", b"HELO"):
                self._say("250 motcua")
            elif verb == b"DATA":
                self._say("354 go on")
                self._keep(self._data())
                self._say("250 kept")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            elif verb in (b"MAIL", b"RCPT", b"RSET", b"NOOP"):
                self._say("250 ok")
            else:
                self._say("502 not here")

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b".\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def _keep(self, content: bytes) -> None:
        mail = message_from_bytes(content, policy=policy.default)
        key = str(mail["X-Motcua-Key"] or "").encode() or content
        path = self.store / f"{Digest.of(key)[:24]}.eml"
        if not path.exists():
            temporary = path.with_suffix(".part")
            temporary.write_bytes(content)
            temporary.rename(path)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
