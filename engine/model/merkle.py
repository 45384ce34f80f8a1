"""The Merkle tree of RFC 6962 (section 2.1): one hash for many entries, and a short proof that one is among them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 of an entry as a leaf; never equal to that of an inner node."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(entries: Sequence[bytes]) -> bytes:
    """The tree's hash; that of nothing is SHA-256 of the empty string."""
    if not entries:
        return hashlib.sha256(b"").digest()
    level = [leaf_hash(entry) for entry in entries]
    while len(level) > 1:
        level = _above(level)
    return level[0]


def audit_path(place: int, entries: Sequence[bytes]) -> list[bytes]:
    """The hashes that lead from the entry at ``place`` (from 0) to the root, nearest first."""
    level, path = [leaf_hash(entry) for entry in entries], []
    while len(level) > 1:
        neighbour = place ^ 1
        if neighbour < len(level):
            path.append(level[neighbour])
        level, place = _above(level), place // 2
    return path


def root_by_path(entry: bytes, place: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that ``path`` gives an entry at ``place`` of a tree of ``size``; ``ValueError`` for no such path."""
    found, rest, last = leaf_hash(entry), list(path), size - 1
    if not 0 <= place <= last:
        raise ValueError("the place lies outside the tree")
    while last:
        if place % 2 or place < last:
            if not rest:
                raise ValueError("the path is too short")
            neighbour = rest.pop(0)
            found = node_hash(neighbour, found) if place % 2 else node_hash(found, neighbour)
        place, last = place // 2, last // 2
    if rest:
        raise ValueError("the path is too long")
    return found


def _above(level: list[bytes]) -> list[bytes]:
    """The next level: neighbours joined, a last one without neighbour as it is. The shape of RFC 6962's recursion."""
    joined = [node_hash(level[place], level[place + 1]) for place in range(0, len(level) - 1, 2)]
    return joined + level[len(level) - len(level) % 2 :]
