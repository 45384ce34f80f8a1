"""A bucket on loopback that speaks the S3 protocol and checks every signature; for tests. It refuses production."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from engine.errors import InvalidInput

ALGORITHM = "AWS4-HMAC-SHA256"
_UNSIGNED = "UNSIGNED-PAYLOAD"


class S3Sandbox:
    """PUT, GET and HEAD of objects in one bucket, path style, files below ``folder``.

    A request whose signature (version 4), payload digest or checksum does not hold is refused as by the real thing.
    """

    def __init__(
        self, folder: Path, *, bucket: str, access_key: str, secret_key: str, production: bool = False
    ) -> None:
        if production:
            raise InvalidInput(what="S3 sandbox", why="it never runs in production; configure a real server")
        self.folder, self.bucket, self.access_key, self.secret_key = folder, bucket, access_key, secret_key
        self.failures: list[int] = []  #: statuses with which the next requests are refused
        self.cut = False  #: answer half of an object, then hang up
        self.requests = 0
        self._server: ThreadingHTTPServer | None = None

    def start(self, port: int = 0) -> str:
        """Serve on loopback; the endpoint."""
        sandbox = self

        class Handler(_Handler):
            bucket = sandbox

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self._server.serve_forever, name="s3-sandbox", daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def place(self, key: str) -> Path:
        """The file of an object."""
        return self.folder / hashlib.sha256(key.encode()).hexdigest()


def signature(secret_key: str, method: str, target: str, headers: Mapping[str, str], authorization: str) -> str:
    """The signature that the request must carry, by the scope and the headers that its ``Authorization`` names."""
    told = dict(part.strip().split("=", 1) for part in authorization.removeprefix(ALGORITHM).split(","))
    scope = told["Credential"].split("/", 1)[1]
    names = told["SignedHeaders"].split(";")
    parts = urlsplit(target)
    query = "&".join(sorted(part if "=" in part else f"{part}=" for part in parts.query.split("&") if part))
    signed = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
    request = "\n".join((method, parts.path, query, signed, ";".join(names), headers["x-amz-content-sha256"]))
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join((ALGORITHM, headers["x-amz-date"], scope, hashlib.sha256(request.encode()).hexdigest()))
    return hmac.digest(key, text.encode(), "sha256").hex()


class _Handler(BaseHTTPRequestHandler):
    bucket: S3Sandbox  # and one request a connection, so that a stopped server answers nobody

    def do_PUT(self) -> None:
        """Store an object."""
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self._admitted(content):
            return
        place = self.bucket.place(self._key())
        part = place.with_suffix(f".{threading.get_ident()}")
        part.write_bytes(content)
        part.replace(place)
        self._answer(200, b"", {"ETag": _etag(content)})

    def do_GET(self) -> None:
        """Read an object."""
        self._read(whole=True)

    def do_HEAD(self) -> None:
        """Whether an object is there."""
        self._read(whole=False)

    def _read(self, *, whole: bool) -> None:
        if not self._admitted(b""):
            return
        place = self.bucket.place(self._key())
        if not place.exists():
            self._refuse(404, "NoSuchKey")
            return
        content = place.read_bytes()
        headers = {"ETag": _etag(content), "Last-Modified": "Tue, 10 Nov 2026 01:30:00 GMT"}
        self._answer(200, content, headers, whole=whole, cut=self.bucket.cut and whole)

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix(f"/{self.bucket.bucket}/")

    def _admitted(self, content: bytes) -> bool:
        """Whether the request may go on; it has been answered otherwise."""
        self.bucket.requests += 1
        if self.bucket.failures:
            self._refuse(self.bucket.failures.pop(0), "InternalError")
            return False
        headers = {name.lower(): value for name, value in self.headers.items()}
        given = headers.get("authorization", "")
        why = ""
        if not given.startswith(ALGORITHM) or f"Credential={self.bucket.access_key}/" not in given:
            why = "InvalidAccessKeyId"
        elif not hmac.compare_digest(
            given.rpartition("Signature=")[2],
            signature(self.bucket.secret_key, self.command, self.path, headers, given),
        ):
            why = "SignatureDoesNotMatch"
        elif headers["x-amz-content-sha256"] not in (_UNSIGNED, hashlib.sha256(content).hexdigest()):
            why = "XAmzContentSHA256Mismatch"
        if why:
            self._refuse(403, why)
            return False
        checksum = headers.get("x-amz-checksum-sha256")
        if checksum and base64.b64decode(checksum) != hashlib.sha256(content).digest():
            self._refuse(400, "BadDigest")
            return False
        if not urlsplit(self.path).path.startswith(f"/{self.bucket.bucket}/"):
            self._refuse(404, "NoSuchBucket")
            return False
        return True

    def _refuse(self, status: int, code: str) -> None:
        body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code></Error>'.encode()
        self._answer(status, body, {"Content-Type": "application/xml"}, whole=self.command != "HEAD")

    def _answer(
        self, status: int, content: bytes, headers: Mapping[str, str], *, whole: bool = True, cut: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if whole:
            self.wfile.write(content[: len(content) // 2] if cut else content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Stay quiet."""


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
