"""Templates that were compiled before, so that a letter costs its words and not its grammar."""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import sha256
from types import CodeType

from jinja2.bccache import Bucket, BytecodeCache

#: More than the letters of all procedures of a province, each with a few old versions.
MOST = 1000


class CompiledTemplates(BytecodeCache):
    """Compiled templates by the digest of their text: a changed text is another template, an equal one the same.

    All environments that share it have to be set up alike, for the compiler folds what filters give for constants.
    Safe among threads.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], CodeType] = OrderedDict()
        self._lock = threading.Lock()

    def get_source_checksum(self, source: str) -> str:
        """SHA-256: with Jinja's SHA-1, two texts could be written that pass for one another."""
        return sha256(source.encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the bucket its code when the text is known."""
        place = (bucket.key, bucket.checksum)
        with self._lock:
            bucket.code = self._known.get(place)
            if bucket.code is not None:
                self._known.move_to_end(place)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code; the one that was not asked for longest goes."""
        assert bucket.code is not None
        with self._lock:
            self._known[bucket.key, bucket.checksum] = bucket.code
            if len(self._known) > MOST:
                self._known.popitem(last=False)
