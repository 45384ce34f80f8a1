"""What every file store promises, on disk and in a bucket; and what a bucket does when its server misbehaves."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.files.s3 import BucketStore, S3Settings
from connectors.files.s3_sandbox import S3Sandbox, signature
from connectors.files.store import FileStore
from engine.errors import ConnectorUnavailable, IntegrityBroken, InvalidInput, NotFound
from engine.ports import ObjectStore
from engine.values import Digest

_CONTENT = "bản sao".encode() * 5000


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[S3Sandbox]:
    """A running bucket."""
    (tmp_path / "bucket").mkdir()
    running = S3Sandbox(tmp_path / "bucket", bucket="dossiers", access_key="AK", secret_key="secret/+key")
    yield running
    running.stop()


@pytest.fixture
def settings(sandbox: S3Sandbox) -> S3Settings:
    """How to reach it; impatient."""
    return S3Settings(
        endpoint=sandbox.start(), bucket="dossiers", access_key="AK", secret_key="secret/+key", prefix="h56",
        connect=1.0, answer=2.0, retries=2, give_up=2.0,
    )  # fmt: skip


@pytest.fixture
def bucket(settings: S3Settings) -> BucketStore:
    """A store in the bucket."""
    return BucketStore(settings)


@pytest.fixture(params=["disk", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """Each kind of store."""
    kind: ObjectStore = request.getfixturevalue("bucket") if request.param == "bucket" else FileStore(tmp_path / "f")
    return kind


@pytest.fixture
def damage(request: pytest.FixtureRequest, store: ObjectStore) -> Callable[[Digest, bytes], None]:
    """Changes a stored file behind the store's back."""

    def change(digest: Digest, content: bytes) -> None:
        if isinstance(store, FileStore):
            place = store.path_of(digest)
            place.chmod(0o640)
        else:
            assert isinstance(store, BucketStore)
            place = request.getfixturevalue("sandbox").place(store.key_of(digest))
        place.write_bytes(content)

    return change


@pytest.mark.parametrize("content", [b"", b"x", _CONTENT])
def test_content_comes_back(store: ObjectStore, content: bytes) -> None:
    digest = store.put(content)
    assert digest == Digest.of(content)
    assert store.get(digest) == content
    assert store.exists(digest)
    assert store.put(content) == digest


def test_missing_file_is_not_found(store: ObjectStore) -> None:
    with pytest.raises(NotFound):
        store.get(Digest.of(b"never stored"))
    assert not store.exists(Digest.of(b"never stored"))


def test_changed_byte_is_noticed_and_repaired_by_storing_again(
    store: ObjectStore, damage: Callable[[Digest, bytes], None]
) -> None:
    digest = store.put(b"mot hai ba")
    damage(digest, b"mot hai bA")
    with pytest.raises(IntegrityBroken, match=digest):
        store.get(digest)
    store.put(b"mot hai ba")
    assert store.get(digest) == b"mot hai ba"


def test_many_writers_of_one_content_agree(store: ObjectStore) -> None:
    digests: list[Digest] = []
    writers = [threading.Thread(target=lambda: digests.append(store.put(_CONTENT))) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert digests == [Digest.of(_CONTENT)] * 8
    assert store.get(digests[0]) == _CONTENT


def test_keys_lie_below_the_prefix(bucket: BucketStore, sandbox: S3Sandbox) -> None:
    digest = bucket.put(b"x")
    assert bucket.key_of(digest) == f"h56/{digest[:2]}/{digest[2:4]}/{digest}"
    assert sandbox.place(bucket.key_of(digest)).read_bytes() == b"x"


def test_short_trouble_is_waited_out(bucket: BucketStore, sandbox: S3Sandbox) -> None:
    sandbox.failures = [503, 500]
    digest = bucket.put(b"x")
    sandbox.failures = [503]
    assert bucket.get(digest) == b"x"
    assert sandbox.requests == 5


def test_lasting_trouble_is_unavailable_and_stores_nothing(bucket: BucketStore, sandbox: S3Sandbox) -> None:
    sandbox.failures = [503] * 3
    with pytest.raises(ConnectorUnavailable):
        bucket.put(b"x")
    assert not list(sandbox.folder.iterdir())
    digest = bucket.put(b"x")
    sandbox.failures = [500] * 3
    with pytest.raises(ConnectorUnavailable):
        bucket.get(digest)
    assert bucket.get(digest) == b"x"


def test_truncated_answer_is_never_taken_for_the_file(bucket: BucketStore, sandbox: S3Sandbox) -> None:
    digest = bucket.put(_CONTENT)
    sandbox.cut = True
    with pytest.raises(ConnectorUnavailable):
        bucket.get(digest)


@pytest.mark.parametrize("change", [{"secret_key": "other"}, {"access_key": "other"}, {"bucket": "other"}])
def test_wrong_key_or_bucket_is_unavailable_not_missing(
    settings: S3Settings, sandbox: S3Sandbox, change: dict[str, str]
) -> None:
    wrong = BucketStore(dataclasses.replace(settings, **change))
    for act in (lambda: wrong.put(b"x"), lambda: wrong.get(Digest.of(b"x"))):
        with pytest.raises(ConnectorUnavailable) as caught:
            act()
        assert settings.secret_key not in str(caught.value) and settings.endpoint not in str(caught.value)
    assert not list(sandbox.folder.iterdir())


def test_server_that_hangs_or_is_gone_is_unavailable_in_time(settings: S3Settings, sandbox: S3Sandbox) -> None:
    sandbox.stop()
    begun = time.monotonic()
    with pytest.raises(ConnectorUnavailable):
        BucketStore(settings).exists(Digest.of(b"x"))
    assert time.monotonic() - begun < settings.give_up + settings.answer + 10


def test_sandbox_signs_as_the_protocol_says() -> None:
    """The example "GET Object" of the protocol's own description, whose key and answer are published."""
    headers = {
        "host": "examplebucket.s3.amazonaws.com",
        "range": "bytes=0-9",
        "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-amz-date": "20130524T000000Z",
    }
    authorization = (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=?"
    )
    found = signature("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "GET", "/test.txt", headers, authorization)
    assert found == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"


def test_sandbox_never_runs_in_production(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        S3Sandbox(tmp_path, bucket="b", access_key="a", secret_key="s", production=True)
