"""The tree against the published test values of Certificate Transparency, and its proofs against every place."""

from __future__ import annotations

import pytest

from engine.model import merkle

_ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
_ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize("size", _ROOTS)
def test_root_is_the_published_one(size: int) -> None:
    assert merkle.root(_ENTRIES[:size]).hex() == _ROOTS[size]


def test_every_place_of_every_size_has_a_proof_that_fits_no_other() -> None:
    for size in range(1, 18):
        entries = [bytes([number]) for number in range(size)]
        root = merkle.root(entries)
        for place, entry in enumerate(entries):
            path = merkle.audit_path(place, entries)
            assert merkle.root_by_path(entry, place, size, path) == root
            assert merkle.root_by_path(b"other", place, size, path) != root
            for wrong in ([*path, root], path[:-1]):
                if wrong != path:
                    with pytest.raises(ValueError, match="path"):
                        merkle.root_by_path(entry, place, size, wrong)


def test_leaf_is_never_an_inner_node() -> None:
    left, right = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    assert merkle.root([left + right]) != merkle.root([b"a", b"b"])


def test_place_outside_the_tree_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        merkle.root_by_path(b"a", 1, 1, [])
