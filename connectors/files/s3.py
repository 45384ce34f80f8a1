"""Content-addressed files in a bucket that speaks the S3 protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from engine.errors import ConnectorUnavailable, IntegrityBroken, NotFound, Text
from engine.values import Digest

SYSTEM = Text(vi="kho tệp S3", en="S3 file store")
_NO_BUCKET = Text(vi="không có bucket này", en="the bucket does not exist")
_DENIED = Text(
    vi="bị từ chối truy cập; hãy kiểm tra khóa, bucket và đồng hồ của máy này",
    en="access denied; check the keys, the bucket and the clock of this machine",
)
_SILENT = Text(vi="máy chủ không trả lời đúng", en="it does not answer properly")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Settings:
    """Where the bucket is and how long it may keep us waiting, in seconds."""

    endpoint: str  #: ``https://…``; plain HTTP only where it is written so
    bucket: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"
    prefix: str = ""  #: of every key, so that installations can share a bucket
    connect: float = 5.0
    answer: float = 30.0  #: one request
    retries: int = 3  #: of a request that may succeed later
    give_up: float = 20.0  #: no retry begins later than this


class BucketStore:
    """Objects named by their SHA-256: ``prefix/ab/cd/abcd…``; never changed, never removed.

    ``put`` returns only after the server has confirmed the object together with its checksum, which it compares with
    the bytes that arrived. Keep versions (or a write-once lock) on the bucket: nobody needs to overwrite anything.
    """

    def __init__(self, settings: S3Settings) -> None:
        self._settings = settings
        self._store = S3Store(
            settings.bucket,
            endpoint=settings.endpoint,
            region=settings.region,
            access_key_id=settings.access_key,
            secret_access_key=settings.secret_key,
            virtual_hosted_style_request=False,
            checksum_algorithm="SHA256",
            client_options={
                "allow_http": settings.endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=settings.connect),
                "timeout": timedelta(seconds=settings.answer),
            },
            retry_config={
                "max_retries": settings.retries,
                "retry_timeout": timedelta(seconds=settings.give_up),
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5), "base": 2,
                },
            },
        )  # fmt: skip

    def put(self, content: bytes) -> Digest:
        """Store ``content`` durably and return its digest; what lies there already, perhaps damaged, is replaced."""
        digest = Digest.of(content)
        with _told():
            obstore.put(self._store, self.key_of(digest), content, use_multipart=False)
        return digest

    def get(self, digest: Digest) -> bytes:
        """The content; ``NotFound`` when absent, ``IntegrityBroken`` when a byte is not what was stored."""
        key = self.key_of(digest)
        content = self._found(digest, lambda: bytes(obstore.get(self._store, key).bytes()))
        if content is None:
            raise NotFound(what=f"file {digest}")
        found = hashlib.sha256(content).hexdigest()
        if found != digest:
            raise IntegrityBroken(what=f"file {digest}", why=f"its bytes now hash to {found[:16]}…")
        return content

    def exists(self, digest: Digest) -> bool:
        """Whether the file is there; its content is not read."""
        return self._found(digest, lambda: obstore.head(self._store, self.key_of(digest))) is not None

    def key_of(self, digest: Digest) -> str:
        """The key of the object with this digest, whether or not it exists."""
        name = str(Digest(digest))
        return "/".join(part for part in (self._settings.prefix.strip("/"), name[:2], name[2:4], name) if part)

    def _found(self, digest: Digest, ask: Callable[[], T]) -> T | None:
        with _told():
            try:
                return ask()
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise _unavailable(_NO_BUCKET) from error
        return None


@contextmanager
def _told() -> Iterator[None]:
    """Every failure of the client in one word; addresses and keys stay out of it."""
    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise _unavailable(_DENIED) from error
    except FileNotFoundError as error:
        raise _unavailable(_NO_BUCKET) from error
    except (BaseError, OSError) as error:
        raise _unavailable(_SILENT) from error


def _unavailable(why: Text) -> ConnectorUnavailable:
    return ConnectorUnavailable(system=SYSTEM, why=why)
