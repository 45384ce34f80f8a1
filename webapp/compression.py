"""Scripts, styles and files without secrets on the wire. Pages are not compressed: they carry secrets (BREACH)."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict

from flask import Response, request

_KINDS = frozenset({"text/javascript", "application/javascript", "text/css", "image/svg+xml"})
_LEAST = 1024
_MOST = 200
_kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
_lock = threading.Lock()


def compress_static(response: Response) -> Response:
    """A static file as gzip where the browser takes it; compressed once and kept."""
    if request.endpoint != "static" or response.status_code != 200 or response.mimetype not in _KINDS:
        return response
    if _taken(response):
        tag, _weak = response.get_etag()
        response.direct_passthrough = False
        _send(response, _packed((request.path, tag or ""), response.get_data()), weak=True)
    return response


def compress(response: Response) -> Response:
    """A response that carries no secret, as gzip where the browser takes it; its tag then ends in ``-gz``."""
    if _taken(response):
        _send(response, gzip.compress(response.get_data(), 6, mtime=0), weak=False)
    return response


def _taken(response: Response) -> bool:
    """Whether it is worth it and the browser says that it takes it."""
    response.vary.add("Accept-Encoding")
    return request.accept_encodings.quality("gzip") > 0 and (response.content_length or 0) >= _LEAST


def _send(response: Response, packed: bytes, *, weak: bool) -> None:
    tag, _weak = response.get_etag()
    response.set_data(packed)
    response.headers["Content-Encoding"] = "gzip"
    if tag:
        response.set_etag(f"{tag}-gz", weak=weak)


def _packed(key: tuple[str, str], content: bytes) -> bytes:
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    packed = gzip.compress(content, 9, mtime=0)
    with _lock:
        _kept[key] = packed
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return packed
