"""One question over HTTP to a system that may hang, drip or babble: a whole answer in time and of a size, or none."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from contextvars import ContextVar
from functools import cache
from typing import Any

import httpcore
import httpx

#: Seconds that a system has for its whole answer, and how many bytes are read of it.
PATIENCE = 10.0
LARGEST = 1024 * 1024
#: When the question that is asked now has to be answered, on the monotonic clock.
_END: ContextVar[float] = ContextVar("end")


@cache
def _trust() -> ssl.SSLContext:
    """The authorities that are trusted, read once: that takes longer than most questions."""
    return httpx.create_ssl_context()


def line() -> httpx.Client:
    """A client that keeps its connections, for ``ask``; to be closed."""
    client = httpx.Client(verify=_trust())
    for transport in (client._transport, *client._mounts.values()):
        # Directly or by a proxy of the environment; there is no public way to a client that has both.
        if isinstance(transport, httpx.HTTPTransport):
            transport._pool._network_backend = _Network(transport._pool._network_backend)
    return client


class AnswerTooLong(httpx.HTTPError):
    """More bytes than an answer of that system can have."""


def ask(
    method: str,
    url: str,
    *,
    patience: float = PATIENCE,
    largest: int = LARGEST,
    client: httpx.Client | None = None,
    **request: Any,
) -> httpx.Response:
    """The answer, read to its end; nothing is redirected. ``httpx.HTTPError`` when there is none.

    ``patience`` is for everything together: connecting, asking, the headers and the whole body. A limit on each part
    never ends an answer that comes byte by byte. Only looking the name up and trying several addresses of it may take
    longer. A ``client`` made by ``line`` keeps its connection for the next question.
    """
    before = _END.set(time.monotonic() + patience)
    try:
        with ExitStack() as open_:
            client = client or open_.enter_context(line())
            response = open_.enter_context(client.stream(method, url, timeout=patience, **request))
            body = b"".join(_bounded(response.iter_bytes(), largest))
            return httpx.Response(
                response.status_code, headers=_decoded(response.headers), content=body, request=response.request
            )
    finally:
        _END.reset(before)


def _bounded(parts: Iterable[bytes], largest: int) -> Iterator[bytes]:
    """The ``parts`` of an answer while there are not too many of them."""
    size = 0
    for part in parts:
        size += len(part)
        if size > largest:
            raise AnswerTooLong(f"{size} bytes")
        yield part


def _decoded(headers: httpx.Headers) -> list[tuple[str, str]]:
    """The headers of a body that has been unpacked already."""
    packing = {"content-encoding", "content-length", "transfer-encoding"}
    return [(name, value) for name, value in headers.multi_items() if name.lower() not in packing]


def _left(late: type[httpcore.TimeoutException]) -> float:
    """Seconds that the question has left; ``late`` when there are none."""
    left = _END.get() - time.monotonic()
    if left <= 0:
        raise late("no time left")
    return left


class _Network(httpcore.NetworkBackend):
    """Connections that wait for their system as long as the question has left, whatever they are told."""

    def __init__(self, own: httpcore.NetworkBackend) -> None:
        self._own = own

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(httpcore.ConnectTimeout)
        return _Stream(self._own.connect_tcp(host, port, left, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    """A connection of ``_Network``."""

    def __init__(self, own: httpcore.NetworkStream) -> None:
        self._own = own

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._own.read(max_bytes, _left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._own.write(buffer, _left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._own.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._own.start_tls(ssl_context, server_hostname, _left(httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._own.get_extra_info(info)
