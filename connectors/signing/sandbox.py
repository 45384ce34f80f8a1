"""The signing sandbox: certificates, CRL, OCSP and an RFC 3161 time stamp service on loopback HTTP.

``GET /<authority>.crl``, ``GET /<authority>.crt``, ``POST /ocsp/<authority>``, ``POST /tsa``. It speaks what the
real services speak, so that the product's own clients are used against it; it never starts in production.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from connectors.signing.authority import Authority
from connectors.signing.development_pki import CertificateRecord, DevelopmentPki, create_pki
from connectors.signing.sandbox_tsa import TimeStampAuthority
from engine.errors import ConnectorRefused, NotFound, Text
from engine.ports import Clock

__all__ = ["CertificateRecord", "DevelopmentPki", "SigningSandbox", "create_pki"]

_LARGEST_REQUEST = 64 * 1024  # bytes; an OCSP or time stamp request has some hundred


class SigningSandbox:
    """Serves the development PKI of ``home``; can be stopped and started again on the same port."""

    def __init__(self, home: Path, *, clock: Clock, production: bool = False) -> None:
        if production:
            raise ConnectorRefused(
                system=Text(vi="dịch vụ ký số thử nghiệm", en="signing sandbox"),
                why=Text(vi="không được chạy trong môi trường thật", en="it never runs in production"),
            )
        self.pki = DevelopmentPki(home)
        self._clock = clock
        self._server: ThreadingHTTPServer | None = None
        self._thread: Thread | None = None
        self._authorities: dict[str, Authority] = {}
        self._tsa: TimeStampAuthority | None = None
        self._lock = Lock()
        self.time_stamps_down = False  #: answer no time stamp request, as when that service is being maintained

    @property
    def running(self) -> bool:
        """Whether it answers now."""
        return self._server is not None

    def start(self, port: int = 0) -> str:
        """Answer on 127.0.0.1 at ``port`` (0 = any free one); returns the address, no slash at its end."""
        if self._server is not None:
            return _address(self._server)
        try:
            server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, self))
        except OSError as error:
            raise ConnectorRefused(
                system=Text(vi="dịch vụ ký số thử nghiệm", en="signing sandbox"),
                why=Text(
                    vi=f"cổng {port} đang bận; hãy đổi cổng hoặc dừng chương trình đang dùng",
                    en=f"port {port} is taken; choose another or stop what uses it",
                ),
            ) from error
        server.daemon_threads = True
        self._thread = Thread(target=server.serve_forever, args=(0.05,), name="signing-sandbox", daemon=True)
        self._thread.start()
        self._server = server
        return _address(server)

    def stop(self) -> None:
        """Stop answering; harmless when it does not run."""
        server, self._server = self._server, None
        if server is None:
            return
        server.shutdown()
        server.server_close()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def revoke(self, key: str, at: datetime | None = None) -> None:
        """Revoke the certificate of ``key`` from ``at`` (default: now); CRL and OCSP say so at once."""
        self.pki.revoke(key, at or self._clock.now())

    def crl(self, slug: str) -> bytes:
        """The present CRL of an authority, DER."""
        revoked = {serial: at for serial, at in self.pki.revocations().items() if self.pki.issued(slug, serial)}
        return self._authority(slug).crl(revoked, self._clock.now())

    def ocsp(self, slug: str, request: bytes) -> bytes:
        """The answer to an OCSP request, DER."""
        return self._authority(slug).answer(
            request, lambda serial: self.pki.issued(slug, serial), self.pki.revocations(), self._clock.now()
        )

    def time_stamp(self, request: bytes) -> bytes:
        """The answer to a time stamp request, DER; 404 while the service is down."""
        if self.time_stamps_down:
            raise NotFound(what="time stamp service")
        with self._lock:
            if self._tsa is None:
                private = self.pki.private("tsa")
                if not isinstance(private, RSAPrivateKey):
                    raise NotFound(what="RSA key of the time stamp service")
                self._tsa = TimeStampAuthority(private, self.pki.certificate("tsa"), (self.pki.certificate("issuing"),))
        return self._tsa.answer(request, self._clock.now())

    def certificate(self, slug: str) -> bytes:
        """The certificate of an authority, DER."""
        return self._authority(slug).certificate.public_bytes(serialization.Encoding.DER)

    def _authority(self, slug: str) -> Authority:
        if slug not in ("root", "issuing", "stranger"):
            raise NotFound(what=f"authority {slug[:20]}")
        with self._lock:
            if slug not in self._authorities:
                self._authorities[slug] = self.pki.authority(slug)
            return self._authorities[slug]


def _address(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    """One request to the sandbox."""

    protocol_version = "HTTP/1.1"
    timeout = 10
    # A small answer in two packets waits for the peer's delayed acknowledgement, 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(self, sandbox: SigningSandbox, *connection: Any) -> None:
        self._sandbox = sandbox  # before the parent's, which answers the request already
        super().__init__(*connection)

    def do_GET(self) -> None:
        """A CRL or a certificate."""
        slug, _, suffix = self.path.lstrip("/").rpartition(".")
        if suffix == "crl":
            self._reply("application/pkix-crl", self._sandbox.crl, slug)
        elif suffix == "crt":
            self._reply("application/pkix-cert", self._sandbox.certificate, slug)
        else:
            self._refuse(404)

    def do_POST(self) -> None:
        """An OCSP or a time stamp request."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > _LARGEST_REQUEST:
            self.close_connection = True
            self._refuse(413)
            return
        body = self.rfile.read(int(length))
        if self.path == "/tsa":
            self._reply("application/timestamp-reply", self._sandbox.time_stamp, body)
        elif self.path.startswith("/ocsp/"):
            self._reply("application/ocsp-response", self._sandbox.ocsp, self.path.removeprefix("/ocsp/"), body)
        else:
            self._refuse(404)

    def log_message(self, *_: Any) -> None:
        """Be silent: the caller logs."""

    def _reply(self, media_type: str, make: Any, *arguments: Any) -> None:
        try:
            content: bytes = make(*arguments)
        except NotFound:
            self._refuse(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()
