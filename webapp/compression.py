"""Scripts and styles on the wire: compressed once per file and kept. Pages are not: they carry secrets (BREACH)."""

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
    """A static file as gzip where the browser takes it."""
    if request.endpoint != "static" or response.status_code != 200 or response.mimetype not in _KINDS:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") <= 0 or (response.content_length or 0) < _LEAST:
        return response
    tag, _weak = response.get_etag()
    response.direct_passthrough = False
    response.set_data(_packed((request.path, tag or ""), response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    if tag:
        response.set_etag(f"{tag}-gz", weak=True)
    return response


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
