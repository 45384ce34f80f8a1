"""Servers that do not behave, on real sockets: silent, dripping, babbling, or taking the work and not saying so.

A dripping one takes its time with the body, a hesitant one already with the headers.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Rogue:
    """Listens on loopback; ``told`` counts what clients handed over."""

    def __init__(self, manner: str, behind: tuple[str, int]) -> None:
        self.manner, self._behind, self.told = manner, behind, 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._open: list[socket.socket] = []
        self._over = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self._open.append(client)
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        try:
            if self.manner == "dripping":
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
                while not self._over.wait(0.05):
                    client.sendall(b" ")
            elif self.manner == "hesitant":
                client.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
                while not self._over.wait(0.05):
                    client.sendall(b"x")
            elif self.manner == "silent":
                while client.recv(65_536):
                    pass
            elif self.manner == "babbling":
                client.sendall(b"\x00\xff\xfe<html>\r\n" * 2000)
                client.close()
            else:
                self._pass_on(client)
        except OSError:
            pass

    def _pass_on(self, client: socket.socket) -> None:
        """Speak SMTP through to the real server, and hang up instead of passing on that the mail was kept."""
        with socket.create_connection(self._behind) as server:
            server.settimeout(5)
            client.sendall(server.recv(65_536))
            while line := client.recv(65_536):
                server.sendall(line)
                answer = server.recv(65_536)
                if answer.startswith(b"250 kept"):
                    self.told += 1
                    client.close()
                    return
                client.sendall(answer)
                if answer.startswith(b"354"):
                    self._message(client, server)
                    self.told += 1
                    client.close()
                    return

    def _message(self, client: socket.socket, server: socket.socket) -> None:
        """Pass the mail's text on to its dot, and wait until it is kept."""
        text = b""
        while not text.endswith(b"\r\n.\r\n"):
            part = client.recv(65_536)
            text += part
            server.sendall(part)
        assert server.recv(65_536).startswith(b"250")

    def close(self) -> None:
        """Hang up."""
        self._over.set()
        self._server.close()
        for client in self._open:
            client.close()


@contextmanager
def rogue(manner: str, behind: tuple[str, int] = ("", 0)) -> Iterator[Rogue]:
    """A server that is ``silent``, ``dripping``, ``hesitant``, ``babbling`` or ``forgetful`` while the block runs."""
    server = Rogue(manner, behind)
    try:
        yield server
    finally:
        server.close()
