"""Mail over real sockets: encrypted to the server that it is meant for or not at all, and never longer than allowed."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.notify.mail import MailNotifier
from engine.errors import ConnectorRefused, ConnectorUnavailable
from engine.ports import Message

_MAIL = Message(key="k@1", to="a@example.vn", subject="Hồ sơ", body="Đã có kết quả")


def _certificate(folder: Path, address: str) -> Path:
    """A key and a certificate of its own for a server at ``address``, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1)).add_extension(alternative, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"{address}.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


class _Server:
    """Takes one conversation; ``said`` is what it was told, ``encrypted`` whether the mail came so."""

    def __init__(self, certificate: Path, manner: str = "") -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._manner = manner
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self.said, self.encrypted, self.answers = list[str](), False, dict[str, str]()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            line, _ = self._server.accept()
            with line:
                self._talk(line)
        except OSError:  # the client left, or did not like the certificate
            pass

    def _talk(self, line: socket.socket) -> None:
        self._answer(line, "greeting", self.answers.get("greeting", "220 here"))
        reader = line.makefile("rb")
        while told := reader.readline().decode().strip():
            self.said.append(told.upper())
            verb = told[:4].upper()
            if verb == "STAR":
                self._answer(line, "starttls", "220 go on")
                line = self._context.wrap_socket(line, server_side=True)
                reader, self.encrypted = line.makefile("rb"), True
            elif verb in self.answers:
                self._answer(line, verb, self.answers[verb])
            elif verb == "DATA":
                self._answer(line, "data", "354 go on")
                while reader.readline() not in (b".\r\n", b""):
                    pass
                self._answer(line, "kept", "250 kept")
            elif verb == "QUIT":
                self._answer(line, verb, "502 stay" if self._manner == "rude" else "221 bye")
            else:
                self._answer(line, verb, "250-here\r\n250 STARTTLS" if verb == "EHLO" else "250 ok")

    def _answer(self, line: socket.socket, place: str, answer: str) -> None:
        if self._manner == place:
            line.sendall(answer[:2].encode())
            while not self._over.wait(0.05):
                line.sendall(b"x")
        line.sendall(f"{answer}\r\n".encode())

    def close(self) -> None:
        self._over.set()
        self._server.close()
        self._thread.join(5)


@pytest.fixture
def serve() -> Iterator[Callable[..., _Server]]:
    running: list[_Server] = []

    def start(certificate: Path, manner: str = "") -> _Server:
        running.append(_Server(certificate, manner))
        return running[-1]

    yield start
    for server in running:
        server.close()


def _notifier(server: _Server, *, starttls: bool = True) -> MailNotifier:
    return MailNotifier(
        host="127.0.0.1", port=server.port, sender="m@example.vn", user="", password="", starttls=starttls
    )


def test_mail_goes_encrypted_to_a_server_that_the_machine_trusts(
    serve: Callable[..., _Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = _certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = serve(certificate)
    _notifier(server).send(_MAIL)
    assert server.encrypted
    assert any(told.startswith("RCPT") for told in server.said)


@pytest.mark.parametrize(("address", "trusted"), [("127.0.0.1", False), ("192.0.2.1", True)], ids=["unknown", "other"])
def test_nothing_is_told_to_a_server_that_is_not_the_one_meant(
    serve: Callable[..., _Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, trusted: bool
) -> None:
    certificate = _certificate(tmp_path, address)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = serve(certificate)
    with pytest.raises(ConnectorUnavailable, match="SSL"):
        _notifier(server).send(_MAIL)
    assert not any(told.startswith(("MAIL", "AUTH")) for told in server.said)


@pytest.mark.parametrize("place", ["greeting", "EHLO", "starttls", "MAIL", "kept"])
def test_server_that_answers_byte_by_byte_is_left_in_time(
    serve: Callable[..., _Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    certificate = _certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    notifier = _notifier(serve(certificate, place))
    notifier.patience, notifier.whole = 2.0, 0.5
    begun = time.monotonic()
    with pytest.raises(ConnectorUnavailable):
        notifier.send(_MAIL)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("manner", ["QUIT", "rude"])
def test_mail_that_was_taken_is_not_sent_again_for_a_farewell_that_fails(
    serve: Callable[..., _Server], tmp_path: Path, manner: str
) -> None:
    server = serve(_certificate(tmp_path, "127.0.0.1"), manner)
    notifier = _notifier(server, starttls=False)
    notifier.whole = 0.5
    notifier.send(_MAIL)
    assert server.said[-1] == "QUIT"


@pytest.mark.parametrize(
    ("place", "answer", "error", "words"),
    [
        ("greeting", "554 closed today", ConnectorUnavailable, "SMTPConnectError"),
        ("RCPT", "550 nobody", ConnectorRefused, r"address refused: a@example\.vn"),
        ("RCPT", "450 come again", ConnectorUnavailable, "tried again"),
        ("MAIL", "553 not you", ConnectorRefused, r"sender refused: m@example\.vn"),
        ("MAIL", "451 come again", ConnectorUnavailable, "tried again"),
        ("DATA", "451 come again", ConnectorUnavailable, "tried again"),
    ],
)
def test_refusal_for_good_is_told_and_one_for_now_is_tried_again(
    serve: Callable[..., _Server], tmp_path: Path, place: str, answer: str, error: type[Exception], words: str
) -> None:
    server = serve(_certificate(tmp_path, "127.0.0.1"))
    server.answers[place] = answer
    with pytest.raises(error, match=words):
        _notifier(server, starttls=False).send(_MAIL)
