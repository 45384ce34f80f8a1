"""One call of the interface: who asks, what was sent, what is answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Response, request
from werkzeug.datastructures import FileStorage

from engine.errors import Text
from engine.model.permission import Actor
from webapp import web
from webapp.screens.api.problems import QueryInvalid, RevisionNeeded

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_TAG = re.compile(r'"(\d{1,15})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call whose body and parameters have passed the route's schema."""

    path: Mapping[str, str]  #: the variable parts of the address
    query: Mapping[str, str]
    body: Any = None  #: JSON, or the bytes of a PDF
    files: Mapping[str, FileStorage] = field(default_factory=dict)
    revision: int | None = None  #: what If-Match names; None = not sent, or ``*``
    key: str = ""  #: for the bus; empty = no Idempotency-Key was sent

    @property
    def actor(self) -> Actor:
        """The person who asks, or ``SignInNeeded``."""
        return web.signed_in()


def idempotency_key() -> str:
    """The key sent, marked as one of this interface; empty for none."""
    sent = request.headers.get("Idempotency-Key")
    if sent is None:
        return ""
    if not _KEY.fullmatch(sent):
        raise QueryInvalid(
            what="Idempotency-Key", why=Text(vi="1–200 ký tự ASCII không dấu cách", en="1–200 visible ASCII letters")
        )
    return f"api:{sent}"


def revision(*, needed: bool) -> int | None:
    """The revision that If-Match names; ``RevisionNeeded`` when it must be there and is not.

    A tag that was never ours names no revision at all, so it fits nothing.
    """
    sent = request.headers.get("If-Match", "").strip()
    if not sent:
        if needed:
            raise RevisionNeeded()
        return None
    if sent == "*":
        return None
    found = _TAG.fullmatch(sent)
    return int(found.group(1)) if found else -1


def answer(body: Any, status: int = 200, *, revision: int | None = None, location: str = "") -> Response:
    """JSON with its ETag and where the thing is."""
    response = Response(orjson.dumps(body, default=_plain), status=status, mimetype="application/json")
    if revision is not None:
        response.headers["ETag"] = f'"{revision}"'
    if location:
        response.headers["Location"] = location
    return response


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    return str(value)
