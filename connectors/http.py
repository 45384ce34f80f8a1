"""One question over HTTP to a system that may hang, drip or babble: a whole answer in time and of a size, or none."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import httpx

#: Seconds that a system has for its whole answer, and how many bytes are read of it.
PATIENCE = 10.0
LARGEST = 1024 * 1024


@cache
def _trust() -> ssl.SSLContext:
    """The authorities that are trusted, read once: that takes longer than most questions."""
    return httpx.create_ssl_context()


def line() -> httpx.Client:
    """A client that keeps its connections; to be closed."""
    return httpx.Client(verify=_trust())


class AnswerTooLong(httpx.HTTPError):
    """More bytes than an answer of that system can have, or a part of it only when time was up."""


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

    ``patience`` is for the whole answer: one that comes byte by byte never ends for a limit that is set on each byte.
    It is looked at when a part of the body comes; connecting, the headers and each part may take as long by themselves.
    A ``client`` keeps its connection for the next question.
    """
    end = time.monotonic() + patience
    with ExitStack() as open_:
        client = client or open_.enter_context(line())
        response = open_.enter_context(client.stream(method, url, timeout=patience, **request))
        body = b"".join(_bounded(response.iter_bytes(), end, largest))
        return httpx.Response(
            response.status_code, headers=_decoded(response.headers), content=body, request=response.request
        )


def _bounded(parts: Iterable[bytes], end: float, largest: int) -> Iterator[bytes]:
    """The ``parts`` of an answer while there are not too many of them and the clock has not reached ``end``."""
    size = 0
    for part in parts:
        size += len(part)
        if size > largest or time.monotonic() > end:
            raise AnswerTooLong(f"{size} bytes")
        yield part


def _decoded(headers: httpx.Headers) -> list[tuple[str, str]]:
    """The headers of a body that has been unpacked already."""
    packing = {"content-encoding", "content-length", "transfer-encoding"}
    return [(name, value) for name, value in headers.multi_items() if name.lower() not in packing]
